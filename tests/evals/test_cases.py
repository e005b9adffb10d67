"""The questions of an evaluation: read in order, refused with the file's name, and true to the knowledge that is shipped."""

from collections import Counter
from pathlib import Path

import pytest
import yaml

from bot.errors import SourceErrors
from bot.evals.cases import Case, load_cases
from bot.settings import Settings
from bot.text import detect_language
from ingest.sources import list_sources

ROW = {
    "id": "a", "question": "什么是刷单？", "language": "zh", "answerable": True, "sources": ["order-brushing"], "sections": ["what"],
    "quote": None, "split": "dev",
}  # fmt: skip


def _write(path: Path, *rows: dict[str, object]) -> None:
    path.write_text(yaml.safe_dump([{**ROW, **row} for row in rows], allow_unicode=True), encoding="utf-8")


def test_files_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    _write(tmp_path / "b.yaml", {"id": "3"})
    _write(tmp_path / "a.yaml", {"id": "1"}, {"id": "2"})
    (tmp_path / "notes.txt").write_text("随便", encoding="utf-8")
    assert [case.id for case in load_cases(tmp_path)] == ["1", "2", "3"]


def test_a_folder_without_questions_has_none(tmp_path: Path) -> None:
    assert load_cases(tmp_path) == []


@pytest.mark.parametrize(
    "row", [{"language": "de"}, {"split": "train"}, {"answerable": None}, {"sources": "刷单"}, {"rank": 1}], ids=lambda row: next(iter(row))
)
def test_a_question_that_does_not_fit_is_refused_with_its_file(tmp_path: Path, row: dict[str, object]) -> None:
    _write(tmp_path / "问题.yaml", row)
    with pytest.raises(SourceErrors, match=r"问题\.yaml"):
        load_cases(tmp_path)


@pytest.mark.parametrize("content", [b"- [", "- {id: 刷单返利}".encode("gbk"), "刷单".encode()], ids=["no yaml", "gbk", "no list"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "q.yaml").write_bytes(content)
    with pytest.raises(SourceErrors, match=r"q\.yaml"):
        load_cases(tmp_path)


SEEDS = Settings(_env_file=None).seeds_dir  # type: ignore[call-arg]
CASES = load_cases(SEEDS / "evals")


def test_the_shipped_questions_have_ids_of_their_own() -> None:
    assert [key for key, count in Counter(case.id for case in CASES).items() if count > 1] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_at_least_forty_shipped_questions_a_language_and_both_kinds_in_both_splits(language: str) -> None:
    cases = [case for case in CASES if case.language == language]
    assert len(cases) >= 40
    assert {(case.answerable, case.split) for case in cases} == {(a, s) for a in (True, False) for s in ("dev", "test")}


def test_about_a_third_of_the_shipped_questions_is_the_test_split() -> None:
    assert 0.25 <= sum(case.split == "test" for case in CASES) / len(CASES) <= 0.4


def test_shipped_questions_stand_in_the_language_that_they_name() -> None:
    assert [case.question for case in CASES if detect_language(case.question) != case.language] == []


def test_answerable_questions_name_their_sources_and_others_none() -> None:
    assert [case.id for case in CASES if bool(case.sources) != case.answerable] == []


def test_the_sources_of_the_shipped_questions_exist() -> None:
    known = {source.source_id for source in list_sources(SEEDS)}
    assert {source for case in CASES for source in case.sources} <= known


def test_some_questions_are_asked_in_traditional_characters() -> None:
    assert any("詐" in case.question or "騙" in case.question for case in CASES)


def _on_the_article(case: Case) -> bool:
    return bool(case.quote) and "global-times-2023-07-30" in case.sources


def test_the_quotes_of_the_seed_article_stand_in_it_character_for_character() -> None:
    article = (SEEDS / "articles" / "000_0172bb7b802cefc3.txt").read_text(encoding="utf-8")
    quotes = [case.quote or "" for case in CASES if _on_the_article(case)]
    assert len(quotes) >= 10
    assert [quote for quote in quotes if quote not in article] == []
