"""Phrases of the seeds as patterns over normalised text. `*` stands for a few words in English, for a few characters in Chinese."""

import re
from collections.abc import Iterable

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
