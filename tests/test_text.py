"""Sentences and words, English and Chinese."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.schema import Language
from bot.text import detect_language, normalize, simplify, split_sentences, tokenize

# bot.text: a piece without a word is joined to the one before it, never to the one after it.
PIECES = ["U.S. ", "No. 5 ", "3.5 ", "“Pay now!” ", "“别转账！”", "刷单。", "他说", "…", "\n", "\r\n", "\x00", "\x0b", "\u2028", "\x1c", " ", "。", "1. ", "(a.b) "]


@given(text=st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join)), language=st.sampled_from(["en", "zh"]))
@settings(max_examples=400, deadline=None)
@example(text="", language="en")
@example(text=" \n ", language="zh")
@example(text="“", language="zh")
def test_joining_the_sentences_gives_back_the_text(text: str, language: Language) -> None:
    assert "".join(split_sentences(text, language)) == text


@given(text=st.lists(st.sampled_from(PIECES), min_size=1).map("".join), language=st.sampled_from(["en", "zh"]))
@settings(max_examples=200, deadline=None)
def test_a_sentence_has_a_word_in_it_where_the_line_has_one(text: str, language: Language) -> None:
    for line in text.splitlines():
        if any(character.isalnum() for character in line):
            assert all(any(character.isalnum() for character in sentence) for sentence in split_sentences(line, language))


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("He lives in the U.S. He left.", "en", ["He lives in the U.S.", "He left."]),
        ("The U.S. Embassy rang.", "en", ["The U.S. Embassy rang."]),
        ("See No. 5 and p. 7. Then ring.", "en", ["See No. 5 and p. 7.", "Then ring."]),
        ("Dr. Smith paid $1.5 million at 3 p.m. today.", "en", ["Dr. Smith paid $1.5 million at 3 p.m. today."]),
        ("Visit ftc.gov now. Go.", "en", ["Visit ftc.gov now.", "Go."]),
        ('He said: "Pay now. Or else." Then he left.', "en", ['He said: "Pay now. Or else."', "Then he left."]),
        ("Really? Yes! Go.", "en", ["Really?", "Yes!", "Go."]),
        ("- Hang up.\n- Ring 110.\n", "en", ["- Hang up.", "- Ring 110."]),
        pytest.param("1. Ring 110.\n2. Keep calm.", "en", ["1. Ring 110.", "2. Keep calm."]),
        ("一共骗走3.5万元。报警！快打110？好。", "zh", ["一共骗走3.5万元。", "报警！", "快打110？", "好。"]),
        ("2022年破案46.4万起。2023年更多。", "zh", ["2022年破案46.4万起。", "2023年更多。"]),
        ("他说：“转账！马上。”我没转。", "zh", ["他说：“转账！马上。”", "我没转。"]),
        ("他说「轉帳。」我沒轉。", "zh", ["他说「轉帳。」", "我沒轉。"]),
        ("真的吗？！真的……好。", "zh", ["真的吗？！", "真的……好。"]),
        ("（不要转账。）马上挂断。", "zh", ["（不要转账。）", "马上挂断。"]),
        ("1. 挂断。\n2. 报警。", "zh", ["1. 挂断。", "2. 报警。"]),
        ("警察不会问你的PIN码。Call 110.", "zh", ["警察不会问你的PIN码。", "Call 110."]),
        pytest.param("！！！注意。", "zh", ["！！！注意。"]),
    ],
)
def test_a_text_is_cut_where_its_sentences_end(text: str, language: Language, expected: list[str]) -> None:
    assert [sentence.strip() for sentence in split_sentences(text, language)] == expected


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Calls from 96110", ["call", "96110"]),
        ("The police don't ask", ["polic", "ask"]),
        ("464,000 cases, 3.5%", ["464000", "case", "3.5%"]),
        ("刷单诈骗", ["刷单", "单诈", "诈骗"]),
        ("詐騙", ["诈骗"]),
        ("骗", ["骗"]),
        ("什么是刷单？", ["刷单"]),
        ("WeChat群里刷单", ["wechat", "群里", "里刷", "刷单"]),
        ("２０２２年", ["2022", "年"]),
        ("the of and 的 了", []),
        ("", []),
    ],
)
def test_words_become_stems_and_chinese_becomes_pairs(text: str, tokens: list[str]) -> None:
    assert tokenize(text) == tokens


@given(text=st.text())
@settings(max_examples=200, deadline=None)
def test_no_token_is_empty_whatever_the_text(text: str) -> None:
    assert all(tokenize(text))


@pytest.mark.parametrize(
    ("text", "simplified"), [("詐騙電話", "诈骗电话"), ("诈骗电话", "诈骗电话"), ("Fraud in 2022", "Fraud in 2022"), ("", "")]
)
def test_traditional_characters_become_simplified_ones(text: str, simplified: str) -> None:
    assert simplify(text) == simplified


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("What is 刷单 in English?", "en"),
        ("Is this a scam?", "en"),
        ("什么是刷单？", "zh"),
        ("甚麼是刷單詐騙？", "zh"),
        ("有人在Telegram上让我下载AnyDesk", "zh"),
        ("骗", "zh"),
        ("", "en"),
        ("96110", "en"),
    ],
)
def test_the_language_is_that_which_carries_the_sentence(text: str, language: Language) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize(
    ("text", "normal"),
    [("  Don’t\n PAY ", "don't pay"), ("ＡＢＣ１２３", "abc123"), ("詐騙　電話", "诈骗 电话"), ("", "")],
)
def test_texts_are_compared_without_width_case_and_spaces(text: str, normal: str) -> None:
    assert normalize(text) == normal
