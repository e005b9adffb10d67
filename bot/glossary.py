"""The field's terms in both languages: `seeds/glossary.yaml`. Lets a Chinese question find English passages without a model."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from bot.text import normalize
from bot.yaml_text import read_yaml


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
    return Glossary(read_yaml(path, TypeAdapter(list[Term])) if path.is_file() else [])
