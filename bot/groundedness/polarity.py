"""Does a sentence say that something is so, or that it is not; do it, or do not?"""

import re

from bot.schema import Language
from bot.text import normalize

_NEGATIONS: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b(?:not|never|no|nobody|none|nothing|neither|nor|cannot|without)\b|n't\b"),
    "zh": re.compile(r"不|没|别(?!人|的|处|国)|勿|莫|无(?!论)|未(?!成年)|切忌|休想"),
}
# Two words of one negation, questions of degree, and words that only look like one.
_NONE: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\bnot only\b|\bno matter\b|\bwhether or not\b|\bnot just\b|\bno longer\b|\bdo you know\b|\bnot sure\b|\bknows? nothing\b|\b(?:not|never) (?:know|met|meet)\b"),
    "zh": re.compile(
        r"不但|不仅|不管|不论|不断|不同|不少|不久|(?<!用)不到|不足|不超过|不低于|不止|不认识|不熟|不明|不知|差不多|不一样|不得不|不相干|不相关|也不(?:行|例外|可以)|(?<![能会要])不在(?=.{1,8}的话)|无论|特别|分别|区别|识别|级别|告别"
        r"|鉴别|辨别|个别|别墅|性别|没收|免费|(?<=[是会要能有])不(?=[是会要能有])|不正常|不对劲"
    ),
}
# Said in place of a denial, as "refuse to pay" for "do not pay"; beside one, they change nothing.
_REFUSES: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b(?:refuse|refuses|avoid|avoids|reject|stay away|keep away)\b"),
    "zh": re.compile(r"拒绝|避免|远离|谢绝"),
}
_FORBIDS: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b(?:do not|don't|never|must not|should not|shouldn't|refuse|avoid)\b"),
    "zh": re.compile(r"不要|不能|不许|不可|不得|别(?!人|的|处|国)|绝不|勿|莫|拒绝"),
}
_BEGINS_FORBIDDING: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"(?:please )?(?:do not|don't|never)\b"),
    "zh": re.compile(r"(?:请|千万|也|都)?(?:不要|别(?!人)|绝不|勿|切勿)"),
}


def negations(text: str, language: Language) -> int:
    """How many times a sentence denies or forbids."""
    plain = _NONE[language].sub(" ", normalize(text))
    return len(_NEGATIONS[language].findall(plain))


def is_turned(text: str, sentence: str, language: Language) -> bool:
    """Whether a text denies what a sentence says, or says what it denies; where it denies less, a denial has been lost."""
    said, stands = negations(text, language), negations(sentence, language)
    if said < stands and _REFUSES[language].search(normalize(text)):
        said += 1
    forbidden = [len(_FORBIDS[language].findall(normalize(one))) for one in (text, sentence)]
    forbids = bool(_BEGINS_FORBIDDING[language].match(normalize(text))) and forbidden[0] > forbidden[1]
    return (said == 0) != (stands == 0) or said < stands or forbids
