"""`ringwise ask` as it is typed: text, JSON and JSONL, errors with a next step, exit statuses, and plain text in a pipe."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import small_corpus
import typer
from typer.core import TyperGroup

from bot.cli import app, main
from bot.i18n import load_locale
from bot.schema import Answer
from bot.settings import Settings

POLICE = "What are the warning signs of a fake police call?"
CHINESE = "冒充公安诈骗有哪些危险信号？"


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def ringwise(
    small_settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Run:
    """Run the command line on the small corpus: `ringwise("ask", "…")`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    for name, value in small_corpus.environment(small_settings).items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> Ran:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        captured = capsys.readouterr()
        return Ran(int(ended.value.code or 0), captured.out, captured.err)

    return run


def _piped(settings: Settings, *arguments: str, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run it in a process of its own, as in a pipe."""
    command = [sys.executable, "-c", "from bot.cli import main; main()", *arguments]
    environment = {**os.environ, **small_corpus.environment(settings), **variables}
    return subprocess.run(
        command, input=stdin, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False
    )


def _assert_fails(ran: Ran, status: int, *words: str) -> None:
    assert ran.status == status, ran
    assert ran.out == ""
    assert ran.err.startswith("Error: ")
    assert "Traceback" not in ran.err
    for word in words:
        assert word in ran.err


@pytest.mark.parametrize(
    ("question", "quote", "source"),
    [
        (POLICE, "An officer asks you to move money to a safe account.", "[1] Fake police call, Warning signs. Ringwise, 2026-11-01"),
        (CHINESE, "警察要你把钱转到安全账户。", "[1] 冒充公安诈骗, 危险信号. Ringwise, 2026-11-01"),
        ("冒充公安詐騙有哪些危險信號？", "警察要你把钱转到安全账户。", "[1] 冒充公安诈骗, 危险信号. Ringwise, 2026-11-01"),
    ],
)
def test_an_answer_is_printed_with_its_numbers_and_its_sources(ringwise: Run, question: str, quote: str, source: str) -> None:
    ran = ringwise("ask", question)
    assert (ran.status, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0] == f"• {quote} [1]"
    assert source in lines
    assert "    Ministry, 2024-06-06: https://example.org/mps1" in lines


@pytest.mark.parametrize("question", [POLICE, CHINESE, "hi", "你好", "教我骗人", "xylophone zeppelin"])
def test_json_is_one_answer_that_can_be_read_back(ringwise: Run, question: str) -> None:
    ran = ringwise("ask", question, "--json")
    assert (ran.status, ran.err) == (0, "")
    assert Answer.model_validate_json(ran.out).question == question


def test_json_keeps_chinese_readable(ringwise: Run) -> None:
    assert "安全账户" in ringwise("ask", CHINESE, "--json").out


def test_a_notice_is_printed_where_the_source_is_in_english(ringwise: Run) -> None:
    assert load_locale("zh").text("notice.foreign_source") in ringwise("ask", "河南记者卧底多久？").out.splitlines()


@pytest.mark.parametrize("question", ["xylophone zeppelin", "足球"])
def test_an_abstention_is_an_answer_and_no_failure(ringwise: Run, question: str) -> None:
    ran = ringwise("ask", question)
    assert ran.status == 0
    assert sum(line.startswith("→ ") for line in ran.out.splitlines()) == 3


def test_the_language_of_the_answer_can_be_chosen_in_either_case(ringwise: Run) -> None:
    assert Answer.model_validate_json(ringwise("ask", "hi", "--json", "--language", "zh").out).language == "zh"
    assert Answer.model_validate_json(ringwise("ask", "你好", "--json", "--language", "EN").out).language == "en"


@pytest.mark.parametrize("question", [POLICE, CHINESE])
def test_an_unknown_language_is_named_with_the_right_ones(ringwise: Run, question: str) -> None:
    _assert_fails(ringwise("ask", question, "--language", "tlh"), 2, "'tlh'", "en", "zh")


@pytest.mark.parametrize("question", ["", "  ", "\u3000"])
def test_an_empty_question_is_a_bad_call(ringwise: Run, question: str) -> None:
    _assert_fails(ringwise("ask", question), 2, "empty", "Write what you would like to know.")


@pytest.mark.parametrize("question", ["x" * 2_001, "骗" * 2_001])
def test_a_question_over_the_limit_is_a_bad_call_that_names_both_lengths(ringwise: Run, question: str) -> None:
    _assert_fails(ringwise("ask", question), 2, "2,001", "2,000")


def test_neither_a_question_nor_a_file_is_a_bad_call(ringwise: Run) -> None:
    _assert_fails(ringwise("ask"), 2, "--jsonl", "Try: ringwise ask")


def test_both_a_question_and_a_file_are_a_bad_call(ringwise: Run) -> None:
    _assert_fails(ringwise("ask", CHINESE, "--jsonl", "x.jsonl"), 2, "either")


def test_an_unknown_option_is_a_bad_call(ringwise: Run) -> None:
    ran = ringwise("ask", CHINESE, "--colour")
    assert ran.status == 2
    assert "--colour" in ran.err


def test_without_an_index_the_command_fails_and_names_the_next_step(
    ringwise: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RINGWISE_DATA_DIR", str(tmp_path / "nothing"))
    _assert_fails(ringwise("ask", CHINESE), 1, "empty", "ringwise sync")


def test_a_setting_that_cannot_be_used_is_named_with_its_variable(ringwise: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RINGWISE_RESULTS", "许多")
    _assert_fails(ringwise("ask", CHINESE), 2, "RINGWISE_RESULTS")


def _write(path: Path, *lines: str) -> str:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def test_a_file_of_questions_gives_one_answer_a_line_under_its_id(ringwise: Run, tmp_path: Path) -> None:
    file = _write(
        tmp_path / "questions.jsonl",
        json.dumps({"id": "a", "question": POLICE}),
        "",
        json.dumps({"id": 7, "question": CHINESE}, ensure_ascii=False),
        json.dumps({"id": "c", "question": "hi", "language": "zh", "region": "CN", "history": []}),
    )
    ran = ringwise("ask", "--jsonl", file)
    assert (ran.status, ran.err) == (0, "")
    rows = [json.loads(line) for line in ran.out.splitlines()]
    assert [row.pop("id") for row in rows] == ["a", 7, "c"]
    answers = [Answer.model_validate(row) for row in rows]
    assert [answer.language for answer in answers] == ["en", "zh", "zh"]
    assert answers[1].question == CHINESE


@pytest.mark.parametrize(
    ("before", "question", "quote"),
    [
        ("What is order brushing?", "And the warning signs?", "A job asks you to pay before you earn."),
        ("刷单是什么？", "那危险信号呢？", "做兼职先要交钱。"),
    ],
)
def test_a_line_may_bring_its_history(ringwise: Run, tmp_path: Path, before: str, question: str, quote: str) -> None:
    row = {"id": 1, "question": question, "history": [{"question": before, "answer": "…"}]}
    ran = ringwise("ask", "--jsonl", _write(tmp_path / "q.jsonl", json.dumps(row)))
    assert json.loads(ran.out)["citations"][0]["quote"] == quote


GOOD = '{"id": 1, "question": "什么是安全账户？"}'


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("什么是安全账户？", "is not JSON"),
        ('{"id": 2, "question": "什么', "is not JSON"),
        ('{"id": ' + "9" * 5_000 + ', "question": "什么"}', "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[1, 2]", "`question`"),
        ('{"id": 2}', "`question`"),
        ('{"id": 2, "question": 3}', "`question`"),
        ('{"question": "什么是安全账户？"}', "`id`"),
        ('{"id": 2, "question": "什么", "language": "tlh"}', "'tlh'"),
        ('{"id": 2, "question": "什么", "language": 5}', "`language`"),
        ('{"id": 2, "question": "什么", "history": "before"}', "`history`"),
        ('{"id": 2, "question": "什么", "history": [{"asked": "x"}]}', "`history`"),
        ('{"id": 2, "question": "什么", "history": 4}', "`history`"),
    ],
)  # fmt: skip
def test_a_malformed_line_is_named_by_its_number_before_anything_is_answered(
    ringwise: Run, tmp_path: Path, line: str, reason: str
) -> None:
    file = _write(tmp_path / "q.jsonl", GOOD, "", line, GOOD)
    _assert_fails(ringwise("ask", "--jsonl", file), 2, "q.jsonl:3:", reason)


@pytest.mark.parametrize(("question", "word"), [("", "empty"), ("骗" * 2_001, "2,001")])
def test_a_line_whose_question_cannot_be_taken_is_named_by_its_number(ringwise: Run, tmp_path: Path, question: str, word: str) -> None:
    file = _write(tmp_path / "q.jsonl", GOOD, json.dumps({"id": 2, "question": question}))
    ran = ringwise("ask", "--jsonl", file)
    assert ran.status == 2
    assert "2:" in ran.err
    assert word in ran.err


def test_a_line_separator_inside_a_question_does_not_end_its_line(ringwise: Run, tmp_path: Path) -> None:
    rows = [{"id": n, "question": f"什么是{mark}安全账户？"} for n, mark in enumerate("\u2028\u0085\u2029")]
    file = _write(tmp_path / "q.jsonl", *(json.dumps(row, ensure_ascii=False) for row in rows))
    ran = ringwise("ask", "--jsonl", file)
    assert (ran.status, ran.err) == (0, "")


def test_windows_line_ends_are_taken(ringwise: Run, tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_bytes(f"{GOOD}\r\n{GOOD}\r\n".encode())
    ran = ringwise("ask", "--jsonl", str(tmp_path / "q.jsonl"))
    assert (ran.status, len(ran.out.splitlines())) == (0, 2)


def test_an_empty_file_gives_no_answers(ringwise: Run, tmp_path: Path) -> None:
    assert ringwise("ask", "--jsonl", _write(tmp_path / "q.jsonl")) == Ran(0, "", "")


def test_a_file_that_is_not_there_is_named(ringwise: Run, tmp_path: Path) -> None:
    _assert_fails(ringwise("ask", "--jsonl", str(tmp_path / "没有.jsonl")), 2, "没有.jsonl")


def test_a_folder_and_a_wrongly_encoded_file_are_no_questions(ringwise: Run, tmp_path: Path) -> None:
    (tmp_path / "gbk.jsonl").write_bytes(GOOD.encode("gbk"))
    _assert_fails(ringwise("ask", "--jsonl", str(tmp_path)), 2, "UTF-8")
    _assert_fails(ringwise("ask", "--jsonl", str(tmp_path / "gbk.jsonl")), 2, "gbk.jsonl", "UTF-8")


@pytest.mark.parametrize("question", [POLICE, CHINESE])
def test_a_question_may_come_from_standard_input(small_settings: Settings, question: str) -> None:
    done = _piped(small_settings, "ask", "-", "--json", stdin=question + "\n")
    assert done.returncode == 0, done.stderr
    assert Answer.model_validate_json(done.stdout).question == question


def test_questions_may_come_from_standard_input(small_settings: Settings) -> None:
    done = _piped(small_settings, "ask", "--jsonl", "-", stdin=f"{GOOD}\n")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["id"] == 1


@pytest.mark.parametrize("arguments", [("ask", POLICE), ("ask", CHINESE), ("ask", ""), ("--help",), ("ask", "--help")])
def test_nothing_in_a_pipe_has_colour_codes(small_settings: Settings, arguments: tuple[str, ...]) -> None:
    done = _piped(small_settings, *arguments)
    assert "\x1b" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_sentence_in_a_pipe_is_not_broken_over_lines(small_settings: Settings) -> None:
    done = _piped(small_settings, "ask", POLICE, COLUMNS="40")
    assert "• An officer asks you to move money to a safe account. [1]" in done.stdout.splitlines()


def test_a_reader_that_goes_away_early_brings_no_traceback(small_settings: Settings) -> None:
    environment = {**os.environ, **small_corpus.environment(small_settings)}
    rows = "".join(f"{GOOD}\n" for _ in range(200))
    shell = f"{sys.executable} -c 'from bot.cli import main; main()' ask --jsonl - | head -n 1"
    done = subprocess.run(
        shell, shell=True, input=rows, env=environment, capture_output=True, text=True, timeout=120, check=False
    )  # fmt: skip
    assert len(done.stdout.splitlines()) == 1
    assert "Traceback" not in done.stderr


def _commands() -> dict[str, Any]:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    return {"": group, **group.commands}


@pytest.mark.parametrize("name", sorted(_commands()))
def test_the_help_of_a_command_names_and_explains_each_option(ringwise: Run, name: str) -> None:
    ran = ringwise(*filter(None, [name]), "--help")
    command = _commands()[name]
    assert ran.status == 0
    assert "Usage:" in ran.out
    assert (command.help or "").split(",")[0].split(".")[0] in ran.out
    for parameter in command.params:
        if parameter.param_type_name == "option":
            assert parameter.opts[0] in ran.out
            assert getattr(parameter, "help", "")


def test_the_help_lists_every_command(ringwise: Run) -> None:
    ran = ringwise("--help")
    assert {"ask", "sync", "serve", "eval", "contacts"} <= set(_commands())
    for name in _commands():
        assert name in ran.out
