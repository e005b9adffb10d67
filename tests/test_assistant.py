"""The assistant from question to answer, on the small corpus: what it shows, what it declines, and how it streams."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import small_corpus

from bot.assistant import Assistant, confidence
from bot.classifier import counts_of
from bot.errors import IndexMissing, InvalidInput
from bot.i18n import load_locale
from bot.retrieval.hybrid import Found
from bot.schema import Answer, AnswerFinished, Language, PassagesFound, SentenceWritten, Turn
from bot.settings import Settings
from bot.store import open_store
from bot.understanding import Query, Reading

QUESTIONS = [
    "What are the warning signs of a fake police call?",
    "冒充公安诈骗有哪些危险信号？",
    "冒充公安詐騙有哪些危險信號？",
    "How many fraud cases did police solve in 2022?",
    "河南记者卧底多久？",
    "I just paid a fake police officer",
    "我被骗了",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_sentence_is_quoted_from_the_passage_that_it_cites(small_assistant: Assistant, question: str) -> None:
    answer = small_assistant.answer(question)
    assert answer.status in {"answered", "emergency"}
    cited = {citation.n: citation for citation in answer.citations}
    assert answer.sentences
    for sentence in answer.sentences:
        assert sentence.citations
        assert all(cited[n].quote == sentence.text and sentence.text in cited[n].passage for n in sentence.citations)


@pytest.mark.parametrize("question", QUESTIONS)
def test_citations_are_numbered_in_the_order_in_which_they_are_used(small_assistant: Assistant, question: str) -> None:
    answer = small_assistant.answer(question)
    assert [citation.n for citation in answer.citations] == list(range(1, len(answer.citations) + 1))
    used = [n for sentence in answer.sentences for n in sentence.citations]
    assert list(dict.fromkeys(used)) == [citation.n for citation in answer.citations]


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_text_is_the_sentences_with_their_marks(small_assistant: Assistant, question: str) -> None:
    answer = small_assistant.answer(question)
    for sentence in answer.sentences:
        assert sentence.text in answer.text
        assert "".join(f"[{n}]" for n in sentence.citations) in answer.text


# The signs, then the one thing to do, then how to check.
CHINESE_SIGNS = ["警察要你把钱转到安全账户。", "警察在聊天里给你看逮捕令。", "对方要你不告诉任何人。", "挂断电话。", "自己查派出所的号码，再打过去。"]


@pytest.mark.parametrize(
    ("question", "sentences"),
    [
        (
            "What are the warning signs of a fake police call?",
            ["An officer asks you to move money to a safe account.", "An officer shows you an arrest warrant in a chat.",
             "You are told to tell nobody.", "Hang up.", "Ring the police station on a number that you looked up yourself."],
        ),
        ("冒充公安诈骗有哪些危险信号？", CHINESE_SIGNS),
        ("冒充公安詐騙有哪些危險信號？", CHINESE_SIGNS),
    ],
)  # fmt: skip
def test_a_question_on_a_section_is_answered_with_that_section(small_assistant: Assistant, question: str, sentences: list[str]) -> None:
    assert [sentence.text for sentence in small_assistant.answer(question).sentences] == sentences


@pytest.mark.parametrize(
    ("question", "first"), [("I just paid a fake police officer", "Ring 110 and your bank at once."), ("我被骗了，对方冒充公安", "马上拨打110，并联系银行。")]
)
def test_someone_who_has_just_paid_reads_first_what_to_do_after_paying(small_assistant: Assistant, question: str, first: str) -> None:
    assert small_assistant.answer(question).sentences[0].text == first


def test_a_citation_carries_what_a_reader_needs_to_check_it(small_assistant: Assistant) -> None:
    citation = small_assistant.answer("What are the warning signs of a fake police call?").citations[0]
    assert (citation.source_id, citation.title, citation.section) == ("fake-police", "Fake police call", "Warning signs")
    assert (citation.publisher, citation.date) == ("Ringwise", "2026-11-01")
    assert [(r.publisher, r.url, r.date) for r in citation.references] == [("Ministry", "https://example.org/mps1", "2024-06-06")]


def test_a_fact_is_quoted_from_the_article_that_reported_it(small_assistant: Assistant) -> None:
    answer = small_assistant.answer("How many telecommunications fraud cases were solved in 2022?")
    assert answer.citations[0].quote == "Police solved 464,000 telecommunications fraud cases in 2022."
    assert answer.citations[0].url == "https://example.org/news"


def test_a_chinese_question_that_only_an_english_source_answers_says_so_in_chinese(small_assistant: Assistant) -> None:
    answer = small_assistant.answer("河南记者卧底多久？")
    assert answer.language == "zh"
    assert answer.citations[0].quote == "The Henan reporters spent 120 days undercover in Myanmar."
    assert answer.notice == load_locale("zh").text("notice.foreign_source")


@pytest.mark.parametrize("question", [QUESTIONS[0], QUESTIONS[1]])
def test_an_answer_in_the_language_of_the_question_has_no_notice(small_assistant: Assistant, question: str) -> None:
    assert small_assistant.answer(question).notice == ""


@pytest.mark.parametrize("question", [*QUESTIONS, "hi", "你好", "write a scam for me", "教我骗人", "qwertz uiop", "明天足球赛"])
def test_the_last_event_of_a_stream_is_the_answer(small_assistant: Assistant, question: str) -> None:
    events = list(small_assistant.stream(question))
    assert isinstance(events[-1], AnswerFinished)
    assert events[-1].answer == small_assistant.answer(question)
    assert not any(isinstance(event, AnswerFinished) for event in events[:-1])


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_stream_tells_its_passages_first_and_then_each_sentence_with_its_new_citations(
    small_assistant: Assistant, question: str
) -> None:
    first, *written, last = small_assistant.stream(question)
    assert isinstance(first, PassagesFound)
    assert isinstance(last, AnswerFinished)
    assert all(isinstance(event, SentenceWritten) for event in written)
    assert tuple(event.sentence for event in written) == last.answer.sentences  # type: ignore[union-attr]
    assert tuple(new for event in written for new in event.citations) == last.answer.citations  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("question", "status", "language"),
    [
        ("hi", "smalltalk", "en"),
        ("Thank you!", "smalltalk", "en"),
        ("你好", "smalltalk", "zh"),
        ("謝謝", "smalltalk", "zh"),
        ("Please write a scam text for me", "refused", "en"),
        ("教我骗人", "refused", "zh"),
        ("教我騙人", "refused", "zh"),
        ("xylophone zeppelin", "abstained", "en"),
        ("足球", "abstained", "zh"),
    ],
)
def test_what_is_not_answered_claims_nothing_and_offers_three_questions(
    small_assistant: Assistant, question: str, status: str, language: Language
) -> None:
    answer = small_assistant.answer(question)
    assert (answer.status, answer.language) == (status, language)
    assert answer.text == load_locale(language).text(f"answer.{status}")
    assert (answer.sentences, answer.citations, answer.contacts) == ((), (), ())
    assert list(answer.follow_ups) == load_locale(language).texts("example")[:3]


@pytest.mark.parametrize("question", ["", "   ", "\n\t", "\u3000"])
def test_an_empty_question_is_an_invalid_input(small_assistant: Assistant, question: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        small_assistant.answer(question)
    assert caught.value.code == "empty_question"
    assert caught.value.hint


def test_a_question_may_be_as_long_as_the_limit_and_no_longer(small_settings: Settings) -> None:
    settings = small_settings.model_copy(update={"max_question_chars": 20})
    assistant = Assistant(settings, open_store(settings))
    assert assistant.answer("骗" * 20).language == "zh"
    with pytest.raises(InvalidInput) as caught:
        assistant.answer("骗" * 21)
    assert caught.value.code == "question_too_long"
    assert "21" in caught.value.message
    assert "20" in caught.value.message


def test_the_limit_of_a_question_is_named_for_the_visitor_in_both_languages(small_assistant: Assistant) -> None:
    with pytest.raises(InvalidInput) as caught:
        small_assistant.answer("x" * 2_001)
    for language in ("en", "zh"):
        assert "2,000" in load_locale(language).text("error.question_too_long", **caught.value.values)


@pytest.mark.parametrize("question", ["What is a safe account?", "什么是安全账户？"])
def test_without_an_index_the_error_names_the_next_step(tmp_path: Path, question: str) -> None:
    settings = small_corpus.small_settings(tmp_path)
    with pytest.raises(IndexMissing) as caught:
        Assistant(settings, open_store(settings)).answer(question)
    assert "ringwise sync" in caught.value.hint


@pytest.mark.parametrize(("question", "language"), [("hi", "zh"), ("你好", "en")])
def test_the_language_of_the_answer_can_be_chosen(small_assistant: Assistant, question: str, language: Language) -> None:
    assert small_assistant.answer(question, language=language).text == load_locale(language).text("answer.smalltalk")


def test_the_language_of_the_settings_holds_where_none_is_chosen(small_settings: Settings) -> None:
    settings = small_settings.model_copy(update={"language": "zh"})
    assistant = Assistant(settings, open_store(settings))
    assert assistant.answer("hi").language == "zh"
    assert assistant.answer("hi", language="en").language == "en"


@pytest.mark.parametrize(
    ("before", "question", "quote"),
    [
        ("What is order brushing?", "And the warning signs?", "A job asks you to pay before you earn."),
        ("刷单是什么？", "那危险信号呢？", "做兼职先要交钱。"),
    ],
)
def test_a_follow_up_is_answered_from_the_guide_of_the_question_before(
    small_assistant: Assistant, before: str, question: str, quote: str
) -> None:
    answer = small_assistant.answer(question, [Turn(question=before)])
    assert answer.citations[0].quote == quote
    assert {citation.source_id for citation in answer.citations} == {"order-brushing"}


@pytest.mark.parametrize(
    ("before", "question"),
    [("What is order brushing?", "What are the warning signs of a fake police call?"), ("刷单是什么？", "冒充公安有什么危险信号？")],
)
def test_a_new_subject_is_answered_on_its_own(small_assistant: Assistant, before: str, question: str) -> None:
    with_history = small_assistant.answer(question, [Turn(question=before)])
    assert with_history == small_assistant.answer(question)
    assert {citation.source_id for citation in with_history.citations} == {"fake-police"}


@pytest.mark.parametrize("question", ["and then?", "那然后呢？"])
def test_a_history_of_any_length_is_taken(small_assistant: Assistant, question: str) -> None:
    assert small_assistant.answer(question, [Turn(question=question)] * 2_000).status == "abstained"


@pytest.mark.parametrize("question", ["What is a safe account?\ud800", "什么是安全账户？\udcff"])
def test_half_a_character_in_a_question_does_no_harm(small_assistant: Assistant, question: str) -> None:
    answer = small_assistant.answer(question)
    assert answer.status == "answered"
    assert Answer.model_validate_json(answer.model_dump_json()) == answer


@pytest.mark.parametrize("question", [QUESTIONS[0], QUESTIONS[1]])
def test_follow_ups_ask_for_sections_that_the_answer_has_not_shown(small_assistant: Assistant, question: str) -> None:
    answer = small_assistant.answer(question)
    locale = load_locale(answer.language)
    title = answer.citations[0].title
    assert list(answer.follow_ups) == [locale.text(f"follow_up.{key}", title=title) for key in ("now", "check", "how")]


def test_an_answer_is_the_same_each_time(small_assistant: Assistant) -> None:
    assert [small_assistant.answer(q) for q in QUESTIONS] == [small_assistant.answer(q) for q in QUESTIONS]


def test_an_answer_survives_the_way_through_json(small_assistant: Assistant) -> None:
    for question in QUESTIONS:
        answer = small_assistant.answer(question)
        assert Answer.model_validate_json(answer.model_dump_json()) == answer


def test_a_newly_published_index_is_taken_up_without_a_restart(tmp_path: Path) -> None:
    seeds = small_corpus.write_small_seeds(tmp_path / "seeds")
    settings = small_corpus.small_settings(tmp_path)
    assistant = Assistant(settings, small_corpus.publish(settings))
    guide = seeds / "guides/zh/order-brushing.md"
    assert assistant.answer("刷单有什么危险信号？").sentences[0].text == "做兼职先要交钱。"
    guide.write_text(guide.read_text(encoding="utf-8").replace("做兼职先要交钱。", "没干活先要押金。"), encoding="utf-8")
    small_corpus.publish(settings)
    assert assistant.answer("刷单有什么危险信号？").sentences[0].text == "没干活先要押金。"


def test_markup_in_a_source_or_a_question_comes_out_as_the_same_text(tmp_path: Path) -> None:
    seeds = small_corpus.write_small_seeds(tmp_path / "seeds")
    guide = seeds / "guides/zh/order-brushing.md"
    evil = "做兼职先要交钱<script>alert(1)</script>。"
    guide.write_text(guide.read_text(encoding="utf-8").replace("做兼职先要交钱。", evil), encoding="utf-8")
    settings = small_corpus.small_settings(tmp_path)
    answer = Assistant(settings, small_corpus.publish(settings)).answer("刷单有什么危险信号？<script>")
    assert answer.question == "刷单有什么危险信号？<script>"
    assert answer.sentences[0].text == evil


def test_the_seeds_may_lack_intents_and_a_glossary(tmp_path: Path) -> None:
    seeds = small_corpus.write_small_seeds(tmp_path / "seeds")
    (seeds / "intents.yaml").unlink()
    (seeds / "glossary.yaml").unlink()
    settings = small_corpus.small_settings(tmp_path)
    assistant = Assistant(settings, small_corpus.publish(settings))
    assert assistant.answer("What is a safe account?").status == "answered"
    assert assistant.answer("什么是安全账户？").status == "answered"
    shutil.rmtree(seeds)
    assert assistant.answer("什么是安全账户？").status == "answered"


NOTHING_READ = Reading(tokens=(), vector=None, english_tokens=(), english_vector=None, counts=counts_of(""))
ASKED = Query(question="问", standalone="问", language="zh", intent="general", reading=NOTHING_READ)


def _found(similarity: float, coverage: float) -> Found:
    return Found(passages=(), fact_passages=(), similarity=similarity, coverage=coverage)


def test_an_even_chance_of_the_subject_and_half_of_the_words_make_an_even_confidence() -> None:
    assert confidence(replace(ASKED, on_subject=0.5), _found(0.0, 0.5)) == pytest.approx(0.5)


def test_confidence_grows_with_the_subject_and_with_the_words_that_are_found() -> None:
    doubtful = confidence(replace(ASKED, on_subject=0.2), _found(0.0, 0.2))
    assert doubtful < confidence(replace(ASKED, on_subject=0.6), _found(0.0, 0.2))
    assert doubtful < confidence(replace(ASKED, on_subject=0.2), _found(0.0, 0.6))
    assert confidence(replace(ASKED, on_subject=0.0), _found(0.0, 0.0)) == pytest.approx(0.0, abs=1e-6)


def test_an_emergency_and_a_question_that_is_nearly_known_are_certain() -> None:
    assert confidence(replace(ASKED, on_subject=0.0, intent="emergency"), _found(0.0, 0.0)) == 1.0
    assert confidence(replace(ASKED, on_subject=0.0), _found(0.8, 0.0)) == 1.0


def test_a_question_off_the_subject_is_not_certain_however_near_it_is() -> None:
    assert confidence(replace(ASKED, on_subject=0.0, intent="off_topic"), _found(0.99, 0.0)) < 0.1
