"""What the findings of a message weigh, for and against a scam: a vector with a name for each place. Knows no verdict.

The weights are learnt when the index is built (`ingest/train_messages.py`), held to the side on which each place stands, so that a
sign never speaks for a message nor a receipt against it; without messages to learn from, the signs speak for themselves.
"""

import math
import re
from collections.abc import Mapping, Sequence

import numpy as np

from bot.classifier import Floats, LinearClassifier
from bot.signals.catalog import Cue, Sign
from bot.signals.finder import Findings

SCAM, GENUINE = "scam", "genuine"
# Names of the places that speak for a scam, against it, and for neither by themselves; each sign and each cue has one besides.
FOR = (
    "weight_3", "weight_2", "weight_1", "roles", "strong_ask", "authority_story", "money_story", "stranger_story", "relative_story",
    "claims_and_asks", "press_and_ask", "lure_and_ask", "told_and_ask", "silence", "disguised_link", "unknown_link", "cheap_link",
    "composed_link", "link_and_press", "link_and_ask", "stranger_mail", "costly_number", "private_number",
    "wording", "chinese_wording", "bare_sign", "unopposed_weight", "unopposed_wording", "asking_wording",
)  # fmt: skip
AGAINST = (
    "warned_only", "warned", "mostly_warned", "asks_nothing", "no_sign", "official_link", "named_link", "length", "several_against",
    "against_and_no_ask", "warns_in_general",
)  # fmt: skip
NEITHER = ("told", "loss", "chinese")
PLACES = (*FOR, *AGAINST, *NEITHER)
_MOST_OF_A_WEIGHT, _MOST_WEIGHT = 4, 8
# Further than this the wording alone says no more: a habit of speech must not decide.
_LEAST_WORDING, _MOST_WORDING = -3.0, 5.0
# The more a message says, the more of it looks like a sign by chance.
_USUAL_LENGTH = 200
_SILENCE = {"secrecy", "isolation", "stay-on-line", "do-not-tell-bank", "camera-on-all-day", "cannot-be-called"}
_CLAIMS = {"claims-police", "claims-bank", "claims-firm"}
_RELATIVES = {"new-number-family", "voice-of-relative", "relative-in-trouble", "guess-who", "boss-asks-payment"}
_STRANGERS = {"wrong-number-opener", "unexpected-contact", "flattery-from-stranger", "far-away-suitor", "love-then-money", "never-meets"}
_GAINS = {"guaranteed-return", "insider-tip", "group-screenshots", "added-to-group", "too-high-pay", "task-commission", "crypto-payment"}
_MONEY = {"money-request", "crypto-payment", "upfront-fee", "private-account-payee", "gift-card-payment", "advance-own-money"}
_SENDER = re.compile(r"^\s*[【\[][^】\]\n]{1,20}[】\]]|[【\[][^】\]\n]{1,20}[】\]]\s*$")
_POLICE_NOTICE = re.compile(r"^\s*[【\[][^】\]\n]{0,12}(?:反诈|反詐|防诈|防詐|警方|公安|网警|網警|警察|派出所)[^】\]\n]{0,12}[】\]]")
_DIGIT = re.compile(r"\d")
_MASK = re.compile(r"\b(link|phone|email)x*\b|(?<![a-z])(link|phone|email)x*")


def names_its_sender(findings: Findings) -> bool:
    """Whether it begins or ends with a name in brackets, as service messages in Chinese do."""
    return _SENDER.search(findings.masked) is not None


def is_police_notice(findings: Findings) -> bool:
    """Whether it begins with a name in brackets that is one of the police."""
    return _POLICE_NOTICE.search(findings.masked) is not None


def wording(findings: Findings) -> str:
    """The message without what its sender can change at will: names in brackets, digits, addresses."""
    text = _MASK.sub(lambda mask: f" {mask.group(1) or mask.group(2)} ", findings.masked)
    return _DIGIT.sub("0", _SENDER.sub(" ", text))


def wording_odds(classifier: LinearClassifier | None, findings: Findings) -> float:
    """The log odds that the wording is that of a scam, cut at both ends; 0 without a classifier."""
    if classifier is None:
        return 0.0
    chance = classifier.probabilities(wording(findings))[SCAM]
    share = min(max(chance, 1e-6), 1 - 1e-6)
    return max(_LEAST_WORDING, min(_MOST_WORDING, math.log(share / (1 - share))))


def mostly_warned(findings: Findings) -> bool:
    """Whether at least as many signs are denied or told of in general as stand there for the reader: so speaks who explains scams."""
    warned = {mark.sign for mark in findings.warned}
    return bool(warned) and len(warned) >= len(findings.signs)


class EvidenceForm:
    """The places of the evidence for the signs and cues of some seeds: those above, one for each sign, and one for each cue against."""

    def __init__(self, signs: Mapping[str, Sign], cues: Sequence[Cue]) -> None:
        self._signs = signs
        self._names = sorted(signs)
        self._against = sorted(cue.id for cue in cues if cue.role == "against")
        self.speaking_for = (*FOR, *(f"sign {name}" for name in self._names))
        self.speaking_against = (*AGAINST, *(f"cue {name}" for name in self._against))
        self.places = (*self.speaking_for, *self.speaking_against, *NEITHER)

    def against(self, findings: Findings) -> set[str]:
        """The cues of a message that speak against a scam."""
        return set(findings.cues) & set(self._against)

    def vector(self, findings: Findings, odds: float) -> Floats:
        """The evidence of a message in the order of `places`; `odds` are those of its wording."""
        told = self._told(findings, odds)
        told |= {f"sign {name}": 1.0 for name in findings.signs} | {f"cue {name}": 1.0 for name in findings.cues}
        return np.array([told.get(name, 0.0) for name in self.places], dtype=np.float32)

    def _told(self, findings: Findings, odds: float) -> dict[str, float]:
        signs, cues = findings.signs, set(findings.cues)
        live = [self._signs[name] for name in signs if name in self._signs]
        roles = {sign.role for sign in live}
        kinds = [link.kind for link in findings.links]
        against = len(self.against(findings))
        counts = {weight: min(_MOST_OF_A_WEIGHT, sum(sign.weight == weight for sign in live)) for weight in (1, 2, 3)}
        ask, press, lure = ("ask" in roles), ("press" in roles), ("lure" in roles)
        claims, silence = bool(cues & _CLAIMS), bool(signs & _SILENCE)
        strange = any(link.kind == "unknown" and not link.is_email for link in findings.links)
        disguised = any(link.kind in ("imitation", "shortened") or link.is_odd or link.is_app for link in findings.links)
        chinese = not findings.folded.text.isascii()
        places: dict[str, float] = {
            "weight_3": counts[3],
            "weight_2": counts[2],
            "weight_1": counts[1],
            "roles": max(0, len(roles - {"trace"}) - 1),
            "strong_ask": any(sign.role == "ask" and sign.weight >= 2 for sign in live),
            "authority_story": "claims-police" in cues and press and (ask or silence),
            "money_story": bool(signs & _GAINS) and ask,
            "stranger_story": bool(signs & _STRANGERS) and (bool(signs & (_GAINS | _MONEY)) or "private-chat-app" in signs),
            "relative_story": bool(signs & _RELATIVES) and (silence or ask),
            "claims_and_asks": claims and ask,
            "press_and_ask": press and ask,
            "lure_and_ask": lure and ask,
            "told_and_ask": "told" in cues and ask,
            "silence": silence,
            "disguised_link": disguised,
            "unknown_link": strange,
            "cheap_link": any(link.is_cheap for link in findings.links),
            "composed_link": strange and any("-" in link.host for link in findings.links if not link.is_email),
            "link_and_press": (strange or disguised) and press,
            "link_and_ask": (strange or disguised) and ask,
            "stranger_mail": any(link.is_email and link.kind not in ("official", "named") for link in findings.links),
            "costly_number": any(phone.is_costly for phone in findings.phones),
            "private_number": bool(findings.phones) and press,
            "wording": odds,
            "chinese_wording": odds if chinese else 0.0,
            "bare_sign": bool(live) and not against,
            "unopposed_weight": 0 if against else min(_MOST_WEIGHT, sum(sign.weight for sign in live)),
            "unopposed_wording": 0.0 if against else max(0.0, odds),
            "asking_wording": max(0.0, odds) if ask else 0.0,
            "warned_only": bool(findings.warned) and not ask,
            "warned": min(3, len({mark.sign for mark in findings.warned})),
            "mostly_warned": mostly_warned(findings),
            "asks_nothing": not (ask or strange or disguised or findings.phones),
            "no_sign": not live,
            "official_link": "official" in kinds and not (strange or disguised),
            "named_link": "named" in kinds and not (strange or disguised),
            "length": max(0.0, math.log(max(1, len(findings.masked)) / _USUAL_LENGTH)),
            "several_against": max(0, against - 1),
            "against_and_no_ask": bool(against) and not ask,
            "warns_in_general": bool(cues & {"warns", "general"}) and "welcomes-check" in cues,
            "told": "told" in cues,
            "loss": "loss" in cues,
            "chinese": chinese,
        }
        return {name: float(value) for name, value in places.items()}
