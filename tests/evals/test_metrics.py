"""The figures of an evaluation, on examples that a person can count. Ids are opaque: Chinese ones count alike."""

import pytest

from bot.evals.metrics import precision_and_recall, recall_at, reciprocal_rank, share


@pytest.mark.parametrize(
    ("values", "expected"), [([True, True, False, False], 0.5), ([True], 1.0), ([False, False], 0.0), ([], 1.0)]
)
def test_a_share_is_the_true_ones_among_all(values: list[bool], expected: float) -> None:
    assert share(values) == expected


@pytest.mark.parametrize(
    ("ranking", "right", "depth", "found"),
    [
        (["a", "b", "c"], {"c"}, 3, True),
        (["a", "b", "c"], {"c"}, 2, False),
        (["冒充公安", "刷单"], {"刷单", "退款"}, 2, True),
        (["冒充公安", "刷单"], {"退款"}, 2, False),
        (["a"], {"a"}, 5, True),
        (["a"], set(), 5, False),
        ([], {"a"}, 5, False),
    ],
)
def test_recall_asks_whether_a_right_one_stands_among_the_first(ranking: list[str], right: set[str], depth: int, found: bool) -> None:
    assert recall_at(ranking, right, depth) is found


@pytest.mark.parametrize(
    ("ranking", "right", "expected"),
    [
        (["a", "b", "c"], {"a"}, 1.0),
        (["a", "b", "c"], {"b"}, 0.5),
        (["a", "b", "c", "d"], {"d"}, 0.25),
        (["a", "b", "b"], {"b"}, 0.5),
        (["冒充公安", "刷单"], {"刷单", "退款"}, 0.5),
        (["a"], {"z"}, 0.0),
        ([], {"a"}, 0.0),
    ],
)
def test_the_reciprocal_rank_is_that_of_the_first_right_one(ranking: list[str], right: set[str], expected: float) -> None:
    assert reciprocal_rank(ranking, right) == expected


@pytest.mark.parametrize(
    ("decided", "true", "precision", "recall"),
    [
        ([True, True, False, False], [True, False, True, False], 0.5, 0.5),
        ([True, True, True], [True, False, False], 1 / 3, 1.0),
        ([True, False, False], [True, True, True], 1.0, 1 / 3),
        ([False, False], [True, False], 1.0, 0.0),
        ([True, False], [False, False], 0.0, 1.0),
        ([], [], 1.0, 1.0),
    ],
)
def test_precision_is_of_those_decided_and_recall_of_those_true(
    decided: list[bool], true: list[bool], precision: float, recall: float
) -> None:
    assert precision_and_recall(decided, true) == pytest.approx((precision, recall))


def test_lists_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        precision_and_recall([True, False], [True])
