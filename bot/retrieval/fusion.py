"""Reciprocal rank fusion: merge several rankings of the same passages into one."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from operator import itemgetter

# Cormack, Clarke and Büttcher (SIGIR 2009): agreement between rankings then outweighs one first place.
RANK_CONSTANT = 60


def reciprocal_rank_fusion(rankings: Iterable[Sequence[str]]) -> dict[str, float]:
    """Return every passage id with its fused score, best first."""
    return weighted_rank_fusion((1.0, ranking) for ranking in rankings)


def weighted_rank_fusion(
    rankings: Iterable[tuple[float, Sequence[str]]], constant: float = RANK_CONSTANT
) -> dict[str, float]:
    """The same, where each ranking counts by its weight; a smaller constant gives first places more."""
    scores: defaultdict[str, float] = defaultdict(float)
    for weight, ranking in rankings:
        for rank, passage_id in enumerate(ranking, start=1):
            scores[passage_id] += weight / (constant + rank)
    return dict(sorted(scores.items(), key=itemgetter(1), reverse=True))
