"""From the findings of a message to a judgement: how likely a scam it is, by which signs, and which scams it resembles. Knows no guide.

The score comes from the evidence's few weights and not from a bare model of the words, so that each judgement can name its reasons.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.classifier import LinearClassifier
from bot.evidence import SCAM, evidence, wording, wording_odds
from bot.schema import Language, VerdictKind
from bot.signals.finder import Findings, Mark, SignFinder
from bot.text import detect_language, split_sentences

# Chosen on the development split of seeds/messages so that at most 1 genuine message in 100 has strong signs.
STRONG, DOUBTFUL = 0.90, 0.28
# The sign of a message that has none of its own but reads like known scams.
KNOWN_WORDING = "known-wording"
# Without messages to learn from, each sign by its weight makes a scam so much likelier.
_BY_WEIGHT = {1: 0.10, 2: 0.35, 3: 0.60}
_HEAVY = 3
_FEWEST_SIGNS, _LEAST_WEIGHT = 2, 3
_MOST_MARKS = 10
_MOST_TYPES = 3
_LEAST_SIMILARITY = 0.10
# How much a sign of weight 1 of a single scam type lifts that type, in log odds.
_LIFT = 0.6
_MOST_SENTENCES = 40
_LEAST_CHANCE = 1e-4

Classifiers = Mapping[str, LinearClassifier]


@dataclass(frozen=True)
class Judgement:
    """What came out: `marks` are those shown, in the order of the message; `types` the guides it resembles, likeliest first."""

    kind: VerdictKind
    score: float
    findings: Findings
    marks: tuple[Mark, ...]
    types: tuple[tuple[str, float], ...]


class Judge:
    """Judges messages with the signs of the seeds and the classifiers of an index."""

    def __init__(self, finder: SignFinder) -> None:
        self._finder = finder

    def judge(self, message: str, classifiers: Classifiers, home: str = "", added: float = 0.0) -> Judgement:
        """Judge a message; `added` are the log odds of what the person has answered."""
        findings = self._finder.find(message, home)
        odds = wording_odds(classifiers.get("message-wording"), findings)
        chance = self._chance(findings, odds, classifiers.get("message-evidence"))
        score = 1 / (1 + math.exp(-math.log(chance / (1 - chance)) - added))
        marks = self._marks(message, findings, odds, classifiers.get("message-wording"))
        kind = self._kind(max(score, chance) if chance >= STRONG else score, marks, findings, added)
        if kind == "no_known_signs":
            marks = ()
        return Judgement(kind, score, findings, marks, self._types(findings, classifiers, detect_language(message)))

    def _chance(self, findings: Findings, odds: float, classifier: LinearClassifier | None) -> float:
        if classifier is None:
            chance = 1 - math.prod(1 - _BY_WEIGHT[self._finder.signs[name].weight] for name in findings.signs)
        else:
            chance = classifier.probabilities("", evidence(findings, self._finder.signs, odds))[SCAM]
        return min(max(chance, _LEAST_CHANCE), 1 - _LEAST_CHANCE)

    def _kind(self, score: float, marks: Sequence[Mark], findings: Findings, added: float) -> VerdictKind:
        """Strong signs need more than one name; what gives a code or a warning and asks for nothing is never more than doubtful."""
        harmless = self._warns_only(findings) and added <= 0
        if score >= STRONG and (added > 0 or self.bears_out(findings)) and marks and not harmless:
            return "strong_signs"
        heavy = any(mark.sign in self._finder.signs and self._finder.signs[mark.sign].weight == _HEAVY for mark in marks)
        return "cannot_tell" if score >= DOUBTFUL or heavy else "no_known_signs"

    def bears_out(self, findings: Findings) -> bool:
        """Whether the signs alone are enough to name: two of some weight, or one that goes to an address that is not the sender's own."""
        signs = [self._finder.signs[name] for name in findings.signs]
        strange = any(link.kind in ("unknown", "imitation", "shortened") for link in findings.links)
        asks = any(sign.role == "ask" and sign.weight > 1 for sign in signs)
        imitated = any(link.kind == "imitation" for link in findings.links)
        several = len(signs) >= _FEWEST_SIGNS and sum(sign.weight for sign in signs) >= _LEAST_WEIGHT
        return imitated or several or (asks and strange)

    def _warns_only(self, findings: Findings) -> bool:
        """Whether a message hands over a code or warns of scams, and neither asks for anything nor leads to a strange address or number.

        A warning may name what scammers ask for; it is one where it also sends people to check by themselves.
        """
        cues = set(findings.cues)
        gentle = bool({"code-for-you", "warns"} & cues) or bool(findings.warned)
        asks = any(self._finder.signs[name].role == "ask" for name in findings.signs)
        disguised = any(link.kind in ("imitation", "shortened") or link.is_odd for link in findings.links)
        strange = disguised or bool(findings.phones) or any(link.kind == "unknown" for link in findings.links)
        sends_to_check = bool({"warns", "general"} & cues) and bool({"welcomes-check", "official-route", "no-action"} & cues)
        stopped = {"averted", "official-route"} <= cues  # the bank tells why it held a payment back
        return (gentle and not asks and not disguised) or ((sends_to_check or stopped) and not strange)

    def _marks(self, message: str, findings: Findings, odds: float, classifier: LinearClassifier | None) -> tuple[Mark, ...]:
        """Each sign where it first stands, the heaviest kept; where there is none, the sentence whose wording is most like a scam's."""
        first: dict[str, Mark] = {}
        for mark in sorted(findings.marks, key=lambda mark: (mark.start, -mark.end)):
            first.setdefault(mark.sign, mark)
        kept = sorted(first.values(), key=lambda mark: -self._finder.signs[mark.sign].weight)[:_MOST_MARKS]
        if not kept and odds > 0 and classifier is not None:
            kept = [self._most_telling(message, classifier)]
        return tuple(sorted(kept, key=lambda mark: (mark.start, mark.end)))

    def _most_telling(self, message: str, classifier: LinearClassifier) -> Mark:
        places, start = [], 0
        for sentence in split_sentences(message, detect_language(message))[:_MOST_SENTENCES]:
            bare = sentence.strip()
            if bare:
                first = start + sentence.index(bare)
                places.append((wording_odds(classifier, self._finder.find(bare)), first, first + len(bare)))
            start += len(sentence)
        _, first, last = max(places, default=(0.0, 0, len(message)))
        return Mark(KNOWN_WORDING, first, last)

    def _types(self, findings: Findings, classifiers: Classifiers, language: Language) -> tuple[tuple[str, float], ...]:
        """The guides that a message resembles, by its wording where that was learnt, lifted by its signs."""
        classifier = classifiers.get(f"message-type-{language}")
        shares = classifier.probabilities(wording(findings)) if classifier else {}
        scores = {guide: math.log(max(share, _LEAST_CHANCE)) for guide, share in shares.items()}
        for sign in (self._finder.signs[name] for name in sorted(findings.signs)):
            for guide in sign.scam_types:
                if guide in scores or classifier is None:
                    scores[guide] = scores.get(guide, 0.0) + _LIFT * sign.weight / math.sqrt(len(sign.scam_types))
        weights = {guide: math.exp(score) for guide, score in scores.items()}
        total = sum(weights.values())
        ranked = sorted(((guide, weight / total) for guide, weight in weights.items()), key=lambda row: (-row[1], row[0]))
        return tuple(row for row in ranked[:_MOST_TYPES] if row[1] >= _LEAST_SIMILARITY)
