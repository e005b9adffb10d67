"""What the findings of a message weigh, for and against a scam: a short vector with a name for each place. Knows no verdict.

The weights are learnt when the index is built (`ingest/train_messages.py`), held to the side on which each place stands, so that a
sign never speaks for a message nor a receipt against it; without messages to learn from, the signs speak for themselves.
"""

import math
import re
from collections.abc import Mapping

import numpy as np

from bot.classifier import Floats, LinearClassifier
from bot.signals.catalog import Sign
from bot.signals.finder import Findings

SCAM, GENUINE = "scam", "genuine"
# Names of the places that speak for a scam, against it, and for neither by themselves.
FOR = (
    "weight_3", "weight_2", "weight_1", "ask", "strong_ask", "press", "lure", "pose", "authority_story", "claims_and_asks",
    "press_and_ask", "lure_and_ask", "told_and_ask", "silence", "disguised_link", "unknown_link", "cheap_link", "link_and_press",
    "stranger_mail", "costly_number", "wording",
)  # fmt: skip
AGAINST = (
    "no-action", "official-route", "in-person", "receipt", "code-for-you", "opt-out", "welcomes-check", "warns", "general", "averted",
    "warned_only", "warned", "asks_nothing", "official_link", "named_link", "length",
)  # fmt: skip
NEITHER = ("told", "loss")
PLACES = (*FOR, *AGAINST, *NEITHER)
_MOST_OF_A_WEIGHT = 4
# Further than this the wording alone says no more: a habit of speech must not decide, least of all for a scam.
_LEAST_WORDING, _MOST_WORDING = -1.5, 2.0
# The more a message says, the more of it looks like a sign by chance.
_USUAL_LENGTH = 200
_SILENCE = {"secrecy", "isolation", "stay-on-line", "do-not-tell-bank", "camera-on-all-day"}
_CLAIMS = {"claims-police", "claims-bank", "claims-firm"}
_SENDER = re.compile(r"^\s*[【\[][^】\]\n]{1,20}[】\]]|[【\[][^】\]\n]{1,20}[】\]]\s*$")
_DIGIT = re.compile(r"\d")
_MASK = re.compile(r"\b(link|phone|email)x*\b|(?<![a-z])(link|phone|email)x*")


def wording(findings: Findings) -> str:
    """The message without what its sender can change at will: names in brackets, digits, addresses."""
    text = _MASK.sub(lambda mask: f" {mask.group(1) or mask.group(2)} ", findings.masked)
    return _DIGIT.sub("0", _SENDER.sub(" ", text))


def wording_odds(classifier: LinearClassifier | None, findings: Findings) -> float:
    """The log odds that the wording is that of a scam, cut at both ends; 0 without a classifier."""
    if classifier is None:
        return 0.0
    share = min(max(classifier.probabilities(wording(findings))[SCAM], 1e-6), 1 - 1e-6)
    return max(_LEAST_WORDING, min(_MOST_WORDING, math.log(share / (1 - share))))


def evidence(findings: Findings, signs: Mapping[str, Sign], odds: float) -> Floats:
    """The vector of PLACES; `odds` are those of the wording."""
    live = [signs[name] for name in findings.signs if name in signs]
    roles = {sign.role for sign in live}
    cues = set(findings.cues)
    kinds = [link.kind for link in findings.links]
    counts = {weight: min(_MOST_OF_A_WEIGHT, sum(sign.weight == weight for sign in live)) for weight in (1, 2, 3)}
    ask, press, lure = ("ask" in roles), ("press" in roles), ("lure" in roles)
    claims = bool(cues & _CLAIMS)
    strange = any(link.kind == "unknown" and not link.is_email for link in findings.links)
    disguised = any(link.kind in ("imitation", "shortened") or link.is_odd or link.is_app for link in findings.links)
    places: dict[str, float] = {
        "weight_3": counts[3],
        "weight_2": counts[2],
        "weight_1": counts[1],
        "ask": ask,
        "strong_ask": sum(sign.role == "ask" and sign.weight >= 2 for sign in live) > 0,
        "press": press,
        "lure": lure,
        "pose": "pose" in roles,
        "authority_story": "claims-police" in cues and press and (ask or bool(findings.signs & _SILENCE)),
        "claims_and_asks": claims and ask,
        "press_and_ask": press and ask,
        "lure_and_ask": lure and ask,
        "told_and_ask": "told" in cues and ask,
        "silence": bool(findings.signs & _SILENCE),
        "disguised_link": disguised,
        "unknown_link": strange,
        "cheap_link": any(link.is_cheap for link in findings.links),
        "link_and_press": (strange or disguised) and press,
        "stranger_mail": any(link.is_email and link.kind not in ("official", "named") for link in findings.links),
        "costly_number": any(phone.is_costly for phone in findings.phones),
        "wording": odds,
        **{name: name in cues for name in AGAINST[:10]},
        "warned_only": bool(findings.warned) and not ask,
        "warned": min(3, len({mark.sign for mark in findings.warned})),
        "asks_nothing": not (ask or strange or disguised or findings.phones),
        "official_link": "official" in kinds and not (strange or disguised),
        "named_link": "named" in kinds and not (strange or disguised),
        "length": max(0.0, math.log(max(1, len(findings.masked)) / _USUAL_LENGTH)),
        "told": "told" in cues,
        "loss": "loss" in cues,
    }
    return np.array([float(places[name]) for name in PLACES], dtype=np.float32)
