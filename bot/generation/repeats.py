"""Has this been said already in the same answer, in these or nearly these words?"""

from bot.text import tokenize

# Of two sentences one of which has this share of the other's words, the second says nothing new.
_REPEATED = 0.85


class Said:
    """Remembers the sentences of one answer by their words."""

    def __init__(self) -> None:
        self._sentences: list[set[str]] = []

    def add(self, text: str) -> bool:
        """Remember a sentence; whether it is new."""
        words = set(tokenize(text))
        new = not any(len(words & before) >= _REPEATED * min(len(words), len(before)) for before in self._sentences)
        if new and words:
            self._sentences.append(words)
        return new
