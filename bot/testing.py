"""Doubles for the tests, here and elsewhere: their answers can be worked out by hand, and they need no model and no network."""

import hashlib
from collections.abc import Sequence

import numpy as np

from bot.embeddings import Encoder, Vectors

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
