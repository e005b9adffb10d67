"""The numbers, months and sums of money in a text, made comparable between English and Chinese.

"S$1.1 billion in May" and "5月有11亿新元" give the same: 1,100,000,000, month 5, SGD.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from bot.schema import Language

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_OTHER_WORDS: dict[str, Decimal | int] = {
    "once": 1, "first": 1, "a": 1, "an": 1, "twice": 2, "second": 2, "both": 2, "pair": 2, "couple": 2, "third": 3,
    "half": Decimal("0.5"), "dozen": 12,
}  # fmt: skip
_HAN_NUMBERS: dict[str, Decimal | int] = {
    "零": 0, "一": 1, "二": 2, "两": 2, "俩": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10,
    "十一": 11, "十二": 12, "半": Decimal("0.5"),
}  # fmt: skip
_SCALES = {
    "thousand": 10**3, "lakh": 10**5, "million": 10**6, "crore": 10**7, "billion": 10**9, "trillion": 10**12,
    "百": 10**2, "千": 10**3, "万": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7, "亿": 10**8, "十亿": 10**9,
    "百亿": 10**10, "千亿": 10**11, "万亿": 10**12,
}  # fmt: skip
_CURRENCIES = {
    "US$": "USD", "$": "USD", "dollars": "USD", "美元": "USD", "HK$": "HKD", "港元": "HKD", "港币": "HKD",
    "S$": "SGD", "新元": "SGD", "A$": "AUD", "澳元": "AUD", "C$": "CAD", "加元": "CAD", "NZ$": "NZD", "新西兰元": "NZD",
    "NT$": "TWD", "新台币": "TWD", "£": "GBP", "pounds": "GBP", "英镑": "GBP", "€": "EUR", "euros": "EUR", "欧元": "EUR",
    "¥": "JPY", "yen": "JPY", "日元": "JPY", "won": "KRW", "韩元": "KRW", "Rs": "INR", "rupees": "INR", "卢比": "INR",
    "RM": "MYR", "ringgit": "MYR", "令吉": "MYR", "baht": "THB", "泰铢": "THB", "yuan": "CNY", "人民币": "CNY", "元": "CNY",
}  # fmt: skip


def _any_of(names: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True))


_CURRENCY = _any_of(_CURRENCIES)
_NUMBER = re.compile(
    rf"(?P<before>{_CURRENCY})?\s?(?<![\d.,])(?P<digits>\d+(?:,\d{{3}})*(?:\.\d+)?)"
    rf"(?:[ -]?[多余几]?(?P<scale>{_any_of(_SCALES)})(?![a-z]))?[多余几]?(?:\s?(?P<after>{_CURRENCY})(?![a-z]))?"
)
# "May" is a month inside a sentence or before a figure; at the start of a sentence it may be the verb.
_ENGLISH_MONTH = re.compile(rf"\b(?:{'|'.join(set(_MONTHS) - {'May'})})\b|(?<=[a-z\d,] )May\b|\bMay(?= \d)")
_CHINESE_MONTH = re.compile(r"(?<!\d)(?:(\d{1,2})(?=[至到和、—-]\d{1,2}月))|(?<!\d)(\d{1,2})月")


@dataclass(frozen=True)
class Numbers:
    """What a text says in figures, and which small numbers it spells out in words."""

    figures: frozenset[Decimal]
    months: frozenset[int]
    words: frozenset[Decimal]
    currencies: dict[Decimal, frozenset[str]]


def numbers_in(text: str, language: Language) -> Numbers:
    months, rest = _take_months(text, language)
    currencies: defaultdict[Decimal, set[str]] = defaultdict(set)
    for match in _NUMBER.finditer(rest):
        value = Decimal(match["digits"].replace(",", "")) * _SCALES.get(match["scale"] or "", 1)
        names = {_CURRENCIES[name] for name in (match["before"], match["after"]) if name}
        currencies[value] |= names - {"CNY"} or names  # 新台币 3 元 is no yuan
    money = {value: frozenset(names) for value, names in currencies.items() if names}
    return Numbers(frozenset(currencies), months, _spelled_out(rest, language), money)


def _take_months(text: str, language: Language) -> tuple[frozenset[int], str]:
    """The months of a text, and the text without them."""
    if language == "en":
        found = {_MONTHS.index(match.group()) + 1 for match in _ENGLISH_MONTH.finditer(text)}
        return frozenset(found), _ENGLISH_MONTH.sub(" ", text)
    found = {int(match[1] or match[2]) for match in _CHINESE_MONTH.finditer(text)}
    return frozenset(found), _CHINESE_MONTH.sub(" ", text)


def _spelled_out(text: str, language: Language) -> frozenset[Decimal]:
    if language == "zh":
        return frozenset(Decimal(value) for word, value in _HAN_NUMBERS.items() if word in text)
    words = set(re.findall(r"[a-z]+", text.lower()))
    known = _OTHER_WORDS | {word: value for value, word in enumerate(_WORDS)}
    return frozenset(Decimal(value) for word, value in known.items() if word in words)
