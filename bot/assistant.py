"""The assistant: understand -> retrieve -> generate -> check, as one stream of events.

One path for the chat, the widget, the API, the FAQ and the evals; `answer()` is the end of `stream()`.
"""

import datetime
import math
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

from langchain_core.documents import Document

from bot.answer_cache import AnswerCache, key_of
from bot.audiences import PUBLIC, Readers, load_audiences
from bot.contacts import load_contacts
from bot.embeddings import Vectors
from bot.emergencies import Emergencies, load_emergencies
from bot.errors import InvalidInput
from bot.generation.base import Generator
from bot.generation.drafts import without_repeats
from bot.generation.emergency import EmergencySteps
from bot.generation.guide_sections import GuideSections
from bot.generation.loading import load_generator
from bot.generation.places import Places
from bot.glossary import load_glossary
from bot.groundedness import Guard, load_guard
from bot.harm import load_harm
from bot.message_checker import MessageChecker, ToldVerdict
from bot.number_questions import NumberAsked, message_asked, number_asked
from bot.replies import Replies
from bot.retrieval.hybrid import Found, HybridRetriever
from bot.schema import Answer, AnswerEvent, AnswerFinished, Language, PassagesFound, Turn
from bot.settings import Settings
from bot.store import Index, Store
from bot.understanding import NOT_READ, Intents, Query, Reader, Topics, Understanding, read_intent_rules

# Below these a question counts as one that the knowledge does not answer. Chosen on the development split of seeds/evals,
# where the answerable and the unanswerable questions part best.
_MIN_CONFIDENCE: dict[Language, float] = {"en": 0.48, "zh": 0.2}
_WEIGHT_OF_COVERAGE = 3.0
# In log odds: the classifier of intents sees it otherwise than that of the subject.
_OFF_BY_INTENT: dict[Language, float] = {"en": 3.0, "zh": 1.0}
# Someone who describes a loss is answered, and so is a question that is all but the same as a known one.
_NEARLY_THE_SAME = 0.80

# Whatever a number is said to be, this is how to find out.
_HOW_TO_CHECK_A_NUMBER = ("common-warning-signs", "check")


@dataclass(frozen=True)
class _Parts:
    """What answers readers: the whole index, their part of it, and what was made from that."""

    whole: Index
    index: Index
    retriever: HybridRetriever
    generator: Generator
    guard: Guard


class Assistant:
    """Answers questions from the published index; takes up a new index as soon as one is published."""

    def __init__(
        self, settings: Settings, store: Store, open_generator: Callable[[Settings, Index, Guard], Generator] | None = None
    ) -> None:
        self._settings = settings
        self._store = store
        self.book = load_contacts(settings.seeds_dir / "contacts.yaml")
        self._places = Places(self.book.regions_in)
        self._open_generator = open_generator or partial(load_generator, places=self._places)
        self.emergencies = load_emergencies(settings.seeds_dir)
        self._harm = load_harm(settings.seeds_dir)
        self._glossary = load_glossary(settings.seeds_dir / "glossary.yaml")
        self._audiences = load_audiences(settings.seeds_dir)
        self._parts: dict[tuple[str, Readers], _Parts] = {}
        self._cache = AnswerCache(settings.cache_answers)
        self._opening = threading.Lock()

    def answer(
        self,
        question: str,
        history: Sequence[Turn] = (),
        region: str = "",
        language: Language | None = None,
        readers: Readers = PUBLIC,
    ) -> Answer:
        """Answer whole. Raises InvalidInput for a question that cannot be taken, Unavailable where there is no index."""
        for event in self.stream(question, history, region, language, readers):
            if isinstance(event, AnswerFinished):
                return event.answer
        raise AssertionError("a stream ends with its answer")

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        region: str = "",
        language: Language | None = None,
        readers: Readers = PUBLIC,
    ) -> Iterator[AnswerEvent]:
        """Yield the passages found, each sentence that may be shown, and the whole answer last."""
        question = self._checked(question)
        parts = self._current(readers)
        key = key_of(parts.whole.name, question, repr(history), region, language or "", repr(readers), datetime.date.today().isoformat())
        kept = self._cache.get(key)
        if kept is not None:
            yield from kept
            return
        events: list[AnswerEvent] = []
        for event in self._made(parts, question, history, region, language, readers):
            events.append(event)
            if isinstance(event, AnswerFinished):  # before it is given: nobody asks for what comes behind it
                self._cache.put(key, tuple(events))
            yield event

    def forget(self) -> None:
        """Let go of answers that were kept for whoever asks the same; called every second or so."""
        self._cache.forget()

    def _made(
        self, parts: _Parts, question: str, history: Sequence[Turn], region: str, language: Language | None, readers: Readers
    ) -> Iterator[AnswerEvent]:
        whole, index, retriever, generator, guard = parts.whole, parts.index, parts.retriever, parts.generator, parts.guard
        region = region or self._settings.region
        query = retriever.understanding.understand(question, history, region, language or self._settings.language)
        if readers.audience == "children" and region and query.intent != "emergency":
            query = replace(query, region=region)  # a child is where the school is, whatever place it asks about
        asked = number_asked(question, self.book) if query.intent != "emergency" else None
        replies = Replies(query, whole if query.emergency else index, self.book, self.emergencies, guard, asked, readers.audience)
        if query.intent in {"smalltalk", "harmful"}:
            yield replies.plain("smalltalk" if query.intent == "smalltalk" else "refused")
            return
        steps = list(EmergencySteps(whole, self._places).write(query, query.emergency)) if query.emergency else []
        if steps:
            yield _passages_found(draft.passage for draft in steps)
            yield from replies.written(steps)
            return
        told = self._told(query, asked, index)
        if told:
            yield _passages_found(draft.passage for draft in told.drafts)
            yield from replies.written(told.drafts, lead=told.headline)
            return
        guide, section = _HOW_TO_CHECK_A_NUMBER
        checks = GuideSections(index).of(guide, query.language, [section]) if asked and not asked.entry else []
        if checks:
            yield _passages_found(draft.passage for draft in checks)
            yield from replies.written(checks)
            return
        if query.beside:
            yield replies.plain("abstained", query.beside)
            return
        found = retriever.find(query)
        if not found.passages or confidence(query, found) < _MIN_CONFIDENCE[query.language]:
            yield replies.plain("abstained")
            return
        yield _passages_found(found.passages)
        yield from replies.written(generator.write(query, found), lambda shown: generator.has_more(query, found, shown))

    def _told(self, query: Query, asked: NumberAsked | None, index: Index) -> ToldVerdict | None:
        """The verdict on a message that stands alone ("and for cars?" is none), or with a strange address behind "is this real?"."""
        if query.standalone != query.question:
            return None
        pasted = query.intent == "check_message"
        strange = asked is not None and asked.is_address and not (asked.entry or asked.beware)
        message = query.question if pasted else message_asked(query.question) if strange else ""
        told = self.checker.told(message, index, query.language, query.region) if message else None
        return told if told and told.drafts and (pasted or told.kind != "no_known_signs") else None

    @cached_property
    def checker(self) -> MessageChecker:
        """Judges what is pasted instead of a question; made when it is first needed."""
        return MessageChecker(self._settings, self._store)

    def answer_section(self, question: str, guide: str, section: str, language: Language, readers: Readers = PUBLIC) -> Answer:
        """What a guide says under a heading, for a question that was made from it: whole, and checked as every answer is; for batches."""
        parts = self._current(readers)
        query = Query(question, question, language, "general", NOT_READ, topics=(guide,), sections=(section,))
        replies = Replies(query, parts.index, self.book, self.emergencies, parts.guard, audience=readers.audience)
        drafts = without_repeats(GuideSections(parts.index).of(guide, language, [section]))
        return next(event.answer for event in replies.written(drafts) if isinstance(event, AnswerFinished))

    def search(self, query: Query) -> Found:
        """The passages that an answer to this query would draw on; for measuring."""
        return self._current().retriever.find(query)

    @property
    def guard(self) -> Guard:
        """The check of sentences that belongs to the index in use; for measuring."""
        return self._current().guard

    @property
    def passages(self) -> Sequence[Document]:
        """Every passage of the index that is in use; for measuring."""
        return self.passages_for(PUBLIC)

    def passage(self, passage_id: str) -> Document:
        """A passage of the index that is in use; an unknown id is a KeyError."""
        return self._current().whole.passages[passage_id]

    def passages_for(self, readers: Readers) -> Sequence[Document]:
        """The passages of the index in use that these readers are given."""
        return list(self._current(readers).index.passages.values())

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of some texts by the question encoder, shape (texts, dimension)."""
        return self._current().whole.encoder.encode(texts)

    def knows(self, language: str) -> bool:
        """Whether the embedding model understands a language."""
        return self._current().whole.knows(language)

    def understand(self, question: str, history: Sequence[Turn] = (), language: Language | None = None) -> Query:
        return self._current().retriever.understanding.understand(question, history, self._settings.region, language)

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

    def prepare(self, whole: Index) -> None:
        """Make ready what answers from an index that is about to be used, for everyone who has asked so far."""
        for readers in {PUBLIC, *(readers for _, readers in list(self._parts))}:
            self._parts_of(whole, readers)
        if whole.manifest.languages:  # what is loaded at the first question is loaded now
            whole.nearest(whole.encoder.encode(["warm"])[0], 1)

    def _current(self, readers: Readers = PUBLIC) -> _Parts:
        """What answers these readers from the index in use."""
        return self._parts_of(self._store.current(), readers)

    def _parts_of(self, whole: Index, readers: Readers) -> _Parts:
        """What answers from an index, made once; what was made from indexes before the last two is let go."""
        parts = self._parts.get((whole.name, readers))
        if parts is not None:
            return parts
        with self._opening:
            parts = self._parts.get((whole.name, readers)) or self._open(whole, readers)
            names = list(dict.fromkeys([*(name for name, _ in self._parts), whole.name]))[-2:]
            self._parts = {key: kept for key, kept in self._parts.items() if key[0] in names} | {(whole.name, readers): parts}
            return parts

    def _open(self, whole: Index, readers: Readers) -> _Parts:
        index = whole.narrowed(lambda passage: self._audiences.admits(readers, passage))
        emergencies = self._audiences.emergencies_of(readers, self.emergencies)
        understanding = self._understanding(index, emergencies)
        retriever = HybridRetriever(index=index, understanding=understanding, results=self._settings.results)
        guard = load_guard(index, self._glossary)
        return _Parts(whole, index, retriever, self._open_generator(self._settings, index, guard), guard)

    def _understanding(self, index: Index, emergencies: Emergencies) -> Understanding:
        seeds = self._settings.seeds_dir
        return Understanding(
            Intents(read_intent_rules(seeds / "intents.yaml")),
            Topics(index.passages.values()),
            Reader(lambda texts: index.encoder.encode(texts), index.manifest.languages, self._glossary),
            index.classifiers,
            emergencies,
            self.book.region_in,
            self._harm,
        )


def confidence(query: Query, found: Found) -> float:
    """How sure it is that the passages answer, from 0 to 1: is it about scams at all, and does the best guide have its words?"""
    if query.intent == "emergency" or (query.intent != "off_topic" and found.similarity >= _NEARLY_THE_SAME):
        return 1.0
    odds = math.log(max(query.on_subject, 1e-9) / max(1 - query.on_subject, 1e-9))
    odds -= _OFF_BY_INTENT[query.language] if query.intent == "off_topic" else 0.0
    return 1 / (1 + math.exp(-odds - _WEIGHT_OF_COVERAGE * (found.coverage - 0.5)))


def _passages_found(passages: Iterable[Document]) -> PassagesFound:
    return PassagesFound(passage_ids=tuple(dict.fromkeys(str(passage.id) for passage in passages)))
