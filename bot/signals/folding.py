"""A message as it is compared: one way to write each letter, with the place of each in the original. Knows no wording.

`fold("驗\u200b 證 碼").text == "验证码"`, and its span (0, 3) is (0, 6) of the original. Disguises are undone: full width, invisible and
bidirectional characters, accents, letters of other scripts that look Latin, s p a c e d letters, signs between Chinese characters,
and digits for letters where a known word comes out.
"""

import re
import unicodedata
from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache

from bot.text import HAN, simplify

# Letters of other scripts that are drawn like Latin ones (from the confusables of Unicode TR 39, the ones met in messages).
_LOOK_ALIKES = {
    ord(letter): latin
    for latin, letters in {
        "a": "аάα", "b": "вβ", "c": "с", "d": "ԁ", "e": "еєёεѐ", "h": "һн", "i": "іїίιɩ", "j": "ј", "k": "кκ", "l": "ӏ", "m": "м",
        "n": "пη", "o": "оοό", "p": "рρ", "q": "ԛ", "r": "г", "s": "ѕ", "t": "тτ", "u": "υ", "v": "ѵν", "w": "ѡԝ", "x": "хχ",
        "y": "уγ", "'": "‘’‛`´", '"': "“”„«»", "-": "‐‑‒–—―−",
    }.items()
    for letter in letters
}  # fmt: skip
_DIGIT_LETTERS = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "!": "i", "|": "l"}
_BETWEEN_HAN = re.compile(rf"(?<=[{HAN}])[ .*_\-~|/+=^\"'`<>□■◆●○☆★ⅰ]{{1,3}}(?=[{HAN}])")
_SPACED = re.compile(r"(?<![a-z0-9])[a-z](?:[ .*_\-][a-z]){3,}(?![a-z0-9])")
_MIXED = re.compile(r"(?<![\w@.:/-])(?=[\w@$!|]*[0134578@$!|])(?=[\w@$!|]*[a-z])[a-z0134578@$!|]{3,24}(?![\w@/:-]|\.\w)")
_DROPPED = {"Cf", "Cc", "Mn", "Me", "Cs", "Co", "Cn"}
_PICTURES = {"So", "Sk"}


@dataclass(frozen=True)
class Folded:
    """The folded text; `places[n]` is where its character n stands in the original, `length` how long that is."""

    text: str
    places: tuple[int, ...]
    length: int

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of the folded text, not empty, stands in the original."""
        return self.places[start], self.places[end - 1] + 1


def fold(text: str, known_words: Set[str] = frozenset()) -> Folded:
    """Fold a message; `known_words` are those for which digits are read as letters."""
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for letter in _folded(character):
            if letter == " " and letters and letters[-1] in " \n":
                continue
            letters.append(letter)
            places.append(place)
    folded = "".join(letters)
    folded, places = _without(folded, places, _BETWEEN_HAN, "")
    folded, places = _without(folded, places, _SPACED, " .*_-")
    return Folded(_digits_as_letters(folded, known_words), tuple(places), len(text))


@lru_cache(maxsize=20_000)
def _folded(character: str) -> str:
    if character in "\n\r\u2028\u2029":
        return "\n"
    if character.isspace():
        return " "
    category = unicodedata.category(character)
    if category in _DROPPED:
        return ""
    if category in _PICTURES and unicodedata.normalize("NFKC", character) == character:
        return " "  # an emoji parts words as a space does
    plain = "".join(part for part in unicodedata.normalize("NFKD", character) if unicodedata.category(part) not in _DROPPED)
    plain = plain.lower().translate(_LOOK_ALIKES)
    return simplify(plain)[:4]


def _without(text: str, places: list[int], pattern: re.Pattern[str], gaps: str) -> tuple[str, list[int]]:
    """Drop what a pattern matches, or only the given characters within it."""
    drop: set[int] = set()
    for match in pattern.finditer(text):
        drop.update(n for n in range(*match.span()) if not gaps or text[n] in gaps)
    if not drop:
        return text, places
    keep = [n for n in range(len(text)) if n not in drop]
    return "".join(text[n] for n in keep), [places[n] for n in keep]


def _digits_as_letters(text: str, known_words: Set[str]) -> str:
    """Read `c0de` as code and `passw0rd` as password, letter for letter, where the word is known."""

    def read(match: re.Match[str]) -> str:
        word = match.group()
        for one in "il":
            plain = "".join(one if letter == "1" else _DIGIT_LETTERS.get(letter, letter) for letter in word)
            if plain in known_words or (plain.rstrip("i") in known_words and len(plain) == len(word) and word.endswith("!")):
                return plain if plain in known_words else plain[: len(word.rstrip("!"))] + word[len(word.rstrip("!")) :]
        return word

    return _MIXED.sub(read, text) if known_words else text
