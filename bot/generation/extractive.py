"""The default generator: sentences of the passages, chosen and ordered for the intent, never reworded."""

import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from langchain_core.documents import Document

from bot.generation.base import Draft
from bot.passages import language_of
from bot.retrieval.hybrid import Found
from bot.schema import Language
from bot.store import Index
from bot.text import HAN, tokenize
from bot.understanding import Query

# These ask for single facts, wherever they stand; the others for a section of a guide, whole and in its order.
_ASKS_FOR_FACT = {"figures", "general", "law", "contact"}
# An answer is short first: about 120 English words or 200 Chinese characters.
_BUDGET: dict[Language, int] = {"en": 120, "zh": 220}
_MOST_SENTENCES = 8
_MOST_FACTS = 4
# A sentence that fits the question much worse than the best one is left out.
_SHARE_OF_BEST = 0.72
_WEIGHT_OF_MEANING = 0.5
# Two sentences of which one has this share of the other's words say the same.
_REPEATED = 0.85
# A sentence without the years or numbers of the question is about another year or case.
_OTHER_NUMBER = 0.25
# A fact is quoted from the text that reported it rather than from a guide that repeats it, in the language of the question
# where it stands in both, and not from what a scammer says or does: alone, that would read as if it were so.
_ORIGINAL = 0.12
_FOREIGN = 0.5
_STORY = 0.25
_STORY_SECTIONS = {"how", "signs"}

Weights = Mapping[str, float]


class ExtractiveGenerator:
    """Answers with a section of the guide that was found where the intent asks for one, else with the sentences that fit best."""

    name = "extractive"

    def __init__(self, index: Index) -> None:
        self._index = index

    def write(self, query: Query, found: Found) -> Iterator[Draft]:
        drafts = self._facts(query, found) if query.intent in _ASKS_FOR_FACT else self._section(query, found)
        yield from _within_budget(_without_repeats(drafts or self._facts(query, found)))

    def _section(self, query: Query, found: Found) -> list[Draft]:
        """The sections of the intent, of the guide that was found first; nothing where it does not have them."""
        if not query.sections or not found.passages:
            return []
        facts = found.passages[0].metadata
        keys = self._index.by_source[(facts["source_id"], facts["language"])]
        passages = sorted((self._index.passages[key] for key in keys), key=lambda passage: passage.metadata["part"])
        return [
            draft
            for section in query.sections
            for passage in passages
            if passage.metadata["section_id"] == section
            for draft in _whole(passage)
        ]

    def _facts(self, query: Query, found: Found) -> list[Draft]:
        """Single sentences that fit the question best, best first."""
        passages = self._where_to_report(query) or {str(p.id): p for p in (*found.passages, *found.fact_passages)}
        own = self._index.keyword.rarities(query.reading.tokens)
        english = self._index.keyword.rarities(query.reading.english_tokens)
        scored = [
            (score + _bonus(passage, query), draft)
            for passage in passages.values()
            for draft, score in zip(_whole(passage), self._scores(passage, query, own, english), strict=True)
        ]
        scored.sort(key=lambda item: item[0], reverse=True)
        best = scored[0][0] if scored else 0.0
        return [draft for score, draft in scored[:_MOST_FACTS] if score >= _SHARE_OF_BEST * best]

    def _where_to_report(self, query: Query) -> dict[str, Document]:
        """For who asks whom to ring: the guides that say so, and no other, since numbers elsewhere serve other ends."""
        if query.intent != "contact":
            return {}
        keys = [key for guide in query.guides for key in self._index.by_source.get((guide, query.language), ())]
        return {key: self._index.passages[key] for key in keys}

    def _scores(self, passage: Document, query: Query, own: Weights, english: Weights) -> Sequence[float]:
        """How well each sentence fits: its share of the question's words, and its nearness in meaning where the model knows.

        `own` and `english` weigh the words of the question and of its English terms.
        """
        heading_words = set(tokenize(f"{passage.metadata['title']} {passage.metadata['section']}"))
        reading = query.reading
        foreign = language_of(passage) != query.language
        weights = english if foreign else own
        total = sum(weights.values()) or 1.0
        numbers = {token for token in weights if token[0].isdigit()}
        words = []
        for sentence in passage.metadata["sentences"]:
            present = set(tokenize(sentence))
            other = _OTHER_NUMBER if numbers and not numbers & present else 0.0
            shared = sum(weight for token, weight in weights.items() if token in present)
            framed = sum(weight for token, weight in weights.items() if token in heading_words - present)
            words.append((shared + 0.5 * framed) / total - 2 * other)
        vectors = self._index.sentence_vectors(str(passage.id))
        vector = reading.english_vector if foreign else reading.vector
        if vectors is None or vector is None:
            return words
        meaning = np.asarray(vectors @ vector)
        return [(1 - _WEIGHT_OF_MEANING) * w + _WEIGHT_OF_MEANING * float(m) for w, m in zip(words, meaning, strict=True)]


def _bonus(passage: Document, query: Query) -> float:
    """What speaks for or against quoting a fact from this passage, beside how well its sentences fit."""
    facts = passage.metadata
    bonus = _ORIGINAL if facts["kind"] != "guide" else 0.0
    bonus -= _FOREIGN if language_of(passage) != query.language else 0.0
    return bonus - (_STORY if facts["section_id"] in _STORY_SECTIONS else 0.0)


def _whole(passage: Document) -> list[Draft]:
    return [Draft(text, passage, place) for place, text in enumerate(passage.metadata["sentences"])]


def _without_repeats(drafts: Sequence[Draft]) -> Iterator[Draft]:
    """Leave out a sentence that says hardly more than one before it."""
    said: list[set[str]] = []
    for draft in drafts:
        words = set(tokenize(draft.text))
        if not any(len(words & before) >= _REPEATED * min(len(words), len(before)) for before in said if words and before):
            said.append(words)
            yield draft


def _within_budget(drafts: Iterator[Draft]) -> Iterator[Draft]:
    used = 0.0
    count = 0
    for draft in drafts:
        language = language_of(draft.passage)
        share = _length(draft.text, language) / _BUDGET[language]
        if count and (used + share > 1 or count == _MOST_SENTENCES):
            return
        used += share
        count += 1
        yield draft


def _length(text: str, language: Language) -> int:
    """Words in English, characters in Chinese."""
    return len(re.findall(rf"[{HAN}]|\w", text)) if language == "zh" else len(text.split())
