"""Where the questions of a FAQ come from: every section of every guide, or a file of any quality."""

import json
from pathlib import Path

import pytest

from bot.assistant import Assistant
from bot.errors import InvalidInput
from bot.faq.merging import merge
from bot.faq.questions import FAQQuestion, languages_named, read_questions
from bot.settings import Settings
from bot.store import open_store


def test_every_section_of_every_guide_is_asked_about_in_its_language(questions: list[FAQQuestion]) -> None:
    asked = {(question.topic, question.section, question.language) for question in questions}
    assert ("fake-police", "signs", "en") in asked
    assert ("fake-police", "signs", "zh") in asked
    assert len(asked) == len(questions)
    assert any(question.text.endswith("：有哪些危险信号？") for question in questions)
    first = [question.section for question in questions if (question.topic, question.language) == ("fake-police", "zh")]
    assert first[0] == "what"


def test_a_csv_of_mixed_quality_gives_its_questions_and_says_what_is_wrong_with_the_rest(tmp_path: Path) -> None:
    file = tmp_path / "q.csv"
    rows = [b"id,Question", "1,什么是安全账户？".encode("gb18030"), b"2,What is a safe account?", b"3,", b"4", b"5,???", b'6,"two\nlines"']
    file.write_bytes(b"\r\n".join([*rows, b"7," + b"x" * 3_000, b"8,\xff\xfe\xff", b"9,Is\0 it real?"]))
    questions, left_out = read_questions(file, most_chars=2_000)
    assert [question.text for question in questions] == ["什么是安全账户？", "What is a safe account?", "two lines", "Is it real?"]
    assert [question.language for question in questions] == ["zh", "en", "en", "en"]
    assert [row.reason for row in left_out] == ["empty", "empty", "no_words", "too_long", "unreadable"]
    assert [row.line for row in left_out][:2] == [4, 5]


def test_a_text_file_has_a_question_on_each_line_and_jsonl_an_object(tmp_path: Path) -> None:
    (tmp_path / "q.txt").write_text("What is phishing?\n\n钓鱼短信是什么？\n", encoding="utf-16")
    assert [q.text for q in read_questions(tmp_path / "q.txt", most_chars=99)[0]] == ["What is phishing?", "钓鱼短信是什么？"]
    lines = [json.dumps({"question": "刷单是诈骗吗？"}), "no json", json.dumps(["a list"]), "[" * 100_000]
    (tmp_path / "q.jsonl").write_text("\n".join(lines), encoding="utf-8")
    questions, left_out = read_questions(tmp_path / "q.jsonl", most_chars=99)
    assert [q.text for q in questions] == ["刷单是诈骗吗？"]
    assert [row.reason for row in left_out] == ["empty"] * 3


def test_a_table_without_the_column_and_a_file_that_is_not_there_are_named(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text("编号,内容\n1,什么是诈骗\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="编号, 内容"):
        read_questions(tmp_path / "q.csv", most_chars=99)
    assert len(read_questions(tmp_path / "q.csv", column="内容", most_chars=99)[0]) == 1
    with pytest.raises(InvalidInput, match="没有"):
        read_questions(tmp_path / "没有.csv", most_chars=99)


def test_languages_are_named_by_comma_and_wrong_ones_listed() -> None:
    assert languages_named("zh, en") == ["en", "zh"]
    with pytest.raises(InvalidInput, match="'de'"):
        languages_named("en,de")


ONE_QUESTION = [
    ("What is a safe account?", 'what\'s a "safe account"?', "en"),
    ("How do task scams work?", "How does a task scam work?", "en"),
    ("What should I do if I paid a scammer?", "I paid a scammer, what should I do?", "en"),
    ("什么是安全账户？", "安全账户是什么？", "zh"),
    ("刷单是诈骗吗？", "刷单是不是诈骗？", "zh"),
    ("验证码能告诉别人吗", "验证码可以告诉别人吗？", "zh"),
]
TWO_QUESTIONS = [
    ("Is a safe account real?", "Is a safe account fake?", "en"),
    ("I gave my code away", "I did not give my code away", "en"),
    ("How do I report a scam in Singapore?", "How do I report a scam in Malaysia?", "en"),
    ("在新加坡怎么报案？", "在香港怎么报案？", "zh"),
    ("验证码能告诉别人吗", "验证码不能告诉别人吗", "zh"),
    ("怎么骗", "被骗怎么办", "zh"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("one", "other", "language"), [*ONE_QUESTION, *TWO_QUESTIONS])
def test_wordings_of_one_question_are_merged_and_two_questions_kept(
    shipped_settings: Settings, one: str, other: str, language: str
) -> None:
    assistant = Assistant(shipped_settings, open_store(shipped_settings))
    both = [FAQQuestion(one, language), FAQQuestion(other, language)]  # type: ignore[arg-type]
    kept, repeats = merge(both, assistant.encode, assistant.knows)
    merged = (one, other, language) in ONE_QUESTION
    assert repeats == ({1: 0} if merged else {})
    assert kept == both[: 1 if merged else 2]
