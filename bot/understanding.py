"""Understand a question: language, intent, the guides that it names, and the question on its own, without the history.

A first plain form: intents by the phrases of `seeds/intents.yaml`, topics by the guides' aliases. Knows no passage.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from langchain_core.documents import Document
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from bot.errors import SourceErrors, SourceProblem
from bot.schema import Intent, Language, Turn
from bot.text import detect_language, normalize, tokenize

# A question with fewer words of its own than this leans on what was said before.
_MIN_OWN_TOKENS = {"en": 3, "zh": 4}
_POINTS_BACK = {
    "en": re.compile(r"^(and|but|so|then|what about|how about|what if|why|yes|no|ok|the (first|second|third|last))\b|\b(it|this|that|them|they|these|those)\b"),
    "zh": re.compile(r"^(那|那么|如果|要是|然后|还有|为什么|第[一二三四五六七八九十\d]+条|是的|对|不是)|它|这个|这种|那个|那种|刚才|上面"),
}
# Words in an alias that name no scam in particular.
_GENERIC = {"scam", "fraud", "fake", "fals", "scammer", "text", "messag", "call", "诈骗", "骗局", "骗子", "骗", "假"}


class IntentRule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    intent: Intent
    en: list[str]
    zh: list[str]
    whole: bool = False
    sections: list[str] = []
    guides: list[str] = []


@dataclass(frozen=True)
class Query:
    """What is asked, ready for retrieval."""

    question: str
    standalone: str
    language: Language
    intent: Intent
    topics: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    guides: tuple[str, ...] = ()
    region: str = ""


class Intents:
    """Recognises an intent by phrases, in the order of the file."""

    def __init__(self, rules: Sequence[IntentRule]) -> None:
        self._rules = [(rule, _pattern(rule.en, rule.whole), _pattern_zh(rule.zh, rule.whole)) for rule in rules]

    def recognise(self, question: str) -> IntentRule:
        text = normalize(question).strip(" ?!.,。？！，～~")
        for rule, english, chinese in self._rules:
            if english.search(text) or chinese.search(text):
                return rule
        return IntentRule(intent="general", en=[], zh=[])


def _pattern(phrases: Iterable[str], whole: bool) -> re.Pattern[str]:
    parts = [r"\W+(?:[\w']+\W+){0,4}?".join(map(re.escape, phrase.split(" * "))) for phrase in phrases]
    body = "|".join(parts) or r"(?!)"
    return re.compile(f"^(?:{body})$" if whole else rf"(?<!\w)(?:{body})(?!\w)")


def _pattern_zh(phrases: Iterable[str], whole: bool) -> re.Pattern[str]:
    body = "|".join(map(re.escape, phrases)) or r"(?!)"
    return re.compile(f"^(?:{body})[啊呀吗呢]?$" if whole else body)


def load_intents(path: Path) -> Intents:
    """Read the intents; a folder of seeds without them knows only `general`. Raises SourceErrors."""
    if not path.is_file():
        return Intents([])
    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Intents(TypeAdapter(list[IntentRule]).validate_python(rows))
    except (yaml.YAMLError, UnicodeDecodeError, ValidationError) as error:
        raise SourceErrors([SourceProblem(str(path), f"cannot be used ({error}).", "Mend the file.")]) from error


class Topics:
    """The guides by the names that people give their subjects."""

    def __init__(self, passages: Iterable[Document]) -> None:
        names: dict[str, set[str]] = {}
        for passage in passages:
            facts = passage.metadata
            for name in (facts["title"], *facts["aliases"]) if facts["kind"] == "guide" else ():
                for variant in _variants(name):
                    names.setdefault(variant, set()).add(facts["source_id"])
        self._names: Mapping[str, set[str]] = names
        self._longest = max((name.count(" ") + 1 for name in names), default=0)

    def named_in(self, question: str) -> tuple[str, ...]:
        """Return the ids of the guides that the question names, by the longest names found, longest first."""
        tokens = tokenize(question)
        found: dict[str, int] = {}
        for size in range(min(self._longest, len(tokens)), 0, -1):
            for start in range(len(tokens) - size + 1):
                for guide in sorted(self._names.get(" ".join(tokens[start : start + size]), ())):
                    found.setdefault(guide, size)
        longest = max(found.values(), default=0)
        return tuple(guide for guide, size in found.items() if size == longest)


def _variants(name: str) -> set[str]:
    """An alias as tokens, also without the words that every scam shares, where enough is left to be telling."""
    tokens = tokenize(name)
    plain = tokenize(re.sub(r"诈骗|骗局|骗子", " ", name))
    telling = [token for token in plain if token not in _GENERIC]
    variants = {" ".join(tokens)}
    if len(telling) >= 2:
        variants.add(" ".join(telling))
    return {variant for variant in variants if variant and variant not in _GENERIC}


class Understanding:
    """Turns a question with its history into a Query."""

    def __init__(self, intents: Intents, topics: Topics) -> None:
        self._intents = intents
        self._topics = topics

    def understand(
        self, question: str, history: Sequence[Turn] = (), region: str = "", language: Language | None = None
    ) -> Query:
        language = language or detect_language(question)
        rule = self._intents.recognise(question)
        topics = self._topics.named_in(question)
        standalone = question
        if history and not topics and rule.intent not in {"smalltalk", "harmful"} and _leans_on_history(question, language):
            before = self.understand(history[-1].question, history[:-1], region, language)
            standalone, topics = f"{before.standalone}\n{question}", before.topics
        return Query(
            question=question,
            standalone=standalone,
            language=language,
            intent=rule.intent,
            topics=topics,
            sections=tuple(rule.sections),
            guides=() if topics else tuple(rule.guides),
            region=region,
        )


def _leans_on_history(question: str, language: Language) -> bool:
    text = normalize(question)
    return len(tokenize(question)) < _MIN_OWN_TOKENS[language] or bool(_POINTS_BACK[language].search(text))
