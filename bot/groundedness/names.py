"""Names that a sentence brings in: offices, firms, places, apps. Whoever is named must be named by the passage."""

import re
from collections.abc import Iterator

from bot.schema import Language
from bot.text import HAN, normalize

_CAPITALISED = re.compile(r"\b[A-Z][\w&'-]*(?:\.[A-Z]\.?)*(?:\s+(?:(?:of|for|and|the|on|in)\s+)*[A-Z][\w&'-]*)*")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9&.-]{2,}")
# Who is said to have said something, by what the names of offices end with.
_SPEAKER = re.compile(
    rf"(?:^|[，。；：:“])(?:根?据|按照?|依照)?([{HAN}]{{2,16}}?(?:委员会|局|院|署|会|中心|大学|银行|总队|公司|集团|联盟|部门|部))"
    r"(?:的)?(?:提醒|表示|称|说|指出|认为|建议|规定|统计|报告|警告|通报|公布|宣布|数据)"
)
_SAME_OFFICE = 5  # an office is the same where so many last characters of its name stand in the passage
_SENTENCE_START = re.compile(r"(?:^|[.!?:;]\s+|[“\"(]\s*)$")
# Words that begin with a capital for other reasons than being a name.
_NO_NAMES = frozenset(
    "i a an the if in on at it your you they he she we do don't never no not stop ring call tell keep ask check real fake some many most one two "
    "this that these those people someone anyone somebody scammers scammer criminals banks bank police officers officer according after before "
    "when while once even also there what which who with without for from to by and but or so as any every all both in monday tuesday wednesday "
    "thursday friday saturday sunday january february march april may june july august september october november december id pin sim otp atm qr "
    "ai url sms tv pc app apps web internet e-mail english".split()
)
_PEOPLES = {
    "chinese": "china", "british": "britain", "american": "united states", "australian": "australia", "canadian": "canada",
    "indian": "india", "japanese": "japan", "korean": "korea", "thai": "thailand", "malaysian": "malaysia", "singaporean": "singapore",
}  # fmt: skip
_SHORT_NAMES = {"uk": "united kingdom", "us": "united states", "usa": "united states", "america": "united states", "britain": "united kingdom"}


def unnamed(text: str, passage: str, language: Language) -> list[str]:
    """The names of a sentence that the passage does not have."""
    said = normalize(passage)
    names = _han_names(text) if language == "zh" else _english_names(text)
    return [name for name in names if not _is_named(name, said)]


def _is_named(name: str, said: str) -> bool:
    """Every word of a Latin name stands in the passage; a Chinese one as it is, or at least what tells it from others."""
    plain = normalize(name)
    if plain in said or _SHORT_NAMES.get(plain, "\0") in said:
        return True
    words = [word for word in re.split(r"[\s&]+", plain) if word not in {"of", "for", "and", "the", "on", "in"}]
    return bool(words) and plain.isascii() and all(word.rstrip("s'").removesuffix("'") in said or _PEOPLES.get(word, "\0") in said for word in words)


def _english_names(text: str) -> Iterator[str]:
    for match in _CAPITALISED.finditer(text):
        words = match[0].split()
        if _SENTENCE_START.search(text[: match.start()]) and (words[0].lower() in _NO_NAMES or len(words) == 1):
            words = words[1:]
        words = [word for word in words if word.lower() not in _NO_NAMES]
        if words:
            yield " ".join(words)


def _han_names(text: str) -> Iterator[str]:
    yield from (match[0] for match in _LATIN.finditer(text) if match[0].lower() not in _NO_NAMES)
    yield from (match[1][-_SAME_OFFICE:] for match in _SPEAKER.finditer(text))
