"""Keyword search over our own tokens."""

import math
from pathlib import Path

import pytest

from bot.retrieval.keyword import KeywordIndex
from bot.text import tokenize

ROWS = ["Never pay a stranger who calls.", "不要给陌生人转账。", "刷单返利是诈骗，刷单要先垫付。", "A stranger pays you.", ""]


@pytest.fixture
def index() -> KeywordIndex:
    return KeywordIndex.build([tokenize(row) for row in ROWS])


def best(index: KeywordIndex, question: str) -> str | None:
    scores = index.scores(tokenize(question))
    return ROWS[int(scores.argmax())] if scores.max() > 0 else None


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("Who called?", ROWS[0]),
        ("What about strangers who pay?", ROWS[3]),
        ("刷单是什么？", ROWS[2]),
        ("陌生人要我轉帳", ROWS[1]),
        ("今天天气怎么样？", None),
        ("the of and", None),
        ("", None),
    ],
)
def test_the_row_with_the_words_of_the_question_is_best(index: KeywordIndex, question: str, row: str | None) -> None:
    assert best(index, question) == row


def test_every_row_has_a_score_and_rows_without_the_words_have_none(index: KeywordIndex) -> None:
    scores = index.scores(["刷单"])
    assert scores.shape == (len(ROWS),)
    assert [score > 0 for score in scores] == [False, False, True, False, False]


def test_a_word_is_rarer_the_fewer_rows_have_it(index: KeywordIndex) -> None:
    assert index.rarity("stranger") == pytest.approx(math.log(6 / 2.5))
    assert index.rarity("stranger") < index.rarity("刷单") < index.rarity("没有")


def test_an_index_comes_back_from_disk_as_it_was(index: KeywordIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "keyword")
    loaded = KeywordIndex.load(tmp_path / "keyword")
    assert loaded.rows == index.rows
    for question in ("strangers call", "刷单诈骗", "没有"):
        assert list(loaded.scores(tokenize(question))) == pytest.approx(list(index.scores(tokenize(question))))
        assert [loaded.rarity(token) for token in tokenize(question)] == [index.rarity(token) for token in tokenize(question)]


@pytest.mark.parametrize("documents", [[], [[]], [[], []]])
def test_an_index_without_words_finds_nothing(documents: list[list[str]], tmp_path: Path) -> None:
    KeywordIndex.build(documents).save(tmp_path / "keyword")
    scores = KeywordIndex.load(tmp_path / "keyword").scores(["刷单"])
    assert scores.shape == (len(documents),)
    assert not scores.any()
