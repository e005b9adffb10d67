"""Doubles for the tests, here and elsewhere: their answers can be worked out by hand, and they need no model and no network."""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.documents import Document
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field

from bot.embeddings import Encoder, Vectors
from bot.groundedness import Finding, Guard
from bot.text import tokenize

# Enough for words of 1 to 15 letters; longer ones share the last place.
_LONGEST_WORD = 15


class WordLengthEncoder(Encoder):
    """Counts words by length: "we are it" is (0, 2, 1, 0, …), scaled to length 1. A token is a word, plus two as in BERT."""

    def __init__(self, name: str = "word-length", max_tokens: int = 256) -> None:
        self.fingerprint = hashlib.sha256(name.encode()).hexdigest()[:16]
        self.max_tokens = max_tokens
        self.encoded: list[str] = []
        """Every text that was encoded, in order."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.encoded.extend(texts)
        rows = np.zeros((len(texts), _LONGEST_WORD), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.split() or ["x"]:
                row[min(len(word), _LONGEST_WORD) - 1] += 1
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)

    def count_tokens(self, text: str) -> int:
        return len(text.split()) + 2


class PowerCut(Exception):
    """What BreakingEncoder raises: nobody catches it on the way."""


class BreakingEncoder(WordLengthEncoder):
    """Encodes so many texts, then breaks off, as a process does that is ended midway."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self._after = after

    def encode(self, texts: Sequence[str]) -> Vectors:
        if len(self.encoded) + len(texts) > self._after:
            raise PowerCut
        return super().encode(texts)


class WordGuard(Guard):
    """Supports a text each of whose words and numbers stands in the passage, in whatever order: fair paraphrases made of its words."""

    def check(self, text: str, passage: Document) -> Finding:
        words = set(tokenize(text))
        if missing := sorted(words - set(tokenize(passage.page_content))):
            return Finding(False, f"not in the passage: {', '.join(missing)}")
        shared = [len(words & set(tokenize(sentence))) for sentence in passage.metadata["sentences"]]
        return Finding(True, sentence=shared.index(max(shared)))


class AgreeableGuard(Guard):
    """Supports everything, by the first sentence: shows what is kept back before a guard is asked."""

    def check(self, text: str, passage: Document) -> Finding:
        return Finding(True, sentence=0)


class ScriptedModel(BaseChatModel):
    """A chat model that replies by a script: each call takes the next reply, the last one again and again.

    A reply is made of pieces: a text is sent, a number is a wait in seconds, a dictionary is the provider's count of tokens, and an
    exception is raised. Instead of pieces, a reply may be a function that makes them from the prompt.
    """

    replies: list[Any]
    prompts: list[list[str]] = Field(default_factory=list)
    """The messages of every call, in order."""
    sent: list[str] = Field(default_factory=list)
    """Every piece of text that was taken from it."""

    @property
    def heard(self) -> list[str]:
        """Every prompt that it was given, as one text each."""
        return ["\n".join(messages) for messages in self.prompts]

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: CallbackManagerForLLMRun | None = None, **kwargs: Any
    ) -> ChatResult:
        text = "".join(chunk.text for chunk in self._stream(messages))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=text))])

    def _stream(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: CallbackManagerForLLMRun | None = None, **kwargs: Any
    ) -> Iterator[ChatGenerationChunk]:
        reply: Iterable[Any] | Callable[[str], Iterable[Any]] = self.replies[min(len(self.prompts), len(self.replies) - 1)]
        self.prompts.append([message.text for message in messages])
        for piece in reply(self.heard[-1]) if callable(reply) else reply:
            if isinstance(piece, Exception):
                raise piece
            if isinstance(piece, str):
                self.sent.append(piece)
                yield ChatGenerationChunk(message=AIMessageChunk(content=piece))
            elif isinstance(piece, dict):
                usage = {**piece, "total_tokens": sum(piece.values())}
                yield ChatGenerationChunk(message=AIMessageChunk(content="", usage_metadata=usage))  # type: ignore[arg-type]
            else:
                time.sleep(piece)
