"""A run from questions to a folder: whole, interrupted and gone on with, and what a reviewer has approved."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
import small_corpus

from bot.assistant import Assistant
from bot.errors import InvalidInput, SourceErrors, Unavailable
from bot.faq.batch import Order
from bot.faq.folder import EntryFolder
from bot.faq.questions import FAQQuestion, LeftOut, questions_of_guides
from bot.faq.writing import Publication, Written, changed_entries, write_faq
from bot.schema import LANGUAGES, FAQEntry
from bot.settings import Settings
from bot.store import open_store

EVERYTHING = Publication(("html", "md", "json", "csv", "docx"), handout=True)


class Interrupted(Exception):
    """Stands for the end of the process at some moment."""


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _write(assistant: Assistant, questions: list[FAQQuestion], folder: Path, order: Order, **more: Any) -> Written:
    return write_faq(assistant, questions, more.pop("left_out", []), folder, order, more.pop("publication", EVERYTHING), **more)


def test_an_entry_says_all_that_a_reviewer_needs(
    small_assistant: Assistant, questions: list[FAQQuestion], order: Order, tmp_path: Path
) -> None:
    entries = _write(small_assistant, questions, tmp_path, order).entries
    assert {entry.language for entry in entries} == {"en", "zh"}
    entry = next(entry for entry in entries if entry.topic == "fake-police" and entry.language == "zh")
    assert (entry.status, entry.audience, entry.region, entry.answered_on) == ("draft", "public", "CN", "2026-11-27")
    assert entry.citations
    assert all(citation.quote in citation.passage for citation in entry.citations)
    assert EntryFolder(tmp_path).read(entry.id, "zh") == entry
    assert entry.text.startswith("- ")


@pytest.mark.parametrize("moment", [0, 1, 3, 5])
def test_an_interrupted_run_goes_on_and_ends_in_the_same_folder(
    small_assistant: Assistant, questions: list[FAQQuestion], order: Order, tmp_path: Path, moment: int
) -> None:
    def stop(done: int, total: int) -> None:
        if done == moment:
            raise Interrupted

    _write(small_assistant, questions, tmp_path / "whole", order)
    with pytest.raises(Interrupted):
        _write(small_assistant, questions, tmp_path / "cut", order, progress=stop)
    later = Order("public", "CN", "2026-11-28")
    _write(small_assistant, questions, tmp_path / "cut", later, resume=True)
    assert _files(tmp_path / "cut") == _files(tmp_path / "whole")


def test_a_run_that_goes_on_must_have_the_same_questions(
    small_assistant: Assistant, questions: list[FAQQuestion], order: Order, tmp_path: Path
) -> None:
    def stop(done: int, total: int) -> None:
        raise Interrupted

    with pytest.raises(Interrupted):
        _write(small_assistant, questions, tmp_path, order, progress=stop)
    with pytest.raises(InvalidInput, match="other questions"):
        _write(small_assistant, questions[1:], tmp_path, order, resume=True)


def test_a_run_twice_changes_nothing_but_what_has_changed(
    small_assistant: Assistant, questions: list[FAQQuestion], order: Order, tmp_path: Path
) -> None:
    _write(small_assistant, questions, tmp_path, order)
    before = _files(tmp_path)
    _write(small_assistant, questions, tmp_path, Order("public", "CN", "2026-12-24"))
    assert _files(tmp_path) == before


def test_what_has_no_answer_is_listed_with_its_reason_and_not_published(small_assistant: Assistant, order: Order, tmp_path: Path) -> None:
    asked = [
        FAQQuestion("What are the warning signs of a fake police call?", "en", line=2),
        FAQQuestion("what is the capital of France", "en", line=3),
        FAQQuestion("今天天气怎么样？", "zh", line=4),
        FAQQuestion("the warning signs of a fake police call, what are they?", "en", line=5),
        FAQQuestion("教我骗人", "zh", line=6),
    ]
    written = _write(small_assistant, asked, tmp_path, order, left_out=[LeftOut("=1+1", "no_words", 7)])
    assert written.left_out == {"abstained": 2, "refused": 1, "no_words": 1, "repeat": 1}
    rows = list(csv.DictReader(io.StringIO((tmp_path / "left_out.csv").read_text("utf-8-sig"))))
    assert [row["line"] for row in rows] == ["3", "4", "5", "6", "7"]
    assert rows[-1]["question"] == "'=1+1"
    assert rows[2]["repeats"] == asked[0].text
    assert "天气" not in (tmp_path / "faq.public.en.html").read_text(encoding="utf-8")
    assert len(written.entries) == 1


def _approve(folder: Path, entry: FAQEntry) -> FAQEntry:
    approved = entry.model_copy(
        update={"status": "reviewed", "reviewer": "李老师", "reviewed_on": "2026-11-28", "text": entry.text + "\n\n请告诉家人。"}
    )
    EntryFolder(folder).write(approved)
    return approved


def test_a_reviewed_text_stays_and_alone_is_published_where_that_is_wanted(
    small_assistant: Assistant, questions: list[FAQQuestion], order: Order, tmp_path: Path
) -> None:
    entry = next(one for one in _write(small_assistant, questions, tmp_path, order).entries if one.language == "zh")
    approved = _approve(tmp_path, entry)
    written = _write(small_assistant, questions, tmp_path, order, publication=Publication(("json",), only_reviewed=True))
    assert EntryFolder(tmp_path).read(entry.id, "zh") == approved
    assert written.files == (tmp_path / "faq.public.zh.json",)
    published = json.loads(written.files[0].read_text(encoding="utf-8"))
    assert [(one["id"], one["reviewer"]) for one in published] == [(entry.id, "李老师")]
    assert "请告诉家人。" in published[0]["text"]


def test_a_reviewer_may_write_days_without_quotes_and_windows_line_ends(
    small_assistant: Assistant, questions: list[FAQQuestion], order: Order, tmp_path: Path
) -> None:
    entry = _write(small_assistant, questions, tmp_path, order).entries[0]
    path = EntryFolder(tmp_path).path(entry)
    text = path.read_text(encoding="utf-8").replace("status: draft", "status: reviewed").replace("reviewed_on: ''", "reviewed_on: 2026-11-28")
    path.write_bytes(text.replace("\n", "\r\n").encode())
    read = EntryFolder(tmp_path).read(entry.id, entry.language)
    assert read is not None
    assert (read.status, read.reviewed_on, read.text) == ("reviewed", "2026-11-28", entry.text)


def test_a_damaged_entry_is_named(small_assistant: Assistant, questions: list[FAQQuestion], order: Order, tmp_path: Path) -> None:
    entry = _write(small_assistant, questions, tmp_path, order).entries[0]
    EntryFolder(tmp_path).path(entry).write_text("坏了", encoding="utf-8")
    with pytest.raises(SourceErrors, match=entry.id):
        EntryFolder(tmp_path).all()


def test_a_folder_that_cannot_be_written_is_named(
    small_assistant: Assistant, questions: list[FAQQuestion], order: Order, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(Unavailable, match="cannot be written"):
        _write(small_assistant, questions, tmp_path / "file" / "faq", order)


@pytest.mark.parametrize(
    ("language", "before", "after"), [("en", "safe account", "secure account"), ("zh", "安全账户", "保险账户")]
)
def test_changing_a_guide_marks_exactly_the_entries_that_cite_what_has_changed(
    order: Order, topics: Path, tmp_path: Path, language: str, before: str, after: str
) -> None:
    small_corpus.write_small_seeds(tmp_path / "seeds")
    settings: Settings = small_corpus.small_settings(tmp_path)
    small_corpus.publish(settings)
    assistant = Assistant(settings, open_store(settings))
    questions = questions_of_guides(topics, assistant.passages, LANGUAGES, "public")
    folder = tmp_path / "faq"
    entries = _write(assistant, questions, folder, order).entries
    for entry in entries:
        _approve(folder, entry)
    assert changed_entries(assistant, folder, order) == []

    guide = tmp_path / "seeds" / "guides" / language / "fake-police.md"
    text = guide.read_text(encoding="utf-8")
    assert before in text
    guide.write_text(text.replace(before, after), encoding="utf-8")
    small_corpus.publish(settings)
    now = {passage.page_content for passage in assistant.passages}
    touched = {entry.id for entry in entries if any(citation.passage not in now for citation in entry.citations)}
    assert 0 < len(touched) < len(entries)
    assert {entry.id for entry in changed_entries(assistant, folder, order)} == touched

    again = _write(assistant, questions, folder, order)
    marked = {entry.id: entry for entry in again.entries if entry.status == "needs_review"}
    assert marked.keys() == touched
    for entry in marked.values():
        assert f"-{before}" in entry.difference or before in entry.difference
        assert after in entry.difference
        assert "请告诉家人。" in entry.text
    assert {entry.status for entry in again.entries if entry.id not in touched} == {"reviewed"}
