"""The index on disk: one writer, whole or not at all, taken up by readers, and honest about damage."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import small_corpus
from project import Project

from bot.errors import BotError, IndexDamaged, IndexMissing, Unavailable
from bot.store import Store, open_store
from bot.testing import WordLengthEncoder


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A published index of one English and one Chinese passage."""
    project = Project(tmp_path)
    project.write("en.txt", "Never pay a stranger. Hang up.\n")
    project.write("zh.txt", "不要给陌生人转账。\n")
    project.write_sources({"path": "en.txt"}, {"path": "zh.txt", "language": "zh", "title": "新闻"})
    project.sync()
    return project


def folder(project: Project) -> Path:
    return project.index().folder


def code(store: Store) -> str:
    with pytest.raises(BotError) as caught:
        store.current()
    assert caught.value.hint
    return caught.value.code


# --- what is read is what was written ---


def test_a_passage_comes_back_as_it_was(project: Project) -> None:
    written = {str(passage.id): passage for passage in project.plan(rebuild=True).passages}
    assert project.index().passages == written


def test_the_nearest_passage_is_that_with_words_of_the_same_length(project: Project) -> None:
    index = project.index()
    [english] = [key for key, passage in index.passages.items() if passage.metadata["language"] == "en"]
    text = index.passages[english].page_content
    [(best, cosine), (_, other)] = index.nearest(WordLengthEncoder().encode([f"News: \n{text}"])[0], 9)
    assert best == english
    assert cosine == pytest.approx(1, abs=1e-3)
    assert other < cosine


def test_sentences_have_vectors_in_the_languages_that_the_model_knows(project: Project) -> None:
    index = project.index()
    for key, passage in index.passages.items():
        vectors = index.sentence_vectors(key)
        if passage.metadata["language"] == "zh":
            assert vectors is None
        else:
            assert vectors == pytest.approx(WordLengthEncoder().encode(["Never pay a stranger.", "Hang up."]), abs=1e-3)


def test_a_guide_lends_the_vectors_of_the_same_sentences_in_another_language(tmp_path: Path) -> None:
    settings = small_corpus.small_settings(tmp_path, embedding_languages="en")
    small_corpus.write_small_seeds(settings.seeds_dir)
    index = small_corpus.publish(settings).current()
    alike = 0
    for key, passage in index.passages.items():
        facts = passage.metadata
        vectors = index.twin_vectors(key, "en") if facts["language"] == "zh" else None
        alike += vectors is not None
        assert vectors is None or (facts["kind"] == "guide" and len(vectors) == len(facts["sentences"]))
    assert alike


def test_keyword_search_finds_chinese_by_pairs_of_characters(project: Project) -> None:
    index = project.index()
    scores = index.keyword.scores(["转账"])
    assert index.passages[index.ids[int(np.argmax(scores))]].page_content == "不要给陌生人转账。"


# --- one index after another ---


def test_without_an_index_the_way_out_is_named(tmp_path: Path) -> None:
    store = Project(tmp_path).store
    with pytest.raises(IndexMissing) as caught:
        store.current()
    assert "ringwise sync" in caught.value.hint
    assert store.manifest() is None


def test_a_reader_takes_up_a_new_index_and_the_old_one_stays_readable(project: Project) -> None:
    reader = project.store
    old = reader.current()
    project.write("zh.txt", "马上挂断电话。\n")
    project.sync()
    assert reader.current().name != old.name
    assert "马上挂断电话。" in {passage.page_content for passage in reader.current().passages.values()}
    assert old.nearest(WordLengthEncoder().encode(["a stranger"])[0], 2)


def test_a_reader_keeps_its_index_while_it_is_the_published_one(project: Project) -> None:
    reader = project.store
    assert reader.current() is reader.current()


def test_an_index_built_anew_never_touches_the_folder_of_a_reader(project: Project) -> None:
    reader = project.store
    old = reader.current()
    assert project.sync(rebuild=True).name != old.name
    assert old.nearest(WordLengthEncoder().encode(["a stranger"])[0], 2)
    assert reader.current().name != old.name
    assert reader.current().passages == old.passages


def test_the_new_index_and_the_one_before_it_are_kept(project: Project) -> None:
    for text in ("一。", "二。", "三。"):
        project.write("zh.txt", text)
        project.sync()
    assert len(list((project.settings.data_dir / "indexes").iterdir())) == 2


def test_a_clock_that_jumps_does_not_change_which_index_is_kept(project: Project) -> None:
    names = []
    for number, text in enumerate(("一。", "二。", "三。")):
        project.write("zh.txt", text)
        names.append(project.sync().name)
        for folder_ in (project.settings.data_dir / "indexes").iterdir():
            os.utime(folder_, (10**9 * (3 - number), 10**9 * (3 - number)))
    assert {path.name for path in (project.settings.data_dir / "indexes").iterdir()} == set(names[1:])


def test_the_same_content_after_a_detour_is_a_fresh_index(project: Project) -> None:
    before = project.sentences()
    project.write("zh.txt", "马上挂断电话。\n")
    project.sync()
    project.write("zh.txt", "不要给陌生人转账。\n")
    project.sync()
    assert project.sentences() == before


# --- one writer ---


def test_a_second_writer_is_told_so_at_once(project: Project) -> None:
    with project.store.writing(), pytest.raises(Unavailable) as caught, project.store.writing():
        pass
    assert caught.value.code == "sync_running"
    with project.store.writing():
        pass


def test_a_folder_that_cannot_be_written_is_named_with_its_setting(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("这里是一个文件")
    with pytest.raises(Unavailable) as caught, Project(tmp_path).store.writing():
        pass
    assert caught.value.code == "cannot_write"
    assert "RINGWISE_DATA_DIR" in caught.value.hint


# --- damage ---

PARTS = ["manifest.json", "seal.json", "passages.jsonl", "vectors.npy", "sentences.npy", "chroma/chroma.sqlite3", "keyword/words.json", "keyword/*.npy", "phrases/phrases.json", "phrases/vectors.npy"]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("keep", [0.0, 0.5])
def test_a_file_that_was_cut_off_makes_the_index_damaged(project: Project, part: str, keep: float) -> None:
    file = next(folder(project).glob(part))
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(IndexDamaged) as caught:
        open_store(project.settings).current()
    assert "ringwise sync --rebuild" in caught.value.hint


@pytest.mark.parametrize("part", PARTS)
def test_a_file_that_is_gone_makes_the_index_damaged(project: Project, part: str) -> None:
    next(folder(project).glob(part)).unlink()
    assert code(open_store(project.settings)) == "index_damaged"


def test_a_vector_file_that_was_cut_off_is_noticed_before_it_is_searched(project: Project) -> None:
    """hnswlib would end the process; Chroma writes the file from 1,000 passages on."""
    file = next(folder(project).glob("chroma/*/data_level0.bin"))
    file.write_bytes(file.read_bytes()[:-1])
    assert code(open_store(project.settings)) == "index_damaged"


@pytest.mark.parametrize("content", ["没有这个索引", "../..", "\0"])
def test_a_pointer_to_nothing_makes_the_index_damaged(project: Project, content: str) -> None:
    (project.settings.data_dir / "current").write_text(content, encoding="utf-8")
    assert code(open_store(project.settings)) == "index_damaged"


def test_the_way_out_of_damage_works(project: Project) -> None:
    before = project.sentences()
    (folder(project) / "sentences.npy").write_bytes(b"")
    assert not project.synchronizer.is_current()
    project.sync(rebuild=True)
    assert project.sentences() == before


def test_a_plain_sync_mends_a_damaged_index_too(project: Project) -> None:
    before = project.sentences()
    (folder(project) / "keyword" / "words.json").unlink()
    project.sync()
    assert project.sentences() == before


def test_an_index_of_another_version_is_named_as_such_and_mended_by_a_plain_sync(project: Project) -> None:
    before = project.sentences()
    manifest = folder(project) / "manifest.json"
    facts = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps({**facts, "schema_version": facts["schema_version"] - 1}), encoding="utf-8")
    with pytest.raises(IndexDamaged, match="another version"):
        open_store(project.settings).current()
    assert not project.synchronizer.is_current()
    project.sync()
    assert project.sentences() == before
