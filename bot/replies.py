"""Puts an answer together: sentences that may be shown with their citations, whom to ring, what to tap or ask next.

Knows no retrieval and no generator: it is handed drafts, and lets none through that its passage does not support.
"""

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Literal

from bot.audiences import citation_for
from bot.citations import Numbering, marked_text
from bot.contact_gate import ContactGate
from bot.contacts import ContactBook, ContactEntry
from bot.emergencies import ANY_LOSS, Emergencies
from bot.generation.base import EXTRACTIVE, Draft
from bot.groundedness import Guard, is_supported
from bot.i18n import load_locale
from bot.number_questions import NumberAsked
from bot.schema import (
    Answer,
    AnswerEvent,
    AnswerFinished,
    Audience,
    Choice,
    Citation,
    Contact,
    ContactKind,
    Language,
    Sentence,
    SentenceWritten,
    Status,
)
from bot.store import Index
from bot.understanding import Query

_SUGGESTIONS = 3
_OFFERED_SECTIONS = ("signs", "now", "check", "how", "paid")
_MOST_CONTACTS = 5
_CONTACT_KINDS: dict[str, tuple[ContactKind, ...]] = {
    "emergency": ("emergency", "bank", "antifraud"),
    "contact": ("antifraud", "report_online", "bank", "emergency"),
}
# Where people who ask in a language most often are; all other regions follow these.
_LIKELY_REGIONS: dict[Language, tuple[str, ...]] = {
    "en": ("GB", "US", "SG", "AU", "HK", "CA"),
    "zh": ("CN", "HK", "TW", "SG", "MY", "MO"),
}

HasMore = Callable[[Sequence[str]], bool]


class Replies:
    """The answers that may be given to one query."""

    def __init__(
        self,
        query: Query,
        index: Index,
        book: ContactBook,
        emergencies: Emergencies,
        guard: Guard,
        asked: NumberAsked | None = None,
        audience: Audience = "public",
    ) -> None:
        self._asked = asked
        self._audience = audience
        self._for_children = audience == "children"
        self._guard = guard
        self._gate = ContactGate(book)
        self._query = query
        self._index = index
        self._book = book
        self._emergencies = emergencies
        self._locale = load_locale(query.language)

    def plain(self, status: Status, wording: str = "") -> AnswerFinished:
        """An answer that claims nothing about the world: it abstains, refuses or greets, and says what it can answer.

        `wording` names words of the locale other than those of the status.
        """
        return AnswerFinished(
            answer=Answer(
                question=self._query.question,
                language=self._query.language,
                intent=self._query.intent,
                status=status,
                text=self._plain_text(status, wording),
                notice=self._locale.text("children.tell_adult") if self._for_children else "",
                contacts=self._contacts() if self._for_children else (),
                follow_ups=self._examples(),
            )
        )

    def _plain_text(self, status: Status, wording: str) -> str:
        if status == "abstained" and self._for_children:
            return self._locale.text("children.abstained")
        return self._locale.text(f"answer.{wording or status}")

    def _examples(self) -> tuple[str, ...]:
        return tuple(self._locale.texts("children_example" if self._for_children else "example")[:_SUGGESTIONS])

    def written(self, drafts: Iterable[Draft], has_more: HasMore = lambda shown: False, lead: str = "") -> Iterator[AnswerEvent]:
        """The events of an answer from drafts; what may not be shown is left out, and without any sentence it abstains.

        `lead` are words of ours before the sentences, in place of those that the query calls for.
        """
        numbering = Numbering()
        shown: list[Draft] = []
        sentences: list[Sentence] = []
        offered = 0
        for draft in drafts:
            offered += 1
            if self._may_be_shown(draft):
                shown.append(draft)
                sentence, new = numbering.add(draft)
                sentences.append(sentence)
                yield SentenceWritten(sentence=sentence, citations=tuple(citation_for(self._audience, citation) for citation in new))
        if not sentences:
            yield self.plain("abstained")
            return
        yield AnswerFinished(answer=self._answer(sentences, numbering.citations, shown, has_more, len(sentences) / offered, lead))

    def _may_be_shown(self, draft: Draft) -> bool:
        """The last gate: no contact that nobody knows, and the very sentence that it cites, or one that the guard says is supported."""
        if not self._gate.lets_through(draft.text, draft.passage):
            return False
        if draft.writer == EXTRACTIVE or is_supported(draft):
            return is_supported(draft)
        cited = 0 <= draft.sentence < len(draft.passage.metadata["sentences"])
        return cited and self._guard.check(draft.text, draft.passage).supported

    def _notice(self, citations: Sequence[Citation], shown: Sequence[Draft]) -> str:
        """Quiet lines behind an answer: what a generator has to say, and that a source is in another language."""
        keys = dict.fromkeys(draft.notice for draft in shown if draft.notice)
        if {citation.language for citation in citations} != {self._query.language}:
            keys["notice.foreign_source"] = None
        if self._for_children:
            keys["children.tell_adult"] = None
        return " ".join(self._locale.text(key) for key in keys)

    def _answer(
        self,
        sentences: Sequence[Sentence],
        citations: Sequence[Citation],
        shown: Sequence[Draft],
        has_more: HasMore,
        groundedness: float,
        lead: str,
    ) -> Answer:
        query = self._query
        more = has_more([sentence.text for sentence in sentences])
        return Answer(
            question=query.question,
            language=query.language,
            intent=query.intent,
            status="emergency" if query.intent == "emergency" else "answered",
            text=marked_text(sentences, query.language),
            lead=lead or self._lead(),
            notice=self._notice(citations, shown),
            sentences=tuple(sentences),
            citations=tuple(citation_for(self._audience, citation) for citation in citations),
            contacts=self._contacts(),
            choices=(*self._choices(), *([self._more()] if more else [])),
            follow_ups=self._follow_ups(citations[0]),
            generator="+".join(dict.fromkeys(draft.writer for draft in shown)),
            groundedness=groundedness,
        )

    def _lead(self) -> str:
        """What we say first: in an emergency a word to the person, of a number that was asked about what the directory has."""
        query, asked = self._query, self._asked
        if query.intent == "emergency":
            return self._locale.text(query.emergency.lead if query.emergency else "emergency.loss")
        return self.about(asked) if asked else ""

    def about(self, asked: NumberAsked) -> str:
        """What the directory has on a number or address; a visitor's own is never repeated as if it were known."""
        if asked.beware:
            why = asked.beware_zh if self._query.language == "zh" else asked.beware
            return self._locale.text("number.beware", value=asked.value, why=why)
        if asked.entry is None:
            return self._locale.text("number.unknown_address" if asked.is_address else "number.unknown")
        region = self._book.regions[asked.entry.region].in_language(self._query.language)
        label = asked.entry.label.in_language(self._query.language)
        day = asked.entry.checked_on.isoformat()
        return self._locale.text("number.known", value=asked.entry.value, label=label, region=region, day=day)

    def _contacts(self) -> tuple[Contact, ...]:
        """Whom to ring, for an emergency or who asks for it, in the region that was said, else of the page, else of the settings."""
        query, known = self._query, self._asked.entry if self._asked else None
        kinds = query.emergency.contacts if query.emergency else _CONTACT_KINDS.get(query.intent, ())
        if known:  # who asks about a number of the directory is given that one
            kinds = ()
        if self._for_children or (self._audience == "teens" and query.intent == "emergency"):
            kinds = tuple(dict.fromkeys((*self._line_for_the_young(), *kinds)))
        offered = [entry for kind in kinds for entry in self._offered(kind)]
        shown: dict[str, ContactEntry] = {}  # by number: one that serves twice is shown once, as the first
        for entry in [*offered, *([known] if known else [])]:
            shown.setdefault(entry.value, entry)
        return tuple(self._book.as_contact(entry, query.language) for entry in list(shown.values())[:_MOST_CONTACTS])

    def _line_for_the_young(self) -> tuple[ContactKind, ...]:
        """The line for children; where the region has none that was confirmed, the police."""
        return ("child",) if self._offered("child") else ("emergency",)

    def _offered(self, kind: ContactKind) -> tuple[ContactEntry, ...]:
        region = self._query.region
        return self._book.offered(region, [kind], today=datetime.date.today()) if region else ()

    def _choices(self) -> Iterator[Choice]:
        """In an emergency what was given away, where that is not known; there and for whom to ring the place, where that is not known."""
        query = self._query
        if query.intent == "emergency" and (query.emergency is None or query.emergency.id == ANY_LOSS):
            for said in self._emergencies.choices(query.language):
                yield _choice("given", said.rstrip(".。"), said)
        asks_whom = query.intent == "contact" and not self._asked
        if (query.intent == "emergency" or asks_whom) and query.region not in self._book.regions:
            likely = _LIKELY_REGIONS[query.language]
            for code in (*likely, *(code for code in self._book.regions if code not in likely)):
                if code in self._book.regions:
                    name = self._book.regions[code].in_language(query.language)
                    yield _choice("region", name, self._locale.text("emergency.i_am_in", region=name))

    def _more(self) -> Choice:
        return Choice(kind="more", label=self._locale.text("more"), question=self._locale.text("more.ask"))

    def _follow_ups(self, first: Citation) -> tuple[str, ...]:
        """What one may ask next of the same guide: its sections that have not been shown; of an article, the examples."""
        query, index = self._query, self._index
        if query.intent == "emergency":
            return ()
        keys = index.by_source.get((first.source_id, query.language), [])
        sections = {index.passages[key].metadata["section_id"] for key in keys}
        shown = {index.passages[first.passage_id].metadata["section_id"], *query.sections[:1]}
        offered = [key for key in _OFFERED_SECTIONS if key in sections - shown]
        if not offered:
            return self._examples()
        return tuple(self._locale.text(f"follow_up.{key}", title=first.title) for key in offered[:_SUGGESTIONS])


@lru_cache(maxsize=512)
def _choice(kind: Literal["given", "region"], label: str, question: str) -> Choice:
    """One for all answers that offer it: places and kinds are some sixty, and each emergency offers most of them."""
    return Choice(kind=kind, label=label, question=question)
