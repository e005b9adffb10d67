"""What the shipped knowledge must show: built once for the whole run, asked as a visitor would ask, measured as `ringwise eval` measures."""

import pytest

from bot.assistant import Assistant
from bot.evals.cases import Case, load_cases
from bot.schema import Answer, Language
from bot.settings import Settings
from bot.store import Store, open_store

pytestmark = pytest.mark.slow

SEED_SENTENCE = (
    "In 2022, public security organs nationwide conducted numerous specialized operations and successfully solved 464,000 cases, "
    "leading to the apprehension of 351 key members and leaders of criminal groups involved in telecommunications fraud, the report said."
)


@pytest.fixture(scope="module")
def store(shipped_settings: Settings) -> Store:
    return open_store(shipped_settings)


@pytest.fixture(scope="module")
def assistant(shipped_settings: Settings, store: Store) -> Assistant:
    return Assistant(shipped_settings, store)


@pytest.fixture(scope="module")
def cases(shipped_settings: Settings) -> list[Case]:
    return load_cases(shipped_settings.seeds_dir / "evals")


@pytest.fixture(scope="module")
def answers(assistant: Assistant, cases: list[Case]) -> list[Answer]:
    return [assistant.answer(case.question) for case in cases]


def _quotes(answer: Answer) -> list[str]:
    return [citation.quote for citation in answer.citations]


def test_the_cases_solved_in_2022_are_quoted_from_the_seed_article(assistant: Assistant) -> None:
    answer = assistant.answer("How many telecom fraud cases were solved in China in 2022?")
    assert answer.status == "answered"
    assert "464,000" in answer.text
    assert SEED_SENTENCE in _quotes(answer)
    by_quote = {citation.quote: citation for citation in answer.citations}
    assert by_quote[SEED_SENTENCE].source_id == "global-times-2023-07-30"
    assert by_quote[SEED_SENTENCE].date == "2023-07-30"


@pytest.mark.parametrize("question", ["河南电视台的调查持续了多久？", "河南電視台的調查持續了多久？"])
def test_the_length_of_the_henan_investigation_is_found_in_chinese(assistant: Assistant, question: str) -> None:
    answer = assistant.answer(question)
    assert answer.status == "answered"
    assert any("120" in quote for quote in _quotes(answer))


@pytest.mark.parametrize(
    "question", ["What is the capital of France?", "今天天气怎么样？", "今天天氣怎麼樣？", "法国的首都是哪里？", "Will it rain tomorrow?"]
)
def test_what_no_source_answers_is_abstained_from_with_three_questions_to_ask_instead(assistant: Assistant, question: str) -> None:
    answer = assistant.answer(question)
    assert answer.status == "abstained"
    assert not answer.sentences
    assert not answer.citations
    assert len(answer.follow_ups) == 3


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_questions_that_an_abstention_offers_are_answered(assistant: Assistant, language: Language) -> None:
    offered = assistant.answer("bye", language=language).follow_ups
    assert len(offered) == 3
    assert all(assistant.answer(question).status in {"answered", "emergency"} for question in offered)


@pytest.mark.parametrize("question", ["What are the warning signs of a fake police call?", "冒充公检法诈骗有哪些危险信号？"])
def test_the_follow_ups_of_an_answer_are_answered_by_the_same_guide(assistant: Assistant, question: str) -> None:
    first = assistant.answer(question)
    assert first.follow_ups
    for follow_up in first.follow_ups:
        answer = assistant.answer(follow_up)
        assert answer.status in {"answered", "emergency"}, follow_up
        assert answer.citations[0].source_id == first.citations[0].source_id, follow_up


def test_every_sentence_of_every_answer_is_a_sentence_of_the_passage_that_it_cites(answers: list[Answer], store: Store) -> None:
    passages = store.current().passages
    assert any(answer.sentences for answer in answers)
    for answer in answers:
        cited = {citation.n: citation for citation in answer.citations}
        for sentence in answer.sentences:
            assert sentence.citations, answer.question
            for number in sentence.citations:
                passage = passages[cited[number].passage_id]
                assert sentence.text in passage.metadata["sentences"], answer.question
                assert sentence.text in passage.page_content
                assert cited[number].passage == passage.page_content
                assert cited[number].quote == sentence.text


def test_an_answered_question_shows_at_least_one_sentence_and_an_unanswered_one_none(answers: list[Answer]) -> None:
    assert [answer.question for answer in answers if bool(answer.sentences) != (answer.status in {"answered", "emergency"})] == []
