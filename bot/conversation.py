"""What a question leans on: the question behind a follow-up, with what it refers to, from the history that came with it.

Knows words that point back, and where a sentence of an earlier answer stands; no intent and no index.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.schema import Language, Turn
from bot.text import normalize, tokenize

# Nobody leans on what was said longer ago than this many exchanges.
_MOST_TURNS = 20
# A question with fewer words of its own than this leans on what was said before; one with more than that many never does.
_FEW_TOKENS = {"en": 3, "zh": 4}
_MANY_TOKENS = {"en": 8, "zh": 12}
_POINTS_BACK = {
    "en": re.compile(
        r"^(and|but|so|then|what about|how about|what if|why|yes|no|ok|the (first|second|third|last))\b"
        r"|\b(it|its|this|that|them|they|their|these|those|he|she|him|his|her|there)\b"
    ),
    "zh": re.compile(
        r"^(那|那么|如果|要是|然后|还有|为什么|第[一二三四五六七八九十\d]+条|是的|对|不是|已经)|它|这个|这种|那个|那种|那里|那边|刚才|上面|他|她"
    ),
}
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "last": 0}
_HAN_DIGITS = {han: number for number, han in enumerate("一二三四五六七八九十", start=1)}
_POINT = {
    "en": re.compile(
        r"\bthe (first|second|third|fourth|fifth|sixth|last) (?:one|point|line|sentence|sign|step|thing|bullet)\b"
        r"|\b(?:point|number|no\.?|step|line|bullet) (\d)\b"
    ),
    "zh": re.compile(r"(?:第([一二三四五六七八九十\d])(?:条|点|个|句|步|项)|(最后)(?:一)?(?:条|点|个|句|步|项))"),
}
_MORE = {
    "en": re.compile(
        r"(?:yes|yeah|sure|ok|okay)?,? ?(?:please )?(?:(?:tell|show|give) me )?more(?: please| about (?:it|this|that))?"
        r"|go on|continue|yes(?: please)?|and(?: then)?|what else|anything else|sure|yep|yeah|is that all"
    ),
    "zh": re.compile(
        r"还有(?:呢|吗|什么|别的吗)?|继续(?:说)?|多说(?:一)?点|再(?:多)?说(?:一)?点|更多|接着说|详细(?:一)?点|是的|好的?|嗯+|要|然后呢"
    ),
}
_MARK = re.compile(r"\s*(?:\[\d+\])+\s*")


@dataclass(frozen=True)
class Standalone:
    """A question that needs no history. `leans` tells whether anything was taken from it; `topics` are the guides meant."""

    text: str
    topics: tuple[str, ...] = ()
    leans: bool = False


def asks_for_more(question: str, language: Language) -> bool:
    """Whether a question asks for the rest of the last answer: "more", "tell me more", 还有呢."""
    return bool(_MORE[language].fullmatch(normalize(question).strip(" ?!.,。？！，")))


def sentences_of(answer: str) -> list[str]:
    """The sentences of an earlier answer: `sentences_of("Hang up. [1] Ring 110. [2]") == ["Hang up.", "Ring 110."]`."""
    pieces = (piece.strip().splitlines() for piece in _MARK.split(answer))
    return [lines[-1] for lines in pieces if lines]  # a heading stands on a line of its own


def stand_alone(
    question: str,
    history: Sequence[Turn],
    language: Language,
    named_in: Callable[[str], tuple[str, ...]],
    sources: Mapping[str, str],
) -> Standalone:
    """Put before a question those that it leans on, back to the first that names a guide.

    `named_in` finds the guides that a text names, `sources` the guide in which a sentence of an answer stands.
    """
    topics = named_in(question)
    history = history[-_MOST_TURNS:]
    if not history or (topics and not _POINT[language].search(normalize(question))):
        return Standalone(question, topics)
    said = sentences_of(history[-1].answer)
    if point := _pointed_at(question, said, language):
        return Standalone(f"{point}\n{question}", _guides([point], sources), leans=True)
    if not leans_on_history(question, language):
        return Standalone(question, topics)
    asked = [question]
    answered: tuple[str, ...] = ()
    for turn in reversed(history):
        asked.insert(0, turn.question)
        topics = named_in(turn.question)
        answered = answered or _guides(sentences_of(turn.answer), sources)
        if topics or not leans_on_history(turn.question, language):
            break
    return Standalone("\n".join(asked), topics or answered, leans=True)


def leans_on_history(question: str, language: Language) -> bool:
    text = normalize(question)
    own = len(tokenize(question))
    if _POINT[language].search(text):
        return True
    return own < _FEW_TOKENS[language] or (own <= _MANY_TOKENS[language] and bool(_POINTS_BACK[language].search(text)))


def _guides(sentences: Sequence[str], sources: Mapping[str, str]) -> tuple[str, ...]:
    """The guide that an answer was taken from first."""
    return next(((sources[sentence],) for sentence in sentences if sentence in sources), ())


def _pointed_at(question: str, said: Sequence[str], language: Language) -> str:
    """The sentence of the last answer that a question names by its number, where it has that many."""
    found = _POINT[language].search(normalize(question))
    if not found or not said:
        return ""
    word = next(group for group in found.groups() if group)
    number = _ORDINALS.get(word, _HAN_DIGITS.get(word, 0)) if not word.isdigit() else int(word)
    return said[number - 1] if number <= len(said) else ""
