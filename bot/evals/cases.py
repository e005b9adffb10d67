"""Evaluation questions: `seeds/evals/*.yaml`, each with the guides and sections that rightly answer it.

Questions were written without looking at what the retriever returns. A third of them are the test split: nothing is tuned on it.
"""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from bot.schema import Language
from bot.yaml_text import read_yaml


class Case(BaseModel):
    """One question. `quote` is the sentence that answers it, where there is exactly one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    question: str
    language: Language
    answerable: bool
    sources: list[str]
    sections: list[str]
    quote: str | None = None
    split: Literal["dev", "test"]


def load_cases(folder: Path) -> list[Case]:
    """Read every file of questions in the folder, in the order of their names. Raises SourceErrors."""
    cases: list[Case] = []
    for file in sorted(folder.glob("*.yaml")):
        cases.extend(read_yaml(file, TypeAdapter(list[Case])))
    return cases
