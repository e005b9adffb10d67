"""What to read: `seeds/sources.yaml` and addresses given by hand, resolved to single files and addresses.

    sources:
      - path: guides/en/*.md        # or `url: https://…`; a glob gives one source a file
        kind: guide
        publisher: Ringwise
        …
"""

import datetime
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.errors import SourceErrors, SourceProblem
from bot.schema import Language

Kind = Literal["article", "guide", "document"]


class SourceEntry(BaseModel):
    """One entry of sources.yaml, as written there. Guides bring title and date in their front matter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str | None = None
    url: str = ""
    id: str | None = None
    kind: Kind
    publisher: str = Field(min_length=1)
    title: str | None = None
    date: datetime.date | Literal["undated"] | None = None
    language: Language
    licence: str = Field(min_length=1)

    @model_validator(mode="after")
    def _is_findable(self) -> "SourceEntry":
        if not self.path and not self.url:
            raise ValueError("needs a path or a url")
        if self.kind != "guide" and (self.title is None or self.date is None):
            missing = " and ".join(name for name in ("title", "date") if getattr(self, name) is None)
            raise ValueError(f"needs {missing}")
        return self


@dataclass(frozen=True)
class Source:
    """One file or address to read, with what is known of it beforehand."""

    location: str
    entry: SourceEntry
    file: Path | None = None
    added: bool = field(default=False, compare=False)

    @property
    def source_id(self) -> str:
        if self.entry.id:
            return self.entry.id
        return self.file.stem if self.file else self.location


class _LineLoader(yaml.SafeLoader):
    """A YAML loader that notes in which line each mapping starts."""


def _mapping_with_line(loader: _LineLoader, node: yaml.MappingNode) -> dict[str, Any]:
    mapping: dict[str, Any] = loader.construct_mapping(node, deep=True)  # type: ignore[assignment]
    mapping["__line__"] = node.start_mark.line + 1
    return mapping


def _text(loader: _LineLoader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


_LineLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping_with_line)
# A date stays text until its field is checked: YAML's own reader stops at 2024-13-45 without naming the line.
_LineLoader.add_constructor("tag:yaml.org,2002:timestamp", _text)


def list_sources(seeds: Path) -> list[Source]:
    """Read `sources.yaml` and resolve its globs; all problems are raised together as SourceErrors."""
    sources, problems = find_sources(seeds)
    if problems:
        raise SourceErrors(problems)
    return sources


def find_sources(seeds: Path) -> tuple[list[Source], list[SourceProblem]]:
    """The same, with the problems beside the sources that have none. A file that cannot be read at all raises SourceErrors."""
    file = seeds / "sources.yaml"
    problems: list[SourceProblem] = []
    sources: list[Source] = []
    for row in _read_rows(file):
        line = row.pop("__line__", None)
        try:
            sources.extend(_resolve(SourceEntry.model_validate(row), seeds))
        except ValidationError as error:
            problems.extend(_entry_problems(file, line, error))
        except FileNotFoundError as error:
            problems.append(SourceProblem(str(file), str(error), "Correct the path or remove the entry.", line))
    ids: set[tuple[str, str]] = set()
    for source in sources:
        key = (source.source_id, source.entry.language)
        if key in ids:
            problems.append(SourceProblem(source.location, f"has the id {key[0]} of another source.", "Give it an `id`."))
        ids.add(key)
    return sources, problems


def _read_rows(file: Path) -> list[dict[str, Any]]:
    try:
        data = yaml.load(file.read_text(encoding="utf-8"), Loader=_LineLoader)
    except FileNotFoundError as error:
        raise SourceErrors([SourceProblem(str(file), "is missing.", "Restore it or set RINGWISE_SEEDS_DIR.")]) from error
    except UnicodeDecodeError as error:
        raise SourceErrors([SourceProblem(str(file), "is not UTF-8.", "Save it as UTF-8.")]) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else None
        raise SourceErrors([SourceProblem(str(file), "is not valid YAML.", "Mend the line.", line)]) from error
    rows = data.get("sources") if isinstance(data, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SourceErrors([SourceProblem(str(file), "has no list `sources`.", "Write `sources:` and a list of entries.")])
    return rows


def _entry_problems(file: Path, line: int | None, error: ValidationError) -> list[SourceProblem]:
    """One problem a field: a field that may hold one of several kinds of value brings an error for each kind."""
    reasons: dict[str, str] = {}
    for item in error.errors():
        name = str(item["loc"][0]) if item["loc"] else ""
        what = f"the field `{name}` is wrong: {item['msg']}." if name else f"the entry is wrong: {item['msg']}."
        reasons.setdefault(name, f"the field `{name}` is missing." if item["type"] == "missing" else what)
    return [SourceProblem(str(file), reason, "Mend the entry.", line) for reason in reasons.values()]


def _resolve(entry: SourceEntry, seeds: Path) -> list[Source]:
    if entry.path is None:
        return [Source(entry.url, entry)]
    whole = seeds / entry.path  # an absolute path stays as it is
    root = Path(whole.anchor) if Path(entry.path).is_absolute() else seeds
    files = sorted(root.glob(str(whole.relative_to(root))))
    if not all(path.is_file() for path in files) or not files:
        raise FileNotFoundError(f"there is no file {whole}.")
    return [Source(str(path.relative_to(root) if root == seeds else path), entry, path) for path in files]


def source_by_hand(location: str) -> Source:
    """A source named on the command line; title and language are taken from its text when it is read."""
    is_url = location.lower().startswith(("http://", "https://"))
    path = None if is_url else Path(location).resolve()
    name = location if path is None else path.stem or str(path)
    entry = SourceEntry(
        path=None if path is None else str(path),
        url=location if path is None else "",
        kind="document",
        publisher=name if path is not None else location.split("/")[2] or location,
        title=name,
        date="undated",
        language="en",
        licence="unknown",
    )
    return Source(location if path is None else str(path), entry, path, added=True)
