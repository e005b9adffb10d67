"""Read `seeds/signals.yaml`, the named warning signs, for the checks. Knows no message and no guide."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bot.contacts import Words
from bot.errors import SourceErrors, SourceProblem
from bot.yaml_text import load_yaml


class Sign(BaseModel):
    """One warning sign. Weight 3: hardly ever in a genuine message; 1: often in one too."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    name: Words
    why: Words
    scam_types: list[str] = Field(min_length=1)
    guide: str
    weight: int = Field(ge=1, le=3)
    references: list[str] = Field(min_length=1)


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
