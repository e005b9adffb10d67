"""The field's terms in both languages: `seeds/glossary.yaml`. Lets a Chinese question find English passages without a model."""

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from bot.errors import SourceErrors, SourceProblem
from bot.text import normalize
from bot.yaml_text import load_yaml


class Term(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: list[str]
    en: list[str]


class Glossary:
    """Chinese terms and what English texts call them."""

    def __init__(self, terms: list[Term]) -> None:
        self._english = {normalize(word): term.en for term in terms for word in term.zh}
        self._longest = max((len(word) for word in self._english), default=0)

    def to_english(self, question: str) -> str:
        """Return the English terms for a Chinese text, longest matches first; digits and Latin words stay.

        `to_english("2022年破获多少案件") == "2022 solved cases"`, roughly; an empty text where no term is known.
        """
        text = normalize(question)
        found: list[str] = []
        place = 0
        while place < len(text):
            size = next((n for n in range(self._longest, 0, -1) if text[place : place + n] in self._english), 0)
            if size:
                found.extend(self._english[text[place : place + size]])
            elif text[place].isascii() and text[place].isalnum():
                size = next((n for n in range(1, len(text) - place) if not text[place + n].isascii() or text[place + n] == " "), 0)
                size = size or len(text) - place
                found.append(text[place : place + size])
            place += max(size, 1)
        return " ".join(dict.fromkeys(found))


def load_glossary(path: Path) -> Glossary:
    """Read the glossary; a folder of seeds without one has none. Raises SourceErrors."""
    if not path.is_file():
        return Glossary([])
    try:
        rows = load_yaml(path.read_text(encoding="utf-8"))
        return Glossary(TypeAdapter(list[Term]).validate_python(rows))
    except (yaml.YAMLError, UnicodeDecodeError, ValidationError) as error:
        raise SourceErrors([SourceProblem(str(path), f"cannot be used ({error}).", "Mend the file.")]) from error
