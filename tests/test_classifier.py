"""The linear classifier: learns labels from examples, keeps them on disk, and gives each its probability."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from bot.classifier import Floats, LinearClassifier, counts_of, train_by_margin, train_on_rare_pieces, train_plain

COLOURS = ["red roses", "a red rose", "blue sky", "the blue sea", "green grass", "a green leaf"]
LABELS = ["red", "red", "blue", "blue", "green", "green"]
CHINESE = ["怎么核实", "怎样核实真假", "打什么电话", "该打哪个电话"]
CHINESE_LABELS = ["verify", "verify", "contact", "contact"]


def _best(classifier: LinearClassifier, text: str) -> str:
    return _likeliest(classifier.probabilities(text))


def _likeliest(shares: Mapping[str, float]) -> str:
    return max(shares, key=shares.__getitem__)


def _margin(texts: Sequence[str], labels: Sequence[str], vectors: Sequence[Floats] | None = None) -> LinearClassifier:
    return train_by_margin([counts_of(text) for text in texts], labels, vectors)


TRAINED = pytest.mark.parametrize("train", [train_plain, _margin])
Train = Callable[[Sequence[str], Sequence[str]], LinearClassifier]


def _by_bias(**shares: float) -> LinearClassifier:
    """A classifier that gives each label the same share whatever it reads."""
    bias = np.log(np.array(list(shares.values()), dtype=np.float32))
    return LinearClassifier(tuple(shares), np.zeros((len(shares), 2**14), dtype=np.float32), bias)


@pytest.mark.parametrize("text", ["anything", "随便什么", ""])
def test_probabilities_are_those_of_the_scores(text: str) -> None:
    assert _by_bias(a=0.25, b=0.75).probabilities(text) == pytest.approx({"a": 0.25, "b": 0.75})


@TRAINED
def test_a_text_like_the_examples_gets_their_label(train: Train) -> None:
    classifier = train(COLOURS, LABELS)
    assert [_best(classifier, text) for text in ("red tulips", "blue whale", "green tea")] == ["red", "blue", "green"]


@TRAINED
@pytest.mark.parametrize(("text", "label"), [("请问怎么核实？", "verify"), ("請問怎麼核實？", "verify"), ("要打电话吗", "contact"), ("要打電話嗎", "contact")])
def test_chinese_is_learnt_without_spaces_and_read_in_either_script(train: Train, text: str, label: str) -> None:
    assert _best(train(CHINESE, CHINESE_LABELS), text) == label


@TRAINED
def test_a_misspelt_word_is_still_recognised(train: Train) -> None:
    classifier = train(["bitcoin wallet", "arrest warrant"], ["crypto", "police"])
    assert _best(classifier, "bitcoinn walet") == "crypto"


@TRAINED
def test_labels_are_those_of_the_examples_in_order(train: Train) -> None:
    assert train(COLOURS, LABELS).labels == ("blue", "green", "red")
    assert train(CHINESE, CHINESE_LABELS).labels == ("contact", "verify")


@TRAINED
@pytest.mark.parametrize(("texts", "labels"), [(COLOURS, LABELS), (CHINESE, CHINESE_LABELS)])
def test_probabilities_add_up_to_one_for_two_labels_and_for_more(train: Train, texts: list[str], labels: list[str]) -> None:
    classifier = train(texts, labels)
    for text in [*texts, "", "没见过的话"]:
        shares = classifier.probabilities(text)
        assert sum(shares.values()) == pytest.approx(1)
        assert set(shares) == set(labels)


def test_a_label_with_few_examples_counts_as_much_as_one_with_many() -> None:
    texts = [*(f"刷单 {n}" for n in range(30)), "快递"]
    shares = train_plain(texts, ["brushing"] * 30 + ["parcel"]).probabilities("")
    assert shares["parcel"] > 0.15  # one in 31 by count


def test_a_vector_tells_apart_what_words_do_not() -> None:
    near, far = np.array([1, 0], dtype=np.float32), np.array([0, 1], dtype=np.float32)
    classifier = _margin(["一样"] * 4, ["near", "near", "far", "far"], [near, near, far, far])
    assert _likeliest(classifier.probabilities_of(counts_of("一样"), near)) == "near"
    assert _likeliest(classifier.probabilities_of(counts_of("一样"), far)) == "far"
    assert sum(classifier.probabilities("一样").values()) == pytest.approx(1)  # also where there is no vector


def test_a_vector_is_let_be_where_none_was_learnt_from() -> None:
    classifier, counts = _margin(COLOURS, LABELS), counts_of("red tulips")
    assert classifier.probabilities_of(counts, np.array([5, 5], dtype=np.float32)) == classifier.probabilities_of(counts)


def test_pieces_that_were_counted_are_of_no_use_without_their_rareness() -> None:
    with pytest.raises(ValueError, match="rareness"):
        train_plain(COLOURS, LABELS).probabilities_of(counts_of("red"))


@TRAINED
@pytest.mark.parametrize(("texts", "labels"), [(COLOURS, LABELS), (CHINESE, CHINESE_LABELS)])
def test_what_is_saved_and_loaded_judges_alike(tmp_path: Path, train: Train, texts: list[str], labels: list[str]) -> None:
    trained = train(texts, labels)
    trained.save(tmp_path / "c.npz")
    loaded = LinearClassifier.load(tmp_path / "c.npz")
    assert loaded.labels == trained.labels
    for text in [*texts, "blue grass", "核实电话"]:
        assert loaded.probabilities(text) == pytest.approx(trained.probabilities(text), abs=0.01)


def test_loading_needs_no_pickle(tmp_path: Path) -> None:
    train_plain(CHINESE, CHINESE_LABELS).save(tmp_path / "c.npz")
    with np.load(tmp_path / "c.npz", allow_pickle=False) as arrays:
        assert set(arrays) == {"labels", "weights", "bias"}
        assert [str(label) for label in arrays["labels"]] == ["contact", "verify"]


@TRAINED
def test_training_twice_gives_the_same_weights(train: Train) -> None:
    first, second = train(CHINESE, CHINESE_LABELS), train(CHINESE, CHINESE_LABELS)
    assert np.array_equal(first.weights, second.weights)


@pytest.mark.parametrize(("shared", "rare", "common"), [("see the", "parcel", "hello"), ("请看", "包裹", "你好")])
def test_what_few_texts_have_says_more_than_what_many_have(shared: str, rare: str, common: str) -> None:
    texts = [f"{shared} {rare}", f"{rare} {common}", *[f"{common} {n}" for n in range(6)]]
    classifier = train_on_rare_pieces([counts_of(text) for text in texts], ["a", "a", *["b"] * 6], 8.0)
    assert _best(classifier, rare) == "a"
    assert _best(classifier, common) == "b"
