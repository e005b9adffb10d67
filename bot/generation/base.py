"""What every generator is: passages in, draft sentences out, each with the place that supports it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from langchain_core.documents import Document

from bot.retrieval.hybrid import Found
from bot.understanding import Query


@dataclass(frozen=True)
class Draft:
    """A sentence that a generator would show, the sentence of a passage that it rests on, and who chose it."""

    text: str
    passage: Document
    sentence: int
    writer: str = "extractive"
    heading: str = ""

    def under(self, heading: str) -> "Draft":
        """The same draft in a part of the answer that has a heading."""
        return replace(self, heading=heading)


class Generator(Protocol):
    """Conformance: every draft names a passage of the index and a sentence that stands in it."""

    name: str

    def write(self, query: Query, found: Found) -> Iterator[Draft]: ...

    def has_more(self, query: Query, found: Found, shown: Iterable[str]) -> bool: ...
