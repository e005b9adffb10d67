"""The wording of the seeds as regular expressions. Knows no sign.

A wording is written as people say it, with `{class}` for a class of words, ` ..4 ` for up to four words (Chinese: characters) in
between within one sentence, and `(a|b)`, `?`, `[…]`, `\\d` as in a regular expression. RE2 compiles it, because a visitor may paste
anything: its time grows with the length of the message alone, whatever stands in it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import re2

from bot.schema import Language

WordClasses = Mapping[str, Sequence[str]]

_CLASS = re.compile(r"\{([a-z_]+)\}")
_GAP = {"en": re.compile(r" \.\.(\d+) "), "zh": re.compile(r"\.\.(\d+)")}
_EN_GAP = r"(?:[^\w.!?;\n]+[\w'%]+){0,MOST}[^\w.!?;\n]+"
_ZH_GAP = r"[^。!?;\n]{0,MOST}"
_EN_SPACE, _EN_NO_SPACE = r"[^\w.!?;]{1,3}", r"[^\w.!?;]{0,3}"
_WORD = re.compile(r"[a-z]{3,}")
# RE2 gives up its fast automaton above this and goes on with a slower one; the largest sign needs about 20 megabytes on long texts.
_MEMORY = 64 << 20


@dataclass(frozen=True)
class Text:
    """A folded text as bytes, with the place of each byte, since RE2 counts bytes."""

    raw: bytes
    places: Sequence[int]

    @classmethod
    def of(cls, text: str) -> "Text":
        raw = text.encode("utf-8", errors="replace")
        if len(raw) == len(text):
            return cls(raw, range(len(text) + 1))
        places: list[int] = []
        for place, character in enumerate(text):
            places.extend([place] * len(character.encode("utf-8", errors="replace")))
        return cls(raw, [*places, len(text)])


class Wording:
    """The wordings of one sign or cue in one language, as one expression."""

    def __init__(self, wordings: Sequence[str], classes: WordClasses, language: Language) -> None:
        body = "|".join(_expression(wording, classes, language) for wording in wordings)
        framed = rf"\b(?:{body})\b" if language == "en" else f"(?:{body})"
        options = re2.Options()
        options.max_mem, options.log_errors = _MEMORY, False
        self._compiled: Any = re2.compile(framed.encode(), options)

    def spans(self, text: Text, most: int) -> Iterator[tuple[int, int]]:
        """Where the wordings stand in a folded text, the first `most` of them."""
        for match in self._compiled.finditer(text.raw):
            start, end = match.span()
            if end > start:
                yield text.places[start], text.places[end - 1] + 1
                most -= 1
            if not most:
                return

    def search(self, text: Text) -> bool:
        return self._compiled.search(text.raw) is not None


def _expression(wording: str, classes: WordClasses, language: Language) -> str:
    text = wording
    while found := _CLASS.search(text):  # classes may be made of classes
        text = text[: found.start()] + f"(?:{'|'.join(classes[found.group(1)])})" + text[found.end() :]
    if language == "zh":
        return _GAP["zh"].sub(lambda gap: _ZH_GAP.replace("MOST", gap.group(1)), text.replace(" ?", r"\s?").replace(" ", ""))
    parts = _GAP["en"].split(text)
    spaced = [part.replace(" ?", _EN_NO_SPACE).replace(" ", _EN_SPACE) for part in parts[::2]]
    gaps = [_EN_GAP.replace("MOST", most) for most in parts[1::2]]
    return "".join(piece for pair in zip_longest(spaced, gaps, fillvalue="") for piece in pair)


def words_of(wordings: Sequence[str], classes: WordClasses) -> frozenset[str]:
    """The Latin words of some wordings: those for which digits are read as letters."""
    texts = [*wordings, *(word for words in classes.values() for word in words)]
    return frozenset(word for text in texts for word in _WORD.findall(re.sub(r"\\[a-z]|\{[a-z_]+\}", " ", text)))
