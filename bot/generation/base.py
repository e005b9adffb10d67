"""What every generator is: passages in, draft sentences out, each with the place that supports it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from langchain_core.documents import Document

from bot.retrieval.hybrid import Found
from bot.understanding import Query

EXTRACTIVE = "extractive"


@dataclass(frozen=True)
class Draft:
    """A sentence that a generator would show, the sentence of a passage that it rests on, and who wrote or chose it.

    `notice` is the key of a quiet line that an answer with this draft carries, such as that the chat model was not to be had.
    """

    text: str
    passage: Document
    sentence: int
    writer: str = EXTRACTIVE
    notice: str = ""
    heading: str = ""

    def under(self, heading: str) -> "Draft":
        """The same draft in a part of the answer that has a heading."""
        return replace(self, heading=heading)


class Generator(Protocol):
    """Conformance: every draft names a passage of the index and a sentence that stands in it, and says that or what the guard lets pass."""

    name: str

    def write(self, query: Query, found: Found) -> Iterator[Draft]: ...

    def has_more(self, query: Query, found: Found, shown: Iterable[str]) -> bool: ...
