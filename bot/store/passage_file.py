"""The passages of an index as a file of JSON lines: a copy of what stands in Chroma, read several times as fast and without Chroma."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from langchain_core.documents import Document

_NAME = "passages.jsonl"


def write_passages(folder: Path, passages: Sequence[Document]) -> None:
    with (folder / _NAME).open("w", encoding="utf-8") as file:
        for passage in passages:
            row = {"id": passage.id, "text": passage.page_content, "metadata": passage.metadata}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def read_passages(folder: Path) -> Iterator[Document]:
    """Raises OSError, ValueError or KeyError where the file is damaged."""
    with (folder / _NAME).open(encoding="utf-8", newline="\n") as file:
        for line in file:
            row = json.loads(line)
            yield Document(id=row["id"], page_content=row["text"], metadata=row["metadata"])
