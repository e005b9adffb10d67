"""A chat model writes an answer from numbered passages; of what it writes, only what the guard lets pass is shown.

Nothing is shown before two of its sentences have passed, or its whole answer: a model that is down, slow, refusing or writing nonsense
is then replaced by the extractive answer without a trace but one quiet line. What has been shown stays; where the model breaks off
after that, the rest is quoted. An emergency never waits for a model.
"""

import logging
import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from langchain_core.documents import Document
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.prompts import ChatPromptTemplate
from langsmith import tracing_context

from bot.errors import ChatModelFailed
from bot.generation.base import Draft, Generator
from bot.generation.budget import Budget, estimate_tokens, weigh
from bot.generation.cited_text import SentenceCutter
from bot.generation.deadline import read_until
from bot.generation.repeats import Said
from bot.generation.sieve import Sieve
from bot.groundedness import Guard
from bot.i18n import load_locale
from bot.passages import heading
from bot.privacy import mask_personal_data
from bot.retrieval.hybrid import Found
from bot.schema import Language
from bot.understanding import Query

_HELD_BACK = 2
_MOST_SENTENCES = 8
_MOST_PASSAGES = 12
_NOTICE = "notice.chat_model_unavailable"
# Of the answers with an error of the request's own (4xx), these two may be another one a moment later.
_PASSING_ERRORS = {408, 429}

log = logging.getLogger(__name__)


class ChatModelGenerator:
    """Asks a model, and quotes the sources where it has no usable answer."""

    def __init__(
        self, model: BaseChatModel, prompt: ChatPromptTemplate, guard: Guard, fallback: Generator, name: str, budget: Budget | None = None
    ) -> None:
        self.name = name
        self._model = model
        self._prompt = prompt
        self._guard = guard
        self._fallback = fallback
        self._budget = budget or Budget()

    def write(self, query: Query, found: Found) -> Iterator[Draft]:
        quoted = list(self._fallback.write(query, found))
        passages = _numbered(quoted, found)
        if query.intent == "emergency" or query.said or query.compared or not passages:
            yield from quoted
            return
        shown: list[Draft] = []
        held: list[Draft] = []
        sieve = Sieve(self._guard, passages, query.language, self.name)
        try:
            for draft in self._passed(query, passages, sieve):
                held.append(draft)
                if shown or (len(held) >= _HELD_BACK and sieve.enough):
                    yield from held
                    shown += held
                    held = []
                if sieve.kept == _MOST_SENTENCES:
                    break
            if not sieve.enough:
                raise ChatModelFailed(f"{sieve.kept} of its {sieve.written} sentences stand in the passages that they cite")
        except Exception as error:  # every provider has errors of its own; whichever it is, the visitor is answered
            log.warning("Answering extractively: %s", error if isinstance(error, ChatModelFailed) else type(error).__name__)
            yield from _rest(quoted, shown)
        else:
            yield from held

    def has_more(self, query: Query, found: Found, shown: Iterable[str]) -> bool:
        return self._fallback.has_more(query, found, shown)

    def _passed(self, query: Query, passages: Sequence[Document], sieve: Sieve) -> Iterator[Draft]:
        """The sentences that may be shown, as they come; a call that fails before it has written anything is made again."""
        messages = self._messages(query, passages)
        deadline = time.monotonic() + self._budget.timeout_s
        spent = 0.0
        for tries_left in reversed(range(self._budget.retries + 1)):
            bill = _Bill(self._budget, messages)
            if not self._budget.affords(bill.tokens_in, spent):
                raise ChatModelFailed("it could cost more than RINGWISE_CHAT_MAX_COST_USD")
            try:
                cutter = SentenceCutter(query.language)
                for piece in self._pieces(messages, deadline, bill):
                    yield from filter(None, map(sieve.draft, cutter.feed(piece)))
                yield from filter(None, map(sieve.draft, cutter.close()))
                return
            except Exception as error:
                late = time.monotonic() + self._budget.retry_wait_s >= deadline
                if not tries_left or late or sieve.written or not _may_pass(error):
                    raise
            spent += bill.cost
            time.sleep(self._budget.retry_wait_s)

    def _messages(self, query: Query, passages: Sequence[Document]) -> list[BaseMessage]:
        numbered = (f"[{n}] {heading(passage)}\n{passage.page_content}" for n, passage in enumerate(passages, start=1))
        return self._prompt.format_messages(
            language=_language_name(query.language),
            passages="\n\n".join(numbered),
            question=_as_data(mask_personal_data(query.standalone)),
        )

    def _pieces(self, messages: list[BaseMessage], deadline: float, bill: "_Bill") -> Iterator[str]:
        """The text as it comes, until it ends or has as many tokens as it may."""

        def chunks() -> Iterator[AIMessageChunk]:
            with tracing_context(enabled=False):  # a visitor's words go to the model alone, whatever the environment says
                for chunk in self._model.stream(messages):
                    bill.add(chunk)
                    yield chunk
                    if bill.tokens_written >= self._budget.max_tokens:
                        return

        for chunk in read_until(deadline, chunks):
            yield chunk.text


class _Bill:
    """What one call costs: by the provider's count where it gives one, else by an upper estimate."""

    def __init__(self, budget: Budget, messages: Iterable[BaseMessage]) -> None:
        self._budget = budget
        self.tokens_in = sum(estimate_tokens(message.text) for message in messages)
        self._estimated_out = 0.0
        self._counted_in = self._counted_out = 0

    def add(self, chunk: AIMessageChunk) -> None:
        self._estimated_out += weigh(chunk.text)
        if chunk.usage_metadata:
            self._counted_in += chunk.usage_metadata["input_tokens"]
            self._counted_out += chunk.usage_metadata["output_tokens"]

    @property
    def tokens_written(self) -> int:
        return max(math.ceil(self._estimated_out), self._counted_out)

    @property
    def cost(self) -> float:
        return self._budget.cost(self._counted_in or self.tokens_in, self._counted_out or math.ceil(self._estimated_out))


def _numbered(quoted: Iterable[Draft], found: Found) -> list[Document]:
    """What the model is given: first the passages of the extractive answer, then what else was found."""
    passages = (*(draft.passage for draft in quoted), *found.passages, *found.fact_passages)
    return list({str(passage.id): passage for passage in passages}.values())[:_MOST_PASSAGES]


def _rest(quoted: Iterable[Draft], shown: Sequence[Draft]) -> Iterator[Draft]:
    """What of the extractive answer has not been said, with the quiet line; all of it where nothing was shown."""
    said = Said()
    for draft in shown:
        said.add(draft.text)
    cited = {(str(draft.passage.id), draft.sentence) for draft in shown}
    room = _MOST_SENTENCES - len(shown)
    fresh = [d for d in quoted if not shown or ((str(d.passage.id), d.sentence) not in cited and said.add(d.text))]
    yield from (replace(draft, notice=_NOTICE) for draft in fresh[:room])


def _language_name(language: Language) -> str:
    return load_locale(language).text("language.name")


def _as_data(text: str) -> str:
    """A text that cannot close the tags in which the prompt puts it."""
    return text.replace("<", "‹").replace(">", "›")


def _may_pass(error: Exception) -> bool:
    """Whether asking again may help: not where the deadline is over, nor where the provider says that the request is wrong."""
    status = getattr(error, "status_code", None)
    refused = isinstance(status, int) and 400 <= status < 500 and status not in _PASSING_ERRORS
    return not (refused or isinstance(error, TimeoutError | ChatModelFailed))
