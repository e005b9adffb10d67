"""Follow-ups: what they lean on, and what leans on nothing."""

import pytest

from bot.conversation import sentences_of, stand_alone
from bot.schema import Language, Turn

SOURCES = {"Hang up.": "fake-police", "Ring 110.": "how-to-report", "挂断电话。": "fake-police", "打110。": "how-to-report"}
FIRST = {
    "en": Turn(question="A man rang and says I am wanted", answer="Hang up. [1] Ring 110. [2]"),
    "zh": Turn(question="有个人打电话说我被通缉了", answer="挂断电话。[1] 打110。[2]"),
}


def named_in(text: str) -> tuple[str, ...]:
    return tuple(guide for name, guide in (("brushing", "order-brushing"), ("刷单", "order-brushing")) if name in text)


def understood(question: str, language: Language, *history: Turn) -> tuple[str, tuple[str, ...], bool]:
    alone = stand_alone(question, history or (FIRST[language],), language, named_in, SOURCES)
    return alone.text, alone.topics, alone.leans


def test_the_sentences_of_an_answer_are_what_stands_between_its_marks() -> None:
    assert sentences_of("Hang up. [1] Ring 110. [2][3]") == ["Hang up.", "Ring 110."]
    assert sentences_of("挂断电话。[1] 打110。[2]") == ["挂断电话。", "打110。"]
    assert sentences_of("") == []


@pytest.mark.parametrize(
    ("question", "language"),
    [("and by text message?", "en"), ("why?", "en"), ("what do they say next", "en"), ("yes", "en"), ("is he lying", "en"),
     ("那如果已经转了呢？", "zh"), ("为什么？", "zh"), ("他們接下來說什麼", "zh"), ("是的", "zh"), ("已经转了", "zh")],
)  # fmt: skip
def test_a_follow_up_is_about_the_guide_that_answered_before(question: str, language: Language) -> None:
    text, topics, leans = understood(question, language)
    assert (text, topics, leans) == (f"{FIRST[language].question}\n{question}", ("fake-police",), True)


@pytest.mark.parametrize(
    ("question", "language"),
    [("What are the warning signs of order brushing?", "en"), ("刷单有哪些危险信号", "zh"),
     ("My mum got a letter saying she won a car in a raffle and now she has to pay the tax first, is it a scam?", "en"),
     ("我爷爷天天去听保健品讲座，每次都领鸡蛋回来，花了三万多块钱买药，这种讲座是不是骗人的", "zh")],
)  # fmt: skip
def test_a_new_subject_takes_nothing_from_the_old_one(question: str, language: Language) -> None:
    text, topics, leans = understood(question, language)
    assert (text, leans) == (question, False)
    assert "fake-police" not in topics


@pytest.mark.parametrize(
    ("question", "language", "sentence", "guide"),
    [("what does the second point mean?", "en", "Ring 110.", "how-to-report"), ("explain point 1", "en", "Hang up.", "fake-police"),
     ("the last one?", "en", "Ring 110.", "how-to-report"), ("第二条什么意思？", "zh", "打110。", "how-to-report"),
     ("第1點什麼意思", "zh", "挂断电话。", "fake-police"), ("最后一条呢", "zh", "打110。", "how-to-report")],
)  # fmt: skip
def test_a_sentence_named_by_its_number_is_what_is_asked_about(question: str, language: Language, sentence: str, guide: str) -> None:
    text, topics, leans = understood(question, language)
    assert text.startswith(f"{sentence}\n")
    assert (topics, leans) == ((guide,), True)


@pytest.mark.parametrize(("question", "language"), [("what does point 7 mean?", "en"), ("第九条什么意思", "zh")])
def test_a_number_that_the_answer_does_not_have_leans_on_the_question(question: str, language: Language) -> None:
    assert understood(question, language)[0] == f"{FIRST[language].question}\n{question}"


def test_a_chain_of_follow_ups_goes_back_to_the_question_that_names_a_guide() -> None:
    history = (Turn(question="Is brushing a scam?", answer="It is. [1]"), Turn(question="why?", answer="Hang up. [1]"))
    text, topics, _ = understood("and then?", "en", *history)
    assert text == "Is brushing a scam?\nwhy?\nand then?"
    assert topics == ("order-brushing",), "what was named counts for more than what an answer was taken from"


@pytest.mark.parametrize(("question", "language"), [("why?", "en"), ("为什么？", "zh")])
def test_without_a_history_a_question_stands_as_it_is(question: str, language: Language) -> None:
    assert stand_alone(question, [], language, named_in, SOURCES).text == question
