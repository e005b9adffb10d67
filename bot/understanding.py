"""Understand a question: language, intent, the guides that it names, and the question on its own, without the history.

Intents by rule where a mistake would hurt (emergency, harmful), else by a classifier trained on `seeds/intents.yaml` when the index was
built; topics by the guides' aliases. Knows no passage's text.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from langchain_core.documents import Document
from pydantic import BaseModel, ConfigDict, TypeAdapter

from bot.classifier import Counts, LinearClassifier, counts_of
from bot.conversation import asks_for_more, sentences_of, stand_alone
from bot.embeddings import Vectors
from bot.emergencies import Emergencies, Emergency
from bot.glossary import Glossary
from bot.harm import Harm
from bot.phrase_patterns import Phrases
from bot.schema import Intent, Language, Turn
from bot.text import detect_language, normalize, tokenize
from bot.yaml_text import read_yaml

_RULES_FIRST = {"emergency", "harmful", "smalltalk"}
# A few words that lean on what was said look like nothing in particular; they are meant as the question before them.
_NEVER_OF_FOLLOW_UPS = {"off_topic", "general"}
# Whatever the scam was that was spoken of, these are answered by the guide that is about nothing else.
_HAVE_A_GUIDE_OF_THEIR_OWN = {"help_someone", "contact"}
# Below this probability the classifier's best intent gives way to a phrase of the rules.
_UNSURE = 0.2
# Without a rule, these are taken from the classifier only at this probability: smalltalk changes the whole answer, and so must be sure;
# an emergency that is missed hurts more than one that is none. Chosen by questions of writers who were not learnt from.
_SURE = {"emergency": 0.2, "smalltalk": 0.5}
# … but where its words say what is asked for or supposed, not what was done, or are of something else than scams.
_SURE_OF_WHAT_IS_NOT_DONE, _SURE_OFF_THE_SUBJECT = 0.5, 0.3
# From here on an emergency that tells no kind is taken for a loss, and not answered as the other intent would be.
_LIKELY_EMERGENCY = 0.5
# Below this, words of a loss beside words of another time or of others are believed to tell of none: "how many got scammed last year".
_NO_EMERGENCY = 0.05
# Harm has a classifier of its own, which tells it from all else; both together, the mean of the two, are better than either.
_SUSPECT: Mapping[Language, float] = {"en": 0.45, "zh": 0.35}
_HARMFUL: Mapping[Language, float] = {"en": 0.5, "zh": 0.43}
_HARMLESS = 0.1
_LONGEST_TO_JUDGE = 120  # in a long text the classifier loses sight of one bad sentence
# Rules whose words also stand in what people ask who warn, learn or report: "how do I report a scam website".
_TELLS_BY_WORDING = {"write-a-scam", "learn-to-scam", "evade"}
_SURE_OF_FOLLOW_UP, _SURE_OF_URGENT_FOLLOW_UP = 0.4, 0.6
_ON_SUBJECT = 0.5  # from here on a question is likelier on the subject than off it
_BESIDE = "off_topic"
# The labels of the classifier that tells requests to be refused.
HARMFUL, HARMLESS = "harmful", "harmless"
_MARKS = " ?!.,。？！，～~"
_MOST_TOKENS_OF_A_PLACE = 5
# A question that spans two kinds of scam, and where its two parts meet.
_COMPARES = re.compile(r"\b(difference|different|differ|compare|compared|versus|vs|both)\b|区别|不同|不一样|一样吗|分别|对比|还是|差别")
_BETWEEN = re.compile(r"\b(?:and|from|versus|vs|or|with|to)\b|和|跟|与|还是|同|及|、|,|，")
# Words in an alias that name no scam in particular.
_GENERIC = {"scam", "fraud", "fake", "fals", "scammer", "text", "messag", "call", "诈骗", "骗局", "骗子", "骗", "假"}


class IntentRule(BaseModel):
    """An intent: the phrases that give it away, the sections and guides that answer it, and examples to learn it from.

    `tasks` ask for a text, a translation or a part to be played, which nothing here does.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    intent: Intent
    en: list[str] = []
    zh: list[str] = []
    whole: bool = False
    sections: list[str] = []
    guides: list[str] = []
    tasks: dict[Language, list[str]] = {}
    examples: dict[Language, list[str]] = {}


@dataclass(frozen=True)
class Reading:
    """A text as search and classifiers read it: words, vector and counts; of a Chinese one also its English terms as words and vector."""

    tokens: tuple[str, ...]
    vector: Vectors | None
    english_tokens: tuple[str, ...]
    english_vector: Vectors | None
    counts: Counts


# Of a question whose answer is known without a search.
NOT_READ = Reading((), None, (), None, counts_of(""))


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
            counts=counts_of(text),
        )


@dataclass(frozen=True)
class Query:
    """What is asked, ready for retrieval.

    `topics` are the guides that it names by an alias, `titled` those whose whole title it holds; `on_subject` is the probability that it
    is about scams at all; `beside` names what to say where it asks what no source of ours can say. `compared` are guides to be told apart,
    `said` the sentences that have been shown and are not to be shown again.
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
    emergency: Emergency | None = None
    compared: tuple[str, ...] = ()
    said: frozenset[str] = frozenset()
    beside: str = ""


class Intents:
    """The intents of the seeds, and the one whose phrase stands in a question, in the order of the file."""

    def __init__(self, rules: Sequence[IntentRule]) -> None:
        self._by_name = {rule.intent: rule for rule in rules}
        self._phrases = [(rule, Phrases(rule.en, rule.zh, rule.whole)) for rule in rules]
        self._tasks = [Phrases(rule.tasks.get("en", ()), rule.tasks.get("zh", ())) for rule in rules if rule.tasks]

    def by_phrase(self, question: str) -> IntentRule | None:
        text = normalize(question).strip(_MARKS)
        found = (rule for rule, phrases in self._phrases if phrases.stand_in(text))
        return next((rule for rule in found if rule.intent != _BESIDE), None)

    def is_beside(self, question: str) -> bool:
        """Whether a phrase shows that it asks what no source of ours says: a case's outcome, a number's owner, tomorrow's price."""
        text = normalize(question)
        return any(phrases.stand_in(text) for rule, phrases in self._phrases if rule.intent == _BESIDE)

    def is_task(self, question: str) -> bool:
        """Whether it wants something written, translated or played."""
        text = normalize(question)
        return any(phrases.stand_in(text) for phrases in self._tasks)

    def perhaps_urgent(self, calm: IntentRule) -> IntentRule:
        """An emergency that may be none: where it turns out to be no known kind, it is answered as the other intent would be."""
        urgent = self.named("emergency")
        return urgent.model_copy(update={"sections": [*calm.sections, *urgent.sections], "guides": [*calm.guides, *urgent.guides]})

    def named(self, intent: str) -> IntentRule:
        return self._by_name.get(intent) or IntentRule(intent="general")  # type: ignore[call-overload]


def read_intent_rules(path: Path) -> list[IntentRule]:
    """Read the intents; a folder of seeds without them has none. Raises SourceErrors."""
    return read_yaml(path, TypeAdapter(list[IntentRule])) if path.is_file() else []


class Topics:
    """The guides by the names that people give their subjects."""

    def __init__(self, passages: Iterable[Document]) -> None:
        names: dict[str, set[str]] = {}
        self._titles: dict[str, str] = {}
        self.sources_of_sentences: dict[str, str] = {}
        titles: dict[tuple[str, str], None] = {}
        named: dict[tuple[str, str], None] = {}
        for passage in passages:
            facts = passage.metadata
            self.sources_of_sentences.update(dict.fromkeys(facts["sentences"], facts["source_id"]))
            titles[facts["title"], facts["source_id"]] = None
            if facts["kind"] == "guide":
                named.update(((name, facts["source_id"]), None) for name in (facts["title"], *facts["aliases"]))
        for title, source in titles:
            self._titles[normalize(title)] = source
        for name, source in named:  # each once, since every passage of a guide carries them all
            for variant in _variants(name):
                names.setdefault(variant, set()).add(source)
        self._names: Mapping[str, set[str]] = names
        self._sizes: dict[str, set[int]] = {}  # of the names, by their first token
        for name in names:
            self._sizes.setdefault(name.split(" ", 1)[0], set()).add(name.count(" ") + 1)

    def titled_in(self, question: str) -> tuple[str, ...]:
        """Return the ids of the sources whose whole title stands in the question, as in the follow-ups that we offer."""
        text = normalize(question)
        return tuple(source for title, source in self._titles.items() if title in text)

    def compared_in(self, question: str) -> tuple[str, ...]:
        """The guides that a question asks to be told apart, in the order in which it names them; none where it asks no such thing."""
        if not _COMPARES.search(normalize(question)):
            return ()
        named = [guides[0] for part in _BETWEEN.split(normalize(question)) if (guides := self.named_in(part))]
        return tuple(dict.fromkeys(named)) if len(set(named)) > 1 else ()

    def named_in(self, question: str) -> tuple[str, ...]:
        """Return the ids of the guides that the question names, by the longest names found."""
        tokens = tokenize(question)
        found: dict[int, list[str]] = {}
        for start, token in enumerate(tokens):
            for size in self._sizes.get(token, ()):
                named = self._names.get(" ".join(tokens[start : start + size]), ()) if start + size <= len(tokens) else ()
                found.setdefault(size, []).extend(sorted(named))
        longest = max((size for size, guides in found.items() if guides), default=0)
        return tuple(dict.fromkeys(found.get(longest, ())))


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
        self,
        intents: Intents,
        topics: Topics,
        reader: Reader,
        classifiers: Mapping[str, LinearClassifier],
        emergencies: Emergencies | None = None,
        region_in: Callable[[str], str] = lambda text: "",
        harm: Harm | None = None,
    ) -> None:
        self._intents = intents
        self._topics = topics
        self._reader = reader
        self._classifiers = classifiers
        self._emergencies = emergencies or Emergencies()
        self._region_in = region_in
        self._harm = harm or Harm()

    def understand(
        self, question: str, history: Sequence[Turn] = (), region: str = "", language: Language | None = None
    ) -> Query:
        language = language or detect_language(question)
        if history and asks_for_more(question, language):
            return self._more(question, history, region, language)
        alone = stand_alone(question, history, language, self._topics.named_in, self._topics.sources_of_sentences)
        standalone = alone.text
        reading = self._reader.read(standalone, language)
        own = reading if standalone == question else self._reader.read(question, language)
        subject = self._classifiers.get(f"subject-{language}")
        on_subject = subject.probabilities_of(reading.counts, reading.vector)["on"] if subject else 1.0
        rule = self._intent(question, language, own, on_subject, leans=alone.leans)
        if alone.leans and (rule.intent in _NEVER_OF_FOLLOW_UPS or self._is_a_place(question)):
            before = next((turn.question for turn in reversed(history) if not self._is_a_place(turn.question)), question)
            rule = self._intents.by_phrase(question) or self._intent(before, language, self._reader.read(before, language), on_subject)
        return Query(
            question=question,
            standalone=standalone,
            language=language,
            intent=rule.intent,
            reading=reading,
            topics=() if alone.leans and rule.intent in _HAVE_A_GUIDE_OF_THEIR_OWN else alone.topics,
            titled=self._topics.titled_in(standalone),
            compared=self._topics.compared_in(question),
            sections=tuple(rule.sections),
            guides=tuple(rule.guides),
            region=(self._region_in(question) or self._region_in(standalone) or region).upper(),
            emergency=self._kind(standalone, language, reading, alone.topics) if rule.intent == "emergency" else None,
            beside=self._beside(question) if rule.intent == _BESIDE else "",
            on_subject=on_subject,
        )

    def _kind(self, question: str, language: Language, reading: Reading, topics: Sequence[str]) -> Emergency | None:
        """What kind of emergency it is; where no words tell, but it likely is one, that of any loss, unless a scam is named."""
        kind = self._emergencies.kind_of(question)
        if kind or topics:
            return kind
        rule, classifier = self._intents.by_phrase(question), self._classifiers.get(f"intent-{language}")
        if classifier is not None and not (rule and rule.intent == "emergency"):
            shares = classifier.probabilities_of(reading.counts, reading.vector)
            if shares.get("emergency", 0.0) < _LIKELY_EMERGENCY:
                return None
        return self._emergencies.any_loss

    def _more(self, question: str, history: Sequence[Turn], region: str, language: Language) -> Query:
        """The last question that asked for something, without what has been said in answer to it."""
        place = next((n for n in reversed(range(len(history))) if not asks_for_more(history[n].question, language)), 0)
        said = frozenset(sentence for turn in history[place:] for sentence in sentences_of(turn.answer))
        asked = self.understand(history[place].question, history[:place], region, language)
        return replace(asked, question=question, said=said)

    def _is_a_place(self, question: str) -> bool:
        """Whether a question says no more than where someone is, as the answer to an emergency asks."""
        return len(tokenize(question)) <= _MOST_TOKENS_OF_A_PLACE and bool(self._region_in(question))

    def _intent(self, question: str, language: Language, reading: Reading, on_subject: float, *, leans: bool = False) -> IntentRule:
        """A rule decides where a mistake would hurt, and where the classifier is missing or unsure; a life comes before all.

        Whether a question is off the subject is for the subject's own classifier to say, which knows many more examples. Of one that
        leans on what was said the classifier knows too few words to be believed, unless it is sure.
        """
        if self._emergencies.kind_of(question, certain=True):
            return self._intents.named("emergency")
        kind = self._harm.kind_of(question)
        if kind and not (kind in _TELLS_BY_WORDING and self._is_harmless(question, language, reading)):
            return self._intents.named("harmful")
        rule = self._intents.by_phrase(question)
        if rule and rule.intent == "harmful" and self._harm.is_innocent(question):
            rule = None
        classifier = self._classifiers.get(f"intent-{language}")
        likely = classifier.probabilities_of(reading.counts, reading.vector) if classifier else {}
        denied = likely.get("emergency", 1.0) < _NO_EMERGENCY and self._emergencies.may_be_of_another_time(question)
        if self._emergencies.is_told_in(question) and not denied and not (rule and rule.intent == "harmful"):
            return self._intents.named("emergency")
        if rule and rule.intent == "emergency" and denied:
            rule = None
        if (rule and rule.intent in _RULES_FIRST) or classifier is None:
            return rule or self._intents.named("general")
        urgent = likely.pop("emergency", 0.0)
        told = urgent + likely.get("check_message", 0.0)  # who tells what happened asks for no harm
        harmful = likely.pop("harmful", 0.0)
        if harmful >= told and not leans and self._is_harmful(harmful, question, language, reading):
            return self._intents.named("harmful")
        if self._beside(question):
            return self._intents.named(_BESIDE)
        if on_subject >= max(_ON_SUBJECT, likely.get(_BESIDE, 0.0)) and len(likely) > 1:
            likely.pop(_BESIDE, None)
        allowed = {name: sure for name, sure in likely.items() if sure >= _SURE.get(name, 0.0)}
        intent, sure = max(allowed.items(), key=lambda item: item[1], default=("general", 0.0))
        calm = rule if rule and sure < _UNSURE else self._intents.named("general" if leans and sure < _SURE_OF_FOLLOW_UP else intent)
        return self._intents.perhaps_urgent(calm) if urgent >= self._least_urgent(question, on_subject, leans=leans) else calm

    def _least_urgent(self, question: str, on_subject: float, *, leans: bool) -> float:
        """How likely an emergency must be that no words tell of."""
        if leans:
            return _SURE_OF_URGENT_FOLLOW_UP
        if self._emergencies.is_not_done(question):
            return _SURE_OF_WHAT_IS_NOT_DONE
        return _SURE["emergency"] if on_subject >= _ON_SUBJECT else _SURE_OFF_THE_SUBJECT

    def _is_harmful(self, intent: float, question: str, language: Language, reading: Reading) -> bool:
        """Whether a request that breaks no rule is one to refuse all the same; who warns, learns or reports never asks for such."""
        if self._harm.is_innocent(question):
            return False
        harm = self._likely_harm(question, language, reading)
        return harm >= _SUSPECT[language] and (intent + harm) / 2 >= _HARMFUL[language]

    def _is_harmless(self, question: str, language: Language, reading: Reading) -> bool:
        """Whether one that breaks a rule only looks like harm: it warns, learns or reports, and is like nothing that was refused."""
        known = f"harm-{language}" in self._classifiers and len(question) <= _LONGEST_TO_JUDGE
        return known and self._harm.is_innocent(question) and self._likely_harm(question, language, reading) < _HARMLESS

    def _likely_harm(self, question: str, language: Language, reading: Reading) -> float:
        classifier = self._classifiers.get(f"harm-{language}")
        if classifier is None:
            return 0.0
        return classifier.probabilities_of(reading.counts, reading.vector)[HARMFUL]

    def _beside(self, question: str) -> str:
        """What to say of a question that no source of ours can answer; empty for any other."""
        if self._intents.is_beside(question):
            return "near"
        return "task" if self._intents.is_task(question) and not self._harm.is_innocent(question) else ""
