"""The ways in which people speak of a source's subject, searchable by words and meaning.

People describe what happened to them in words that no guide uses; a guide's title, aliases and `asked_as` lines are the bridge. They lead
to the guide and are never shown. An article has none of these: its own sentences stand for what may be asked of it, while they are few.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from langchain_core.documents import Document

from bot.embeddings import Encoder, Vectors
from bot.retrieval.keyword import KeywordIndex, Places
from bot.schema import LANGUAGES
from bot.text import tokenize

# With more sentences of articles than these, every question would be compared with all of them; their passages are enough then.
_MOST_SENTENCES = 5_000


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
        self._rows: dict[str, Places] = {
            language: np.array([row for row, phrase in enumerate(phrases) if phrase.language == language], dtype=np.int64)
            for language in LANGUAGES
        }
        self._sources = list(dict.fromkeys(phrase.source_id for phrase in phrases))
        place = {source: place for place, source in enumerate(self._sources)}
        self._source_of_row = np.array([place[phrase.source_id] for phrase in phrases], dtype=np.int64)
        parts = {language: vectors[rows] for language, rows in self._rows.items()}
        self._vectors_in = {language: np.ascontiguousarray(part, dtype=np.float32) for language, part in parts.items() if part.any()}

    @classmethod
    def build(
        cls, passages: Iterable[Document], encoder: Encoder, languages: Sequence[str], known: Mapping[str, Vectors]
    ) -> "PhraseBook":
        """`known` are vectors of texts that need not be encoded again."""
        passages = list(passages)
        spoken = sum(len(passage.metadata["sentences"]) for passage in passages if passage.metadata["kind"] != "guide")
        few = spoken <= _MOST_SENTENCES
        phrases = list(dict.fromkeys(phrase for passage in passages for phrase in _phrases_of(passage, few)))
        missing = [p.text for p in phrases if p.language in languages and p.text not in known]
        known = {**known, **dict(zip(missing, encoder.encode(missing) if missing else (), strict=True))}
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
        vectors = np.load(folder / "vectors.npy", mmap_mode="r")
        return cls([Phrase(**row) for row in rows], vectors, KeywordIndex.load(folder / "keyword"))

    def known_vectors(self) -> dict[str, Vectors]:
        rows = zip(self._phrases, self._vectors, strict=True)
        return {phrase.text: vector.astype(np.float32) for phrase, vector in rows if vector.any()}

    def by_words(self, tokens: Sequence[str], language: str) -> dict[str, float]:
        """Sources with the BM25 score of their best phrase, best first."""
        return self._guides(self._keyword.scores(tokens)[self._rows[language]], language)

    def by_meaning(self, vector: Vectors, language: str) -> dict[str, float]:
        """Sources with the cosine similarity of their nearest phrase, nearest first."""
        if language not in self._vectors_in:
            return {}
        return self._guides(np.einsum("ij,j->i", self._vectors_in[language], vector), language)

    def _guides(self, scores: Vectors, language: str) -> dict[str, float]:
        """Each source once, at its best phrase; `scores` of the rows of a language."""
        order = np.argsort(-scores, kind="stable")
        order = order[: np.count_nonzero(scores > 0)]
        sources, first = np.unique(self._source_of_row[self._rows[language][order]], return_index=True)
        best = sorted(zip(first.tolist(), sources.tolist(), strict=True))
        return {self._sources[source]: float(scores[order[place]]) for place, source in best}


def _phrases_of(passage: Document, sentences_too: bool) -> list[Phrase]:
    facts = passage.metadata
    if facts["kind"] == "guide":
        texts = [facts["title"], *facts["aliases"], *facts["asked_as"]]
    else:
        texts = facts["sentences"] if sentences_too else [facts["title"]]
    return [Phrase(facts["source_id"], facts["language"], text) for text in texts]
