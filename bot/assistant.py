"""The assistant: understand -> retrieve -> generate -> check, as one stream of events.

One path for the chat, the widget, the API, the FAQ and the evals; `answer()` is the end of `stream()`.
"""

import datetime
import math
from collections.abc import Iterator, Sequence

from bot.citations import Numbering, marked_text
from bot.contacts import ContactEntry, load_contacts
from bot.errors import InvalidInput
from bot.generation.base import Generator
from bot.generation.chat_model import load_generator
from bot.glossary import load_glossary
from bot.groundedness import is_supported
from bot.i18n import load_locale
from bot.retrieval.hybrid import Found, HybridRetriever
from bot.schema import (
    Answer,
    AnswerEvent,
    AnswerFinished,
    Citation,
    Contact,
    ContactKind,
    Language,
    PassagesFound,
    Sentence,
    SentenceWritten,
    Status,
    Turn,
)
from bot.settings import Settings
from bot.store import Index, Store
from bot.understanding import Intents, Query, Reader, Topics, Understanding, read_intent_rules

# Below these a question counts as one that the knowledge does not answer. Chosen on the development split of seeds/evals,
# where the answerable and the unanswerable questions part best.
_MIN_CONFIDENCE: dict[Language, float] = {"en": 0.30, "zh": 0.15}
_WEIGHT_OF_COVERAGE = 3.0
# Someone who describes a loss is answered, and so is a question that is all but the same as a known one.
_NEARLY_THE_SAME = 0.80
_SUGGESTIONS = 3
_OFFERED_SECTIONS = ("signs", "now", "check", "how", "paid")
_MOST_CONTACTS = 5
_CONTACT_KINDS: dict[str, tuple[ContactKind, ...]] = {
    "emergency": ("emergency", "bank", "antifraud"),
    "contact": ("antifraud", "report_online", "bank", "emergency"),
}


class Assistant:
    """Answers questions from the published index; takes up a new index as soon as one is published."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._book = load_contacts(settings.seeds_dir / "contacts.yaml")
        self._parts: tuple[Index, HybridRetriever, Generator] | None = None

    def answer(
        self, question: str, history: Sequence[Turn] = (), region: str = "", language: Language | None = None
    ) -> Answer:
        """Answer whole. Raises InvalidInput for a question that cannot be taken, Unavailable where there is no index."""
        for event in self.stream(question, history, region, language):
            if isinstance(event, AnswerFinished):
                return event.answer
        raise AssertionError("a stream ends with its answer")

    def stream(
        self, question: str, history: Sequence[Turn] = (), region: str = "", language: Language | None = None
    ) -> Iterator[AnswerEvent]:
        """Yield the passages found, each sentence that may be shown, and the whole answer last."""
        question = self._checked(question)
        index, retriever, generator = self._current()
        region = region or self._settings.region
        query = retriever.understanding.understand(question, history, region, language or self._settings.language)
        if query.intent in {"smalltalk", "harmful"}:
            yield AnswerFinished(answer=_plain_answer(query, "smalltalk" if query.intent == "smalltalk" else "refused"))
            return
        if query.beside:
            yield AnswerFinished(answer=_plain_answer(query, "abstained", "near"))
            return
        found = retriever.find(query)
        if not found.passages or confidence(query, found) < _MIN_CONFIDENCE[query.language]:
            yield AnswerFinished(answer=_plain_answer(query, "abstained"))
            return
        yield PassagesFound(passage_ids=tuple(str(passage.id) for passage in found.passages))
        yield from _written(query, found, generator, self._contacts(query), index)

    def search(self, query: Query) -> Found:
        """The passages that an answer to this query would draw on; for measuring."""
        return self._current()[1].find(query)

    def understand(self, question: str, history: Sequence[Turn] = (), language: Language | None = None) -> Query:
        return self._current()[1].understanding.understand(question, history, self._settings.region, language)

    def warm_up(self) -> None:
        """Load what the first answer needs."""
        index, _, _ = self._current()
        if index.manifest.languages:
            index.encoder.encode(["warm"])

    def _contacts(self, query: Query) -> tuple[Contact, ...]:
        """Whom to ring, for an emergency or who asks for it, in the region that was said, else of the page, else of the settings."""
        kinds = _CONTACT_KINDS.get(query.intent)
        place = self._book.region_in(query.standalone) or query.region.upper()
        if not kinds or not place:
            return ()
        today = datetime.date.today()
        shown: dict[str, ContactEntry] = {}  # by number: one that serves twice is shown once, as the first
        for kind in kinds:
            for entry in self._book.offered(place, [kind], today=today):
                shown.setdefault(entry.value, entry)
        return tuple(self._book.as_contact(entry, query.language) for entry in list(shown.values())[:_MOST_CONTACTS])

    def _checked(self, question: str) -> str:
        question = question.encode(errors="replace").decode().strip()  # half a character, as a broken terminal sends it
        limit = self._settings.max_question_chars
        if not question:
            raise InvalidInput("empty_question", "The question is empty.", "Write what you would like to know.")
        if len(question) > limit:
            raise InvalidInput(
                "question_too_long",
                f"The question has {len(question):,} characters; the limit is {limit:,}.",
                "Shorten it.",
                limit=f"{limit:,}",
            )
        return question

    def _current(self) -> tuple[Index, HybridRetriever, Generator]:
        index = self._store.current()
        if self._parts is None or self._parts[0] is not index:
            retriever = HybridRetriever(
                index=index, understanding=self._understanding(index), results=self._settings.results
            )
            self._parts = (index, retriever, load_generator(self._settings, index))
        return self._parts

    def _understanding(self, index: Index) -> Understanding:
        seeds = self._settings.seeds_dir
        return Understanding(
            Intents(read_intent_rules(seeds / "intents.yaml")),
            Topics(index.passages.values()),
            Reader(lambda texts: index.encoder.encode(texts), index.manifest.languages, load_glossary(seeds / "glossary.yaml")),
            index.classifiers,
        )


def confidence(query: Query, found: Found) -> float:
    """How sure it is that the passages answer, from 0 to 1: is it about scams at all, and does the best guide have its words?"""
    if query.intent == "emergency" or (query.intent != "off_topic" and found.similarity >= _NEARLY_THE_SAME):
        return 1.0
    odds = math.log(max(query.on_subject, 1e-9) / max(1 - query.on_subject, 1e-9))
    return 1 / (1 + math.exp(-odds - _WEIGHT_OF_COVERAGE * (found.coverage - 0.5)))


def _written(
    query: Query, found: Found, generator: Generator, contacts: tuple[Contact, ...], index: Index
) -> Iterator[AnswerEvent]:
    numbering = Numbering()
    sentences: list[Sentence] = []
    offered = 0
    writer = generator.name
    for draft in generator.write(query, found):
        offered += 1
        if is_supported(draft):
            writer = draft.writer
            sentence, new = numbering.add(draft)
            sentences.append(sentence)
            yield SentenceWritten(sentence=sentence, citations=new)
    if not sentences:
        yield AnswerFinished(answer=_plain_answer(query, "abstained"))
        return
    languages = {citation.language for citation in numbering.citations}
    foreign = languages != {query.language}
    yield AnswerFinished(
        answer=Answer(
            question=query.question,
            language=query.language,
            intent=query.intent,
            status="emergency" if query.intent == "emergency" else "answered",
            text=marked_text(sentences, query.language),
            notice=load_locale(query.language).text("notice.foreign_source") if foreign else "",
            sentences=tuple(sentences),
            citations=tuple(numbering.citations),
            contacts=contacts,
            follow_ups=_follow_ups(query, numbering.citations[0], index),
            generator=writer,
            groundedness=len(sentences) / offered,
        )
    )


def _plain_answer(query: Query, status: Status, wording: str = "") -> Answer:
    """An answer that claims nothing about the world: it abstains, refuses or greets, and says what it can answer."""
    locale = load_locale(query.language)
    return Answer(
        question=query.question,
        language=query.language,
        intent=query.intent,
        status=status,
        text=locale.text(f"answer.{wording or status}"),
        follow_ups=tuple(locale.texts("example")[:_SUGGESTIONS]),
        groundedness=1.0,
    )


def _follow_ups(query: Query, first: Citation, index: Index) -> tuple[str, ...]:
    """What one may ask next of the same guide: its sections that have not been shown; of an article, the examples."""
    locale = load_locale(query.language)
    keys = index.by_source.get((first.source_id, query.language), [])
    sections = {index.passages[key].metadata["section_id"] for key in keys}
    shown = {index.passages[first.passage_id].metadata["section_id"], *query.sections[:1]}
    offered = [key for key in _OFFERED_SECTIONS if key in sections - shown]
    if not offered:
        return tuple(locale.texts("example")[:_SUGGESTIONS])
    return tuple(locale.text(f"follow_up.{key}", title=first.title) for key in offered[:_SUGGESTIONS])
