"""Hybrid retrieval: rankings by meaning (Chroma) and by words (BM25), fused by reciprocal rank, in two steps.

First the guides: by their passages and by the phrases in which people speak of their subject, by meaning and by words; a Chinese
question also by its English terms, since the guides stand in both languages under the same ids. Then the passages of the best
guides: by their own rankings, lifted where they stand under a section of the intent, and not too many of one guide.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from bot.embeddings import Vectors
from bot.glossary import Glossary
from bot.passages import language_of
from bot.retrieval.fusion import reciprocal_rank_fusion, weighted_rank_fusion
from bot.schema import Language
from bot.store import Index
from bot.text import tokenize
from bot.understanding import Query, Understanding

DEPTH = 60  # passages taken from each ranking before fusion
_GUIDES = 10  # guides whose passages are looked at
_GUIDES_SHOWN_FIRST = 3  # guides that the first passages are taken from
_PASSAGES_OF_ONE = 2  # passages of one guide before the next guide has its turn

# How much each ranking of guides counts. Chosen on the development split of seeds/evals.
_WEIGHT_PASSAGES_MEANING = 1.0
_WEIGHT_PASSAGES_WORDS = 1.0
_WEIGHT_PHRASES_MEANING = 1.0
_WEIGHT_PHRASES_WORDS = 1.0
_WEIGHT_ENGLISH_TERMS = 0.5
# In units of reciprocal rank fusion, where a first place in one ranking is worth 1/61.
_LIFT_TOPIC = 0.020
_LIFT_PREFERRED_GUIDE = 0.006
_LIFT_SECTION = 0.010
# Below this share of its words found in Chinese passages, a Chinese question is also tried on the English ones.
_FOREIGN_BELOW = 0.35


@dataclass(frozen=True)
class Found:
    """What retrieval found: passages best first, how sure it is that they are on the subject, and the vector of the question."""

    passages: tuple[Document, ...]
    language: Language
    tokens: tuple[str, ...]
    vector: Vectors | None
    similarity: float
    coverage: float


class HybridRetriever(BaseRetriever):
    """A LangChain retriever over one published index; `find` takes a Query, `invoke` plain text."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    index: Index
    understanding: Understanding
    glossary: Glossary
    results: int = 8

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, **kwargs: Any
    ) -> list[Document]:
        return list(self.find(self.understanding.understand(query)).passages)

    def find(self, query: Query) -> Found:
        """Find passages in the language of the question; where they do not fit, a Chinese question tries the English ones."""
        found = self._search(query, query.standalone, query.language)
        if query.language == "zh" and found.coverage < _FOREIGN_BELOW:
            terms = self.glossary.to_english(query.standalone)
            foreign = self._search(query, terms, "en") if terms else found
            if foreign.coverage > found.coverage:
                return foreign
        return found

    def _search(self, query: Query, text: str, language: Language) -> Found:
        tokens = tuple(dict.fromkeys(tokenize(text)))
        vector = self._encode(text, language)
        near = self._dense(vector, language)
        by_words = self._keyword(tokens, language)
        guides = self._guides(query, near, by_words, tokens, vector, language)
        passages = self._passages(query, reciprocal_rank_fusion([list(near), by_words]), guides, language)
        phrase = max(self.index.phrases.by_meaning(vector, language).values(), default=0.0) if vector is not None else 0.0
        return Found(
            passages=passages,
            language=language,
            tokens=tokens,
            vector=vector,
            similarity=max([phrase, *near.values()], default=0.0),
            coverage=max((self.coverage(tokens, passage) for passage in passages), default=0.0),
        )

    def _encode(self, text: str, language: Language) -> Vectors | None:
        return self.index.encoder.encode([text])[0] if self.index.knows(language) else None

    def _guides(
        self,
        query: Query,
        near: dict[str, float],
        by_words: list[str],
        tokens: tuple[str, ...],
        vector: Vectors | None,
        language: Language,
    ) -> dict[str, float]:
        """The guides and articles with their fused scores, best first."""
        phrases = self.index.phrases
        rankings = [
            (_WEIGHT_PASSAGES_MEANING, self._sources(near)),
            (_WEIGHT_PASSAGES_WORDS, self._sources(by_words)),
            (_WEIGHT_PHRASES_WORDS, list(phrases.by_words(tokens, language))),
        ]
        if vector is not None:
            rankings.append((_WEIGHT_PHRASES_MEANING, list(phrases.by_meaning(vector, language))))
        if language == "zh" and (terms := self.glossary.to_english(query.standalone)):
            rankings.extend((_WEIGHT_ENGLISH_TERMS, ranking) for ranking in self._english_rankings(terms))
        scores = weighted_rank_fusion(rankings)
        for guide in query.topics:
            scores[guide] = scores.get(guide, 0.0) + _LIFT_TOPIC
        for guide in query.guides:
            scores[guide] = scores.get(guide, 0.0) + _LIFT_PREFERRED_GUIDE
        best = sorted(scores, key=lambda guide: scores[guide], reverse=True)
        return {guide: scores[guide] for guide in best if (guide, language) in self.index.by_source}

    def _english_rankings(self, terms: str) -> list[list[str]]:
        """Guides for the English terms of a Chinese question: its guides have the same ids."""
        vector = self._encode(terms, "en")
        if vector is None:
            return []
        return [self._sources(self._dense(vector, "en")), list(self.index.phrases.by_meaning(vector, "en"))]

    def _sources(self, keys: Iterable[str]) -> list[str]:
        return list(dict.fromkeys(self.index.passages[key].metadata["source_id"] for key in keys))

    def _dense(self, vector: Vectors | None, language: Language) -> dict[str, float]:
        """The nearest passages of a language with their cosine similarity."""
        if vector is None:
            return {}
        # Filtering inside Chroma is several times slower than asking for more and leaving the others out.
        near = self.index.nearest(vector, 2 * DEPTH)
        return {key: cosine for key, cosine in near if language_of(self.index.passages[key]) == language}

    def _keyword(self, tokens: tuple[str, ...], language: Language) -> list[str]:
        scores = self.index.keyword.scores(tokens)
        best = np.argsort(-scores, kind="stable")[: 4 * DEPTH]
        keys = [self.index.ids[row] for row in best if scores[row] > 0]
        return [key for key in keys if language_of(self.index.passages[key]) == language][:DEPTH]

    def _passages(
        self, query: Query, fused: dict[str, float], guides: dict[str, float], language: Language
    ) -> tuple[Document, ...]:
        """The best passages of the best guides: a few of each of the first ones in turn, then whatever scores highest."""
        scores: dict[str, float] = {}
        ranked: list[list[str]] = []
        for guide in list(guides)[:_GUIDES]:
            keys = self.index.by_source[(guide, language)]
            own = {key: fused.get(key, 0.0) + self._section_lift(key, query) for key in keys}
            ranked.append(sorted(keys, key=lambda key: own[key], reverse=True))
            scores.update((key, own[key] + guides[guide]) for key in keys)
        first = [key for keys in ranked[:_GUIDES_SHOWN_FIRST] for key in keys[:_PASSAGES_OF_ONE]]
        rest = sorted(scores.keys() - set(first), key=lambda key: (-scores[key], key))
        return tuple(self.index.passages[key] for key in [*first, *rest][: self.results])

    def _section_lift(self, key: str, query: Query) -> float:
        """More for a section that the intent names earlier."""
        section = self.index.passages[key].metadata["section_id"]
        if section not in query.sections:
            return 0.0
        return _LIFT_SECTION / (1 + 0.5 * query.sections.index(section))

    def coverage(self, tokens: tuple[str, ...], passage: Document) -> float:
        """The share of the question's words that the passage has, weighted by their rarity; from 0 to 1."""
        weights = {token: self.index.keyword.rarity(token) for token in tokens}
        total = sum(weights.values())
        present = self.index.tokens(str(passage.id))
        return sum(weight for token, weight in weights.items() if token in present) / total if total else 0.0
