"""What an index says about itself, and the seal that tells whether its files are as they were published."""

import json
import os
from pathlib import Path

from pydantic import BaseModel

from bot.digests import file_digest

CHROMA_FOLDER, CHROMA_DATABASE = "chroma", "chroma.sqlite3"
# Chroma writes into its database whenever it opens it, and the notes of a manifest may change: both are left out of the seal.
_UNSEALED = {CHROMA_DATABASE, "manifest.json"}
_SQLITE_MAGIC = b"SQLite format 3\0"


class Manifest(BaseModel):
    """The facts of one index. `added` are the sources that were named by hand."""

    name: str
    schema_version: int
    encoder: str
    passages: int
    languages: list[str]
    seeds_digest: str
    training_digest: str
    added: list[str]


def seal(folder: Path) -> None:
    """Note what is in every file: a vector file that was cut off would crash the process that reads it."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name not in _UNSEALED)
    digests = {path.relative_to(folder).as_posix(): file_digest(path) for path in sorted(files)}
    write_whole(folder / "seal.json", json.dumps(digests, indent=1))


def check_seal(folder: Path, *, chroma: bool = True) -> None:
    """Raise ValueError or OSError where a file is not as it was published, or Chroma's database was cut off.

    A copy of what a Chroma server holds is without a collection of its own: `chroma=False`.
    """
    for name, digest in json.loads((folder / "seal.json").read_text(encoding="utf-8")).items():
        if (chroma or not name.startswith(f"{CHROMA_FOLDER}/")) and file_digest(folder / name) != digest:
            raise ValueError(f"{name} is not as it was published")
    if chroma:
        _check_database(folder / CHROMA_FOLDER / CHROMA_DATABASE)


def _check_database(path: Path) -> None:
    """Whether all pages of an SQLite file are there, by its header (sqlite.org/fileformat2.html, 1.3)."""
    with path.open("rb") as file:
        head = file.read(100)
    page, pages = int.from_bytes(head[16:18]), int.from_bytes(head[28:32])
    if head[:16] != _SQLITE_MAGIC or path.stat().st_size < (page if page > 1 else 65_536) * pages:
        raise ValueError("the Chroma collection was cut off")


def write_whole(path: Path, text: str) -> None:
    """Replace a file in one step, so that a reader sees the old content or the new one."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
