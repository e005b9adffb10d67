"""Reciprocal rank fusion, worked out by hand."""

import pytest

from bot.retrieval.fusion import RANK_CONSTANT, reciprocal_rank_fusion, weighted_rank_fusion


def test_agreement_beats_a_single_first_place() -> None:
    assert next(iter(reciprocal_rank_fusion([["a", "b"], ["c", "b"]]))) == "b"


def test_each_ranking_adds_one_over_its_rank_and_the_constant() -> None:
    scores = reciprocal_rank_fusion([["诈骗", "刷单"], ["刷单"]])
    assert scores == pytest.approx({"刷单": 1 / (RANK_CONSTANT + 2) + 1 / (RANK_CONSTANT + 1), "诈骗": 1 / (RANK_CONSTANT + 1)})


def test_the_best_comes_first_and_each_once() -> None:
    assert list(reciprocal_rank_fusion([["a", "b", "c"], ["b", "c"], ["b"]])) == ["b", "c", "a"]


def test_a_ranking_counts_by_its_weight() -> None:
    assert list(weighted_rank_fusion([(1.0, ["a"]), (2.0, ["b"])])) == ["b", "a"]
    assert weighted_rank_fusion([(3.0, ["a"])], constant=2) == pytest.approx({"a": 1.0})


def test_a_smaller_constant_gives_first_places_more() -> None:
    rankings = [(1.0, ["a", "b"]), (1.0, ["c", "d", "b"])]
    assert next(iter(weighted_rank_fusion(rankings, constant=60))) == "b"
    assert next(iter(weighted_rank_fusion(rankings, constant=0))) == "a"


@pytest.mark.parametrize("rankings", [[], [[]], [[], []]])
def test_no_rankings_give_nothing(rankings: list[list[str]]) -> None:
    assert reciprocal_rank_fusion(rankings) == {}
