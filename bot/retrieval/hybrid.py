"""Hybrid retrieval: rankings by meaning (Chroma) and by words (BM25), fused by reciprocal rank, in two steps.

First the guides: by their passages and by the phrases in which people speak of their subject, by meaning and by words; a Chinese
question also by its English terms, since the guides stand in both languages under the same ids. Then the passages of the best
guides: by their own rankings, lifted where they stand under a section of the intent, and not too many of one guide.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

import numpy as np
from langchain_core.documents import Document

from bot.embeddings import Vectors
from bot.retrieval.fusion import reciprocal_rank_fusion, weighted_rank_fusion
from bot.schema import Language
from bot.store import Index
from bot.understanding import Query, Understanding

DEPTH = 60  # passages taken from each ranking before fusion
_GUIDES = 10  # guides whose passages are looked at
_FACT_PASSAGES = 12
_TURNS = (0, 1, 2, 0, 3)  # which guide each of the first passages is taken from, by its place

# How much each ranking of guides counts, and the constant of their fusion: few rankings, each often right in its first places, so
# that first places count for more than in the fusion of passages. Chosen on the development split of seeds/evals.
_GUIDE_RANK_CONSTANT = 0.5
_WEIGHT_PASSAGES_MEANING = 0.8
_WEIGHT_PASSAGES_WORDS = 1.0
_WEIGHT_PHRASES_MEANING = 1.0
_WEIGHT_PHRASES_WORDS = 1.1
_WEIGHT_ENGLISH_WORDS = 1.2
_WEIGHT_ENGLISH_MEANING = 0.1
_LIFT_TITLE = 10.0  # above every sum of rankings: a title names its guide beyond doubt
_LIFT_TOPIC = 0.5
_LIFT_PREFERRED_GUIDE = 0.1
# In units of the fusion of passages, where a first place in one ranking is worth 1/61.
_LIFT_SECTION = 0.020


@dataclass(frozen=True)
class Found:
    """What retrieval found: passages best first (of the best guides in turn), and how well they fit.

    `fact_passages` are the best ones whatever their source, for a question that asks for a single fact.
    `similarity` is the best cosine of the question, or of its English terms, to a passage or phrase; `coverage` the share of its words,
    weighted by rarity, that the best guides have; both from 0 to 1.
    """

    passages: tuple[Document, ...]
    fact_passages: tuple[Document, ...]
    similarity: float
    coverage: float


@dataclass(frozen=True)
class HybridRetriever:
    """Finds passages in one published index; `langchain_retriever.py` gives it to LangChain."""

    index: Index
    understanding: Understanding
    results: int = 8

    def find(self, query: Query) -> Found:
        """Find passages in the language of the question, and in English from sources that exist in English only."""
        question = query.reading
        phrases = self.index.phrases
        near = self._dense(question.vector, query.language)
        words = self._keyword(question.tokens, query.language)
        spoken = phrases.by_words(question.tokens, query.language)
        meant = phrases.by_meaning(question.vector, query.language) if question.vector is not None else {}
        english_near = self._dense(question.english_vector, "en")
        english_words = self._keyword(question.english_tokens, "en")
        english_meant = phrases.by_meaning(question.english_vector, "en") if question.english_vector is not None else {}
        guides = weighted_rank_fusion(
            [
                (_WEIGHT_PASSAGES_MEANING, self._sources(near)),
                (_WEIGHT_PASSAGES_WORDS, self._sources(words)),
                (_WEIGHT_PHRASES_MEANING, list(meant)),
                (_WEIGHT_PHRASES_WORDS, list(spoken)),
                (_WEIGHT_ENGLISH_WORDS, self._sources(english_words)),
                (_WEIGHT_ENGLISH_MEANING, self._sources(english_near)),
            ],
            _GUIDE_RANK_CONSTANT,
        )
        preferred = () if query.topics else query.guides
        for named, lift in ((preferred, _LIFT_PREFERRED_GUIDE), (query.topics, _LIFT_TOPIC), (query.titled, _LIFT_TITLE)):
            for guide in named:
                guides[guide] = guides.get(guide, 0.0) + lift
        fused = reciprocal_rank_fusion(
            [list(near), words, self._in_language(english_words, query), self._in_language(english_near, query)]
        )
        passages = self._passages(query, fused, guides)
        similarities = [*near.values(), *meant.values(), *english_near.values(), *english_meant.values()]
        return Found(
            passages=passages,
            fact_passages=tuple(self.index.passages[key] for key in list(fused)[:_FACT_PASSAGES]),
            similarity=max(similarities, default=0.0),
            coverage=max((self._guide_coverage(query, p.metadata["source_id"]) for p in passages[:2]), default=0.0),
        )

    def _sources(self, keys: Iterable[str]) -> list[str]:
        return list(dict.fromkeys(map(self.index.source_of.__getitem__, keys)))

    def _dense(self, vector: Vectors | None, language: Language) -> dict[str, float]:
        """The nearest passages of a language with their cosine similarity."""
        if vector is None:
            return {}
        # Filtering inside Chroma is several times slower than asking for more and leaving the others out.
        near = self.index.nearest(vector, 2 * DEPTH)
        return {key: cosine for key, cosine in near if self.index.language_of[key] == language}

    def _keyword(self, tokens: tuple[str, ...], language: Language) -> list[str]:
        scores = self.index.keyword.scores(tokens)
        best = np.argsort(-scores, kind="stable")[: min(4 * DEPTH, np.count_nonzero(scores > 0))]
        keys = (self.index.ids[row] for row in best.tolist())
        fitting = (key for key in keys if key in self.index.passages and self.index.language_of[key] == language)
        return list(islice(fitting, DEPTH))

    def _in_language(self, keys: Iterable[str], query: Query) -> list[str]:
        """The same sections in the language of the question, where their source stands in it."""
        found: dict[str, None] = {}
        for key in keys:
            facts = self.index.passages[key].metadata
            source = facts["source_id"]
            if (source, query.language) in self.index.by_source:
                found.update(dict.fromkeys(self.index.by_section.get((source, facts["section_id"], query.language), ())))
            else:
                found[key] = None
        return list(found)

    def _readable(self, source: str, language: Language) -> list[str]:
        """The passages of a source in a language, else in English."""
        return self.index.by_source.get((source, language)) or self.index.by_source.get((source, "en"), [])

    def _passages(self, query: Query, fused: dict[str, float], guides: dict[str, float]) -> tuple[Document, ...]:
        """The best passages of the best guides: the first ones in turn, then whatever scores highest."""
        scores: dict[str, float] = {}
        ranked: list[list[str]] = []
        readable = (guide for guide in sorted(guides, key=guides.__getitem__, reverse=True) if self._readable(guide, query.language))
        for guide in islice(readable, _GUIDES):
            keys = self._readable(guide, query.language)
            own = {key: fused.get(key, 0.0) + self._section_lift(key, query) for key in keys}
            ranked.append(sorted(keys, key=own.__getitem__, reverse=True))
            scores.update((key, own[key] + guides[guide]) for key in keys)
        first = []
        for place in _TURNS:
            if place < len(ranked) and ranked[place]:
                first.append(ranked[place].pop(0))
        rest = sorted(scores.keys() - set(first), key=lambda key: (-scores[key], key))
        return tuple(self.index.passages[key] for key in [*first, *rest][: self.results])

    def _section_lift(self, key: str, query: Query) -> float:
        """More for a section that the intent names earlier."""
        section = self.index.passages[key].metadata["section_id"]
        if section not in query.sections:
            return 0.0
        return _LIFT_SECTION / (1 + 0.5 * query.sections.index(section))

    def _guide_coverage(self, query: Query, source: str) -> float:
        """The share of the question's words that a guide has; of its English terms where the guide stands in English only."""
        if (source, query.language) in self.index.by_source:
            return self._coverage(query.reading.tokens, source, query.language)
        return self._coverage(query.reading.english_tokens, source, "en")

    def _coverage(self, tokens: tuple[str, ...], source: str, language: Language) -> float:
        weights = self.index.keyword.rarities(tokens)
        total = sum(weights.values())
        present = self.index.source_tokens(source, language)
        return sum(weight for token, weight in weights.items() if token in present) / total if total else 0.0
