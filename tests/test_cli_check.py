"""`ringwise check`: a verdict that a person can read, JSON for machines, lines for many messages, and links that cannot be clicked."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import small_corpus

from bot.cli_check import marked
from bot.marking import broken
from bot.schema import Signal, Verdict
from bot.settings import load_settings

SHIPPED = load_settings().seeds_dir
SCAM = "Police here. There is a warrant. Tell nobody and move your savings to a safe account: https://court.top/x"
SCAM_ZH = "我是警官，您涉嫌洗钱，不要告诉家人，马上把钱转到安全账户 https://court.top/x"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    folder = tmp_path_factory.mktemp("check")
    small_corpus.write_small_seeds(folder / "seeds")
    for name in ("signals.yaml", "wording.yaml", "known_names.yaml", "settling.yaml", "contacts.yaml"):
        shutil.copy(SHIPPED / name, folder / "seeds" / name)
    chosen = small_corpus.small_settings(folder)
    small_corpus.publish(chosen)
    return small_corpus.environment(chosen)


def _run(environment: Mapping[str, str], *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from bot.cli import main; main()", "check", *arguments]
    return subprocess.run(
        command, env={**os.environ, **environment}, input=stdin, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("message", [SCAM, SCAM_ZH])
def test_the_verdict_is_printed_with_its_signs_marked_and_its_links_broken(environment: Mapping[str, str], message: str) -> None:
    done = _run(environment, message, "--region", "CN")
    assert done.returncode == 0, done.stderr
    assert "«1 " in done.stdout
    assert "hxxps://court[.]top" in done.stdout
    assert "https://court.top" not in done.stdout
    assert "96110" in done.stdout


@pytest.mark.parametrize("message", [SCAM, SCAM_ZH])
def test_json_is_a_verdict(environment: Mapping[str, str], message: str) -> None:
    verdict = Verdict.model_validate_json(_run(environment, message, "--json").stdout)
    assert verdict.verdict == "strong_signs"
    assert all(message[signal.start : signal.end] == signal.text for signal in verdict.signals)


def test_a_message_is_read_from_standard_input(environment: Mapping[str, str]) -> None:
    assert json.loads(_run(environment, "-", "--json", stdin=SCAM_ZH).stdout)["message_language"] == "zh"


def test_answers_are_taken(environment: Mapping[str, str]) -> None:
    plain = json.loads(_run(environment, "请今天转定金给我", "--json").stdout)
    told = json.loads(_run(environment, "请今天转定金给我", "--json", "--answer", "checked=denied").stdout)
    assert told["score"] > plain["score"]


def test_many_messages_give_a_line_each(environment: Mapping[str, str], tmp_path: Path) -> None:
    rows = [{"id": "a", "message": SCAM}, {"id": "b", "message": "晚上一起吃饭？", "language": "en"}]
    file = tmp_path / "messages.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    lines = [json.loads(line) for line in _run(environment, "--jsonl", str(file)).stdout.splitlines()]
    assert [(line["id"], line["verdict"]) for line in lines] == [("a", "strong_signs"), ("b", "no_known_signs")]
    assert lines[1]["language"] == "en"


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        ((), "", "Give either a message or --jsonl"),
        (("--jsonl", "-"), "{not json", "is not JSON"),
        (("--jsonl", "-"), '{"id": "a"}', "no text under `message`"),
        (("--jsonl", "-"), '{"id": "a", "message": ""}', "line 1: The message is empty"),
        (("--jsonl", "nowhere.jsonl"), "", "There is no file"),
        (("-",), " ", "The message is empty"),
        (("你好", "--answer", "asks"), "", "is no answer"),
        (("你好", "--language", "fr"), "", "There is no language"),
    ],
)
def test_a_bad_call_ends_with_status_2_and_says_why(environment: Mapping[str, str], arguments: tuple[str, ...], stdin: str, said: str) -> None:
    done = _run(environment, *arguments, stdin=stdin)
    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.parametrize(
    ("text", "shown"),
    [("https://bank.top/a.b", "hxxps://bank[.]top/a[.]b"), ("见 bank.top 办理", "见 bank[.]top 办理"), ("£2.50 paid. Thanks", "£2.50 paid. Thanks")],
)
def test_links_are_broken_and_amounts_stay(text: str, shown: str) -> None:
    assert broken(text) == shown


def test_direction_characters_do_not_reach_the_terminal() -> None:
    signal = Signal(id="x", name="x", start=2, end=4, text="转账", why="x")
    shown = marked("请\u202e转账\x1b[31m给", [signal])
    assert shown.plain == "请«1 转账»[31m给"
