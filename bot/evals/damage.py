"""Damage a sentence one way at a time, as a model that makes things up would. Knows no guard; every choice follows from a seed.

Each way gives the damaged text, or nothing where the sentence has nothing to damage so.
"""

import random
import re
from collections.abc import Callable, Sequence

from bot.schema import Language

_MONTHS = ("January", "February", "March", "April", "June", "July", "August", "September", "October", "November", "December")
_MONEY = re.compile(
    r"(?:US\$|HK\$|S\$|A\$|C\$|NZ\$|[$£€¥])\s?\d[\d,.]*|\d[\d,.]*(?= (?:yuan|dollars|pounds|euros|million yuan))"
    r"|\d[\d,.]*(?=[万亿]?(?:元|美元|英镑|港元|新元|欧元))"
)
_YEAR = re.compile(r"(?<![\d-])(?:19|20)\d\d(?![\d-])")
_COUNT = re.compile(r"(?<![\d.,#+-])\d{1,3}(?:,\d{3})+|(?<![\d.,#+-])\d{1,4}(?![\d.,-])")
_ENGLISH_NEGATED = re.compile(r"\b(?:[Dd]o not|[Dd]on't|[Nn]ever|does not|do not|cannot) ")
_HAN_NEGATED = re.compile(r"(?:千万)?(?:不要|(?:(?<=^)|(?<=[，。：；“！？]))别(?!人|的|处|国|墅|称)|绝不会|绝不|不会)")
_HAN_FIGURES = "零一二三四五六七八九"

Damage = Callable[[str, random.Random], str]


def changed_number(text: str, chance: random.Random) -> str:
    """Another number in place of one that is neither a year nor money."""
    plain = _YEAR.sub(lambda match: "\0" * len(match[0]), _MONEY.sub(lambda match: "\0" * len(match[0]), text))
    return _replaced(text, _COUNT.search(plain), chance)


def changed_money(text: str, chance: random.Random) -> str:
    found = _MONEY.search(text)
    return _replaced(text, found and re.compile(r"\d[\d,.]*\d|\d").search(text, found.start()), chance)


def changed_year(text: str, chance: random.Random) -> str:
    found = _YEAR.search(text)
    return text[: found.start()] + str(int(found[0]) + chance.choice([-2, -1, 1])) + text[found.end() :] if found else ""


def changed_date(text: str, chance: random.Random) -> str:
    """Another month."""
    if found := re.search(rf"\b(?:{'|'.join(_MONTHS)})\b", text):
        other = chance.choice([month for month in _MONTHS if month != found[0]])
        return text[: found.start()] + other + text[found.end() :]
    if found := re.search(r"(?<!\d)(\d{1,2})月", text):
        return text[: found.start()] + f"{int(found[1]) % 12 + 1}月" + text[found.end() :]
    return ""


def turned(text: str, language: Language) -> str:
    """`do` for `never do`, or the other way round where the sentence tells what to do."""
    if language == "zh":
        if found := _HAN_NEGATED.search(text):
            return text[: found.start()] + ("会" if "会" in found[0] else "要") + text[found.end() :]
        return f"不要{text}" if re.match(r"(?:马上|立刻|先|请|自己|打|保留|告诉|联系|拨打|报警|挂断)", text) else ""
    if found := _ENGLISH_NEGATED.search(text):
        rest = text[found.end() :]
        verb = {"cannot": "can "}.get(found[0].strip(), "")
        return text[: found.start()] + (verb + rest if found.start() else rest[:1].upper() + rest[1:])
    advises = re.match(r"(?:Ring|Call|Keep|Hang|Tell|Report|Ask|Check|Look|Change|Stop)\b", text)
    return f"Do not {text[0].lower()}{text[1:]}" if advises else ""


def wrongly_spelled_out(text: str, chance: random.Random) -> str:
    """Chinese numerals for figures, a power of ten too large or too small: 50万 becomes 五万."""
    found = re.search(r"(?<![\d.])([1-9])(0*)(?=[万亿千百]?[元人起个名宗件])", text)
    if not found:
        return ""
    wrong = chance.choice([zeros for zeros in range(4) if zeros != len(found[2])])
    return text[: found.start()] + _HAN_FIGURES[int(found[1])] + ("", "十", "百", "千")[wrong] + text[found.end() :]


def with_authority(text: str, authority: str, language: Language) -> str:
    return f"{authority}提醒：{text}" if language == "zh" else f"According to {authority}, {text[:1].lower()}{text[1:]}"


def with_link(text: str, link: str, language: Language) -> str:
    body = text.rstrip("。.")
    return f"{body}，详见{link}。" if language == "zh" else f"{body}, see {link}."


def with_other_number(text: str, numbers: Sequence[str], chance: random.Random) -> str:
    """A hotline in place of the first of the numbers that stands in the text."""
    found = next((number for number in numbers if re.search(rf"(?<![\d-]){re.escape(number)}(?![\d-])", text)), "")
    if not found:
        return ""
    return text.replace(found, chance.choice([number for number in numbers if number != found and number not in text]), 1)


def _replaced(text: str, found: re.Match[str] | None, chance: random.Random) -> str:
    """The number as another one of the same length."""
    if not found:
        return ""
    digits = [place for place, character in enumerate(found[0]) if character.isdigit()]
    place = digits[0]
    other = chance.choice([digit for digit in "123456789" if digit != found[0][place]])
    return text[: found.start()] + found[0][:place] + other + found[0][place + 1 :] + text[found.end() :]
