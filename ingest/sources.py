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


_LineLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping_with_line)


def list_sources(seeds: Path) -> list[Source]:
    """Read `sources.yaml` and resolve its globs; all problems are raised together as SourceErrors."""
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
    if problems:
        raise SourceErrors(problems)
    return sources


def _read_rows(file: Path) -> list[dict[str, Any]]:
    try:
        data = yaml.load(file.read_text(encoding="utf-8"), Loader=_LineLoader)  # noqa: S506  (a SafeLoader)
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
    problems = []
    for item in error.errors():
        place = ".".join(str(part) for part in item["loc"] if part != "undated" and "date" not in str(part)[1:])
        what = f"the field `{place}` is wrong: {item['msg']}." if place else f"the entry is wrong: {item['msg']}."
        what = f"the field `{place}` is missing." if item["type"] == "missing" else what
        problems.append(SourceProblem(str(file), what, "Mend the entry.", line))
    return problems


def _resolve(entry: SourceEntry, seeds: Path) -> list[Source]:
    if entry.path is None:
        return [Source(entry.url, entry)]
    pattern = entry.path
    files = sorted(seeds.glob(pattern)) if any(sign in pattern for sign in "*?[") else [seeds / pattern]
    missing = [path for path in files if not path.is_file()]
    if missing:
        raise FileNotFoundError(f"there is no file {missing[0]}.")
    return [Source(str(path.relative_to(seeds)), entry, path) for path in files]


def source_by_hand(location: str, language: Language) -> Source:
    """A source named on the command line; what is not known of it is taken from the text itself."""
    is_url = location.startswith(("http://", "https://"))
    path = None if is_url else Path(location)
    name = location if path is None else path.stem
    entry = SourceEntry(
        path=None if path is None else location,
        url=location if path is None else "",
        kind="document",
        publisher=name if path is not None else location.split("/")[2],
        title=name,
        date="undated",
        language=language,
        licence="unknown",
    )
    return Source(location, entry, path, added=True)
