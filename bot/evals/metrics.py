"""Figures for rankings and decisions. Knows no assistant: lists of ids and truth values in, shares from 0 to 1 out."""

from collections.abc import Collection, Sequence


def share(values: Sequence[bool]) -> float:
    """The share of true values; 1.0 of nothing, because nothing went wrong."""
    return sum(values) / len(values) if values else 1.0


def recall_at(ranking: Sequence[str], right: Collection[str], depth: int) -> bool:
    """Whether a right one stands among the first `depth`."""
    return any(item in right for item in ranking[:depth])


def reciprocal_rank(ranking: Sequence[str], right: Collection[str]) -> float:
    """1 for a right one in first place, 1/2 in second, 0 for none."""
    return next((1 / rank for rank, item in enumerate(ranking, start=1) if item in right), 0.0)


def precision_and_recall(decided: Sequence[bool], true: Sequence[bool]) -> tuple[float, float]:
    """Precision and recall of a decision: of those decided how many were true, of the true how many were decided."""
    both = sum(d and t for d, t in zip(decided, true, strict=True))
    return (both / sum(decided) if any(decided) else 1.0, both / sum(true) if any(true) else 1.0)
