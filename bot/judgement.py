"""From the findings of a message to a judgement: how likely a scam it is, by which signs, and which scams it resembles. Knows no guide.

The score comes from the evidence's few weights and not from a bare model of the words, so that each judgement can name its reasons.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.classifier import LinearClassifier
from bot.evidence import SCAM, EvidenceForm, is_police_notice, mostly_warned, names_its_sender, wording, wording_odds
from bot.schema import Language, VerdictKind
from bot.signals.finder import Findings, Mark, SignFinder
from bot.text import detect_language, split_sentences

# Chosen on the development split of seeds/messages with one group of writers after another held out, where 2 in 100 hard genuine messages
# then have strong signs.
STRONG: Mapping[Language, float] = {"en": 0.89, "zh": 0.9}
DOUBTFUL = 0.28
# The sign of a message that has none of its own but reads like known scams.
KNOWN_WORDING = "known-wording"
# Without messages to learn from, each sign by its weight makes a scam so much likelier.
_BY_WEIGHT = {1: 0.10, 2: 0.35, 3: 0.60}
_HEAVY = 3
# So many heavy signs beside each other are the story of a scam, even where it warns of scams itself.
_FEWEST_OF_A_STORY, _MORE_THAN_ONE = 3, 2
# So many signs that are denied are an explanation of what scammers do.
_MANY_WARNED = 3
# A child may well have a new number; alone, and with nothing asked for, it is no strong sign.
_OF_FAMILIES_TOO = {"new-number-family"}
# Wording this much like known scams' (log odds) counts as a sign beside another.
_KNOWN_BY_WORDING = 1.8
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
        self._form = EvidenceForm(finder.signs, finder.cues)

    def judge(self, message: str, classifiers: Classifiers, home: str = "", added: float = 0.0) -> Judgement:
        """Judge a message; `added` are the log odds of what the person has answered."""
        findings = self._finder.find(message, home)
        odds = wording_odds(classifiers.get("message-wording"), findings)
        chance = self._chance(findings, odds, classifiers.get("message-evidence"))
        score = 1 / (1 + math.exp(-math.log(chance / (1 - chance)) - added))
        marks = self._marks(message, findings, odds, classifiers.get("message-wording"))
        language = detect_language(message)
        strong = STRONG[language]
        kind = self._kind(max(score, chance) if chance >= strong else score, strong, marks, findings, added)
        if kind == "no_known_signs":
            marks = ()
        return Judgement(kind, score, findings, marks, self._types(findings, classifiers, language))

    def _chance(self, findings: Findings, odds: float, classifier: LinearClassifier | None) -> float:
        if classifier is None:
            chance = 1 - math.prod(1 - _BY_WEIGHT[self._finder.signs[name].weight] for name in findings.signs)
        else:
            chance = classifier.probabilities_by(self._form.vector(findings, odds))[SCAM]
        return min(max(chance, _LEAST_CHANCE), 1 - _LEAST_CHANCE)

    def _kind(self, score: float, strong: float, marks: Sequence[Mark], findings: Findings, added: float) -> VerdictKind:
        """Strong signs need a place to show; what gives a code or a warning and asks for nothing is never more than doubtful."""
        harmless = added <= 0 and (self._warns_only(findings) or self._leads_home(findings) or _may_be_of_family(findings))
        if score >= strong and marks and not harmless:
            return "strong_signs"
        heavy = any(mark.sign in self._finder.signs and self._finder.signs[mark.sign].weight == _HEAVY for mark in marks)
        return "cannot_tell" if score >= DOUBTFUL or heavy else "no_known_signs"

    def _leads_home(self, findings: Findings) -> bool:
        """Whether every address may well be the sender's own, and no sign is one that honest people hardly ever give."""
        heavy = any(self._finder.signs[name].weight == _HEAVY for name in findings.signs)
        kinds = {"official", "named"} | ({"unknown"} if names_its_sender(findings) else set())
        own = all(link.kind in kinds and link.is_plain for link in findings.links)
        return own and not heavy and any(not link.is_email for link in findings.links)

    def _warns_only(self, findings: Findings) -> bool:
        """Whether a message hands over a code or speaks of scams as such, and leads to no strange address.

        A warning may name what scammers ask for. A scam may warn too: one that then tells the whole story, request and threat, stays one.
        """
        cues = set(findings.cues)
        if is_police_notice(findings) and not (findings.links or findings.phones):
            return True  # it tells of many scams at once, and gives nobody to turn to but the police
        signs = [self._finder.signs[name] for name in findings.signs]
        asks = max((sign.weight for sign in signs if sign.role == "ask"), default=0)
        heavy = sum(sign.weight == _HEAVY for sign in signs)
        disguised = any(link.kind in ("imitation", "shortened") or link.is_odd for link in findings.links)
        if {"code-for-you", "warns"} & cues and not asks and not disguised:
            return True
        speaks_of_scams = bool({"warns", "general"} & cues)
        explains = speaks_of_scams and "verify-by-link" not in findings.signs
        begun_by_reader = "ignore-if-not-you" in cues and not heavy  # a link to confirm an address, asked for a minute ago
        to_read = explains or begun_by_reader
        if disguised or any(link.kind == "unknown" and not (to_read and link.is_plain) for link in findings.links):
            return False
        if begun_by_reader and not findings.phones:
            return True
        if "code-for-you" in cues and asks < _HEAVY and not findings.phones:
            return True
        sends_to_check = bool({"warns", "general"} & cues) and bool({"welcomes-check", "official-route", "no-action"} & cues)
        stopped = {"averted", "official-route"} <= cues  # the bank tells why it held a payment back
        if (sends_to_check or stopped) and not findings.phones:
            return True
        if mostly_warned(findings) and len({mark.sign for mark in findings.warned}) >= _MANY_WARNED:
            return True
        if speaks_of_scams:
            return not asks or "told" in cues or bool(findings.warned) or heavy < _FEWEST_OF_A_STORY
        if {"averted", "welcomes-check"} & cues or {"told", "your-own-request"} <= cues:
            return not asks or heavy < _MORE_THAN_ONE
        return False

    def _marks(self, message: str, findings: Findings, odds: float, classifier: LinearClassifier | None) -> tuple[Mark, ...]:
        """Each sign where it first stands, the heaviest kept; where there is none, the sentence whose wording is most like a scam's."""
        first: dict[str, Mark] = {}
        for mark in sorted(findings.marks, key=lambda mark: (mark.start, -mark.end)):
            first.setdefault(mark.sign, mark)
        kept = sorted(first.values(), key=lambda mark: -self._finder.signs[mark.sign].weight)[:_MOST_MARKS]
        if classifier is not None and ((not kept and odds > 0) or (len(kept) == 1 and odds >= _KNOWN_BY_WORDING)):
            kept.append(self._most_telling(message, classifier))
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


def _may_be_of_family(findings: Findings) -> bool:
    """Whether it gives no other sign than families do, and leads nowhere."""
    return bool(findings.signs) and findings.signs <= _OF_FAMILIES_TOO and not (findings.links or findings.phones)
