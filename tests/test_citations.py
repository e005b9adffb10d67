"""Citations: numbered as they are first used, one number a quoted sentence; and the gate that lets only true quotations pass."""

from dataclasses import replace

import pytest
from langchain_core.documents import Document

from bot.citations import MARK, Numbering, marked_text
from bot.generation.base import Draft
from bot.groundedness import is_supported
from bot.passages import make_passage
from bot.schema import Language, Sentence

ENGLISH = ["Hang up.", "Ring your bank."]
CHINESE = ["挂断电话。", "马上联系银行。"]


def _passage(sentences: list[str], language: Language, **facts: str) -> Document:
    metadata = {
        "source_id": "fake-police", "title": "冒充公安" if language == "zh" else "Fake police", "section": "", "section_id": "",
        "publisher": "Ringwise", "url": "", "date": "2026-11-01", "language": language, "sentences": sentences,
        "sentence_references": [["mps1"], []],
        "references": {"mps1": {"publisher": "Ministry", "title": "T", "url": "https://example.org", "date": "2024-06-06"}},
        **facts,
    }  # fmt: skip
    return make_passage(("" if language == "zh" else " ").join(sentences), metadata)


EN, ZH = _passage(ENGLISH, "en"), _passage(CHINESE, "zh")


def _draft(passage: Document, sentence: int) -> Draft:
    return Draft(passage.metadata["sentences"][sentence], passage, sentence)


def test_numbers_are_given_in_the_order_of_use() -> None:
    numbering = Numbering()
    shown = [numbering.add(_draft(passage, n))[0] for passage, n in ((ZH, 1), (EN, 0), (ZH, 0))]
    assert [sentence.citations for sentence in shown] == [(1,), (2,), (3,)]
    assert [citation.quote for citation in numbering.citations] == ["马上联系银行。", "Hang up.", "挂断电话。"]


def test_the_same_sentence_keeps_its_number_and_is_new_once() -> None:
    numbering = Numbering()
    first, new = numbering.add(_draft(ZH, 0))
    again, none = numbering.add(_draft(ZH, 0))
    assert first == again
    assert [citation.n for citation in new] == [1]
    assert none == ()
    assert len(numbering.citations) == 1


def test_the_same_words_in_two_passages_are_two_citations() -> None:
    numbering = Numbering()
    numbering.add(_draft(ZH, 0))
    sentence, new = numbering.add(_draft(_passage(CHINESE, "zh", source_id="rules-of-thumb"), 0))
    assert sentence.citations == (2,)
    assert new[0].source_id == "rules-of-thumb"


@pytest.mark.parametrize(("passage", "language"), [(EN, "en"), (ZH, "zh")])
def test_a_citation_holds_the_sentence_its_passage_and_what_it_rests_on(passage: Document, language: Language) -> None:
    _, (citation,) = Numbering().add(_draft(passage, 0))
    assert citation.quote == passage.metadata["sentences"][0]
    assert citation.passage == passage.page_content
    assert (citation.passage_id, citation.language) == (passage.id, language)
    assert [reference.publisher for reference in citation.references] == ["Ministry"]


def test_a_sentence_without_references_rests_on_none() -> None:
    _, (citation,) = Numbering().add(_draft(ZH, 1))
    assert citation.references == ()


def test_the_text_of_an_answer_carries_its_marks() -> None:
    english = [Sentence(text="Hang up.", citations=(1,)), Sentence(text="Ring your bank.", citations=(2, 3))]
    chinese = [Sentence(text="挂断电话。", citations=(1,)), Sentence(text="马上联系银行。", citations=(2, 3))]
    assert marked_text(english, "en") == "Hang up. [1] Ring your bank. [2][3]"
    assert marked_text(chinese, "zh") == "挂断电话。[1] 马上联系银行。[2][3]"
    assert [int(number) for number in MARK.findall(marked_text(chinese, "zh"))] == [1, 2, 3]
    assert marked_text([], "zh") == ""


@pytest.mark.parametrize("passage", [EN, ZH])
def test_a_sentence_of_the_passage_is_supported(passage: Document) -> None:
    assert is_supported(_draft(passage, 0))
    assert is_supported(_draft(passage, 1))


@pytest.mark.parametrize(
    "draft",
    [
        replace(_draft(ZH, 0), text="挂断电话"),
        replace(_draft(ZH, 0), text="不要挂断电话。"),
        replace(_draft(ZH, 0), text="掛斷電話。"),
        replace(_draft(EN, 0), text="Hang up. "),
        replace(_draft(EN, 0), text="hang up."),
        replace(_draft(EN, 0), text=""),
        replace(_draft(EN, 0), sentence=1),
        replace(_draft(EN, 0), sentence=2),
        replace(_draft(EN, 1), sentence=-1),
        replace(_draft(EN, 0), passage=ZH),
    ],
)
def test_anything_but_the_very_sentence_that_is_named_is_not_supported(draft: Draft) -> None:
    assert not is_supported(draft)


def test_a_sentence_that_does_not_stand_in_the_text_of_its_passage_is_not_supported() -> None:
    broken = Document(id="x", page_content="别的话。", metadata=ZH.metadata)
    assert not is_supported(_draft(broken, 0))
