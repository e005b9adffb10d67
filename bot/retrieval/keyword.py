"""Keyword search: BM25 over the tokens of `bot.text.tokenize`. Knows rows, not passages.

bm25s works out the weights when an index is built, and they are kept as plain arrays, since importing it (with scipy) takes a tenth of
a second whenever somebody asks.
"""

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]


class KeywordIndex:
    """BM25 scores of every row for a question, and how rare a word is.

    The word at place p of `words` (sorted) stands in `rows[starts[p]:starts[p + 1]]`, with the `weights` at the same places.
    """

    def __init__(self, count: int, words: Sequence[str], starts: Places, rows: Places, weights: Scores) -> None:
        self.rows = count
        self._words = words
        self._place_of = {word: place for place, word in enumerate(words)}
        self._starts, self._rows, self._weights = starts, rows, weights

    @classmethod
    def build(cls, documents: Sequence[Sequence[str]]) -> "KeywordIndex":
        if not any(documents):
            return cls(len(documents), [], np.zeros(1, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))
        import bm25s

        bm25 = bm25s.BM25(method="lucene")
        bm25.index([list(tokens) or [""] for tokens in documents], show_progress=False)  # always given our tokens: it knows no Chinese
        words = sorted(word for word in bm25.vocab_dict if word)
        begin, data, indices = bm25.scores["indptr"], bm25.scores["data"], bm25.scores["indices"]
        parts = [slice(begin[place], begin[place + 1]) for place in (bm25.vocab_dict[word] for word in words)]
        starts = np.cumsum([0, *(part.stop - part.start for part in parts)])
        rows = np.concatenate([indices[part] for part in parts]).astype(np.int64)
        return cls(len(documents), words, starts.astype(np.int64), rows, np.concatenate([data[part] for part in parts]))

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        for name, values in (("starts", self._starts), ("rows", self._rows), ("weights", self._weights)):
            np.save(folder / f"{name}.npy", values)
        (folder / "words.json").write_text(json.dumps({"rows": self.rows, "words": self._words}, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "KeywordIndex":
        facts = json.loads((folder / "words.json").read_text(encoding="utf-8"))
        arrays = [np.load(folder / f"{name}.npy") for name in ("starts", "rows", "weights")]
        return cls(facts["rows"], facts["words"], *arrays)

    def scores(self, tokens: Iterable[str]) -> Scores:
        """Return the BM25 score of each row, shape (rows,); words that no row has count nothing."""
        scores = np.zeros(self.rows, dtype=np.float32)
        for place in (self._place_of[token] for token in tokens if token in self._place_of):
            part = slice(self._starts[place], self._starts[place + 1])
            scores[self._rows[part]] += self._weights[part]
        return scores

    def rarities(self, tokens: Iterable[str]) -> dict[str, float]:
        """The rarity of each word, for weighing which share of a text's words another one has."""
        return {token: self.rarity(token) for token in tokens}

    def rarity(self, token: str) -> float:
        """Inverse document frequency: 0 for a word in every row, highest for a word that no row has."""
        place = self._place_of.get(token)
        frequency = 0 if place is None else int(self._starts[place + 1] - self._starts[place])
        return math.log((self.rows + 1) / (frequency + 0.5))
