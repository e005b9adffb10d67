"""A linear text classifier: which label fits a text best? Trained when the index is built, kept as plain arrays.

Features are hashed pieces of the text (runs of one to three words with its start and end; one to three Chinese characters; pieces of
words against misspelling), cues that the caller found in it, and the embedding vector, where there is one. Serving needs numpy only;
scikit-learn is imported by `train` alone.
"""

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.text import HAN, normalize

_BUCKETS = 2**14
# With the rareness of pieces told apart, fewer may share a bucket.
_RARE_BUCKETS = 2**17
_FEWEST_TEXTS = 2
_WORD = re.compile(rf"[{HAN}]|[^\W_{HAN}]+")
_HAN = re.compile(f"[{HAN}]")
_STRENGTH = 8.0  # inverse regularisation; chosen by cross-validation on the training examples
_CUE = 0.3  # what a cue weighs beside the pieces, whose length together is one; chosen likewise

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.intp]
Pieces = tuple[Places, Floats]
Counts = tuple[Counter[int], Counter[int]]


@dataclass(frozen=True)
class LinearClassifier:
    """Weights of shape (labels, buckets + dimension of the vector), or of the vector alone, and a bias for each label.

    A loaded one keeps its weights in half precision, as they are stored; what a text needs of them is computed in float32.

    `rareness` is what a piece in each bucket counts, the more the fewer texts have it; without it all pieces count alike.
    """

    labels: tuple[str, ...]
    weights: Floats | npt.NDArray[np.float16]
    bias: Floats
    rareness: Floats | None = None

    def probabilities(self, text: str, vector: Floats | None = None, cues: Iterable[str] = ()) -> dict[str, float]:
        """Return the probability of each label; the cues must be found as they were for the examples."""
        if self.rareness is None:
            return self.probabilities_of(pieces_of(text), vector, cues)
        places, values = _weighed(counts_of(text), self.rareness)
        return self._shares(self._scores(places, values))

    def probabilities_of(self, pieces: Pieces, vector: Floats | None = None, cues: Iterable[str] = ()) -> dict[str, float]:
        """The same of the pieces of a text, which several classifiers may be asked about."""
        places, values = _features(pieces, vector, self.weights.shape[1], cues)
        return self._shares(self._scores(places, values))

    def _scores(self, places: Places, values: Floats) -> Floats:
        return self.weights[:, places].astype(np.float32) @ values

    def _shares(self, scores: Floats) -> dict[str, float]:
        scores = scores + self.bias
        shares = np.exp(scores - scores.max())
        return dict(zip(self.labels, (shares / shares.sum()).tolist(), strict=True))

    def save(self, path: Path) -> None:
        arrays: dict[str, Any] = {"labels": np.array(self.labels), "weights": self.weights.astype(np.float16), "bias": self.bias}
        if self.rareness is not None:
            arrays["rareness"] = self.rareness.astype(np.float16)
        np.savez(path, **arrays)

    @classmethod
    def load(cls, path: Path) -> "LinearClassifier":
        with np.load(path) as arrays:
            rareness = arrays["rareness"].astype(np.float32) if "rareness" in arrays else None
            return cls(tuple(str(label) for label in arrays["labels"]), arrays["weights"], arrays["bias"], rareness)


def train(
    texts: Sequence[str],
    labels: Sequence[str],
    vectors: Sequence[Floats] | None,
    cues: Sequence[Iterable[str]] | None = None,
) -> LinearClassifier:
    """Fit a logistic regression; every label counts alike, however many examples it has."""
    dimension = len(vectors[0]) if vectors else 0
    size = _BUCKETS + dimension
    rows = [
        _features(pieces_of(text), vectors[n] if vectors else None, size, cues[n] if cues else ()) for n, text in enumerate(texts)
    ]
    return _fit(_matrix(rows, size), labels, _STRENGTH)


def train_on_rare_pieces(counts: Sequence[Counts], labels: Sequence[str], strength: float) -> LinearClassifier:
    """Fit a logistic regression for which a piece says the more the fewer texts have it, and one of a single text nothing.

    Takes what `counts_of` says of each text, since counting takes longer than fitting.
    """
    having = np.zeros(_RARE_BUCKETS)
    for parts in counts:
        for part in parts:
            having[list(part)] += 1
    rareness = np.where(having < _FEWEST_TEXTS, 0.0, np.log((1 + len(counts)) / (1 + having)) + 1).astype(np.float32)
    rows = [_weighed(parts, rareness) for parts in counts]
    told = np.unique(np.concatenate([places for places, _ in rows]))
    fitted = _fit(_matrix(rows, _RARE_BUCKETS)[:, told], labels, strength)
    weights = np.zeros((len(fitted.labels), _RARE_BUCKETS), dtype=np.float32)
    weights[:, told] = fitted.weights
    return LinearClassifier(fitted.labels, weights, fitted.bias, rareness)


def _matrix(rows: Sequence[Pieces], size: int) -> Any:
    """The rows as one sparse matrix, shape (rows, size)."""
    from scipy.sparse import csr_matrix

    ends = np.cumsum([0, *(len(places) for places, _ in rows)])
    places, values = (np.concatenate(parts) for parts in zip(*rows, strict=True))
    return csr_matrix((values, places, ends), (len(rows), size))


def _fit(rows: Any, labels: Sequence[str], strength: float) -> LinearClassifier:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=strength, class_weight="balanced", max_iter=2_000)
    model.fit(rows, list(labels))
    weights, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # scikit-learn keeps one row for two classes
        weights, bias = np.vstack([-weights, weights]) / 2, np.array([-bias[0], bias[0]]) / 2
    return LinearClassifier(tuple(str(label) for label in model.classes_), weights.astype(np.float32), bias.astype(np.float32))


def pieces_of(text: str) -> Pieces:
    """The buckets of a text's pieces, each with what it counts: together a vector of length one."""
    counts = Counter(_bucket(piece) for piece in _pieces(normalize(text)))
    values: Floats = np.log1p(np.fromiter(counts.values(), np.float32, len(counts)))
    values /= max(float(np.linalg.norm(values)), 1e-6)
    return np.fromiter(counts, np.intp, len(counts)), values


def _features(pieces: Pieces, vector: Floats | None, size: int, cues: Iterable[str]) -> Pieces:
    """The places of a row of this size that are not nought, and their values."""
    if vector is not None and size == len(vector):  # trained on vectors alone
        return np.arange(size), vector
    cued = np.array([_bucket(f"cue {cue}") for cue in cues], dtype=np.intp)
    places, values = [pieces[0], cued], [pieces[1], np.full(len(cued), _CUE, dtype=np.float32)]
    if vector is not None and size > _BUCKETS:
        places.append(np.arange(_BUCKETS, size, dtype=np.intp))
        values.append(vector)
    return np.concatenate(places), np.concatenate(values)


def counts_of(text: str) -> Counts:
    """How often each bucket of words in a row, and of characters in a row, is met."""
    plain = normalize(text)
    words = _WORD.findall(plain)
    runs = (f"w {run}" for size in (1, 2, 3) for run in _runs(words, size))
    pieces = (f"c {plain[start : start + size]}" for size in (1, 2, 3, 4) for start in range(len(plain) - size + 1))
    return _in_buckets(runs), _in_buckets(pieces)


def _in_buckets(pieces: Iterable[str]) -> Counter[int]:
    return Counter(zlib.crc32(piece.encode()) % _RARE_BUCKETS for piece in pieces)


def _weighed(counts: Iterable[Counter[int]], rareness: Floats) -> Pieces:
    """Words and characters count alike, each as a vector of length one."""
    places, values = [], []
    for part in counts:
        known = [place for place in part if rareness[place]]
        own = np.array(known, dtype=np.intp)
        weights = np.log1p(np.array([part[place] for place in known], dtype=np.float32)) * rareness[own]
        places.append(own)
        values.append(weights / max(float(np.linalg.norm(weights)), 1e-6))
    return np.concatenate(places), np.concatenate(values)


def _bucket(piece: str) -> int:
    return zlib.crc32(piece.encode()) % _BUCKETS


def _pieces(text: str) -> Iterator[str]:
    words = _WORD.findall(text)
    framed_words = ["^", *words, "$"]
    yield from words
    yield from _runs(framed_words, 2)
    yield from _runs(framed_words, 3)
    if _HAN.search(text):
        return
    for word in words:
        framed = f"<{word}>"
        for size in (3, 4, 5):
            yield from (framed[start : start + size] for start in range(len(framed) - size + 1))


def _runs(words: Sequence[str], size: int) -> Iterable[str]:
    return (" ".join(words[start : start + size]) for start in range(len(words) - size + 1))
