"""The sentences of a guide, section by section, in the order in which they stand."""

from collections.abc import Iterable

from bot.generation.base import Draft
from bot.generation.drafts import whole
from bot.schema import Language
from bot.sections import SECTION_HEADINGS
from bot.store import Index


class GuideSections:
    """Reads guides from an index."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def of(self, guide: str, language: Language, sections: Iterable[str]) -> list[Draft]:
        """The sentences of these sections, one section after the other; of a guide that is not in this language, none."""
        keys = self._index.by_source.get((guide, language), [])
        passages = sorted((self._index.passages[key] for key in keys), key=lambda passage: passage.metadata["part"])
        return [
            draft for section in sections for passage in passages if passage.metadata["section_id"] == section for draft in whole(passage)
        ]

    def all(self, guide: str, language: Language, first: Iterable[str] = ()) -> list[Draft]:
        """Every sentence of a guide: these sections first, then those that guides share, then its own."""
        keys = self._index.by_source.get((guide, language), [])
        own = [self._index.passages[key].metadata["section_id"] for key in keys]
        return self.of(guide, language, dict.fromkeys([*first, *(section for section in SECTION_HEADINGS), *own]))
