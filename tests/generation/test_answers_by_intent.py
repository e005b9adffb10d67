"""What an answer is made of for each kind of question: lists and their end, what settles, two scams told apart, the rest on request."""

import pytest

from bot.assistant import Assistant
from bot.generation.facts import asks_yes_or_no
from bot.schema import Language, Turn


@pytest.mark.parametrize(
    ("question", "language"),
    [("Do the police ever ask for a transfer?", "en"), ("is it true that banks have safe accounts", "en"), ("Should I pay?", "en"),
     ("He rang me. Is that real?", "en"), ("警察会让我转账吗", "zh"), ("該不該付錢", "zh"), ("刷单是不是违法", "zh")],
)  # fmt: skip
def test_a_yes_or_no_question_is_seen(question: str, language: Language) -> None:
    assert asks_yes_or_no(question, language)


@pytest.mark.parametrize(("question", "language"), [("How do the police ask?", "en"), ("What is a safe account?", "en"), ("怎么识别假警察", "zh")])
def test_another_question_is_none(question: str, language: Language) -> None:
    assert not asks_yes_or_no(question, language)


@pytest.mark.parametrize(
    ("question", "titles"),
    [("What is the difference between fake police and order brushing?", ["Fake police", "Order brushing"]), ("刷单和冒充公安有什么区别？", ["刷单", "冒充公安"])],
)
def test_two_kinds_of_scam_are_told_apart_under_their_names(small_assistant: Assistant, question: str, titles: list[str]) -> None:
    answer = small_assistant.answer(question)
    headings = list(dict.fromkeys(sentence.heading for sentence in answer.sentences))
    assert len(headings) == 2
    assert all(title.lower() in heading.lower() for title, heading in zip(titles, headings, strict=True))
    assert all(f"{heading}\n" in answer.text for heading in headings)


@pytest.mark.parametrize(
    ("question", "more"),
    [("What are the warning signs of a fake police call?", "tell me more"), ("冒充公安诈骗有哪些危险信号？", "还有呢？")],
)
def test_more_gives_what_has_not_been_said_until_nothing_is_left(small_assistant: Assistant, question: str, more: str) -> None:
    history: list[Turn] = []
    said: list[str] = []
    answer = small_assistant.answer(question)
    for _ in range(6):
        said += [sentence.text for sentence in answer.sentences]
        history.append(Turn(question=answer.question, answer=answer.text))
        if not any(choice.kind == "more" for choice in answer.choices):
            break
        answer = small_assistant.answer(more, history)
        assert answer.sentences, "more was offered"
    assert len(said) == len(set(said))
    assert len(said) > 5
    assert not any(choice.kind == "more" for choice in answer.choices), "and in the end nothing is left"
