"""Who asks whom to ring is given the numbers of one place: the place that was said, else the one that is tapped."""

import pytest

from bot.assistant import Assistant
from bot.schema import Turn
from bot.settings import Settings
from bot.store import open_store

NO_PLACE = ["who do I call about fraud", "Whom should I tell about a scam?", "被骗了打什么电话", "诈骗该向谁举报？"]


@pytest.fixture(scope="module")
def assistant(shipped_settings: Settings) -> Assistant:
    return Assistant(shipped_settings, open_store(shipped_settings))


@pytest.mark.parametrize("question", NO_PLACE)
def test_without_a_place_it_asks_for_one_and_tells_what_holds_everywhere(assistant: Assistant, question: str) -> None:
    answer = assistant.answer(question)
    assert answer.intent == "contact"
    assert answer.contacts == ()
    assert not any(assistant.book.regions_in(sentence.text) for sentence in answer.sentences)
    assert {choice.kind for choice in answer.choices} >= {"region"}


@pytest.mark.parametrize("question", NO_PLACE)
@pytest.mark.parametrize("place", [0, 3])
def test_a_place_that_is_tapped_is_answered_with_its_numbers_alone(assistant: Assistant, question: str, place: int) -> None:
    asked = assistant.answer(question)
    tapped = [choice for choice in asked.choices if choice.kind == "region"][place]
    answer = assistant.answer(tapped.question, [Turn(question=question, answer=asked.text)])
    region = assistant.book.region_in(tapped.question)
    assert answer.intent == "contact"
    assert {contact.region for contact in answer.contacts} == {region}
    assert all(region in assistant.book.regions_in(sentence.text) for sentence in answer.sentences)
    assert [choice for choice in answer.choices if choice.kind == "region"] == []


@pytest.mark.parametrize(
    ("question", "number"),
    [
        ("who do i report a whatsapp scam to in singapore", "1799"), ("Where do I report a scam text in the UK?", "7726"),
        ("香港防骗热线是多少", "18222"), ("在马来西亚被骗了找谁", "997"),
    ],
)  # fmt: skip
def test_a_place_that_is_said_is_answered_at_once(assistant: Assistant, question: str, number: str) -> None:
    answer = assistant.answer(question)
    place = assistant.book.region_in(question)
    assert any(number in sentence.text for sentence in answer.sentences)
    assert all(place in assistant.book.regions_in(sentence.text) for sentence in answer.sentences)
