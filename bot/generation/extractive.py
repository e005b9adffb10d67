"""The default generator: sentences of the passages, chosen and ordered for the intent, never reworded."""

import re
from collections.abc import Iterator, Sequence

import numpy as np
from langchain_core.documents import Document

from bot.generation.base import Draft
from bot.passages import language_of
from bot.retrieval.hybrid import Found
from bot.schema import Language
from bot.store import Index
from bot.text import HAN, normalize, tokenize
from bot.understanding import Query

# An answer is short first: about 120 English words or 200 Chinese characters.
_BUDGET: dict[Language, int] = {"en": 120, "zh": 220}
_MOST_SENTENCES = 8
_MOST_FACTS = 4
# A sentence that fits the question much worse than the best one is left out.
_SHARE_OF_BEST = 0.72
_WEIGHT_OF_MEANING = 0.5


class ExtractiveGenerator:
    """Answers with a section of the guide that was found where the intent asks for one, else with the sentences that fit best."""

    name = "extractive"

    def __init__(self, index: Index) -> None:
        self._index = index

    def write(self, query: Query, found: Found) -> Iterator[Draft]:
        drafts = self._section(query, found) or self._facts(query, found)
        yield from _within_budget(_without_repeats(drafts))

    def _section(self, query: Query, found: Found) -> list[Draft]:
        """The sections of the intent, of the guide that was found first; nothing where it does not have them."""
        if not query.sections or not found.passages:
            return []
        facts = found.passages[0].metadata
        keys = self._index.by_source[(facts["source_id"], facts["language"])]
        passages = [self._index.passages[key] for key in keys]
        first = facts["section_id"]
        wanted = [first] if first not in query.sections and _asks_for_fact(query) else list(query.sections)
        drafts: list[Draft] = []
        for section in wanted:
            parts = [passage for passage in passages if passage.metadata["section_id"] == section]
            parts.sort(key=lambda passage: passage.metadata["part"])
            drafts.extend(draft for passage in parts for draft in _whole(passage))
        return drafts

    def _facts(self, query: Query, found: Found) -> list[Draft]:
        """Single sentences that fit the question best, best first."""
        scored: list[tuple[float, Draft]] = []
        for rank, passage in enumerate(found.passages):
            for draft, score in zip(_whole(passage), self._scores(passage, found), strict=True):
                scored.append((score - 0.01 * rank, draft))
        scored.sort(key=lambda item: item[0], reverse=True)
        if not scored:
            return []
        best = scored[0][0]
        return [draft for score, draft in scored[:_MOST_FACTS] if score >= _SHARE_OF_BEST * best]

    def _scores(self, passage: Document, found: Found) -> Sequence[float]:
        """How well each sentence fits: its share of the question's words, and its nearness in meaning where the model knows."""
        heading_words = set(tokenize(f"{passage.metadata['title']} {passage.metadata['section']}"))
        foreign = passage.metadata["language"] == "en" and found.english_tokens
        tokens = found.english_tokens if foreign else found.tokens
        weights = {token: self._index.keyword.rarity(token) for token in tokens}
        total = sum(weights.values()) or 1.0
        words = []
        for sentence in passage.metadata["sentences"]:
            present = set(tokenize(sentence))
            own = sum(weight for token, weight in weights.items() if token in present)
            framed = sum(weight for token, weight in weights.items() if token in heading_words - present)
            words.append((own + 0.5 * framed) / total)
        vectors = self._index.sentence_vectors(str(passage.id))
        if vectors is None or found.vector is None:
            return words
        meaning = np.asarray(vectors @ found.vector)
        return [(1 - _WEIGHT_OF_MEANING) * w + _WEIGHT_OF_MEANING * float(m) for w, m in zip(words, meaning, strict=True)]


def _asks_for_fact(query: Query) -> bool:
    return query.intent in {"general", "figures", "law", "contact"}


def _whole(passage: Document) -> list[Draft]:
    return [Draft(text, passage, place) for place, text in enumerate(passage.metadata["sentences"])]


def _without_repeats(drafts: Sequence[Draft]) -> Iterator[Draft]:
    seen: set[str] = set()
    for draft in drafts:
        key = re.sub(r"\W+", "", normalize(draft.text))
        if key not in seen:
            seen.add(key)
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
