"""Parse YAML with libyaml where PyYAML was built with it: ten times faster, and the seeds have thousands of lines."""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from bot.errors import SourceErrors, SourceProblem

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

T = TypeVar("T")


def load_yaml(text: str) -> Any:
    """Like `yaml.safe_load`; raises yaml.YAMLError."""
    return yaml.load(text, Loader=_LOADER)


def read_yaml(path: Path, kind: TypeAdapter[T]) -> T:
    """Read a YAML file that must be of a kind: `read_yaml(path, TypeAdapter(list[Term]))`. Raises SourceErrors."""
    try:
        return kind.validate_python(load_yaml(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError, ValidationError) as error:
        raise SourceErrors([SourceProblem(str(path), f"cannot be used ({error}).", "Mend the file.")]) from error
