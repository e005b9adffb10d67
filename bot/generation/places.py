"""Where a sentence holds: what it says of one country is no help in another, and a number to ring there may do harm."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from bot.generation.base import Draft
from bot.understanding import Query

RegionsIn = Callable[[str], frozenset[str]]


class Places:
    """Knows the regions that a sentence names. `regions_in` tells those of any text."""

    def __init__(self, regions_in: RegionsIn) -> None:
        self._regions_in = regions_in
        self._named_by = lru_cache(maxsize=20_000)(regions_in)  # of sentences of passages, never of a visitor's words

    def asked(self, query: Query) -> frozenset[str]:
        """The regions that a question is about: those that it names, else where the visitor is; none where neither is known."""
        return self._regions_in(query.standalone) or frozenset({query.region} - {""})

    def holding(self, drafts: Iterable[Draft], regions: frozenset[str]) -> list[Draft]:
        """Those that are about one of the regions or about no place; all of them where no region is known."""
        return [draft for draft in drafts if not regions or not (named := self._named_by(draft.text)) or named & regions]

    def of_no_place(self, drafts: Sequence[Draft]) -> list[Draft]:
        """Those of passages that are about no place at all."""
        of_a_place = {draft.passage.id for draft in drafts if self._named_by(draft.text)}
        return [draft for draft in drafts if draft.passage.id not in of_a_place]

    def is_mixed(self, drafts: Iterable[Draft]) -> bool:
        """Whether they speak of one place each, and of several together."""
        return len({named for draft in drafts if (named := self._named_by(draft.text))}) > 1

    def naming(self, drafts: Iterable[Draft], regions: frozenset[str]) -> list[Draft]:
        """Those that name one of the regions."""
        return [draft for draft in drafts if self._named_by(draft.text) & regions]


# For an index whose sentences name no place that anybody knows.
NO_PLACES = Places(lambda text: frozenset())
