"""Read an iterator until a deadline, whatever it is waiting for. Knows nothing of models.

A provider's own time-out counts from one byte to the next, so that a model which sends a word a second never meets it. Hence a thread
that reads, and can be left behind: it ends at its next piece, or with the provider's time-out.
"""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TypeVar

Piece = TypeVar("Piece")


@dataclass(frozen=True)
class _Ended:
    error: Exception | None = None


def read_until(deadline: float, open_pieces: Callable[[], Iterator[Piece]]) -> Iterator[Piece]:
    """Yield the pieces; raise what reading them raises, and TimeoutError once `time.monotonic()` has passed the deadline."""
    arrived: SimpleQueue[Piece | _Ended] = SimpleQueue()
    left_behind = threading.Event()

    def read() -> None:
        try:
            for piece in open_pieces():
                if left_behind.is_set():
                    return
                arrived.put(piece)
            arrived.put(_Ended())
        except Exception as error:
            arrived.put(_Ended(error))

    threading.Thread(target=read, daemon=True, name="chat-model").start()
    try:
        while (seconds := deadline - time.monotonic()) > 0:
            try:
                piece = arrived.get(timeout=seconds)
            except Empty:
                break
            if isinstance(piece, _Ended):
                if piece.error:
                    raise piece.error
                return
            yield piece
        raise TimeoutError
    finally:
        left_behind.set()
