"""The ways in which people speak of a source's subject, searchable by words and meaning.

People describe what happened to them in words that no guide uses; a guide's title, aliases and `asked_as` lines are the bridge. They lead
to the guide and are never shown. An article has none of these: its own sentences stand for what may be asked of it.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from langchain_core.documents import Document

from bot.embeddings import Encoder, Vectors
from bot.retrieval.keyword import KeywordIndex
from bot.text import tokenize


@dataclass(frozen=True)
class Phrase:
    source_id: str
    language: str
    text: str


class PhraseBook:
    """Finds sources by phrases. Vectors exist for the languages that the embedding model knows; other rows are zero."""

    def __init__(self, phrases: Sequence[Phrase], vectors: Vectors, keyword: KeywordIndex) -> None:
        self._phrases = phrases
        self._vectors = vectors
        self._keyword = keyword
        self._languages = np.array([phrase.language for phrase in phrases])

    @classmethod
    def build(
        cls, passages: Iterable[Document], encoder: Encoder, languages: Sequence[str], reuse: "PhraseBook | None"
    ) -> "PhraseBook":
        phrases = list(dict.fromkeys(phrase for passage in passages for phrase in _phrases_of(passage)))
        known = reuse.known_vectors() if reuse else {}
        missing = [p.text for p in phrases if p.language in languages and p.text not in known]
        if missing:
            known.update(zip(missing, encoder.encode(missing), strict=True))
        size = len(next(iter(known.values()), ()))
        zero = np.zeros(size, dtype=np.float32)
        rows = [known[p.text] if p.language in languages else zero for p in phrases]
        vectors = np.array(rows, dtype=np.float32).reshape(len(phrases), size)
        return cls(phrases, vectors, KeywordIndex.build([tokenize(phrase.text) for phrase in phrases]))

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        rows = [asdict(phrase) for phrase in self._phrases]
        (folder / "phrases.json").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
        np.save(folder / "vectors.npy", self._vectors.astype(np.float16))
        self._keyword.save(folder / "keyword")

    @classmethod
    def load(cls, folder: Path) -> "PhraseBook":
        rows = json.loads((folder / "phrases.json").read_text(encoding="utf-8"))
        vectors = np.load(folder / "vectors.npy").astype(np.float32)
        return cls([Phrase(**row) for row in rows], vectors, KeywordIndex.load(folder / "keyword"))

    def known_vectors(self) -> dict[str, Vectors]:
        rows = zip(self._phrases, self._vectors, strict=True)
        return {phrase.text: vector for phrase, vector in rows if vector.any()}

    def by_words(self, tokens: Sequence[str], language: str) -> dict[str, float]:
        """Sources with the BM25 score of their best phrase, best first."""
        return self._guides(np.where(self._languages == language, self._keyword.scores(tokens), 0.0))

    def by_meaning(self, vector: Vectors, language: str) -> dict[str, float]:
        """Sources with the cosine similarity of their nearest phrase, nearest first."""
        if not len(self._phrases):
            return {}
        return self._guides(np.where(self._languages == language, self._vectors @ vector, 0.0))

    def _guides(self, scores: Vectors) -> dict[str, float]:
        best: dict[str, float] = {}
        for row in np.argsort(-scores, kind="stable"):
            if scores[row] <= 0:
                break
            best.setdefault(self._phrases[row].source_id, float(scores[row]))
        return best


def _phrases_of(passage: Document) -> list[Phrase]:
    facts = passage.metadata
    texts = [facts["title"], *facts["aliases"], *facts["asked_as"]] if facts["kind"] == "guide" else facts["sentences"]
    return [Phrase(facts["source_id"], facts["language"], text) for text in texts]
