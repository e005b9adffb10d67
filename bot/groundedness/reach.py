"""Ways to reach someone that stand in a text: telephone numbers, addresses of pages and of mail, as they are compared."""

import re
import unicodedata
from dataclasses import dataclass

_ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s，。；、）)》」』”]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?:/[^\s，。；、）)》」』”]*)?",
    re.IGNORECASE | re.ASCII,
)
# A comma ends a number unless a digit follows: NFKC has made ， of it. Groups of digits that belong together: +86-10-12308, 0300 123 2040, 400-820-7711, (02) 1234 5678.
_LONG_NUMBER = re.compile(r"(?<!\w)(?<!\d[.,])(?:\+\d{1,3}[ -]?)?(?:\(\d{1,4}\)[ -]?)?\d{1,5}(?:[ -]\d{2,8}){1,4}(?!\w|[.,]\d)|(?<!\w)(?<!\d[.,])\+?\d{7,15}(?!\w|[.,]\d)", re.ASCII)
_YEARS = re.compile(r"(?:19|20)\d\d[ -](?:19|20)?\d\d")
_DAY = re.compile(r"(?:19|20)\d\d-\d\d?-\d\d?")
# A short number that someone is told to ring, write to or expect.
_RUNG = re.compile(
    r"(?:\b(?:ring|rings|call|calls|called|dial|dialling|phone|text|on|to|number|hotline|line|at|or|via|from|is)\s+|"
    r"[打拨按到电线号拨通致过用向：:、和或是在发港坡国地处兰陆])\s*(\d{3,6})(?![\d%]|[,.]\d|\s?[年月日元块万亿千百名人宗起条个笔]|-\d| (?:million|billion|people|cases|dollars|yuan|years|days|hours))",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Reach:
    """A number (its digits, with + where it stands) or an address (without scheme, `www.` and last slash)."""

    value: str
    kind: str
    start: int
    end: int


def reaches(text: str) -> list[Reach]:
    """Every number or address of a text, in its order; a year range or a date is none."""
    folded = unicodedata.normalize("NFKC", text)
    found = [Reach(_address(match[0]), "address", match.start(), match.end()) for match in _ADDRESS.finditer(folded)]
    rest = _blank(folded, found)
    for match in _LONG_NUMBER.finditer(rest):
        if not (_YEARS.fullmatch(match[0]) or _DAY.fullmatch(match[0])):
            found.append(Reach(re.sub(r"[^\d+]", "", match[0]), "number", match.start(), match.end()))
    rest = _blank(rest, found)
    for match in _RUNG.finditer(rest):
        if not _is_year(match[1]):
            found.append(Reach(match[1], "number", match.start(1), match.end(1)))
    return sorted(found, key=lambda reach: reach.start)


def without_reaches(text: str) -> str:
    """The text, NFKC, with its numbers and addresses blanked out, so that what is left are quantities."""
    folded = unicodedata.normalize("NFKC", text)
    return _blank(folded, reaches(folded))


def _is_year(digits: str) -> bool:
    return len(digits) == 4 and digits[:2] in {"19", "20"}


def _blank(text: str, found: list[Reach]) -> str:
    for reach in found:
        text = text[: reach.start] + " " * (reach.end - reach.start) + text[reach.end :]
    return text


def _address(text: str) -> str:
    plain = text.lower().rstrip(".,;:!?")
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", plain).rstrip("/")
