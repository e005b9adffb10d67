"""[n] in a text -> the passage and the sentence behind it: numbers citations in the order in which they are first used."""

import re
from collections.abc import Iterable

from bot.generation.base import Draft
from bot.passages import cite
from bot.schema import Citation, Language, Sentence

MARK = re.compile(r"\[(\d+)\]")


class Numbering:
    """Gives each cited sentence its number; the same sentence of the same passage keeps it."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, int], int] = {}
        self.citations: list[Citation] = []

    def add(self, draft: Draft) -> tuple[Sentence, tuple[Citation, ...]]:
        """Return the sentence as shown and the citations that are new with it."""
        key = (str(draft.passage.id), draft.sentence)
        new: tuple[Citation, ...] = ()
        if key not in self._numbers:
            self._numbers[key] = len(self._numbers) + 1
            new = (cite(draft.passage, self._numbers[key], draft.sentence),)
            self.citations.extend(new)
        return Sentence(text=draft.text, citations=(self._numbers[key],), heading=draft.heading), new


def marked_text(sentences: Iterable[Sentence], language: Language) -> str:
    """The text of an answer with its marks: `The line is free. [1] It is open all day. [2]`; a heading has a line of its own."""
    glue = "" if language == "zh" else " "
    parts: list[str] = []
    heading = ""
    for s in sentences:
        if s.heading != heading:
            heading = s.heading
            parts.append(f"\n{heading}\n" if parts else f"{heading}\n")
        parts.append(f"{s.text}{glue}{''.join(f'[{n}]' for n in s.citations)}")
    return " ".join(parts).replace("\n ", "\n").replace(" \n", "\n")
