"""“Is this the bank's real number?”: what the directory says of a number or address that somebody asks about. Never that it is safe."""

import re
from dataclasses import dataclass

from bot.contacts import ContactBook, ContactEntry
from bot.contacts_in_text import web_addresses
from bot.text import normalize

_NUMBER = re.compile(
    r"(?<![A-Za-z0-9_.,$£€¥])\+?[(]?\d(?:[\s().-]{0,2}\d){2,14}(?![A-Za-z0-9_%]|[.,]\d|\s?(?:元|块|万|千|年|月|岁|人|起|美元|yuan|dollars|pounds|euros|rmb|%))"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_IS_IT_REAL = re.compile(
    r"\b(?:real|really|genuine|legit|legitimate|official|trust|trusted|safe|correct|confirm|right|whose|belongs?|fake|scam)\b"
    r"|\bis (?:it|that|this)\b"
    r"|^(?:is|are)\b|真|假|官方|官网|可信|是不是|是谁|谁的|对吧|没错|确认|靠谱|安全|诈骗|骗子|吗"
)
_ABOUT_CONTACT = re.compile(
    r"\b(?:number|numbers|call|calls|called|calling|rang|ring|phone|phoned|line|hotline|site|website|page|link|address|url|text|sms|bank|irs|police|official)\b"
    r"|号码|电话|号|来电|热线|打来|短信|网站|网址|链接|官网|官方|银行|公安|警察|国税|http"
)


# "Is this real?", and behind it what somebody was sent.
_BEHIND = re.compile(r"([^:：?？\n]{2,60}[:：?？\n])\s*(\S.*)", re.DOTALL)
_SHORTEST_MESSAGE = 15  # characters
_SHORTEST = 5  # digits of a number that is not known; shorter ones may count something


@dataclass(frozen=True)
class NumberAsked:
    """What was asked about, and what is known of it: an entry, or why it is one to beware of."""

    value: str
    entry: ContactEntry | None = None
    beware: str = ""
    beware_zh: str = ""
    is_address: bool = False


def number_asked(question: str, book: ContactBook) -> NumberAsked | None:
    """The first number or address in a question that asks whether it is real; None for any other question.

    An imitation comes first, then what the directory has, then what nobody here can vouch for.
    """
    said = normalize(question)
    if not _IS_IT_REAL.search(said):
        return None
    addresses = [match.group() for match in web_addresses(said)]
    numbers = [m.group().strip() for m in _NUMBER.finditer(said) if not _YEAR.fullmatch(m.group()) and _counts(m.group(), said, book)]
    found = [_looked_up(value, book, is_address=value in addresses) for value in [*addresses, *numbers]]
    return next((f for f in found if f.beware), next((f for f in found if f.entry is None), next(iter(found), None)))


def message_asked(question: str) -> str:
    """The message that stands behind "is this real?"; empty where nothing of some length does."""
    found = _BEHIND.fullmatch(question.strip())
    asks = found is not None and _IS_IT_REAL.search(normalize(found[1]))
    return found[2] if found and asks and len(found[2]) >= _SHORTEST_MESSAGE else ""


def _counts(value: str, said: str, book: ContactBook) -> bool:
    """Whether digits are a number to ring: long enough, or known, where something about contacts is asked."""
    digits = re.sub(r"\D", "", value)
    return bool(_ABOUT_CONTACT.search(said)) and (len(digits) >= _SHORTEST or book.knows(digits))


def _looked_up(value: str, book: ContactBook, *, is_address: bool) -> NumberAsked:
    lookalike = book.lookalike(value)
    retired = book.retired(value)
    warned = lookalike or retired
    if warned:
        return NumberAsked(value, beware=warned.why.en, beware_zh=warned.why.zh, is_address=is_address)
    return NumberAsked(value, entry=book.entry_of(value), is_address=is_address)
