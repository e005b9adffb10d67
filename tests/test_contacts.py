"""The directory offers only what it holds, and knows a number or an address by what a telephone or a browser would use."""

import datetime
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from rich.console import Console
from typer.testing import CliRunner

from bot.cli_contacts import contacts, print_contacts
from bot.contacts import ContactBook, load_contacts
from bot.errors import InvalidInput, SourceErrors

TODAY = datetime.date(2026, 11, 23)

DIRECTORY = """\
regions:
  CN: {en: Mainland China, zh: 中国大陆}
  US: {en: United States, zh: 美国}
contacts:
- id: cn-antifraud-96110
  region: CN
  kind: antifraud
  value: '96110'
  label: {en: Police anti-fraud line, zh: 反诈专线}
  hours: {en: 24 hours a day, zh: 全天 24 小时}
  note: {en: Pick up when 96110 rings., zh: 96110 打来要接。}
  never:
  - {en: It never asks for a transfer., zh: 从不要求你转账。}
  source: mps22
  also: [gjf7]
  checked_on: '2026-11-01'
  verified_on: '2023-06'
  confidence: medium
- id: cn-police-110
  region: CN
  kind: emergency
  value: '110'
  label: {en: Police, zh: 报警电话}
  hours: null
  note: null
  never: []
  source: mps22
  also: []
  checked_on: '2025-11-22'
  verified_on: null
  confidence: high
- id: cn-doubtful
  region: CN
  kind: bank
  value: 400 800 1234
  label: {en: A doubtful line, zh: 拿不准的号码}
  hours: null
  note: null
  never: []
  source: mps22
  also: []
  checked_on: '2026-11-01'
  verified_on: null
  confidence: low
- id: us-report-ic3
  region: US
  kind: report_online
  value: https://www.ic3.gov
  label: {en: FBI reports, zh: 联邦调查局举报网站}
  hours: null
  note: null
  never: []
  source: ic3
  also: []
  checked_on: '2026-11-01'
  verified_on: null
  confidence: high
lookalikes:
- value: 96ll0.cc
  imitates: '96110'
  why: {en: Two letters play figures., zh: 两个字母冒充数字。}
  source: mps22
do_not_use:
- value: Action Fraud
  why: {en: The service has another name now., zh: 已经改名。}
  source: ukrf
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "contacts.yaml"
    path.write_text(DIRECTORY, encoding="utf-8")
    return path


@pytest.fixture
def book(file: Path) -> ContactBook:
    return load_contacts(file)


def _problems(path: Path, old: str, new: str) -> list[str]:
    assert old in DIRECTORY
    path.write_text(DIRECTORY.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SourceErrors) as caught:
        load_contacts(path)
    return [str(problem).removeprefix(str(path)) for problem in caught.value.problems]


def test_a_region_has_its_entries_in_the_order_of_the_file(book: ContactBook) -> None:
    assert [entry.id for entry in book.all("CN")] == ["cn-antifraud-96110", "cn-police-110", "cn-doubtful"]
    assert book.all("cn") == book.all("CN")
    assert len(book.all()) == 4
    assert book.all("XX") == ()


def test_what_is_doubtful_or_was_checked_over_a_year_ago_is_not_offered(book: ContactBook) -> None:
    assert [entry.id for entry in book.offered("CN", today=TODAY)] == ["cn-antifraud-96110"]


def test_the_age_of_an_entry_is_counted_from_the_day_that_is_given(book: ContactBook) -> None:
    one_day_before = TODAY - datetime.timedelta(days=1)
    assert "cn-police-110" in {entry.id for entry in book.offered("CN", today=one_day_before)}
    assert book.offered(today=datetime.date(2030, 1, 1)) == ()


def test_only_the_kinds_that_are_asked_for_are_offered(book: ContactBook) -> None:
    assert [entry.id for entry in book.offered(kinds=["report_online"], today=TODAY)] == ["us-report-ic3"]
    assert book.offered("CN", kinds=["child"], today=TODAY) == ()


def test_stale_entries_are_listed_whatever_their_confidence(book: ContactBook) -> None:
    assert [entry.id for entry in book.stale(365, TODAY)] == ["cn-police-110"]
    assert {entry.id for entry in book.stale(21, TODAY)} == {entry.id for entry in book.all()}
    assert book.stale(366, TODAY) == ()


def test_a_contact_speaks_the_language_of_the_visitor_and_keeps_its_source_and_date(book: ContactBook) -> None:
    entry = book.all("CN")[0]
    english, chinese = book.as_contact(entry, "en"), book.as_contact(entry, "zh")
    assert (english.label, english.hours, english.never) == ("Police anti-fraud line", "24 hours a day", ("It never asks for a transfer.",))
    assert (chinese.label, chinese.hours, chinese.never) == ("反诈专线", "全天 24 小时", ("从不要求你转账。",))
    assert chinese.note == "96110 打来要接。"
    assert (chinese.value, chinese.source, chinese.checked_on) == ("96110", "mps22", "2026-11-01")


def test_a_contact_without_hours_or_note_has_empty_ones(book: ContactBook) -> None:
    contact = book.as_contact(book.all("US")[0], "zh")
    assert (contact.hours, contact.note, contact.never) == ("", "", ())


@pytest.mark.parametrize("value", ["96110", "9 6 1 1 0", "96-110", " 96110 ", "９６１１０", "4008001234", "400-800-1234"])
def test_a_number_is_known_by_its_digits(book: ContactBook, value: str) -> None:
    assert book.knows(value)


@pytest.mark.parametrize("value", ["961100", "6110", "+86 96110", "", "反诈专线", "96110元", "打 96110", "tel:96110", "ring 110"])
def test_another_number_or_a_number_within_words_is_not_known(book: ContactBook, value: str) -> None:
    assert not book.knows(value)


@pytest.mark.parametrize(
    "value", ["ic3.gov", "www.ic3.gov", "https://www.ic3.gov/Home?x=1#top", "HTTP://IC3.GOV", "ic3.gov.", "https://user@ic3.gov:443/"]
)
def test_an_address_is_known_by_its_host(book: ContactBook, value: str) -> None:
    assert book.knows(value)


@pytest.mark.parametrize(
    "value",
    [
        "https://ic3.gov.example.com",
        "https://ic3.gov@evil.example",
        "http://evil.example\\@ic3.gov",
        "https://evil.example/ic3.gov",
        "https://evil.example#@ic3.gov",
        "https://evil.example/?u=https://ic3.gov",
        "sub.ic3.gov",
        "іc3.gov",  # a Cyrillic i
        "javascript://ic3.gov/%0aalert(1)",
        "http://[ic3.gov",
        "举报网站ic3.gov",
    ],
)
def test_an_address_that_only_looks_like_one_of_ours_is_not_known(book: ContactBook, value: str) -> None:
    assert not book.knows(value)


@pytest.mark.parametrize("value", ["96ll0.cc", "https://www.96LL0.cc/pay", "９６ll0.cc"])
def test_a_known_imitation_is_recognised_and_is_no_contact(book: ContactBook, value: str) -> None:
    found = book.lookalike(value)
    assert found is not None
    assert found.imitates == "96110"
    assert found.why.zh == "两个字母冒充数字。"
    assert not book.knows(value)


@pytest.mark.parametrize("value", ["96110", "https://ic3.gov", "example.com", "安全账户"])
def test_what_is_no_imitation_is_not_called_one(book: ContactBook, value: str) -> None:
    assert book.lookalike(value) is None


def test_seeds_without_a_directory_have_no_contacts(tmp_path: Path) -> None:
    book = load_contacts(tmp_path / "contacts.yaml")
    assert book.all() == ()
    assert not book.knows("110")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("kind: emergency", "kind: police", "cn-police-110: the field `kind` is wrong"),
        ("  source: mps22\n", "", "cn-antifraud-96110: the field `source` is missing."),
        ("zh: 反诈专线", "zh: ''", "cn-antifraud-96110: the field `label.zh` is wrong"),
        ("'2026-11-01'", "yesterday", "cn-antifraud-96110: the field `checked_on` is wrong"),
        ("value: 96ll0.cc", "value: 96ll0.cc\n  phone: 1", "96ll0.cc: the field `phone` is wrong"),
        ("id: cn-police-110", "id: cn-antifraud-96110", "the id cn-antifraud-96110 stands 2 times."),
        ("region: US", "region: UK", "us-report-ic3: the region UK is not under `regions`. Use one of: CN, US."),
    ],
)
def test_a_bad_entry_is_named_with_its_field_and_the_way_to_mend_it(file: Path, old: str, new: str, expected: str) -> None:
    problems = _problems(file, old, new)
    assert any(expected in problem for problem in problems)
    assert all(re.match(r":\d+: ", problem) for problem in problems)


def test_a_problem_says_the_line_where_the_entry_stands(file: Path) -> None:
    problems = _problems(file, "kind: emergency", "kind: police")
    line = DIRECTORY.splitlines().index("  kind: emergency") + 1
    assert problems[0].startswith(f":{line}: cn-police-110")


def test_all_bad_entries_are_named_together(file: Path) -> None:
    bad = DIRECTORY.replace("kind: emergency", "kind: police").replace("confidence: low", "confidence: none")
    file.write_text(bad, encoding="utf-8")
    with pytest.raises(SourceErrors) as caught:
        load_contacts(file)
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize("content", [b"contacts: [", b"\xff\xfe"])
def test_a_file_that_is_no_yaml_is_named(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(SourceErrors, match=r"contacts\.yaml: is not valid YAML"):
        load_contacts(file)


# --- the command ---


@pytest.fixture
def run(file: Path) -> Callable[..., Any]:
    """Run the command in a pipe, on the day that the tests run: one entry is over a year old, the others ten days."""
    today = datetime.date.today()
    rows = yaml.safe_load(file.read_text(encoding="utf-8"))
    for row in rows["contacts"]:
        row["checked_on"] = (today - datetime.timedelta(days=366 if row["id"] == "cn-police-110" else 10)).isoformat()
    file.write_text(yaml.safe_dump(rows, allow_unicode=True, sort_keys=False), encoding="utf-8")
    app = typer.Typer()
    app.command()(contacts)
    return lambda *arguments: CliRunner().invoke(app, list(arguments), env={"RINGWISE_SEEDS_DIR": str(file.parent)})


def test_the_command_prints_a_line_a_contact_with_tabs_in_a_pipe(run: Callable[..., Any]) -> None:
    lines = run("--region", "cn").stdout.splitlines()
    assert len(lines) == 1
    assert lines[0].split("\t")[:5] == ["CN", "antifraud", "96110", "Police anti-fraud line", "24 hours a day"]


def test_the_command_speaks_chinese_on_request(run: Callable[..., Any]) -> None:
    assert "反诈专线" in run("--language", "zh").stdout


def test_the_command_lists_what_needs_checking_again(run: Callable[..., Any]) -> None:
    assert [line.split("\t")[2] for line in run("--stale", "180").stdout.splitlines()] == ["110"]
    assert run("--stale", "180", "--region", "US").stdout == ""


def test_the_command_prints_json_for_machines(run: Callable[..., Any]) -> None:
    rows = json.loads(run("--json", "--region", "CN", "--language", "zh").stdout)
    assert [(row["value"], row["label"], row["source"]) for row in rows] == [("96110", "反诈专线", "mps22")]


@pytest.mark.parametrize(
    ("arguments", "hint"), [(("--region", "ZZ"), "Use one of: CN, US."), (("--language", "中文"), "Use one of: en, zh.")]
)
def test_a_wrong_choice_is_answered_with_the_right_ones(run: Callable[..., Any], arguments: tuple[str, ...], hint: str) -> None:
    error = run(*arguments).exception
    assert isinstance(error, InvalidInput)
    assert error.hint == hint


def test_a_terminal_gets_a_table(book: ContactBook) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=140)
    print_contacts([book.as_contact(entry, "zh") for entry in book.all("CN")], console)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "Number or address" in shown
    assert "反诈专线" in shown
