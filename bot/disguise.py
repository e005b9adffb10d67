"""What a text says under its disguise: zero-width characters, look-alike letters, digits for letters, gaps, base64, hex, rot13, reversed.

Only for judging what is asked. No reading of a disguise is ever answered or shown.
"""

import base64
import binascii
import codecs
import re
import unicodedata
from collections.abc import Iterator

from bot.text import HAN, normalize

_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]")
# Letters of other scripts that look like Latin ones: the most usual of Unicode's confusables (UTS 39).
_LOOK_ALIKE = str.maketrans("аеорсухіјѕԁһӏгтмнвкαοερτυικνβɡ", "aeopcyxijsdhlrtmhbkaoeptuikvbg")
_LEET = str.maketrans("013457@$!", "oieastasi")
_GAPS = r"[\s.\-_*~·•|/]"
_SPACED_LATIN = re.compile(rf"(?<![a-z0-9])(?:[a-z0-9]{_GAPS}{{1,3}}){{3,}}[a-z0-9](?![a-z0-9])")
_SPACED_HAN = re.compile(rf"(?<=[{HAN}]){_GAPS}+(?=[{HAN}])")
_BETWEEN_WORDS = re.compile(r"(?<=[a-z])[.\-_*~|]+(?=[a-z])")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{16,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){8,}")
_MOST_READABLE = 4_000


def undisguised(text: str) -> list[str]:
    """The text as it stands and under each disguise that it may wear, normalised, each reading once."""
    readings = dict.fromkeys([normalize(text)])
    for plain in [text, *_decoded(text)]:
        folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", plain))[:_MOST_READABLE]
        closed = _SPACED_LATIN.sub(_without_gaps, folded.lower())  # before normalising, which makes two spaces one
        for reading in (folded, closed):
            readings.update(dict.fromkeys(_readings(normalize(reading).translate(_LOOK_ALIKE))))
    return list(readings)


def _readings(text: str) -> Iterator[str]:
    yield text
    yield _SPACED_HAN.sub("", text)
    yield _BETWEEN_WORDS.sub(" ", text)
    yield text.translate(_LEET)
    yield _BETWEEN_WORDS.sub(" ", text.translate(_LEET))
    yield text[::-1]
    yield codecs.encode(text, "rot13")


def _without_gaps(run: re.Match[str]) -> str:
    """Letters with gaps as words: a wider gap is the end of a word."""
    return " ".join(re.sub(_GAPS, "", word) for word in re.split(_GAPS + "{2,}", run[0]))


def _decoded(text: str) -> Iterator[str]:
    """The texts that stand in it as base64 or hexadecimal."""
    for run in _BASE64.findall(text):
        try:
            yield base64.b64decode(run + "=" * (-len(run) % 4), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
    for run in _HEX.findall(text):
        try:
            yield bytes.fromhex(run).decode()
        except (ValueError, UnicodeDecodeError):
            continue
