"""What to read: the entries of sources.yaml, and what is said of a wrong one."""

from pathlib import Path

import pytest
from project import Project

from bot.errors import SourceErrors, SourceProblem
from bot.settings import Settings
from ingest.sources import list_sources, source_by_hand


def problems(project: Project) -> list[SourceProblem]:
    with pytest.raises(SourceErrors) as caught:
        list_sources(project.seeds)
    return list(caught.value.problems)


def test_a_path_a_glob_and_an_address_are_listed(project: Project) -> None:
    project.guide("zh/fake-police", "挂断电话。")
    project.guide("zh/fake-boss", "挂断电话。")
    project.write_sources(
        {"path": "en.txt", "id": "news"},
        {"path": "guides/zh/*.md", "kind": "guide", "language": "zh"},
        {"url": "https://example.org/a"},
    )
    found = [(source.location, source.source_id) for source in list_sources(project.seeds)]
    assert found == [
        ("en.txt", "news"),
        ("guides/zh/fake-boss.md", "fake-boss"),
        ("guides/zh/fake-police.md", "fake-police"),
        ("https://example.org/a", "https://example.org/a"),
    ]


def test_a_file_outside_the_seeds_may_be_listed(project: Project, tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    far = tmp_path / "far" / "远.txt"
    far.write_text("不要转账。")
    for path in (str(far), "../far/远.txt", str(far.with_name("*.txt"))):
        project.write_sources({"path": path})
        [source] = list_sources(project.seeds)
        assert source.file is not None
        assert source.file.samefile(far)


def test_the_shipped_sources_are_in_order() -> None:
    assert list_sources(Settings(_env_file=None).seeds_dir)  # type: ignore[call-arg]


@pytest.mark.parametrize("name", ["kind", "publisher", "language", "licence"])
def test_a_missing_field_is_named_with_file_and_line(project: Project, name: str) -> None:
    lines = {"kind": "article", "publisher": "P", "title": "新闻", "date": "2024-06-06", "language": "zh", "licence": "L"}
    entry = "\n    ".join(f"{key}: {value}" for key, value in lines.items() if key != name)
    file = project.write("sources.yaml", f"sources:\n\n  - path: zh.txt\n    {entry}\n")
    assert [str(problem) for problem in problems(project)] == [f"{file}:3: the field `{name}` is missing. Mend the entry."]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"date": "2024-13-45"}, "the field `date` is wrong"),
        ({"date": "昨天"}, "the field `date` is wrong"),
        ({"language": "fr"}, "the field `language` is wrong"),
        ({"kind": "poem"}, "the field `kind` is wrong"),
        ({"publisher": ""}, "the field `publisher` is wrong"),
        ({"colour": "red"}, "the field `colour` is wrong"),
        ({"title": None}, "needs title"),
        ({"title": None, "date": None}, "needs title and date"),
        ({"path": None}, "needs a path or a url"),
        ({"path": "没有.txt"}, "there is no file"),
        ({"path": "*.pdf"}, "there is no file"),
    ],
)
def test_a_wrong_field_is_one_problem_that_says_what_is_wrong(project: Project, entry: dict[str, object], words: str) -> None:
    project.write_sources({"path": "zh.txt", **entry})
    [problem] = problems(project)
    assert words in problem.reason
    assert problem.line == 2


def test_an_unquoted_date_that_does_not_exist_is_a_problem_in_its_line(project: Project) -> None:
    project.write("sources.yaml", "sources:\n- {path: zh.txt, kind: article, publisher: P, title: T, date: 2024-13-45, language: zh, licence: L}\n")
    [problem] = problems(project)
    assert "`date`" in problem.reason
    assert problem.line == 2


def test_all_wrong_entries_are_told_together(project: Project) -> None:
    project.write_sources({"path": "gone.txt"}, {"path": "zh.txt", "language": "fr"}, {"path": "en.txt", "kind": "poem"})
    assert len(problems(project)) == 3


def test_two_sources_with_one_id_are_a_problem(project: Project) -> None:
    project.write_sources({"path": "en.txt", "id": "news"}, {"path": "zh.txt", "id": "news"})
    assert "the id news of another source" in problems(project)[0].reason


def test_one_id_in_two_languages_is_one_source_in_translation(project: Project) -> None:
    project.write_sources({"path": "en.txt", "id": "news"}, {"path": "zh.txt", "id": "news", "language": "zh"})
    assert len(list_sources(project.seeds)) == 2


@pytest.mark.parametrize(
    ("content", "reason", "line"),
    [
        ("sources: [", "is not valid YAML.", 1),
        ("a: 1\nsources:\n  - x: 1\n y: 2\n", "is not valid YAML.", 4),
        ("", "has no list `sources`.", None),
        ("sources: {}", "has no list `sources`.", None),
        ("sources: [一句话]", "has no list `sources`.", None),
        ("# 来源\n".encode("gb18030"), "is not UTF-8.", None),
    ],
)
def test_a_sources_file_that_cannot_be_read_is_a_problem(project: Project, content: str | bytes, reason: str, line: int | None) -> None:
    project.write("sources.yaml", content)
    [problem] = problems(project)
    assert problem.reason == reason
    if line is not None:
        assert problem.line is not None


def test_a_missing_sources_file_says_where_the_seeds_are_set(tmp_path: Path) -> None:
    with pytest.raises(SourceErrors) as caught:
        list_sources(tmp_path / "没有")
    assert "RINGWISE_SEEDS_DIR" in caught.value.problems[0].mend


def test_a_file_named_by_hand_is_the_same_however_it_is_spelt(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.seeds)
    assert source_by_hand("zh.txt") == source_by_hand("./x/../zh.txt") == source_by_hand(str(project.seeds / "zh.txt"))


@pytest.mark.parametrize("location", ["", ".", "/", "..", "http://", "HTTPS://Example.org/防骗", "没有.txt"])
def test_any_text_named_by_hand_is_a_source_that_can_be_asked_for(location: str) -> None:
    source = source_by_hand(location)
    assert source.added
    assert source.entry.publisher
