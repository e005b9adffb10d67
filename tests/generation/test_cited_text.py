"""What a chat model writes is cut into sentences with their marks, the same ones however the text arrives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.generation.cited_text import CitedSentence, SentenceCutter
from bot.schema import Language


def _cut(text: str, language: Language = "en") -> list[tuple[str, tuple[int, ...]]]:
    cutter = SentenceCutter(language)
    return [(sentence.text, sentence.marks) for sentence in (*cutter.feed(text), *cutter.close())]


@pytest.mark.parametrize(
    ("language", "text", "sentences"),
    [
        ("en", "Hang up. [1] Ring your bank. [2][3]", [("Hang up.", (1,)), ("Ring your bank.", (2, 3))]),
        ("zh", "挂断电话。[1]马上联系银行。[2][3]", [("挂断电话。", (1,)), ("马上联系银行。", (2, 3))]),
        ("en", "Hang up [1]. Ring your bank [2, 3].", [("Hang up.", (1,)), ("Ring your bank.", (2, 3))]),
        ("zh", "挂断电话[1]。马上联系银行【2】。", [("挂断电话。", (1,)), ("马上联系银行。", (2,))]),
        ("zh", "掛斷電話。［１］", [("掛斷電話。", (1,))]),
        ("en", "Hang up. Ring your bank. [2]", [("Hang up.", ()), ("Ring your bank.", (2,))]),
        ("en", "The police [1] never ask for a transfer [2].", [("The police never ask for a transfer.", (1, 2))]),
        ("en", "Ring 110. [1] 96110 is for advice. [2]", [("Ring 110.", (1,)), ("96110 is for advice.", (2,))]),
        ("zh", "请拨打110。[1]96110提供咨询。[2]", [("请拨打110。", (1,)), ("96110提供咨询。", (2,))]),
        ("en", "- **Hang up.** [1]\n- Ring your bank. [2]\n", [("Hang up.", (1,)), ("Ring your bank.", (2,))]),
        ("zh", "1. 挂断电话。[1]\n2、马上联系银行。[2]", [("挂断电话。", (1,)), ("马上联系银行。", (2,))]),
        ("en", "[1] Hang up.\n[2] Ring your bank.", [("Hang up.", ()), ("Ring your bank.", ())]),
        ("zh", "[1] 挂断电话。\n[2] 联系银行。", [("挂断电话。", ()), ("联系银行。", ())]),
        ("en", "<think>Is it [1]? Yes. [1]</think>Hang up. [2]", [("Hang up.", (2,))]),
        ("zh", "<think>看看[1]。", []),
        ("en", "Write to [e-mail] again. [1]", [("Write to [e-mail] again.", (1,))]),
        ("zh", "他的号码是[number]。[1]", [("他的号码是[number]。", (1,))]),
        ("en", "Ring 9\u200b61\u202e10. [1]", [("Ring 96110.", (1,))]),
        ("en", "", []),
        ("zh", "[1][2]", []),
    ],
)
def test_marks_belong_to_the_sentence_in_which_or_behind_which_they_stand(
    language: Language, text: str, sentences: list[tuple[str, tuple[int, ...]]]
) -> None:
    assert _cut(text, language) == sentences


@pytest.mark.parametrize(
    ("language", "pieces", "given"),
    [
        ("en", ["Hang", " up.", " [1]", " ", "Ring"], [0, 0, 0, 0, 1]),
        ("zh", ["挂断", "电话。", "[1", "]", "马上"], [0, 0, 0, 0, 1]),
        ("en", ["Hang up. [1]", "[2", "] Ring"], [0, 0, 1]),
        ("zh", ["挂断电话。[1]\n", "[", "2]"], [1, 0, 0]),
    ],
)
def test_a_sentence_is_given_as_soon_as_its_marks_are_there_and_something_follows(
    language: Language, pieces: list[str], given: list[int]
) -> None:
    cutter = SentenceCutter(language)
    assert [len(cutter.feed(piece)) for piece in pieces] == given


PARTS = st.sampled_from(
    ["Hang up.", "挂断电话。", "[1]", "[2, 3]", "【4】", " ", "\n", "110", "[", "]", "e.g.", "“", "”", "**", "- ", "[e-mail]", "。", "<think>", "</think>", "\u200b"]
)


@given(st.lists(PARTS, max_size=14).map("".join), st.lists(st.integers(1, 9), max_size=40), st.sampled_from(["en", "zh"]))
def test_however_a_text_is_cut_into_pieces_the_sentences_are_the_same(text: str, sizes: list[int], language: Language) -> None:
    cutter = SentenceCutter(language)
    pieces: list[CitedSentence] = []
    rest = text
    for size in sizes:
        pieces += cutter.feed(rest[:size])
        rest = rest[size:]
    pieces += [*cutter.feed(rest), *cutter.close()]
    assert [(piece.text, piece.marks) for piece in pieces] == _cut(text, language)


@pytest.mark.parametrize("text", ["Here are the signs:", "Warning signs", "这些是危险信号：", "危险信号", "and then he"])
def test_a_heading_or_a_tail_that_was_cut_off_states_nothing(text: str) -> None:
    assert not CitedSentence(text, ()).is_statement


@pytest.mark.parametrize("text", ["Hang up.", "挂断电话。", "Is it real?", "是真的吗？"])
def test_a_whole_sentence_states_something(text: str) -> None:
    assert CitedSentence(text, ()).is_statement
