"""Phrases: how people speak of a subject leads to its guide."""

from pathlib import Path

import pytest
from langchain_core.documents import Document

from bot.passages import make_passage
from bot.retrieval.phrases import PhraseBook
from bot.testing import WordLengthEncoder
from bot.text import tokenize


def passage(source_id: str, language: str, title: str, *asked_as: str) -> Document:
    facts = {"source_id": source_id, "language": language, "title": title, "kind": "guide", "aliases": [], "asked_as": list(asked_as)}
    return make_passage(title, facts)


def article(source_id: str, title: str, *sentences: str) -> Document:
    facts = {"source_id": source_id, "language": "en", "title": title, "kind": "article", "sentences": list(sentences)}
    return make_passage(" ".join(sentences), facts)


PASSAGES = [
    passage("police", "en", "Fake police", "a policeman rang and wants my savings"),
    passage("police", "zh", "冒充公安", "自称警察的人要我转账"),
    passage("brushing", "en", "Order brushing", "they pay me"),
    passage("brushing", "zh", "刷单返利", "点赞就能赚钱"),
    article("news", "Police in the news", "The minister met the ambassador."),
]


@pytest.fixture
def book() -> PhraseBook:
    return PhraseBook.build(PASSAGES, WordLengthEncoder(), ["en"], {})


@pytest.mark.parametrize(
    ("question", "language", "guide"),
    [("A policeman rang", "en", "police"), ("点赞赚钱是真的吗", "zh", "brushing"), ("自稱警察", "zh", "police"), ("brushing", "en", "brushing")],
)
def test_words_lead_to_the_guide_that_is_spoken_of_so(book: PhraseBook, question: str, language: str, guide: str) -> None:
    assert next(iter(book.by_words(tokenize(question), language))) == guide


@pytest.mark.parametrize(("question", "language"), [("天气", "zh"), ("weather", "en"), ("", "en"), ("点赞赚钱", "en")])
def test_other_words_lead_nowhere(book: PhraseBook, question: str, language: str) -> None:
    assert book.by_words(tokenize(question), language) == {}


def test_an_article_is_spoken_of_in_its_own_sentences(book: PhraseBook) -> None:
    assert next(iter(book.by_words(tokenize("who met the ambassador"), "en"))) == "news"
    assert "news" not in book.by_words(tokenize("police in the news"), "en"), "its title is no phrase"


def test_a_phrase_of_the_same_meaning_is_nearest(book: PhraseBook) -> None:
    vector = WordLengthEncoder().encode(["they pay me"])[0]
    [(guide, cosine), *others] = book.by_meaning(vector, "en").items()
    assert (guide, cosine) == ("brushing", pytest.approx(1, abs=1e-3))
    assert all(other < cosine for _, other in others)


def test_a_language_that_the_model_does_not_know_has_no_meaning(book: PhraseBook) -> None:
    assert book.by_meaning(WordLengthEncoder().encode(["自称警察的人要我转账"])[0], "zh") == {}


def test_a_book_comes_back_from_disk_as_it_was(book: PhraseBook, tmp_path: Path) -> None:
    book.save(tmp_path / "phrases")
    loaded = PhraseBook.load(tmp_path / "phrases")
    vector = WordLengthEncoder().encode(["they pay me"])[0]
    assert loaded.by_words(tokenize("刷单"), "zh") == pytest.approx(book.by_words(tokenize("刷单"), "zh"))
    assert loaded.by_meaning(vector, "en") == pytest.approx(book.by_meaning(vector, "en"), abs=1e-2)


def test_a_phrase_that_was_there_is_not_embedded_again(book: PhraseBook) -> None:
    encoder = WordLengthEncoder()
    PhraseBook.build([*PASSAGES, passage("loan", "en", "Fake loan"), passage("loan", "zh", "虚假贷款")], encoder, ["en"], book.known_vectors())
    assert encoder.encoded == ["Fake loan"]


def test_a_book_without_phrases_leads_nowhere(tmp_path: Path) -> None:
    PhraseBook.build([], WordLengthEncoder(), ["en"], {}).save(tmp_path / "phrases")
    book = PhraseBook.load(tmp_path / "phrases")
    assert book.by_words(["刷单"], "zh") == {}
    assert book.by_meaning(WordLengthEncoder().encode(["pay"])[0], "en") == {}
