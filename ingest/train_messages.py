"""Train the message checker from `seeds/messages/*.jsonl`: what the wording of scams is like, and how much each finding weighs.

Only the development split is learnt from; the test split is for measuring. The odds of the wording that the weights are fitted on come from
models that have not seen the message's template, since a model is always too sure of what it has learnt.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from langchain_core.documents import Document

from bot.classifier import Counts, Floats, LinearClassifier, counts_of, train_on_rare_pieces, train_plain
from bot.evidence import GENUINE, PLACES, SCAM, EvidenceForm, wording, wording_odds
from bot.messages import MESSAGES, Message
from bot.schema import LANGUAGES, Language
from bot.signals.finder import Findings, SignFinder, load_finder

MESSAGE_FILES = (*MESSAGES, "signals.yaml", "wording.yaml", "known_names.yaml")
_FOLDS = 5
# Per message; keeps places near what is expected of them. More names fewer scams of writers who were not learnt from; less, as many.
_PULL = 0.01
# What is expected before any message was seen, in log odds: from what the guides' sources say of these signs.
_EXPECTED = {
    "weight_3": 0.8, "weight_2": 0.5, "weight_1": 0.2, "authority_story": 0.5, "press_and_ask": 0.2, "lure_and_ask": 0.3,
    "disguised_link": 0.6, "cheap_link": 0.5, "link_and_press": 0.3, "stranger_mail": 0.3, "costly_number": 1.0,
}  # fmt: skip
# What a place weighs on its own side at least and at most, in log odds: no single finding decides.
_MOST = 3.0
# Most invented addresses of our own scams are put together with a hyphen, as many real ones are, but honest ones are too.
_MOST_OF = {"composed_link": 0.7}
# Inverse regularisation of the wording, chosen by messages of writers who were not learnt from.
_STRENGTH = 30.0


def messages_digest(seeds: Path) -> str:
    """A digest of what the checker's classifiers learn from and of the form of their evidence."""
    digest = hashlib.sha256(repr(PLACES).encode())
    for name in MESSAGE_FILES:
        path = seeds / name
        digest.update(path.read_bytes() if path.is_file() else b"-")
    return digest.hexdigest()[:16]


def train_message_classifiers(
    seeds: Path, messages: Iterable[Message], passages: Iterable[Document]
) -> dict[str, LinearClassifier]:
    """Return `message-wording`, `message-evidence` and `message-type-<language>`; none where there are no examples."""
    examples = [message for message in messages if message.split == "dev"]
    if len({message.label for message in examples}) < 2:
        return {}
    finder = load_finder(seeds)
    found = [finder.find(message.text) for message in examples]
    counts = [counts_of(wording(findings)) for findings in found]
    classifiers = {
        "message-wording": _train_wording(examples, counts),
        "message-evidence": _train_evidence(examples, found, counts, finder),
    }
    for language in LANGUAGES:
        if known := _type_examples(examples, found, finder, passages, language):
            classifiers[f"message-type-{language}"] = train_plain([text for text, _ in known], [label for _, label in known])
    return classifiers


def _train_wording(examples: Sequence[Message], counts: Sequence[Counts]) -> LinearClassifier:
    return train_on_rare_pieces(counts, [message.label for message in examples], _STRENGTH)


def _train_evidence(
    examples: Sequence[Message], found: Sequence[Findings], counts: Sequence[Counts], finder: SignFinder
) -> LinearClassifier:
    form = EvidenceForm(finder.signs, finder.cues)
    rows = np.array([form.vector(findings, odds) for findings, odds in zip(found, unseen_odds(examples, found, counts), strict=True)])
    weights, bias = fit_evidence(rows, examples, form)
    halves = np.vstack([-weights, weights]) / 2  # one row a label, as scikit-learn's models are kept
    return LinearClassifier((GENUINE, SCAM), halves.astype(np.float32), np.array([-bias / 2, bias / 2]).astype(np.float32))


def unseen_odds(examples: Sequence[Message], found: Sequence[Findings], counts: Sequence[Counts]) -> list[float]:
    """The odds of each message's wording, by a classifier that was trained without its template."""
    folds = [int(hashlib.sha256(message.template.encode()).hexdigest(), 16) % _FOLDS for message in examples]
    odds = [0.0] * len(examples)
    for fold in range(_FOLDS):
        learn = [n for n, number in enumerate(folds) if number != fold]
        if len({examples[n].label for n in learn}) < 2:
            continue
        classifier = _train_wording([examples[n] for n in learn], [counts[n] for n in learn])
        for n, number in enumerate(folds):
            if number == fold:
                odds[n] = wording_odds(classifier, found[n])
    return odds


def fit_evidence(rows: Floats, examples: Sequence[Message], form: EvidenceForm) -> tuple[npt.NDArray[np.float64], float]:
    """Weights and bias of a logistic regression in which each place keeps to its side; languages and labels count alike."""
    from scipy.optimize import minimize

    target = np.array([message.label == SCAM for message in examples], dtype=float)
    groups = [(message.label, message.language) for message in examples]
    sizes = Counter(groups)
    expected = np.array([_EXPECTED.get(name, 0.0) for name in form.places])
    share = np.array([len(examples) / len(sizes) / sizes[group] for group in groups])

    def loss(point: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        scores = rows @ point[:-1] + point[-1]
        chance = 1 / (1 + np.exp(-np.clip(scores, -30, 30)))
        error = -(share * (target * np.log(chance + 1e-12) + (1 - target) * np.log(1 - chance + 1e-12))).mean()
        away = point[:-1] - expected
        pull = _PULL * float(away @ away) / 2
        slope = rows.T @ (share * (chance - target)) / len(target) + _PULL * away
        return float(error + pull), np.append(slope, (share * (chance - target)).mean())

    sides = {name: (0.0, _MOST_OF.get(name, _MOST)) for name in form.speaking_for} | dict.fromkeys(form.speaking_against, (-_MOST, 0.0))
    bounds = [*(sides.get(name, (-_MOST, _MOST)) for name in form.places), (None, None)]
    fitted = minimize(loss, np.zeros(rows.shape[1] + 1), jac=True, bounds=bounds, method="L-BFGS-B").x
    return fitted[:-1], float(fitted[-1])


def _type_examples(
    examples: Sequence[Message], found: Sequence[Findings], finder: SignFinder, passages: Iterable[Document], language: Language
) -> list[tuple[str, str]]:
    """Texts with the guide that they belong to: the examples, and how people ask about each guide's scam."""
    guides: Mapping[str, list[str]] = {
        passage.metadata["source_id"]: passage.metadata["asked_as"]
        for passage in passages
        if passage.metadata["kind"] == "guide" and passage.metadata["scam_type"] and passage.metadata["language"] == language
    }
    spoken = [(message, findings) for message, findings in zip(examples, found, strict=True) if message.language == language]
    pairs = [(wording(findings), message.scam_type) for message, findings in spoken]
    asked = [(wording(finder.find(text)), guide) for guide, texts in guides.items() for text in texts]
    known = [(text, guide) for text, guide in (*pairs, *asked) if guide in guides]
    return known if len({guide for _, guide in known}) > 1 else []
