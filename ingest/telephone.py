"""Telephone numbers and web addresses in a text of ours, English or Chinese. Knows no directory."""

import re
from collections.abc import Iterator

# Only beside one of these words is a short run of digits taken for a number to ring.
_ABOUT_RINGING = re.compile(
    r"\b(?:(?:ring|dial|call|text)s?|hotline|helpline|line|number)\b|拨|打|致电|电话|热线|号码|短信|报警|举报", re.IGNORECASE
)
_NOT_INSIDE = r"(?<![\d.,+#$£€¥A-Za-z-])"
# A count has something counted behind it; a number to ring has a stop, a bracket, or a word that carries on the sentence.
_NOT_COUNTED = (
    r"(?!-?\d|[.,]\d|\s?[%万亿千百多元年月日天岁人名个次起宗件条克家倍小分秒笔]|[-\s](?!(?:"
    r"in|to|for|or|and|if|when|on|at|is|with|from|then|yourself|only|as|but|by|before|at once)\b)[a-z])"
)
_LONG = re.compile(rf"{_NOT_INSIDE}[+#]?\d(?:[ -]?\d){{5,}}{_NOT_COUNTED}")
_SHORT = re.compile(rf"{_NOT_INSIDE}#?\d{{3,6}}{_NOT_COUNTED}")
_YEARS = re.compile(r"(?:19|20)\d\d(?:[ -]+(?:19|20)\d\d|-\d\d(?:-\d\d)?)?")
_HOST = re.compile(r"(?<![\w@.-])(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?![\w-])(?:/[\w./-]*)?", re.IGNORECASE | re.ASCII)


def telephone_numbers(text: str) -> Iterator[re.Match[str]]:
    """The runs of digits in one sentence or item that read as numbers to ring; years, sums and counts are none.

    "Ring 0300 123 2040, or 159." has two; "314 victims lost 9,000 yuan in 2024" has none.
    """
    rest = text
    for match in _LONG.finditer(text):
        if not _YEARS.fullmatch(match.group()):
            rest = rest[: match.start()] + " " * len(match.group()) + rest[match.end() :]
            yield match
    if _ABOUT_RINGING.search(text):
        yield from (match for match in _SHORT.finditer(rest) if not _YEARS.fullmatch(match.group()))


def web_addresses(text: str) -> Iterator[re.Match[str]]:
    """The web addresses in a text, with or without https; group 1 is the host."""
    return _HOST.finditer(text)


def without_contacts(text: str) -> str:
    """The text with spaces where telephone numbers and web addresses stand."""
    for match in [*telephone_numbers(text), *web_addresses(text)]:
        text = text[: match.start()] + " " * len(match.group()) + text[match.end() :]
    return text
