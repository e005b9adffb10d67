"""The seeds about warning signs: `signals.yaml` (the signs), `wording.yaml` (classes of words, cues), `known_names.yaml` (who is imitated).

Knows no message and no guide.
"""

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bot.contacts import Words
from bot.errors import SourceErrors, SourceProblem
from bot.schema import Language
from bot.yaml_text import load_yaml, read_yaml

Role = Literal["ask", "press", "lure", "pose", "trace"]
CueRole = Literal["pose", "against", "loss", "told", "general", "deny", "excuse"]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Sign(_Row):
    """One warning sign. Weight 3: hardly ever in a genuine message; 1: often in one too."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    name: Words
    why: Words
    scam_types: list[str] = Field(min_length=1)
    guide: str
    weight: int = Field(ge=1, le=3)
    references: list[str] = Field(min_length=1)
    role: Role = "trace"
    patterns: dict[Language, list[str]] = {}
    unless: dict[Language, list[str]] = {}


class Cue(_Row):
    """What is no sign and yet tells something: who is speaking, what speaks against a scam (`says` is shown), what is denied."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    role: CueRole
    says: Words | None = None
    en: list[str] = []
    zh: list[str] = []

    def wordings(self, language: Language) -> list[str]:
        return self.zh if language == "zh" else self.en


class Vocabulary(_Row):
    """The classes of words, by language and name, and the cues."""

    classes: dict[Language, dict[str, list[str]]] = {}
    cues: list[Cue] = []


class KnownName(_Row):
    """A firm or an office that scammers imitate: how addresses write it, and the domains that are its own."""

    names: list[str] = Field(min_length=1)
    domains: list[str] = Field(min_length=1)


class KnownNames(_Row):
    """Whose name stands in an address, and the services that hide where a link leads."""

    names: list[KnownName] = []
    shorteners: list[str] = []
    cheap_endings: list[str] = []
    bait_words: list[str] = []


def load_vocabulary(path: Path) -> Vocabulary:
    """Read the vocabulary; a folder of seeds without one has none. Raises SourceErrors."""
    return read_yaml(path, TypeAdapter(Vocabulary)) if path.is_file() else Vocabulary()


def load_known_names(path: Path) -> KnownNames:
    """Read the known names; a folder of seeds without them has none. Raises SourceErrors."""
    return read_yaml(path, TypeAdapter(KnownNames)) if path.is_file() else KnownNames()


def load_signs(path: Path) -> list[Sign]:
    """Read the signs; a folder of seeds without them has none. Raises SourceErrors with every bad entry."""
    if not path.is_file():
        return []
    try:
        rows = load_yaml(path.read_text(encoding="utf-8")) or []
        return TypeAdapter(list[Sign]).validate_python(rows)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SourceErrors([SourceProblem(str(path), f"is not valid YAML ({error}).", "Mend the file.")]) from error
    except ValidationError as error:
        raise SourceErrors([_problem(path, rows, item["loc"], item["msg"]) for item in error.errors()]) from error


def _problem(path: Path, rows: Any, place: tuple[int | str, ...], message: str) -> SourceProblem:
    if not place or not isinstance(place[0], int):
        return SourceProblem(str(path), "is not a list of signs.", "Start each with `- id: …`.")
    row, field = rows[place[0]], ".".join(map(str, place[1:]))
    name = row.get("id", place[0] + 1) if isinstance(row, dict) else place[0] + 1
    reason = f"the sign {name} has a wrong field `{field}`: {message}."
    return SourceProblem(str(path), reason, "Mend the entry.", _line_of_sign(path, place[0]))


def _line_of_sign(path: Path, number: int) -> int | None:
    """The line where a sign starts, from YAML's own marks, because a sign in error may have no id."""
    node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    return node.value[number].start_mark.line + 1 if isinstance(node, yaml.SequenceNode) else None
