"""The folder of a FAQ: one Markdown file an entry, front matter and text, made for git and for a person who reviews it.

What a reviewer may change: the text, and `status`, `reviewer`, `reviewed_on`. A file is written whole or not at all.
"""

import re
from collections.abc import Iterator
from html import escape, unescape
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from bot.errors import SourceErrors, SourceProblem, Unavailable
from bot.schema import FAQEntry
from bot.yaml_text import load_yaml

_FASTEST: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_FILE = re.compile(r"\A---\n(?P<facts>.*?)\n---\n+# (?P<question>[^\n]*)\n+(?P<text>.*)\Z", re.DOTALL)
_UNFINISHED = ".part"


class _Dumper(_FASTEST):  # type: ignore[misc]
    """Writes passages and differences line by line, as a person and git read them."""


def _as_lines(dumper: Any, text: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _as_lines)


class EntryFolder:
    """The entries under `entries/<language>/`, by id."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "entries"

    def path(self, entry: FAQEntry) -> Path:
        return self.folder / entry.language / f"{entry.id}.md"

    def read(self, entry_id: str, language: str) -> FAQEntry | None:
        """The entry as it stands in its file; None without a file. Raises SourceErrors for one that was damaged."""
        path = self.folder / language / f"{entry_id}.md"
        return _parsed(path) if path.is_file() else None

    def all(self) -> list[FAQEntry]:
        """Every entry, by language and id. Raises SourceErrors that name every damaged file."""
        entries: list[FAQEntry] = []
        problems: list[SourceProblem] = []
        for path in sorted(self.folder.glob("*/*.md")):
            try:
                entries.append(_parsed(path))
            except SourceErrors as error:
                problems.extend(error.problems)
        if problems:
            raise SourceErrors(problems)
        return entries

    def write(self, entry: FAQEntry) -> None:
        write_whole(self.path(entry), as_markdown(entry))

    def sweep(self) -> None:
        """Take away what a killed run has left half written."""
        for path in self.folder.parent.rglob(f"*{_UNFINISHED}") if self.folder.parent.is_dir() else ():
            path.unlink(missing_ok=True)


def write_whole(path: Path, content: str | bytes) -> None:
    """Replace a file in one step. Raises Unavailable."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}{_UNFINISHED}")
        beside.write_bytes(content.encode() if isinstance(content, str) else content)
        beside.replace(path)
    except OSError as error:
        raise Unavailable("unwritable", f"{path} cannot be written: {error.strerror}.", "Choose another folder with --out.") from error


def as_markdown(entry: FAQEntry) -> str:
    """The file of an entry. Text is escaped, so that a page made from it by other tools holds no markup of a source."""
    facts = entry.model_dump(mode="json", exclude={"question", "text", "citations"})
    facts["citations"] = [citation.model_dump(mode="json", exclude={"passage"}) for citation in entry.citations]
    facts["passages"] = {citation.passage_id: citation.passage for citation in entry.citations}
    head = yaml.dump(facts, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)
    return f"---\n{head}---\n# {_safe(entry.question)}\n\n{_safe(entry.text)}\n"


def _safe(text: str) -> str:
    return escape(text, quote=False).replace("](", "]\\(")


def _read(text: str) -> str:
    return unescape(text.replace("]\\(", "](")).strip()


def _parsed(path: Path) -> FAQEntry:
    try:
        found = _FILE.match(path.read_text(encoding="utf-8").replace("\r\n", "\n"))
        if found is None:
            raise ValueError("it needs front matter between two lines of ---, then a line with # and the question")
        facts: Any = load_yaml(found["facts"])
        passages = facts.pop("passages")
        facts["citations"] = [{**citation, "passage": passages[citation["passage_id"]]} for citation in facts["citations"]]
        for day in ("answered_on", "reviewed_on"):  # unquoted by a reviewer, a day is read as a date
            facts[day] = str(facts[day] or "")
        return FAQEntry.model_validate({**facts, "question": _read(found["question"]), "text": _read(found["text"])})
    except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError, ValidationError) as error:
        raise SourceErrors([SourceProblem(str(path), f"is no entry ({error}).", "Mend it, or delete it and run again.")]) from error


def lines_of(text: str) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    """The lines of an entry's text as (kind, words, citation numbers); kind is `heading`, `item` or `paragraph`."""
    for line in text.splitlines():
        words = re.sub(r"\s*\[\d+\]", "", line).strip()
        numbers = tuple(int(number) for number in re.findall(r"\[(\d+)\]", line))
        if words.startswith("## "):
            yield "heading", words[3:], numbers
        elif words.startswith("- "):
            yield "item", words[2:], numbers
        elif words:
            yield "paragraph", words, numbers
