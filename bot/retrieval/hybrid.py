"""Hybrid retrieval: dense (Chroma) and keyword (BM25) rankings, fused by reciprocal rank, lifted by topic and section.

The guides share one order of sections, so that a question that finds the right guide by one section can be answered from
another: the passages of the best guides that stand under the sections of the intent are lifted.
"""

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
from bot.retrieval.fusion import reciprocal_rank_fusion
from bot.schema import Language
from bot.store import Index
from bot.text import tokenize
from bot.understanding import Query, Understanding

DEPTH = 60  # passages taken from each ranking before fusion
_GUIDES = 8  # guides whose sections may be lifted

# Lifts are in units of reciprocal rank fusion, where a first place in one ranking is worth 1/61. Chosen on the development
# split of seeds/evals.
_LIFT_TOPIC = 0.020
_LIFT_GUIDE = 0.6
_LIFT_SECTION = 0.010
_LIFT_PREFERRED_GUIDE = 0.006
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
        vector = self.index.encoder.encode([text])[0] if self.index.knows(language) else None
        near = self._dense(vector, language)
        rankings = [list(near), self._keyword(tokens, language)]
        fused = reciprocal_rank_fusion(rankings)
        ranked = self._lifted(fused, query, language)[: self.results]
        passages = tuple(self.index.passages[key] for key in ranked)
        return Found(
            passages=passages,
            language=language,
            tokens=tokens,
            vector=vector,
            similarity=max(near.values(), default=0.0),
            coverage=max((self.coverage(tokens, passage) for passage in passages), default=0.0),
        )

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

    def _lifted(self, fused: dict[str, float], query: Query, language: Language) -> list[str]:
        guides: dict[str, float] = {}
        for key, score in fused.items():
            source = self.index.passages[key].metadata["source_id"]
            guides[source] = max(guides.get(source, 0.0), score)
        for guide in query.topics:
            guides[guide] = guides.get(guide, 0.0) + _LIFT_TOPIC
        for guide in query.guides:
            guides[guide] = guides.get(guide, 0.0) + _LIFT_PREFERRED_GUIDE
        best = sorted(guides, key=lambda guide: guides[guide], reverse=True)[:_GUIDES]
        scores = dict(fused)
        for guide in best:
            for key in self.index.by_source.get((guide, language), ()):
                score = scores.get(key, 0.0) + _LIFT_GUIDE * guides[guide]
                if self.index.passages[key].metadata["section_id"] in query.sections:
                    score += _LIFT_SECTION
                scores[key] = score
        return sorted(scores, key=lambda key: scores[key], reverse=True)

    def coverage(self, tokens: tuple[str, ...], passage: Document) -> float:
        """The share of the question's words that the passage has, weighted by their rarity; from 0 to 1."""
        weights = {token: self.index.keyword.rarity(token) for token in tokens}
        total = sum(weights.values())
        present = self.index.tokens(str(passage.id))
        return sum(weight for token, weight in weights.items() if token in present) / total if total else 0.0
