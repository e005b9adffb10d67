"""Keyword search: BM25 over the tokens of `bot.text.tokenize`. Knows rows, not passages."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import bm25s
import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float32]


class KeywordIndex:
    """BM25 scores of every row for a question, and how rare a word is.

    bm25s does the scoring; it would take 刷单返利是诈骗 for one word, so that it is always given our tokens.
    """

    def __init__(self, bm25: bm25s.BM25, document_frequency: dict[str, int], rows: int) -> None:
        self._bm25 = bm25
        self._document_frequency = document_frequency
        self.rows = rows

    @classmethod
    def build(cls, documents: Sequence[Sequence[str]]) -> "KeywordIndex":
        bm25 = bm25s.BM25(method="lucene")
        if documents:
            bm25.index([list(tokens) or [""] for tokens in documents], show_progress=False)
        frequency = Counter(token for tokens in documents for token in set(tokens))
        return cls(bm25, dict(frequency), len(documents))

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        if self.rows:
            self._bm25.save(str(folder), show_progress=False)
        facts = {"rows": self.rows, "document_frequency": self._document_frequency}
        (folder / "words.json").write_text(json.dumps(facts, ensure_ascii=False, sort_keys=True), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "KeywordIndex":
        facts = json.loads((folder / "words.json").read_text(encoding="utf-8"))
        bm25 = bm25s.BM25.load(str(folder), show_progress=False) if facts["rows"] else bm25s.BM25()
        return cls(bm25, facts["document_frequency"], facts["rows"])

    def scores(self, tokens: Iterable[str]) -> Scores:
        """Return the BM25 score of each row, shape (rows,); words that no row has count nothing."""
        known = [token for token in tokens if token in self._document_frequency]
        if not known:
            return np.zeros(self.rows, dtype=np.float32)
        return np.asarray(self._bm25.get_scores(known), dtype=np.float32)

    def rarities(self, tokens: Iterable[str]) -> dict[str, float]:
        """The rarity of each word, for weighing which share of a text's words another one has."""
        return {token: self.rarity(token) for token in tokens}

    def rarity(self, token: str) -> float:
        """Inverse document frequency: 0 for a word in every row, highest for a word that no row has."""
        return math.log((self.rows + 1) / (self._document_frequency.get(token, 0) + 0.5))
