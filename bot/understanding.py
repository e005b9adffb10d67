"""Understand a question: language, intent, the guides that it names, and the question on its own, without the history.

Intents by rule where a mistake would hurt (emergency, harmful), else by a classifier trained on `seeds/intents.yaml` when the index was
built; topics by the guides' aliases. Knows no passage's text.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from langchain_core.documents import Document
from pydantic import BaseModel, ConfigDict, TypeAdapter

from bot.classifier import LinearClassifier
from bot.embeddings import Vectors
from bot.glossary import Glossary
from bot.schema import Intent, Language, Turn
from bot.text import detect_language, normalize, tokenize
from bot.yaml_text import read_yaml

_RULES_FIRST = {"emergency", "harmful", "smalltalk"}
# Below this probability the classifier's best intent gives way to a phrase of the rules.
_UNSURE = 0.2
# Without a phrase, a refusal or a greeting is taken from the classifier only at this probability: it changes the whole answer.
_SURE = 0.35
# An emergency is taken at this probability, whatever else is likelier: a miss hurts more than first steps that nobody needed.
# Both were chosen by cross-validation on the training examples.
_URGENT = 0.2
_ON_SUBJECT = 0.5  # from here on a question is likelier on the subject than off it
# A question with fewer words of its own than this leans on what was said before.
_MIN_OWN_TOKENS = {"en": 3, "zh": 4}
# Nobody leans on what was said longer ago than this many exchanges.
_MOST_TURNS = 20
_BESIDE = "off_topic"
_MARKS = " ?!.,。？！，～~"
_POINTS_BACK = {
    "en": re.compile(
        r"^(and|but|so|then|what about|how about|what if|why|yes|no|ok|the (first|second|third|last))\b"
        r"|\b(it|this|that|them|they|these|those)\b"
    ),
    "zh": re.compile(
        r"^(那|那么|如果|要是|然后|还有|为什么|第[一二三四五六七八九十\d]+条|是的|对|不是)|它|这个|这种|那个|那种|刚才|上面"
    ),
}
# Words in an alias that name no scam in particular.
_GENERIC = {"scam", "fraud", "fake", "fals", "scammer", "text", "messag", "call", "诈骗", "骗局", "骗子", "骗", "假"}


class IntentRule(BaseModel):
    """An intent: the phrases that give it away, the sections and guides that answer it, and examples to learn it from.

    `hints` are phrases that speak for the intent without settling it: the classifier learns how much each intent's hints say.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    intent: Intent
    en: list[str] = []
    zh: list[str] = []
    whole: bool = False
    sections: list[str] = []
    guides: list[str] = []
    hints: dict[Language, list[str]] = {}
    examples: dict[Language, list[str]] = {}


@dataclass(frozen=True)
class Reading:
    """A text as search reads it: words and vector, and where it is Chinese, its English terms as words and vector."""

    tokens: tuple[str, ...]
    vector: Vectors | None
    english_tokens: tuple[str, ...]
    english_vector: Vectors | None

    @property
    def best_vector(self) -> Vectors | None:
        return self.vector if self.vector is not None else self.english_vector


class Reader:
    """Reads a text once: tokenises it, and encodes it in the languages that the embedding model knows."""

    def __init__(self, encode: Callable[[Sequence[str]], Vectors], languages: Sequence[str], glossary: Glossary) -> None:
        self._encode = encode
        self._languages = languages
        self._glossary = glossary

    def read(self, text: str, language: Language) -> Reading:
        terms = self._glossary.to_english(text) if language == "zh" else ""
        known = language in self._languages
        return Reading(
            tokens=tuple(dict.fromkeys(tokenize(text))),
            vector=self._encode([text])[0] if known else None,
            english_tokens=tuple(dict.fromkeys(tokenize(terms))),
            english_vector=self._encode([terms])[0] if terms and not known and "en" in self._languages else None,
        )


@dataclass(frozen=True)
class Query:
    """What is asked, ready for retrieval.

    `topics` are the guides that it names by an alias, `titled` those whose whole title it holds; `on_subject` is the probability that it
    is about scams at all; `beside` says that it asks what no source of ours can say.
    """

    question: str
    standalone: str
    language: Language
    intent: Intent
    reading: Reading
    topics: tuple[str, ...] = ()
    titled: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    guides: tuple[str, ...] = ()
    region: str = ""
    on_subject: float = 1.0
    beside: bool = False


class Intents:
    """The intents of the seeds, and the one whose phrase stands in a question, in the order of the file."""

    def __init__(self, rules: Sequence[IntentRule]) -> None:
        self._by_name = {rule.intent: rule for rule in rules}
        self._patterns = [(rule, _pattern(rule.en, rule.whole), _pattern_zh(rule.zh, rule.whole)) for rule in rules]
        self._hints = [
            (rule.intent, _pattern(rule.hints.get("en", ()), False), _pattern_zh(rule.hints.get("zh", ()), False))
            for rule in rules
        ]

    def by_phrase(self, question: str) -> IntentRule | None:
        text = normalize(question).strip(_MARKS)
        found = (rule for rule, en, zh in self._patterns if en.search(text) or zh.search(text))
        return next((rule for rule in found if rule.intent != _BESIDE), None)

    def is_beside(self, question: str) -> bool:
        """Whether a phrase shows that it asks what no source of ours says: a case's outcome, a number's owner, tomorrow's price."""
        text = normalize(question)
        return any(en.search(text) or zh.search(text) for rule, en, zh in self._patterns if rule.intent == _BESIDE)

    def cues(self, question: str) -> tuple[str, ...]:
        """What the classifier is told beside the words: the intents of which a phrase or a hint stands in the question."""
        text = normalize(question).strip(_MARKS)
        phrases = (rule.intent for rule, en, zh in self._patterns if en.search(text) or zh.search(text))
        hints = (f"hint {intent}" for intent, en, zh in self._hints if en.search(text) or zh.search(text))
        return (*phrases, *hints)

    def named(self, intent: str) -> IntentRule:
        return self._by_name.get(intent) or IntentRule(intent="general")  # type: ignore[call-overload]


def _pattern(phrases: Iterable[str], whole: bool) -> re.Pattern[str]:
    parts = [r"\W+(?:[\w']+\W+){0,4}?".join(map(re.escape, phrase.split(" * "))) for phrase in phrases]
    body = "|".join(parts) or r"(?!)"
    return re.compile(f"^(?:{body})$" if whole else rf"(?<!\w)(?:{body})(?!\w)")


def _pattern_zh(phrases: Iterable[str], whole: bool) -> re.Pattern[str]:
    body = "|".join(map(re.escape, phrases)) or r"(?!)"
    return re.compile(f"^(?:{body})[啊呀吗呢]?$" if whole else body)


def read_intent_rules(path: Path) -> list[IntentRule]:
    """Read the intents; a folder of seeds without them has none. Raises SourceErrors."""
    return read_yaml(path, TypeAdapter(list[IntentRule])) if path.is_file() else []


class Topics:
    """The guides by the names that people give their subjects."""

    def __init__(self, passages: Iterable[Document]) -> None:
        names: dict[str, set[str]] = {}
        self._titles: dict[str, str] = {}
        for passage in passages:
            facts = passage.metadata
            self._titles[normalize(facts["title"])] = facts["source_id"]
            for name in (facts["title"], *facts["aliases"]) if facts["kind"] == "guide" else ():
                for variant in _variants(name):
                    names.setdefault(variant, set()).add(facts["source_id"])
        self._names: Mapping[str, set[str]] = names
        self._longest = max((name.count(" ") + 1 for name in names), default=0)

    def titled_in(self, question: str) -> tuple[str, ...]:
        """Return the ids of the sources whose whole title stands in the question, as in the follow-ups that we offer."""
        text = normalize(question)
        return tuple(source for title, source in self._titles.items() if title in text)

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

    def __init__(
        self, intents: Intents, topics: Topics, reader: Reader, classifiers: Mapping[str, LinearClassifier]
    ) -> None:
        self._intents = intents
        self._topics = topics
        self._reader = reader
        self._classifiers = classifiers

    def understand(
        self, question: str, history: Sequence[Turn] = (), region: str = "", language: Language | None = None
    ) -> Query:
        language = language or detect_language(question)
        standalone, topics = self._stand_alone(question, history, language)
        reading = self._reader.read(standalone, language)
        own = reading if standalone == question else self._reader.read(question, language)
        subject = self._classifiers.get(f"subject-{language}")
        on_subject = subject.probabilities(standalone, reading.best_vector)["on"] if subject else 1.0
        rule = self._intent(question, language, own, on_subject)
        return Query(
            question=question,
            standalone=standalone,
            language=language,
            intent=rule.intent,
            reading=reading,
            topics=topics,
            titled=self._topics.titled_in(standalone),
            sections=tuple(rule.sections),
            guides=tuple(rule.guides),
            region=region,
            beside=self._intents.is_beside(question),
            on_subject=on_subject,
        )

    def _stand_alone(self, question: str, history: Sequence[Turn], language: Language) -> tuple[str, tuple[str, ...]]:
        """The question behind all those that it leans on, and the guides that the earliest of them names."""
        asked = [question]
        topics = self._topics.named_in(question)
        for turn in reversed(history[-_MOST_TURNS:]):
            if topics or not _leans_on_history(asked[0], language):
                break
            asked.insert(0, turn.question)
            topics = self._topics.named_in(turn.question)
        return "\n".join(asked), topics

    def _intent(self, question: str, language: Language, reading: Reading, on_subject: float) -> IntentRule:
        """A rule decides where a mistake would hurt, and where the classifier is missing or unsure.

        Whether a question is off the subject is for the subject's own classifier to say, which knows many more examples.
        """
        rule = self._intents.by_phrase(question)
        classifier = self._classifiers.get(f"intent-{language}")
        if (rule and rule.intent in _RULES_FIRST) or classifier is None:
            return rule or self._intents.named("general")
        likely = classifier.probabilities(question, reading.best_vector, self._intents.cues(question))
        if on_subject >= _ON_SUBJECT and len(likely) > 1:
            likely.pop(_BESIDE, None)
        if likely.get("emergency", 0.0) >= _URGENT:
            return self._intents.named("emergency")
        allowed = {name: sure for name, sure in likely.items() if name not in _RULES_FIRST or sure >= _SURE}
        intent, sure = max(allowed.items(), key=lambda item: item[1])
        return rule if rule and sure < _UNSURE else self._intents.named(intent)


def _leans_on_history(question: str, language: Language) -> bool:
    text = normalize(question)
    return len(tokenize(question)) < _MIN_OWN_TOKENS[language] or bool(_POINTS_BACK[language].search(text))
