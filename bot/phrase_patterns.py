"""Phrases of the seeds as patterns over normalised text. `*` stands for a few words in English, for a few characters in Chinese."""

import re
from collections.abc import Collection, Iterable

from bot.text import normalize

# A phrase that never matches, for a list without phrases.
NOTHING = r"(?!)"


def english_pattern(phrases: Iterable[str], whole: bool = False, plural: bool = False) -> re.Pattern[str]:
    """Phrases as whole words: `i sent * money` matches "i sent them all my money".

    `whole`: nothing else stands in the text. `plural`: `gift card` matches "gift cards" too.
    """
    parts = [r"\W+(?:[\w']+\W+){0,4}?".join(map(re.escape, phrase.split(" * "))) for phrase in phrases]
    body = "|".join(parts) or NOTHING
    return re.compile(f"^(?:{body})$" if whole else rf"(?<!\w)(?:{body}){'s?' if plural else ''}(?!\w)")


def han_pattern(phrases: Iterable[str], whole: bool = False) -> re.Pattern[str]:
    """Phrases anywhere: `我在*园区` matches "我在那个园区". `whole`: but for a particle, nothing else stands in the text."""
    parts = [".{0,6}".join(map(re.escape, normalize(phrase).split("*"))) for phrase in phrases]
    body = "|".join(parts) or NOTHING
    return re.compile(f"^(?:{body})[啊呀吗呢]?$" if whole else body)


class Phrases:
    """Phrases of both languages. A text without a Latin letter, or without any but ASCII, is not searched for those that need one."""

    def __init__(self, en: Collection[str] = (), zh: Collection[str] = (), whole: bool = False) -> None:
        self._english, self._han = english_pattern(en, whole), han_pattern(zh, whole)
        self._english_has_letters = all(re.search("[a-z]", phrase) for phrase in en)
        self._han_is_foreign = not any(phrase.isascii() for phrase in zh)

    def stand_in(self, text: str) -> bool:
        """Whether one of them stands in a normalised text."""
        if (text.islower() or not self._english_has_letters) and self._english.search(text):
            return True
        return (not text.isascii() or not self._han_is_foreign) and bool(self._han.search(text))
