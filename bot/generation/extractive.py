"""The default generator: sentences of the passages, chosen and ordered for the intent, never reworded."""

from collections.abc import Iterable, Iterator

from langchain_core.documents import Document

from bot.generation.base import Draft
from bot.generation.drafts import within_budget, without_repeats
from bot.generation.facts import Facts
from bot.generation.guide_sections import GuideSections
from bot.generation.places import NO_PLACES, Places
from bot.passages import language_of
from bot.retrieval.hybrid import Found
from bot.store import Index
from bot.understanding import Query

# These ask for single facts, wherever they stand; the others for a section of a guide, whole and in its order.
_ASKS_FOR_FACT = {"figures", "general", "law", "contact"}
# Behind a list of warning signs: the one thing to do, then how to check.
_BEHIND_SIGNS = ("now", "check")
# So many of the best passages may give the guide that answers.
_NEAR = 3
# What is said of each guide where two are told apart and the question names no section.
_TOLD_APART_BY = ("what", "signs")


class ExtractiveGenerator:
    """Answers with a section of the guide that was found where the intent asks for one, else with the sentences that fit best."""

    name = "extractive"

    def __init__(self, index: Index, places: Places = NO_PLACES) -> None:
        """`places` knows the regions that a sentence names, so that nobody is sent to another country's police."""
        self._index = index
        self._places = places
        self._facts = Facts(index)
        self._sections = GuideSections(index)

    def write(self, query: Query, found: Found) -> Iterator[Draft]:
        if len(query.compared) > 1:
            yield from self._told_apart(query)
            return
        closing = _unsaid(self._closing(query, found), query)
        drafts = without_repeats(_unsaid(self._drafts(query, found), query))
        yield from without_repeats([*within_budget(drafts, reserved=closing), *closing])

    def has_more(self, query: Query, found: Found, shown: Iterable[str]) -> bool:
        """Whether anything is left to say after these sentences."""
        said = {*query.said, *shown}
        return not query.compared and any(draft.text not in said for draft in self._rest(query, found))

    def _drafts(self, query: Query, found: Found) -> list[Draft]:
        if query.said:
            return self._rest(query, found)
        section = [] if query.intent in _ASKS_FOR_FACT else self._section(query, found)
        return self._here([*self._facts.settling(query, found), *(section or self._best(query, found))], query)

    def _here(self, drafts: list[Draft], query: Query) -> list[Draft]:
        """What holds where the question is about; where nothing does, what was found."""
        return self._places.holding(drafts, self._places.asked(query)) or drafts

    def _section(self, query: Query, found: Found) -> list[Draft]:
        """The sections of the intent, of the guide that answers; nothing where it does not have them."""
        first = self._leading(query, found)
        return self._sections.of(first.metadata["source_id"], language_of(first), query.sections) if first else []

    def _leading(self, query: Query, found: Found) -> Document | None:
        """A passage of the guide that answers: of the best, the first that has what the intent asks for first."""
        near = found.passages[:_NEAR]
        wanted = query.sections[0] if query.sections else None
        having = (p for p in near if (p.metadata["source_id"], wanted, language_of(p)) in self._index.by_section)
        return next(having, near[0] if near else None)

    def _closing(self, query: Query, found: Found) -> list[Draft]:
        """What ends a list of warning signs; nothing where the answer is no such list."""
        first = self._leading(query, found) if query.intent == "signs" and not query.said else None
        if first is None:
            return []
        guide, language = first.metadata["source_id"], language_of(first)
        if not self._sections.of(guide, language, query.sections):
            return []
        return [draft for section in _BEHIND_SIGNS for draft in self._sections.of(guide, language, [section])[:1]]

    def _best(self, query: Query, found: Found) -> list[Draft]:
        guides = query.guides if query.intent == "contact" else ()
        if where := [draft for guide in guides for draft in self._sections.all(guide, query.language)]:
            return self._whom_to_ring(query, where)
        return self._facts.best(query, {str(p.id): p for p in (*found.passages, *found.fact_passages)}.values())

    def _whom_to_ring(self, query: Query, where: list[Draft]) -> list[Draft]:
        """Of the guides that say so, and no other, since numbers elsewhere serve other ends: what they say of the place.

        Where that is not known, what fits best; but not a number here and one there, which may all be wrong for whoever asks.
        """
        regions = self._places.asked(query)
        if there := self._places.naming(where, regions):
            return there
        best = self._facts.best(query, {str(draft.passage.id): draft.passage for draft in where}.values())
        return (self._places.is_mixed(best) and self._places.of_no_place(where)) or best

    def _rest(self, query: Query, found: Found) -> list[Draft]:
        """The whole of the guide that answers, the sections of the intent before the others."""
        first = self._leading(query, found)
        drafts = self._sections.all(first.metadata["source_id"], language_of(first), query.sections) if first else []
        return self._here(drafts, query)

    def _told_apart(self, query: Query) -> Iterator[Draft]:
        """Each of the guides that a question spans, under its own name."""
        sections = [section for section in query.sections if section in {"what", "how", "signs", "now", "check", "paid"}][:1]
        for guide in query.compared:
            drafts = self._sections.of(guide, query.language, sections or _TOLD_APART_BY)
            for draft in within_budget(without_repeats(drafts), share=1 / len(query.compared)):
                yield draft.under(str(draft.passage.metadata["title"]))


def _unsaid(drafts: Iterable[Draft], query: Query) -> list[Draft]:
    return [draft for draft in drafts if draft.text not in query.said]
