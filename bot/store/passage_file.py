"""The passages of an index as a file of JSON lines: a copy of what stands in Chroma, read several times as fast and without Chroma."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from langchain_core.documents import Document

_NAME = "passages.jsonl"


def write_passages(folder: Path, passages: Sequence[Document]) -> None:
    with (folder / _NAME).open("w", encoding="utf-8") as file:
        for passage in passages:
            row = {"id": passage.id, "text": passage.page_content, "metadata": passage.metadata}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def read_passages(folder: Path) -> Iterator[Document]:
    """The passages in their order; equal values are one object, since a guide's title, aliases and sources stand in each of its passages.

    Raises OSError, ValueError or KeyError where the file is damaged.
    """
    same: dict[str, Any] = {}
    with (folder / _NAME).open(encoding="utf-8", newline="\n") as file:
        for line in file:
            row = json.loads(line)
            metadata = {name: same.setdefault(repr(value), value) for name, value in row["metadata"].items()}
            yield Document(id=row["id"], page_content=row["text"], metadata=metadata)
