"""The words of the interface: one JSON file a language in `locales/`, with the same keys. Knows no component that uses them."""

import json
from functools import cache
from importlib import resources

from bot.errors import InvalidInput
from bot.schema import LANGUAGES, Language


class Locale:
    """The words of one language: `load_locale("en").text("ask")`."""

    def __init__(self, language: Language, words: dict[str, str]) -> None:
        self.language = language
        self.words = words

    def text(self, key: str, **values: object) -> str:
        """Return the words under a key with its {placeholders} filled; an unknown key is a KeyError."""
        return self.words[key].format(**values)

    def texts(self, prefix: str) -> list[str]:
        """Return all words whose key starts with `prefix.`, in the order of the file."""
        return [words for key, words in self.words.items() if key.startswith(f"{prefix}.")]


def language_named(name: str) -> Language:
    """The language that someone wrote, in either case. Raises InvalidInput, which lists the right ones."""
    for language in LANGUAGES:
        if name.lower() == language:
            return language
    raise InvalidInput("unknown_language", f"There is no language {name!r}.", f"Use one of: {', '.join(LANGUAGES)}.")


@cache
def load_locale(language: Language) -> Locale:
    file = resources.files("bot") / "locales" / f"{language}.json"
    return Locale(language, json.loads(file.read_text(encoding="utf-8")))


def shown_date(date: str, locale: Locale) -> str:
    """The date of a source as a reader sees it."""
    return locale.text("source.undated") if date == "undated" else date
