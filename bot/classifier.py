"""A linear text classifier: which label fits a text best? Trained when the index is built, kept as plain arrays.

Features are hashed pieces of the text (words in a row, characters in a row; a Chinese character is a word), each counting the more the
fewer texts have it, and the embedding vector, where there is one. Where a classifier has scores of labels, a plainer form with fewer
buckets and all pieces alike keeps it small. Serving needs numpy only; scikit-learn is imported where one is trained.
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
# Some set Chinese characters apart, on purpose or not.
_BETWEEN_HAN = re.compile(rf"(?<=[{HAN}])\s+(?=[{HAN}])")
_STRENGTH = 8.0  # inverse regularisation; chosen by cross-validation on the training examples
# What the vector weighs beside words and characters, each of length one; chosen by questions of writers who were not learnt from.
_VECTOR = 2.0
# Log odds for a margin of one. Between what suits English (3) and Chinese (6) best, by the likelihood of questions not learnt from.
_SPREAD = 4.0

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.intp]
Pieces = tuple[Places, Floats]
Counts = tuple[Counter[int], Counter[int]]


@dataclass(frozen=True)
class LinearClassifier:
    """Weights of shape (labels, buckets + dimension of the vector), or of the vector alone, and a bias for each label.

    `rareness` is what a piece in each bucket counts, the more the fewer texts have it; without it all pieces count alike.
    A loaded one keeps its weights in half precision, as they are stored; what a text needs of them is computed in float32.
    """

    labels: tuple[str, ...]
    weights: Floats | npt.NDArray[np.float16]
    bias: Floats
    rareness: Floats | None = None

    def probabilities(self, text: str) -> dict[str, float]:
        """Return the probability of each label for a text without a vector."""
        return self.probabilities_of(counts_of(text)) if self.rareness is not None else self._shares(*_plain_pieces(text))

    def probabilities_of(self, counts: Counts, vector: Floats | None = None) -> dict[str, float]:
        """The same of the pieces of a text, which several classifiers may be asked about, and of its vector, if one was learnt from."""
        if self.rareness is None:
            raise ValueError("this classifier knows no rareness of pieces")
        known = vector if self.weights.shape[1] > len(self.rareness) else None
        return self._shares(*_with_vector(_weighed(counts, self.rareness), known))

    def probabilities_by(self, vector: Floats) -> dict[str, float]:
        """The same of a vector alone, where nothing else was learnt from."""
        return self._shares(np.arange(len(vector)), vector)

    def _shares(self, places: Places, values: Floats) -> dict[str, float]:
        scores = self.weights[:, places].astype(np.float32) @ values + self.bias
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


def train_plain(texts: Sequence[str], labels: Sequence[str]) -> LinearClassifier:
    """Fit a logistic regression for which all pieces count alike; every label counts alike, however many examples it has."""
    return _fit(_logistic(_STRENGTH), _matrix([_plain_pieces(text) for text in texts], _BUCKETS), labels)


def train_on_rare_pieces(counts: Sequence[Counts], labels: Sequence[str], strength: float) -> LinearClassifier:
    """Fit a logistic regression for which a piece says the more the fewer texts have it, and one of a single text nothing.

    Takes what `counts_of` says of each text, since counting takes longer than fitting.
    """
    return _fit_rare(_logistic(strength), counts, labels, _rareness(counts, _FEWEST_TEXTS), None, 1.0)


def train_by_margin(counts: Sequence[Counts], labels: Sequence[str], vectors: Sequence[Floats] | None) -> LinearClassifier:
    """Fit support vectors, one label against the rest: better where a label has few examples and many ways to be said."""
    from sklearn.svm import LinearSVC

    return _fit_rare(LinearSVC(class_weight="balanced", random_state=0), counts, labels, _rareness(counts, 1), vectors, _SPREAD)


def _logistic(strength: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=strength, class_weight="balanced", max_iter=2_000)


def _fit_rare(
    model: Any, counts: Sequence[Counts], labels: Sequence[str], rareness: Floats, vectors: Sequence[Floats] | None, spread: float
) -> LinearClassifier:
    rows = [_with_vector(_weighed(parts, rareness), vectors[n] if vectors else None) for n, parts in enumerate(counts)]
    size = _RARE_BUCKETS + (len(vectors[0]) if vectors else 0)
    told = np.unique(np.concatenate([places for places, _ in rows]))
    fitted = _fit(model, _matrix(rows, size)[:, told], labels)
    weights = np.zeros((len(fitted.labels), size), dtype=np.float32)
    weights[:, told] = spread * fitted.weights
    return LinearClassifier(fitted.labels, weights, spread * fitted.bias, rareness)


def _rareness(counts: Sequence[Counts], fewest: int) -> Floats:
    """What a piece in each bucket counts, the more the fewer texts have it; nothing where fewer than `fewest` do."""
    having = np.zeros(_RARE_BUCKETS)
    for parts in counts:
        for part in parts:
            having[list(part)] += 1
    known = np.log((1 + len(counts)) / (1 + having)) + 1
    return np.where(having < fewest, 0.0, known).astype(np.float32)


def _matrix(rows: Sequence[Pieces], size: int) -> Any:
    """The rows as one sparse matrix, shape (rows, size)."""
    from scipy.sparse import csr_matrix

    ends = np.cumsum([0, *(len(places) for places, _ in rows)])
    places, values = (np.concatenate(parts) for parts in zip(*rows, strict=True))
    return csr_matrix((values, places, ends), (len(rows), size))


def _fit(model: Any, rows: Any, labels: Sequence[str]) -> LinearClassifier:
    model.fit(rows, list(labels))
    weights, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # scikit-learn keeps one row for two classes
        weights, bias = np.vstack([-weights, weights]) / 2, np.array([-bias[0], bias[0]]) / 2
    return LinearClassifier(tuple(str(label) for label in model.classes_), weights.astype(np.float32), bias.astype(np.float32))


def _plain_pieces(text: str) -> Pieces:
    """The buckets of a text's pieces, each with what it counts: together a vector of length one."""
    counts = Counter(zlib.crc32(piece.encode()) % _BUCKETS for piece in _pieces(normalize(text)))
    values: Floats = np.log1p(np.fromiter(counts.values(), np.float32, len(counts)))
    values /= max(float(np.linalg.norm(values)), 1e-6)
    return np.fromiter(counts, np.intp, len(counts)), values


def _with_vector(pieces: Pieces, vector: Floats | None) -> Pieces:
    """The places of a row that are not nought and their values: the pieces', and behind them the vector's."""
    if vector is None:
        return pieces
    behind = np.arange(_RARE_BUCKETS, _RARE_BUCKETS + len(vector), dtype=np.intp)
    return np.concatenate([pieces[0], behind]), np.concatenate([pieces[1], _VECTOR * vector])


def counts_of(text: str) -> Counts:
    """How often each bucket of words in a row, and of characters in a row, is met."""
    plain = _BETWEEN_HAN.sub("", normalize(text))
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
        own = np.fromiter(part, np.intp, len(part))
        weights = np.log1p(np.fromiter(part.values(), np.float32, len(part))) * rareness[own]
        known = weights > 0
        places.append(own[known])
        values.append(weights[known] / max(float(np.linalg.norm(weights)), 1e-6))
    return np.concatenate(places), np.concatenate(values)


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
