"""How much is worked on at once: so many answers, so many waiting, and each only so long. Knows no question.

An answer is made in a thread, since the assistant is synchronous. When nobody waits for it any longer, its next step is not begun.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import TypeVar

import anyio
from anyio import to_thread

from bot.web.refusals import Overloaded

T = TypeVar("T")
_END = object()


class Workload:
    """At most `at_once` answers are worked on; twice as many again may wait; whoever comes then is turned away."""

    def __init__(self, at_once: int, timeout_s: float) -> None:
        self._at_once = at_once
        self._timeout_s = timeout_s
        self._here = 0
        self._free: anyio.Semaphore | None = None

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place to work in. Raises Overloaded where all are taken and the queue is full."""
        if self._here >= 3 * self._at_once:
            raise Overloaded()
        if self._free is None:  # belongs to the running loop, so it is made inside of it
            self._free = anyio.Semaphore(self._at_once)
        self._here += 1
        try:
            async with self._free:
                yield
        finally:
            self._here -= 1

    async def each(self, events: Iterator[T]) -> AsyncIterator[T]:
        """Yield from a synchronous iterator, step by step in a thread. Raises Overloaded when the time is up."""
        deadline = anyio.current_time() + self._timeout_s
        while True:
            event = await self._within(deadline, lambda: next(events, _END))
            if event is _END:
                return
            yield event  # type: ignore[misc]

    async def once(self, work: Callable[[], T]) -> T:
        """The result of one piece of work. Raises Overloaded when the time is up."""
        return await self._within(anyio.current_time() + self._timeout_s, work)

    async def _within(self, deadline: float, work: Callable[[], T]) -> T:
        with anyio.CancelScope(deadline=deadline) as scope:
            return await to_thread.run_sync(work, abandon_on_cancel=True)
        assert scope.cancelled_caught
        raise Overloaded("too_slow")
