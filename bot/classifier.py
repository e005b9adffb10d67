"""A linear text classifier: which label fits a text best? Trained when the index is built, kept as plain arrays.

Features are hashed pieces of the text (runs of one to three words with its start and end; one to three Chinese characters; pieces of
words against misspelling), cues that the caller found in it, and the embedding vector, where there is one. Serving needs numpy only;
scikit-learn is imported by `train` alone.
"""

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.text import HAN, normalize

_BUCKETS = 2**14
_WORD = re.compile(rf"[{HAN}]|[^\W_{HAN}]+")
_HAN = re.compile(f"[{HAN}]")
_STRENGTH = 8.0  # inverse regularisation; chosen by cross-validation on the training examples
_CUE = 0.3  # what a cue weighs beside the pieces, whose length together is one; chosen likewise

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class LinearClassifier:
    """Weights of shape (labels, buckets + dimension of the vector), or of the vector alone, and a bias for each label."""

    labels: tuple[str, ...]
    weights: Floats
    bias: Floats

    def probabilities(self, text: str, vector: Floats | None = None, cues: Iterable[str] = ()) -> dict[str, float]:
        """Return the probability of each label; the cues must be found as they were for the examples."""
        row = _features(text, vector, self.weights.shape[1], cues)
        told = np.flatnonzero(row)  # a question has some hundred features of many thousands
        scores = self.weights[:, told] @ row[told] + self.bias
        shares = np.exp(scores - scores.max())
        return dict(zip(self.labels, (float(share) for share in shares / shares.sum()), strict=True))

    def save(self, path: Path) -> None:
        np.savez(path, labels=np.array(self.labels), weights=self.weights.astype(np.float16), bias=self.bias)

    @classmethod
    def load(cls, path: Path) -> "LinearClassifier":
        with np.load(path) as arrays:
            weights = arrays["weights"].astype(np.float32)
            return cls(tuple(str(label) for label in arrays["labels"]), weights, arrays["bias"])


def train(
    texts: Sequence[str],
    labels: Sequence[str],
    vectors: Sequence[Floats] | None,
    cues: Sequence[Iterable[str]] | None = None,
) -> LinearClassifier:
    """Fit a logistic regression; every label counts alike, however many examples it has."""
    from scipy.sparse import csr_matrix, vstack
    from sklearn.linear_model import LogisticRegression

    dimension = len(vectors[0]) if vectors else 0
    rows = [
        csr_matrix(_features(text, vectors[n] if vectors else None, _BUCKETS + dimension, cues[n] if cues else ()))
        for n, text in enumerate(texts)
    ]
    model = LogisticRegression(C=_STRENGTH, class_weight="balanced", max_iter=2_000)
    model.fit(vstack(rows), list(labels))
    weights, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # scikit-learn keeps one row for two classes
        weights, bias = np.vstack([-weights, weights]) / 2, np.array([-bias[0], bias[0]]) / 2
    return LinearClassifier(
        tuple(str(label) for label in model.classes_), weights.astype(np.float32), bias.astype(np.float32)
    )


def _features(text: str, vector: Floats | None, size: int, cues: Iterable[str]) -> Floats:
    if vector is not None and size == len(vector):  # trained on vectors alone
        return vector
    row = np.zeros(size, dtype=np.float32)
    for piece in _pieces(normalize(text)):
        row[_bucket(piece)] += 1.0
    np.log1p(row, out=row)
    length = float(np.linalg.norm(row))
    if length:
        row /= length
    for cue in cues:
        row[_bucket(f"cue {cue}")] += _CUE
    if vector is not None and size > _BUCKETS:
        row[_BUCKETS:] = vector
    return row


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
