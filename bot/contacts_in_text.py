"""Telephone numbers and web addresses in a text of ours, English or Chinese. Knows no directory; it is handed one to ask."""

import re
from collections.abc import Callable, Iterator

Knows = Callable[[str], bool]

# Only beside one of these words is a plain run of digits taken for a number to ring.
_ABOUT_RINGING = re.compile(
    r"\b(?:(?:ring|dial|call|text|ask|tell|report|reach|line|number)(?:s|es)?|hotline|helpline|advice|help|emergenc(?:y|ies))\b"
    r"|拨|打|致电|电话|热线|号码|短信|求助|咨询|问|(?<!通)报(?![道告])",
    re.IGNORECASE,
)
_NOT_INSIDE = r"(?<![\d.,+#$£€¥A-Za-z-])"
_NO_UNIT = (
    r"(?!-?\d|[.,]\d|\s?(?:[%万亿千百多元年月日天岁人名个次起宗件条克家倍小分秒笔份]"
    r"|[英美欧港新澳加韩][元镑]|新台币|卢比|令吉|泰铢))"
)
_GROUPED = re.compile(rf"{_NOT_INSIDE}[+#]?\d+(?:[ -]\d+)+{_NO_UNIT}")
_PLAIN = re.compile(rf"{_NOT_INSIDE}#?\d{{3,11}}{_NO_UNIT}")
_YEARS = re.compile(r"(?:19|20)\d\d(?:[ -]+(?:19|20)\d\d|-\d\d(?:-\d\d)?)?")
# A count is followed by what is counted, a number to ring by a stop, a bracket or a word that carries on the sentence.
_COUNTED = re.compile(
    r"[-\s](?!(?:in|to|for|or|and|if|when|on|at|is|with|from|then|yourself|only|as|but|by|before|right|now|day)\b)[a-z]"
)
_GROUPED_DIGITS = 6
# A known number as long as 1799 or 96110 is meant wherever it stands; 100 or 110 may be a count.
_TELLING_DIGITS = 4
_HOST = re.compile(
    r"(?<![\w@.-])(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?![\w-])(?:/[\w./-]*)?", re.IGNORECASE | re.ASCII
)


def telephone_numbers(text: str, knows: Knows) -> Iterator[re.Match[str]]:
    """The runs of digits in one item that read as numbers to ring, or that `knows` says are some.

    "Ring 0300 123 2040, or 159." has two; "314 victims of calls lost 9,000 yuan in 2024" has none.
    """
    rest = text
    for match in _GROUPED.finditer(text):
        if len(re.sub(r"\D", "", match.group())) >= _GROUPED_DIGITS and not _YEARS.fullmatch(match.group()):
            rest = _blank(rest, match)
            yield match
    about_ringing = bool(_ABOUT_RINGING.search(text))
    for match in _PLAIN.finditer(rest):
        is_year = bool(_YEARS.fullmatch(match.group()))
        if knows(match.group()):
            is_number = about_ringing or (len(match.group()) >= _TELLING_DIGITS and not is_year)
        else:
            is_number = about_ringing and not is_year and not _COUNTED.match(rest, match.end())
        if is_number:
            yield match


def web_addresses(text: str) -> Iterator[re.Match[str]]:
    """The web addresses in a text, with or without https; group 1 is the host."""
    return _HOST.finditer(text)


def without_contacts(text: str, knows: Knows) -> str:
    """The text with spaces where telephone numbers and web addresses stand."""
    for match in [*telephone_numbers(text, knows), *web_addresses(text)]:
        text = _blank(text, match)
    return text


def _blank(text: str, match: re.Match[str]) -> str:
    return text[: match.start()] + " " * len(match.group()) + text[match.end() :]
