"""Numbers with their units, as figures, words or Chinese numerals, so that they can be compared by value. Knows no passage.

`35,000 yuan`, `3.5万元` and `三万五千元` are one quantity; a date gives its year, month and day.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from bot.schema import Language
from bot.text import simplify

# Two values are one where they differ by rounding in the arithmetic only.
_SAME = 1e-6
COUNT, YEAR, MONTH, DAY, SHARE, ORDINAL = "count", "year", "month", "day", "share", "ordinal"


@dataclass(frozen=True)
class Quantity:
    """A value with its unit and bound ("over", "under", "about" or ""), and where it stands in the text."""

    value: float
    unit: str
    bound: str = ""
    start: int = 0
    end: int = 0

    def is_stated_by(self, other: "Quantity") -> bool:
        """Whether a text that says `other` supports this: same value and unit, and no bound lost, added or turned."""
        same = abs(self.value - other.value) <= _SAME * max(abs(self.value), 1)
        return same and _compatible(self.unit, other.unit) and (self.bound == other.bound or (self.bound, other.bound) == ("about", ""))


_DOLLARS = frozenset({"$", "usd", "hkd", "sgd", "aud", "cad", "nzd", "twd"})
_YUAN = frozenset({"¥", "cny", "jpy"})


def _compatible(unit: str, other: str) -> bool:
    """A bare $ may be any dollar, ¥ yuan or yen, and 2000 a year or a count."""
    if unit == other or {unit, other} == {YEAR, COUNT}:
        return True
    return ("$" in {unit, other} and {unit, other} <= _DOLLARS) or ("¥" in {unit, other} and {unit, other} <= _YUAN)


def quantities(text: str, language: Language) -> list[Quantity]:
    """Every quantity of a text; what is a telephone number must have been blanked out before."""
    folded = unicodedata.normalize("NFKC", text)
    return list(_chinese(simplify(folded)) if language == "zh" else _english(folded))


# --- English ---

_SMALL = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen".split()
    )
} | {word: value * 10 for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)}
_SCALES = {
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "bn": 1e9, "m": 1e6, "mn": 1e6, "k": 1e3,
}  # fmt: skip
_MONTHS = {
    name: number
    for number, name in enumerate(
        "january february march april may june july august september october november december".split(), start=1
    )
}
_CURRENCY_SIGNS = {
    "us$": "usd", "hk$": "hkd", "s$": "sgd", "a$": "aud", "au$": "aud", "c$": "cad", "ca$": "cad", "nz$": "nzd", "nt$": "twd",
    "$": "$", "£": "gbp", "€": "eur", "¥": "¥", "rmb": "cny", "rm": "myr", "₹": "inr", "₩": "krw", "฿": "thb",
}  # fmt: skip
# Durations are compared in hours, so that 24 hours are a day; months and years are not turned into days.
_UNITS = {
    "%": (SHARE, 0.01), "percent": (SHARE, 0.01), "per cent": (SHARE, 0.01), "yuan": ("cny", 1), "renminbi": ("cny", 1), "rmb": ("cny", 1),
    "us dollars": ("usd", 1), "dollars": ("$", 1), "dollar": ("$", 1), "pounds": ("gbp", 1), "pound": ("gbp", 1), "euros": ("eur", 1),
    "euro": ("eur", 1), "yen": ("jpy", 1), "ringgit": ("myr", 1), "baht": ("thb", 1), "won": ("krw", 1), "rupees": ("inr", 1),
    "second": ("hours", 1 / 3600), "minute": ("hours", 1 / 60), "hour": ("hours", 1), "day": ("hours", 24), "week": ("hours", 168),
    "month": ("months", 1), "year": ("months", 12), "times": ("times", 1),
}  # fmt: skip
_DURATIONS = ("second", "minute", "hour", "day", "week", "month", "year")
_WORD_NUMBER = "|".join(sorted([*_SMALL, "hundred", "thousand", "million", "billion", "trillion"], key=len, reverse=True))
_NUMBER = re.compile(
    rf"(?:(?P<sign>(?<![a-z])(?:us|hk|au|ca|nz|nt|s|a|c)?\$|[£€¥₹₩฿]|(?<![a-z])rmb?)\s?)?"
    rf"(?P<number>(?<![\w.])\d+(?:,\d{{3}})+(?:\.\d+)?|(?<![a-z\d.])\d+(?:\.\d+)?|\b(?:{_WORD_NUMBER})(?:[ -](?:and )?(?:{_WORD_NUMBER}))*\b)"
    r"(?:(?P<ordinal>st|nd|rd|th)\b)?"
    r"(?:[ -]?(?P<scale>hundred|thousand|million|billion|trillion|bn|mn|m|k)\b)?"
    r"(?:[ -]?(?P<unit>%|per ?cent|yuan|renminbi|rmb|us dollars|dollars?|pounds?|euros?|yen|ringgit|baht|won|rupees|times|"
    r"(?:second|minute|hour|day|week|month|year)s?(?![a-z])))?",
    re.IGNORECASE,
)
_ARTICLE_DURATION = re.compile(rf"\b(?:within|in|for|after|over|every) (?:a|an) (?P<unit>{'|'.join(_DURATIONS)})\b", re.I)
_WORD_SHARE = re.compile(r"\b(?P<half>half)\b|\b(?P<top>\w+) (?:in|out of) (?P<bottom>\w+)\b|\b(?:a|one) (?P<part>third|quarter|fifth|tenth)\b", re.I)
_PARTS = {"third": 1 / 3, "quarter": 1 / 4, "fifth": 1 / 5, "tenth": 1 / 10}
_ORDINALS = {name: place for place, name in enumerate("second third fourth fifth sixth seventh eighth ninth tenth".split(), start=2)}
_ORDINAL = re.compile(rf"\b(?P<name>{'|'.join(_ORDINALS)})\b(?!s)", re.I)
_BEFORE = (
    ("over", re.compile(r"(?:over|more than|above|at least|no fewer than|not fewer than|no less than|exceed(?:ed|s|ing)?|upwards? of)\s+(?:\w+\s)?$", re.I)),
    ("under", re.compile(r"(?:under|less than|fewer than|below|at most|up to|no more than)\s+(?:\w+\s)?$", re.I)),
    ("about", re.compile(r"(?:about|around|roughly|approximately|some|nearly|almost|close to|tens of|hundreds of)\s+$", re.I)),
)  # fmt: skip
_AFTER = (("over", re.compile(r"\s*(?:\+|or more\b|and over\b|or over\b)", re.I)), ("under", re.compile(r"\s*(?:or less\b|or fewer\b)", re.I)))


def _english(text: str) -> Iterator[Quantity]:
    for match in _NUMBER.finditer(text):
        value = _english_value(match["number"])
        if match["number"].lower() == "one" and not (match["scale"] or match["unit"] or match["sign"]):
            continue  # the pronoun
        if match["scale"]:
            value *= _SCALES[match["scale"].lower()]
        unit, factor = _english_unit(match, value, text)
        yield Quantity(value * factor, unit, _english_bound(text, match.start(), match.end()), match.start(), match.end())
    for match in _month_names(text):
        yield Quantity(_MONTHS[match[0].lower()], MONTH, "", match.start(), match.end())
    for match in _ARTICLE_DURATION.finditer(text):
        unit, factor = _UNITS[match["unit"].lower()]
        yield Quantity(factor, unit, "", match.start("unit"), match.end())
    yield from _english_shares(text)
    for match in _ORDINAL.finditer(text):
        if not text[: match.start()].lower().endswith((" a ", "one ")):
            yield Quantity(_ORDINALS[match["name"].lower()], ORDINAL, "", match.start(), match.end())


def _english_value(number: str) -> float:
    """`1,200` and `three hundred and five`; `nine nine nine` is read digit by digit."""
    if number[0].isdigit():
        return float(number.replace(",", ""))
    words = [word for word in re.split(r"[ -]", number.lower()) if word != "and"]
    if len(words) > 2 and all(_SMALL.get(word, 10) < 10 for word in words):
        return float("".join(str(_SMALL[word]) for word in words))
    total = current = 0.0
    for word in words:
        if word in _SMALL:
            current += _SMALL[word]
        elif word == "hundred":
            current = (current or 1) * 100
        else:
            total, current = total + (current or 1) * _SCALES[word], 0.0
    return total + current


def _english_unit(match: re.Match[str], value: float, text: str) -> tuple[str, float]:
    if match["sign"]:
        return _CURRENCY_SIGNS[match["sign"].lower()], 1
    if match["unit"]:
        name = match["unit"].lower().replace("percent", "per cent")
        return _UNITS[name] if name in _UNITS else _UNITS[name.rstrip("s")]
    if match["ordinal"]:
        return (DAY if _beside_month(match, text) else ORDINAL), 1
    digits = match["number"]
    if not match["scale"] and digits.isdigit():
        if len(digits) <= 2 and _beside_month(match, text):
            return DAY, 1
        if len(digits) == 4 and 1900 <= value < 2100:
            return YEAR, 1
    return COUNT, 1


def _beside_month(match: re.Match[str], text: str) -> bool:
    months = "|".join(_MONTHS)
    after = re.match(rf"\s(?:of )?(?:{months})\b", text[match.end() :], re.I)
    return bool(after or re.search(rf"\b(?:{months})\s$", text[: match.start()], re.I))


def _month_names(text: str) -> Iterator[re.Match[str]]:
    """Month names; "may" and "march" only where a number stands beside them or a preposition of time before."""
    for match in re.finditer(rf"\b(?:{'|'.join(_MONTHS)})\b", text, re.I):
        plain = match[0].lower() not in {"may", "march"}
        beside = re.match(r"\s\d", text[match.end() :]) or re.search(r"(?:\d|\b(?:in|of|by|since|until|to))\s$", text[: match.start()])
        if plain or (match[0][0].isupper() and beside):
            yield match


def _english_shares(text: str) -> Iterator[Quantity]:
    for match in _WORD_SHARE.finditer(text):
        bound = _english_bound(text, match.start(), match.end())
        if match["half"]:
            yield Quantity(0.5, SHARE, bound, match.start(), match.end())
        elif match["part"]:
            yield Quantity(_PARTS[match["part"].lower()], SHARE, bound, match.start(), match.end())
        elif (top := _whole(match["top"])) and (bottom := _whole(match["bottom"])) and top < bottom <= 1000:
            yield Quantity(top / bottom, SHARE, bound, match.start(), match.end())


def _whole(word: str) -> int:
    return int(word) if word.isdigit() else _SMALL.get(word.lower(), 0)


def _english_bound(text: str, start: int, end: int) -> str:
    before = next((bound for bound, pattern in _BEFORE if pattern.search(text[max(0, start - 30) : start])), "")
    return before or next((bound for bound, pattern in _AFTER if pattern.match(text[end:])), "")


# --- Chinese ---

_DIGITS = dict(zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_TENS = {"十": 10, "百": 100, "千": 1000}
_MYRIADS = {"万": 10**4, "亿": 10**8}
_HAN_UNITS = {
    "%": (SHARE, 0.01), "成": (SHARE, 0.1), "倍": ("times", 1),
    "人民币": ("cny", 1), "元": ("cny", 1), "块": ("cny", 1), "美元": ("usd", 1), "美金": ("usd", 1), "港元": ("hkd", 1), "港币": ("hkd", 1),
    "新元": ("sgd", 1), "新币": ("sgd", 1), "澳元": ("aud", 1), "加元": ("cad", 1), "新西兰元": ("nzd", 1), "新台币": ("twd", 1),
    "台币": ("twd", 1), "英镑": ("gbp", 1), "欧元": ("eur", 1), "日元": ("jpy", 1), "令吉": ("myr", 1), "林吉特": ("myr", 1),
    "泰铢": ("thb", 1), "韩元": ("krw", 1), "卢比": ("inr", 1),
    "秒": ("hours", 1 / 3600), "分钟": ("hours", 1 / 60), "小时": ("hours", 1), "天": ("hours", 24), "周": ("hours", 168), "星期": ("hours", 168),
    "年": (YEAR, 1), "月": (MONTH, 1), "月份": (MONTH, 1), "日": (DAY, 1), "号": (DAY, 1), "岁": ("age", 1),
}  # fmt: skip
_CLASSIFIERS = "人|名|位|宗|起|件|条|次|笔|张|家|种|类|国|台|座|处|步|句|遍|页|州|个|项|款|部|份|所|例|只|岁|级|大|万|亿|集"
_HAN_UNIT = "|".join(sorted(_HAN_UNITS, key=len, reverse=True))
_HAN_NUMBER = re.compile(
    r"(?P<ordinal>第)?(?P<parts>百分之)?"
    r"(?P<number>\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|[零〇一二两三四五六七八九十百千万亿]+(?:点[零〇一二三四五六七八九]+)?)"
    r"(?P<scale>[十百千万亿]*)(?P<more>多|余|来|几)?\s?"
    rf"(?P<unit>个?(?P<half>半)?(?:{_HAN_UNIT})|个月|个半月|{_CLASSIFIERS})?"
)
_HAN_FRACTION = re.compile(r"(?P<bottom>[二两三四五六七八九十\d]+)分之(?P<top>[一二两三四五六七八九十\d]+)|(?P<half>一半|半数)")
_HAN_BEFORE = (
    ("over", re.compile(r"(?:超过|超|逾|多于|高于|至少|不少于|起码|最少)$")),
    ("under", re.compile(r"(?:不到|不足|少于|低于|最多|至多|不超过)$")),
    ("about", re.compile(r"(?:大约|大概|约|约为|近|将近|接近|差不多)$")),
)
_HAN_AFTER = (("over", re.compile(r"以上|多(?!少)|余")), ("under", re.compile(r"以下|以内|之内")), ("about", re.compile(r"左右|上下")))
# Where a measure word follows, 一 is an article (一个, 一张, 一条), not a number that anyone would check; 至少一个 counts.
_COUNTED_ONCE = {"hours", "months", "cny", "usd", "hkd", "gbp", "sgd", SHARE, YEAR, "times"}
_IDIOMS = re.compile(r"千万(?=[别不要记勿当])|万一|一定|一起|一样|一直|一些|十分|百般|四处|三方|一律|统一|一旦|一般|唯一|一下|一点|一半|一分钱|一大|二维码|两步|万能")


def _chinese(text: str) -> Iterator[Quantity]:
    text = _IDIOMS.sub(lambda match: "　" * len(match[0]), text) if not _HAN_FRACTION.search(text) else text
    fractions = list(_HAN_FRACTION.finditer(text))
    for match in fractions:
        if match["bottom"] == "百":
            continue
        value = 0.5 if match["half"] else _chinese_value(match["top"]) / max(_chinese_value(match["bottom"]), 1)
        yield Quantity(value, SHARE, _chinese_bound(text, match.start(), match.end()), match.start(), match.end())
    for match in _HAN_NUMBER.finditer(text):
        if not any(part.start() < match.end() and match.start() < part.end() for part in fractions):
            yield from _chinese_quantity(match, text)


def _chinese_quantity(match: re.Match[str], text: str) -> Iterator[Quantity]:
    number, unit_word = match["number"], match["unit"] or ""
    plain = not unit_word and not number[0].isdigit() and not match["ordinal"] and not match["parts"] and not _read_out(number)
    if plain and (len(number) == 1 or not set(number) & set(_MYRIADS)):
        return  # a numeral inside a word: 百度
    value = _chinese_value(number + match["scale"])
    unit, factor = _chinese_unit(unit_word, value, match)
    bound = "over" if match["more"] in {"多", "余"} else _chinese_bound(text, match.start(), match.end())
    if number == "一" and unit not in _COUNTED_ONCE and not match["parts"] and not bound:
        return
    if match["half"] or (unit == "months" and text[match.end() : match.end() + 1] == "半"):
        value += 0.5
    yield Quantity(value * factor, unit, bound, match.start(), match.end())


def _read_out(number: str) -> bool:
    """Digits read one by one, as a telephone number is: 一一〇."""
    return len(number) >= 3 and all(character in _DIGITS for character in number)


def _chinese_unit(word: str, value: float, match: re.Match[str]) -> tuple[str, float]:
    if match["parts"]:
        return SHARE, 0.01
    if match["ordinal"]:
        return ORDINAL, 1
    if word in {"个月", "个半月"}:
        return "months", 1
    bare = word.removeprefix("个").removeprefix("半")
    if bare == "年" and not (1900 <= value < 2100):
        return "months", 12
    if bare == "月" and word != bare:
        return "months", 1
    if not word and match["number"].isdigit() and len(match["number"]) == 4 and 1900 <= value < 2100 and not match["scale"]:
        return YEAR, 1
    return _HAN_UNITS.get(bare, (COUNT, 1))


def _chinese_value(number: str) -> float:
    """`3.5万`, `三万五` (35,000), `两亿`, `二〇二五`, `一点五`."""
    if number[0].isdigit():
        figure = re.match(r"[\d,]+(?:\.\d+)?", number)
        assert figure is not None
        value = float(figure[0].replace(",", ""))
        for scale in number[figure.end() :]:
            value *= _TENS.get(scale) or _MYRIADS[scale]
        return value
    whole, _, decimals = number.partition("点")
    if decimals:
        return _chinese_value(whole or "零") + float("0." + "".join(str(_DIGITS[digit]) for digit in decimals))
    if len(whole) > 1 and all(character in _DIGITS for character in whole):
        return float("".join(str(_DIGITS[character]) for character in whole))
    return _positional(whole)


def _positional(number: str) -> float:
    total = section = digit = 0.0
    last = 1.0
    for character in number:
        if character in _DIGITS:
            digit = _DIGITS[character]
            last = 1.0 if character in "零〇" else last
        elif character in _TENS:
            section += (digit or 1) * _TENS[character]
            digit, last = 0.0, float(_TENS[character])
        else:
            total = (total + section + digit or 1) * _MYRIADS[character]
            section, digit, last = 0.0, 0.0, float(_MYRIADS[character])
    # A last digit without its place counts tenths of the place before: 三万五 is 35,000, 一百二 is 120.
    return total + section + (digit * last / 10 if last > 10 else digit)


def _chinese_bound(text: str, start: int, end: int) -> str:
    before = next((bound for bound, pattern in _HAN_BEFORE if pattern.search(text[max(0, start - 4) : start])), "")
    return before or next((bound for bound, pattern in _HAN_AFTER if pattern.match(text[end:])), "")
