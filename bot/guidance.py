"""What the guides say to a checked message: why a sign matters, what to do, how to find out, what comes next. Quotes, never rewords."""

from collections.abc import Sequence
from typing import NamedTuple

from langchain_core.documents import Document

from bot.citations import Numbering, marked_text
from bot.generation.base import Draft
from bot.schema import Language
from bot.signals.catalog import Sign
from bot.signals.finder import SignFinder
from bot.store import Index
from bot.text import tokenize

# Where no guide fits: the guide and section that hold for every scam.
_GENERAL = {"now": ("how-scammers-persuade", "what-helps"), "check": ("real-or-fake", "check")}
_SAME_SOURCE = 0.5


class Place(NamedTuple):
    """A sentence of a guide: its passage and its number in it."""

    passage: Document
    sentence: int

    @property
    def text(self) -> str:
        return str(self.passage.metadata["sentences"][self.sentence])

    def draft(self, heading: str = "", notice: str = "") -> Draft:
        """The sentence as an answer shows it."""
        return Draft(self.text, self.passage, self.sentence, heading=heading, notice=notice)


class Guidance:
    """The sentences of the guides of one index."""

    def __init__(self, index: Index, finder: SignFinder) -> None:
        self.index = index
        self._finder = finder
        self._reasons: dict[tuple[str, str], Place | None] = {}
        self._steps: dict[tuple[str, str], list[tuple[Place, frozenset[str]]]] = {}

    def title(self, guide: str, language: Language) -> str:
        keys = self.index.by_source.get((guide, language), [])
        return str(self.index.passages[keys[0]].metadata["title"]) if keys else ""

    def section(self, guide: str, section: str, language: Language, most: int) -> list[Place]:
        """The first sentences of a section of a guide."""
        return [place for place in self._places(guide, language) if place.passage.metadata["section_id"] == section][:most]

    def general(self, section: str, language: Language, most: int) -> list[Place]:
        """What holds for any message where no guide fits."""
        return self.section(*_GENERAL[section], language, most)

    def reason(self, sign: Sign, language: Language) -> Place | None:
        """The sentence of a sign's guide that bears out why it matters: the same sources, the most words in common."""
        key = (sign.id, language)
        if key not in self._reasons:
            wanted = set(tokenize(f"{sign.why.in_language(language)} {sign.name.in_language(language)}"))
            places = self._places(sign.guide, language)
            self._reasons[key] = max(places, key=lambda place: _fit(place, wanted, sign.references), default=None)
        return self._reasons[key]

    def steps(self, guide: str, language: Language) -> list[tuple[Place, frozenset[str]]]:
        """The stages of a guide's scam in their order, each with the signs that it shows."""
        key = (guide, language)
        if key not in self._steps:
            places = self.section(guide, "how", language, 20)
            self._steps[key] = [(place, self._finder.find(place.text).signs) for place in places]
        return self._steps[key]

    def _places(self, guide: str, language: Language) -> list[Place]:
        keys = self.index.by_source.get((guide, language), [])
        passages = sorted((self.index.passages[key] for key in keys), key=lambda passage: int(passage.metadata["part"]))
        return [Place(passage, number) for passage in passages for number in range(len(passage.metadata["sentences"]))]


def _fit(place: Place, wanted: set[str], references: Sequence[str]) -> float:
    keys = place.passage.metadata["sentence_references"]
    shared = bool(keys) and bool(set(keys[place.sentence]) & set(references))
    words = set(tokenize(place.text))
    return len(words & wanted) / (len(words | wanted) or 1) + _SAME_SOURCE * shared


def quoted(places: Sequence[Place], numbering: Numbering, language: Language) -> tuple[str, ...]:
    """The sentences as they stand in the guides, each with the mark of its citation."""
    sentences = [numbering.add(place.draft())[0] for place in places]
    return tuple(marked_text([sentence], language) for sentence in sentences)
