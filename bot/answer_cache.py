"""Answers to questions that were just asked: for a minute, of one index, under a digest of the question. Off with a size of 0."""

import hashlib
import threading
import time
from collections.abc import Callable, Sequence

from cachetools import TTLCache

from bot.schema import AnswerEvent

# What a visitor wrote is not kept beyond this.
LIFE_S = 60.0

Events = tuple[AnswerEvent, ...]


class AnswerCache:
    """The events of up to `size` answers. `clock` gives seconds."""

    def __init__(self, size: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._events: TTLCache[bytes, Events] = TTLCache(max(size, 1), LIFE_S, clock)
        self._on = size > 0
        self._lock = threading.Lock()

    def get(self, key: bytes) -> Events | None:
        with self._lock:
            return self._events.get(key)

    def put(self, key: bytes, events: Events) -> None:
        if self._on:
            with self._lock:
                self._events[key] = events

    def forget(self) -> None:
        """Let go of what is older than its time to live, whether or not anybody asks."""
        with self._lock:
            self._events.expire()


def key_of(index: str, *parts: str | Sequence[str]) -> bytes:
    """A digest of all that an answer depends on."""
    return hashlib.sha256(repr((index, parts)).encode(errors="replace")).digest()
