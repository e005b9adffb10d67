"""Sync: the index holds exactly what the sources say, nothing is embedded twice, and a problem changes nothing."""

import shutil
from pathlib import Path

import pytest
from project import GUIDE, Project

from bot.errors import SourceErrors
from bot.settings import Settings
from bot.store import open_store
from bot.testing import BreakingEncoder, PowerCut, WordLengthEncoder
from ingest.sync import Synchronizer, seeds_digest

# --- what the index holds ---


def test_the_index_holds_every_sentence_of_the_listed_sources(project: Project) -> None:
    manifest = project.sync()
    assert project.sentences() == {
        "Never pay a stranger.", "Hang up at once.", "Ring 110 now.", "不要给陌生人转账。", "马上挂断。", "立即拨打110。",
    }  # fmt: skip
    assert manifest.passages == len(project.index().passages) == 2


def test_a_passage_knows_its_source(project: Project) -> None:
    project.sync()
    [facts] = [passage.metadata for passage in project.index().passages.values() if passage.metadata["language"] == "zh"]
    assert (facts["source_id"], facts["title"], facts["publisher"], facts["date"]) == ("zh", "新闻", "The Daily Example", "2024-06-06")


def test_a_guide_brings_its_facts_and_its_references(project: Project) -> None:
    project.write(
        "bibliography.yaml",
        "mps1: {publisher: 公安部, title: 防骗, url: 'https://example.org', date: '2024', tier: A, language: zh, checked_on: '2026-11-01'}\n",
    )
    project.guide("fake-police", "对方要你转账到安全账户。 [mps1]")
    project.write_sources({"path": "guides/*.md", "kind": "guide", "language": "zh", "publisher": "Ringwise"})
    project.sync()
    [passage] = project.index().passages.values()
    facts = passage.metadata
    assert (facts["scam_type"], facts["aliases"], facts["date"], facts["section_id"]) == ("fake-police", ["fake-police"], "2026-11-01", "signs")
    assert facts["sentence_references"] == [["mps1"]]
    assert facts["references"]["mps1"]["publisher"] == "公安部"


def test_a_source_that_is_no_longer_listed_is_dropped(project: Project) -> None:
    project.sync()
    project.write_sources({"path": "zh.txt", "language": "zh"})
    project.sync()
    assert project.sentences() == {"不要给陌生人转账。", "马上挂断。", "立即拨打110。"}


def test_no_source_at_all_gives_an_empty_index(project: Project) -> None:
    project.sync()
    project.write("sources.yaml", "sources: []\n")
    project.sync()
    assert project.sentences() == set()


# --- nothing is embedded twice ---


def test_a_second_sync_embeds_nothing_and_publishes_nothing(project: Project) -> None:
    first = project.sync()
    project.encoder.encoded.clear()
    assert project.sync() == first
    assert project.encoder.encoded == []


def test_a_changed_guide_has_only_its_own_passages_embedded_again(project: Project) -> None:
    project.guide("a", "Hang up at once.", "不要转账。")
    project.guide("b", "Ring 110 now.", "马上报警。")
    project.write_sources({"path": "guides/*.md", "kind": "guide"}, {"path": "zh.txt", "language": "zh"})
    project.sync()
    project.encoder.encoded.clear()
    project.guide("b", "Ring 96110 now.", "马上报警。")
    project.sync()
    assert project.encoder.encoded == ["b: Warning signs\nRing 96110 now.\n马上报警。", "Ring 96110 now.", "马上报警。"]
    assert {"Hang up at once.", "Ring 96110 now."} <= project.sentences()


def test_vectors_that_were_kept_are_those_of_a_new_index(project: Project) -> None:
    project.sync()
    project.write("more.txt", "再加一句。\n")
    project.write_sources({"path": "en.txt"}, {"path": "zh.txt", "language": "zh", "title": "新闻"}, {"path": "more.txt", "language": "zh"})
    project.sync()
    grown = project.index()
    anew = project.sync(rebuild=True)
    assert anew.passages == len(grown.ids) == 3
    for key, vector in project.index().vectors(grown.ids).items():
        assert vector == pytest.approx(grown.vectors([key])[key])
        old, new = grown.sentence_vectors(key), project.index().sentence_vectors(key)
        assert (old is None) == (new is None)
        assert old is None or old == pytest.approx(new)


def test_another_embedding_model_embeds_everything_again(project: Project) -> None:
    before = project.sync()
    project.encoder = WordLengthEncoder("another")
    after = project.sync()
    assert len([text for text in project.encoder.encoded if "\n" in text]) == 2
    assert (after.encoder, after.name) != (before.encoder, before.name)


def test_another_set_of_known_languages_is_taken_up(project: Project) -> None:
    project.sync()
    wider = Settings(_env_file=None, seeds_dir=project.seeds, data_dir=project.settings.data_dir, embedding_languages="en,zh")  # type: ignore[call-arg]
    synchronizer = Synchronizer(wider, open_store(wider), project.encoder)
    assert not synchronizer.is_current()
    assert synchronizer.apply(synchronizer.plan()).languages == ["en", "zh"]
    assert all(open_store(wider).current().sentence_vectors(key) is not None for key in project.index().ids)


def test_the_name_of_an_index_changes_with_its_content(project: Project) -> None:
    first = project.sync().name
    project.write("zh.txt", "马上报警！\n")
    assert project.sync().name != first


# --- whether it is up to date ---


def test_an_index_is_current_until_a_source_changes(project: Project) -> None:
    project.guide("a", "不要转账。")
    project.write_sources({"path": "guides/*.md", "kind": "guide"})
    assert not project.synchronizer.is_current()
    project.sync()
    assert project.synchronizer.is_current()
    project.guide("a", "马上挂断。")
    assert not project.synchronizer.is_current()


def test_a_listed_file_in_any_folder_counts(project: Project) -> None:
    project.sync()
    project.write("zh.txt", "马上报警！\n")
    assert not project.synchronizer.is_current()


def test_an_index_of_another_model_is_not_current(project: Project) -> None:
    project.sync()
    project.encoder = WordLengthEncoder("another")
    assert not project.synchronizer.is_current()


def test_the_digest_of_the_seeds_is_of_content_and_not_of_time(project: Project, tmp_path: Path) -> None:
    shutil.copytree(project.seeds, tmp_path / "copy")
    assert seeds_digest(tmp_path / "copy") == seeds_digest(project.seeds)


# --- sources added by hand ---


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "笔记.txt"
    path.write_text("陌生人让你下载软件，不要下载。\n")
    return path


ADDED = "陌生人让你下载软件，不要下载。"


def test_a_source_added_by_hand_stays_until_it_is_pruned(project: Project, notes: Path) -> None:
    project.sync()
    assert project.sync(notes).added == [str(notes)]
    assert ADDED in project.sentences()
    assert "Hang up at once." in project.sentences()
    project.sync()
    assert ADDED in project.sentences()
    project.sync(prune=True)
    assert ADDED not in project.sentences()


def test_a_source_added_by_hand_survives_a_new_model_and_a_rebuild(project: Project, notes: Path) -> None:
    project.sync()
    project.sync(notes)
    project.encoder = WordLengthEncoder("another")
    project.sync()
    assert ADDED in project.sentences()
    project.sync(rebuild=True)
    assert ADDED in project.sentences()
    assert "Hang up at once." in project.sentences()


def test_a_source_added_by_hand_is_in_the_language_of_its_text(project: Project, notes: Path) -> None:
    project.sync(notes)
    [passage] = project.index().passages.values()
    assert (passage.metadata["language"], passage.metadata["title"]) == ("zh", "笔记")


def test_a_source_added_twice_is_there_once(project: Project, notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(notes.parent)
    project.sync(notes)
    assert project.sync(notes.name, notes).added == [str(notes)]
    assert len(project.index().passages) == 1


def test_adding_by_hand_refreshes_just_what_is_named(project: Project, notes: Path) -> None:
    project.sync()
    project.write("en.txt", "This one has changed.\n")
    notes.write_text("一个新的句子。\n")
    project.sync(notes)
    assert {"一个新的句子。", "Hang up at once."} <= project.sentences()
    assert "This one has changed." not in project.sentences()
    assert not project.synchronizer.is_current()


def test_a_listed_source_named_by_hand_is_refreshed_and_not_added(project: Project) -> None:
    project.sync()
    project.write("zh.txt", "马上报警！\n")
    assert project.sync(project.seeds / "zh.txt").added == []
    assert "马上报警！" in project.sentences()
    assert "不要给陌生人转账。" not in project.sentences()


def test_pruning_while_adding_drops_what_was_added_before(project: Project, notes: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("另一篇笔记。\n")
    project.sync(notes)
    assert project.sync(other, prune=True).added == [str(other)]
    assert "另一篇笔记。" in project.sentences()
    assert ADDED not in project.sentences()


def test_a_source_added_by_hand_and_then_listed_is_there_once(project: Project) -> None:
    extra = project.write("extra.txt", "额外的一句话。\n")
    project.sync(extra)
    project.write_sources({"path": "extra.txt", "language": "zh"})
    assert project.sync().added == []
    assert len(project.index().passages) == 1


def test_two_sources_with_one_name_are_a_problem(project: Project, tmp_path: Path) -> None:
    project.sync()
    twin = tmp_path / "zh.txt"
    twin.write_text("同名的另一个文件。\n")
    assert "the id zh" in project.problems(twin)[0].reason


# --- nothing is changed ---


def test_a_plan_writes_nothing(project: Project, notes: Path) -> None:
    plan = project.plan(notes)
    assert len(plan.add) == 1
    assert not project.settings.data_dir.exists()
    project.sync()
    before = project.files()
    project.write("zh.txt", "马上报警！\n")
    plan = project.plan()
    assert (len(plan.add), len(plan.drop), len(plan.keep)) == (1, 1, 1)
    after = project.files()
    assert {name for name in before if before[name] != after.get(name)} <= {name for name in before if name.endswith("chroma.sqlite3")}
    assert before.keys() == after.keys()


def test_all_problems_of_a_run_are_told_together_and_nothing_is_changed(project: Project) -> None:
    project.sync()
    name = project.store.current_name()
    project.write("empty.txt", "")
    project.write("binary.txt", b"\x89PNG\0")
    project.write("gbk.txt", "第一行\n".encode() + "不要转账".encode("gb18030"))
    project.write("odd.xyz", "不要转账")
    project.write("bad.pdf", b"%PDF-1.4 and then nothing")
    project.write("guides/x.md", "没有开头的事实。\n")
    files = ["empty.txt", "binary.txt", "gbk.txt", "odd.xyz", "bad.pdf"]
    project.write_sources(
        *({"path": file} for file in files),
        {"path": "guides/x.md", "kind": "guide"},
        {"path": "gone.txt"},
        {"path": "zh.txt", "language": "fr"},
        {"url": "http://127.0.0.1:9/"},
    )
    problems = project.problems()
    assert {Path(problem.where).name for problem in problems} == {*files, "x.md", "sources.yaml", "127.0.0.1:9"}
    assert len([problem for problem in problems if problem.line and problem.where.endswith("sources.yaml")]) == 2
    [line] = [problem.line for problem in problems if problem.where == "gbk.txt"]
    assert line == 2
    with pytest.raises(SourceErrors) as caught:
        project.sync()
    assert caught.value.exit_status == 2
    assert all(problem.reason in caught.value.message and problem.mend in caught.value.message for problem in problems)
    assert project.store.current_name() == name
    assert "Hang up at once." in project.sentences()


@pytest.mark.parametrize("name", ["没有.txt", "http://127.0.0.1:9/x", ".", ""])
def test_a_source_by_hand_that_cannot_be_read_is_a_problem(project: Project, name: str) -> None:
    [problem] = project.problems(name)
    assert problem.mend


def test_an_oversized_file_is_a_problem_that_names_the_setting(tmp_path: Path) -> None:
    project = Project(tmp_path, max_source_mb=0.001)
    project.write("big.txt", "不要转账。\n" * 200)
    project.write_sources({"path": "big.txt", "language": "zh"})
    [problem] = project.problems()
    assert (problem.where, problem.reason) == ("big.txt", "is larger than 0.001 MB.")
    assert "RINGWISE_MAX_SOURCE_MB" in problem.mend


def test_a_file_that_is_only_furniture_is_a_problem(project: Project) -> None:
    project.write("zh.txt", "新闻\n图片：新华社\n")
    [problem] = project.problems()
    assert "no sentence is left" in problem.reason


@pytest.mark.parametrize(
    ("change", "words", "line"),
    [
        (("title: a\n", ""), "title: Field required", 1),
        (("updated: 2026-11-01", "updated: 昨天"), "updated", 1),
        (("updated: 2026-11-01", "updated: 2026-13-01"), "front matter", None),
        (("regions: [ALL]", "regions: [ALL]\ncolour: red"), "colour", 1),
        (("id: a\n", "id: b\n"), "has the id b", 2),
        (("不要转账。", "不要转账。 [没有]"), "", None),
        (("不要转账。", "不要转账。 [nobody]"), "cites [nobody]", 11),
    ],
)
def test_what_is_wrong_in_a_guide_is_told_with_its_line(project: Project, change: tuple[str, str], words: str, line: int | None) -> None:
    project.write("guides/a.md", GUIDE.format(id="a", lines="- 不要转账。").replace(*change))
    project.write_sources({"path": "guides/a.md", "kind": "guide", "language": "zh"})
    problems = project.problems()
    assert bool(problems) == bool(words)
    for problem in problems:
        assert words in problem.reason
        assert (problem.where, problem.line) == ("guides/a.md", line)


def test_a_wrong_bibliography_is_told_beside_the_wrong_files(project: Project) -> None:
    project.write("bibliography.yaml", "k1: {publisher: 公安部}\n")
    project.write("zh.txt", "")
    project.guide("a", "不要转账。 [k1]")
    project.write_sources({"path": "zh.txt", "language": "zh"}, {"path": "guides/a.md", "kind": "guide"})
    assert {Path(problem.where).name for problem in project.problems()} == {"bibliography.yaml", "zh.txt"}


# --- interrupted ---


@pytest.mark.parametrize("after", [0, 1, 2, 4, 6])
def test_an_interrupted_sync_leaves_the_old_index_in_use(project: Project, after: int) -> None:
    old = project.sync()
    project.write("en.txt", "This one has changed. It has two sentences.\n")
    project.write("zh.txt", "这一篇也改了。\n")
    breaking = BreakingEncoder(after)
    synchronizer = Synchronizer(project.settings, project.store, breaking)
    if after < 4:
        with pytest.raises(PowerCut):
            synchronizer.apply(synchronizer.plan())
        assert project.store.current_name() == old.name
        assert "不要给陌生人转账。" in project.sentences()
    project.sync()
    assert "这一篇也改了。" in project.sentences()
    assert not list((project.settings.data_dir / "indexes").glob(".building*"))
