"""What a telephone number gives away, from its digits alone: where it is from, and whether it costs more than a call. Nothing is rung."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumberType

_CANDIDATE = re.compile(r"(?<![\w.,£$€¥-])\+?\(?\d(?:[ .()\-]{0,2}[\dx]){6,14}(?![\w])(?!,\d)")
_DATE = re.compile(r"^(?:19|20)?\d{2}[ .\-]\d{1,2}[ .\-]\d{1,4}(?:\D|$)|^\d{1,2}[ .\-]\d{1,2}[ .\-](?:19|20)\d{2}")
_CHINESE = re.compile(r"^(?:1[3-9]\d{9}|0\d{9,11}|[48]00\d{7}|95\d{3,6})$")
_COSTLY = {PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.PERSONAL_NUMBER}
# China's 400 numbers count as shared cost and are what every honest firm prints.
_NEVER_COSTLY = re.compile(r"^400\d{7}$")
# Where a number without a country code is tried, after the region of the visitor: the numbering plans of most English messages.
_REGIONS = ("GB", "US", "CN", "SG", "AU")
_MOST_NUMBERS = 8


@dataclass(frozen=True)
class Phone:
    """A telephone number in a folded text; `region` is empty where it has no country code."""

    start: int
    end: int
    digits: str
    region: str
    is_costly: bool


def find_phones(text: str, taken: Sequence[tuple[int, int]], home: str) -> Iterator[Phone]:
    """The numbers in a folded text that could be rung, beside those stretches that are something else."""
    found = 0
    for match in _CANDIDATE.finditer(text):
        start, end = match.span()
        written = match.group()
        digits = re.sub(r"\D", "", written)
        if any(first < end and start < last for first, last in taken) or not _could_be_rung(written, digits):
            continue
        region, costly = _classified(written, digits, home)
        yield Phone(start, end, digits, region, costly)
        found += 1
        if found == _MOST_NUMBERS:
            return


def _could_be_rung(written: str, digits: str) -> bool:
    if _DATE.match(written) or not 5 <= len(digits) <= 15:
        return False
    if written[0] in "+(0" or "x" in written:
        return len(digits) >= 6
    parted = len(re.findall(r"[ .\-]", written)) in (1, 2, 3)
    return bool(_CHINESE.match(digits)) or (parted and len(digits) in (10, 11)) or (len(digits) == 10 and digits[0] in "2345679")


def _classified(written: str, digits: str, home: str) -> tuple[str, bool]:
    international = written.startswith("+") or (digits.startswith("00") and len(digits) > 11)
    number = f"+{digits.removeprefix('00')}" if international else digits
    for region in dict.fromkeys(([home.upper()] if home else []) + list(_REGIONS)):
        try:
            parsed = phonenumbers.parse(number, None if international else region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            costly = phonenumbers.number_type(parsed) in _COSTLY and not _NEVER_COSTLY.match(digits)
            return (phonenumbers.region_code_for_number(parsed) or "" if international else ""), costly
        if international:
            break
    return "", False
