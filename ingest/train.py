"""Train the classifiers of an index from the examples in the seeds: what is asked for, whether it is on the subject, whether to refuse."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from langchain_core.documents import Document
from pydantic import TypeAdapter

from bot.classifier import LinearClassifier, counts_of, train_by_margin
from bot.embeddings import Encoder
from bot.messages import Message, read_messages
from bot.schema import LANGUAGES, Language
from bot.understanding import HARMFUL, HARMLESS, IntentRule, read_intent_rules
from bot.yaml_text import read_yaml
from ingest.train_messages import MESSAGE_FILES, messages_digest, train_message_classifiers

# With more sentences of articles, a classifier would learn their wording rather than what people ask, and each change would teach it anew.
_MOST_SENTENCES = 2_000
_MOST_PASTED, _SHORTEST_PASTED = 250, 25
ON_TOPIC, OFF_TOPIC = "on", "off"
TRAINING_FILES = ("intents.yaml", "on_topic.yaml", "off_topic.yaml", *MESSAGE_FILES)


def train_classifiers(seeds: Path, passages: Iterable[Document], encoder: Encoder, known: Sequence[str]) -> dict[str, LinearClassifier]:
    """Return the classifiers by name (`intent-en`, `subject-zh`, …); none where the seeds have no examples.

    `known` names the languages of the embedding model; of the others only the words are learnt from.
    """
    rules = read_intent_rules(seeds / "intents.yaml")
    on_topic, off_topic = _read_questions(seeds / "on_topic.yaml"), _read_questions(seeds / "off_topic.yaml")
    passages = list(passages)
    phrases = _phrases(passages)
    messages = read_messages(seeds)
    classifiers = train_message_classifiers(seeds, messages, passages)
    for language in LANGUAGES:
        beside = off_topic.get(language, [])
        intents: list[tuple[str, str]] = [(text, rule.intent) for rule in rules for text in rule.examples.get(language, [])]
        intents += [(text, "off_topic") for text in beside] if intents else []
        told = [*on_topic.get(language, []), *phrases[language]]
        subjects = _subject_examples(rules, beside, told, language)
        harms = [(text, HARMFUL if label == "harmful" else HARMLESS) for text, label in intents]
        intents += [(text, "check_message") for text in _pasted(messages, language)] if intents else []
        harms += [(text, HARMLESS) for text in on_topic.get(language, [])]
        rows_of: dict[str, list[tuple[str, str]]] = {"intent": intents, "subject": subjects, "harm": harms}
        taught = {name: rows for name, rows in rows_of.items() if len({label for _, label in rows}) > 1}
        every = list(dict.fromkeys(text for rows in taught.values() for text, _ in rows))  # encoded once, whatever they are examples of
        counts = {text: counts_of(text) for text in every}
        vector_of = dict(zip(every, encoder.encode(every), strict=True)) if every and language in known else {}
        for name, examples in taught.items():
            texts = [text for text, _ in examples]
            own = [vector_of[text] for text in texts] if vector_of else None
            classifiers[f"{name}-{language}"] = train_by_margin([counts[text] for text in texts], [label for _, label in examples], own)
    return classifiers


def training_digest(seeds: Path, passages: Iterable[Document]) -> str:
    """A digest of all that the classifiers learn from: unchanged examples need no new training."""
    digest = hashlib.sha256(messages_digest(seeds).encode())
    for name in TRAINING_FILES:
        path = seeds / name
        digest.update(path.read_bytes() if path.is_file() else b"-")
    digest.update(repr(sorted((language, sorted(texts)) for language, texts in _phrases(passages).items())).encode())
    return digest.hexdigest()[:16]


def _subject_examples(
    rules: Sequence[IntentRule], off_topic: Sequence[str], phrases: Sequence[str], language: Language
) -> list[tuple[str, str]]:
    beside = {"smalltalk", "off_topic"}
    on = [text for rule in rules if rule.intent not in beside for text in rule.examples.get(language, [])]
    off = [text for rule in rules if rule.intent == "off_topic" for text in rule.examples.get(language, [])]
    return [(text, ON_TOPIC) for text in [*on, *phrases]] + [(text, OFF_TOPIC) for text in [*off, *off_topic]]


def _pasted(messages: Sequence[Message], language: Language) -> list[str]:
    """Messages as people paste them instead of asking: a fixed part of those that are learnt from, since with all of them requests to scam
    would look like messages. A call that is told may be an emergency, and is none of them."""
    fit = [message.text for message in messages if message.split == "dev" and message.language == language and message.channel != "call"]
    return _part([text for text in fit if len(text) >= _SHORTEST_PASTED], _MOST_PASTED)


def _phrases(passages: Iterable[Document]) -> Mapping[Language, list[str]]:
    """What people say of the subjects that the sources have: the guides' phrases, and sentences of everything else."""
    phrases: dict[Language, dict[str, None]] = {language: {} for language in LANGUAGES}
    sentences: dict[Language, dict[str, None]] = {language: {} for language in LANGUAGES}
    for passage in passages:
        facts = passage.metadata
        guide = facts["kind"] == "guide"
        texts = [*facts["aliases"], *facts["asked_as"]] if guide else facts["sentences"]
        (phrases if guide else sentences)[passage.metadata["language"]].update(dict.fromkeys(texts))
    return {language: list(phrases[language] | dict.fromkeys(_part(sentences[language], _MOST_SENTENCES))) for language in LANGUAGES}


def _part(texts: Iterable[str], most: int) -> list[str]:
    """All of them while they are few, else a fixed part, which a text that is changed elsewhere leaves as it is."""
    ordered = list(texts)
    if len(ordered) <= most:
        return ordered
    return sorted(ordered, key=lambda text: hashlib.sha256(text.encode()).digest())[:most]


def _read_questions(path: Path) -> dict[str, list[str]]:
    return read_yaml(path, TypeAdapter(dict[str, list[str]])) if path.is_file() else {}
