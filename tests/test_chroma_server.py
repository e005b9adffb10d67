"""An index on a real Chroma server: published whole, copied by other machines, and what happens when the server goes away."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import servers
import small_corpus
from project import Project
from servers import Running

from bot.errors import IndexMissing, SettingsError, Unavailable
from bot.settings import Settings
from bot.store import Store, open_store
from bot.testing import PowerCut, WordLengthEncoder

pytestmark = [pytest.mark.server, pytest.mark.slow]

QUESTION = WordLengthEncoder().encode(["Never pay a stranger"])[0]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    with servers.chroma(tmp_path) as running:
        yield running


@pytest.fixture
def project(tmp_path: Path, server: Running) -> Project:
    """Seeds of one English and one Chinese passage, to be published on the server."""
    project = Project(tmp_path / "one", chroma_url=server.url)
    project.write("en.txt", "Never pay a stranger. Hang up.\n")
    project.write("zh.txt", "不要给陌生人转账。\n")
    project.write_sources({"path": "en.txt"}, {"path": "zh.txt", "language": "zh", "title": "新闻"})
    return project


def another_machine(project: Project, name: str = "two", **values: object) -> Store:
    return open_store(project.settings.model_copy(update={"data_dir": project.folder.parent / name, **values}))


def newest(store: Store) -> str:
    """The name of the index in use, once what the store was told a moment ago counts as old."""
    time.sleep(1.1)
    return store.current().name


# --- what one machine publishes, others have ---


def test_what_one_machine_publishes_another_finds(project: Project) -> None:
    name = project.sync().name
    copied = another_machine(project).current()
    own = project.index()
    assert copied.name == name
    assert copied.passages == own.passages
    assert [key for key, _ in copied.nearest(QUESTION, 2)] == [key for key, _ in own.exact.nearest(QUESTION, 2)]
    for (_, there), (_, here) in zip(copied.nearest(QUESTION, 2), own.exact.nearest(QUESTION, 2), strict=True):
        assert there == pytest.approx(here, abs=1e-3)


def test_a_new_index_is_taken_up_and_only_the_one_before_is_kept(project: Project) -> None:
    project.sync()
    reader = another_machine(project)
    names = [reader.current().name]
    for text in ("马上挂断电话。", "马上报警。"):
        project.write("zh.txt", text)
        names.append(project.sync().name)
        assert newest(reader) == names[-1]
        assert text in {passage.page_content for passage in reader.current().passages.values()}
        assert reader.current().nearest(QUESTION, 1)
    assert another_machine(project, "three").current().name == names[-1]
    on_server = {collection["name"] for collection in _collections(project)}
    assert on_server == {"ringwise", *(f"ringwise{part}-{name}" for part in ("", "-files") for name in names[1:])}


def _collections(project: Project) -> list[dict[str, object]]:
    path = "/api/v2/tenants/default_tenant/databases/default_database/collections"
    rows: list[dict[str, object]] = httpx.get(f"{project.settings.chroma_url}{path}", trust_env=False).json()
    return rows


def test_a_second_sync_publishes_nothing(project: Project) -> None:
    first = project.sync()
    project.encoder.encoded.clear()
    assert project.sync() == first
    assert project.encoder.encoded == []


def test_notes_of_an_index_reach_the_other_machines(project: Project) -> None:
    project.sync()
    extra = project.write("extra.txt", "不要给陌生人转账。\n")
    manifest = project.sync(extra)
    assert another_machine(project).current().manifest.added == manifest.added == [str(extra)]


def test_before_anything_is_published_the_way_out_is_named(project: Project) -> None:
    with pytest.raises(IndexMissing) as caught:
        project.store.current()
    assert "ringwise sync" in caught.value.hint


# --- a publication that breaks off ---


def test_a_publication_that_breaks_off_leaves_the_old_index_and_can_be_made_again(project: Project) -> None:
    old = project.sync().name
    project.write("zh.txt", "马上挂断电话。\n")
    plan = project.plan()

    def cut(stage: str, done: int, total: int) -> None:
        if stage == "passages on the server":
            raise PowerCut

    with pytest.raises(PowerCut):
        project.synchronizer.apply(plan, cut)
    assert another_machine(project).current().name == old
    new = project.sync().name
    assert another_machine(project, "three").current().name == new
    assert "马上挂断电话。" in project.sentences()


def test_two_machines_do_not_publish_at_once(project: Project) -> None:
    project.sync()
    store = project.store
    assert store.server is not None
    project.write("zh.txt", "马上挂断电话。\n")
    with store.server._writing(), pytest.raises(Unavailable) as caught:
        project.sync()
    assert caught.value.code == "sync_running"
    project.sync()


# --- a server that is away, slow, or nowhere ---


def test_a_server_that_is_away_is_said_to_be_and_recovers_by_itself(project: Project, server: Running) -> None:
    project.sync()
    index = another_machine(project).current()
    server.stop()
    with pytest.raises(Unavailable) as caught:
        index.nearest(QUESTION, 1)
    assert caught.value.code == "store_unavailable"
    server.start()
    time.sleep(1.1)
    assert index.nearest(QUESTION, 1)


def test_a_copy_answers_while_the_server_is_away(project: Project, server: Running, caplog: pytest.LogCaptureFixture) -> None:
    project.sync()
    store = another_machine(project, chroma_fallback=True)
    index = store.current()
    before = index.nearest(QUESTION, 2)
    server.stop()
    assert [key for key, _ in index.nearest(QUESTION, 2)] == [key for key, _ in before]
    assert [key for key, _ in index.nearest(QUESTION, 2)] == [key for key, _ in before]
    told = [record.message for record in caplog.records if "copy on this machine" in record.message]
    assert len(told) == 1
    assert another_machine(project, chroma_fallback=True).current().name == index.name, "also from its start on"


def test_a_machine_without_a_copy_says_that_the_server_is_away(project: Project, server: Running) -> None:
    project.sync()
    server.stop()
    with pytest.raises(Unavailable) as caught:
        another_machine(project, "new", chroma_fallback=True).current()
    assert caught.value.code == "store_unavailable"


def test_a_server_that_never_answers_is_not_waited_for(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        store = open_store(Project(tmp_path / "one", chroma_url=url, chroma_timeout_s=0.2).settings)
        begun = time.monotonic()
        with pytest.raises(Unavailable) as caught:
            store.current()
        assert caught.value.code == "store_unavailable"
        assert time.monotonic() - begun < 10


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://host", "http://", "没有地址"])
def test_an_address_that_is_none_is_named(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        open_store(Project(tmp_path / "one", chroma_url=url).settings)
    assert "RINGWISE_CHROMA_URL" in caught.value.message


# --- four web processes while the index changes ---

OLD, NEW = "Hang up.", "Put the receiver down."


def test_four_web_processes_answer_while_the_index_changes(tmp_path: Path, server: Running) -> None:
    small_corpus.write_small_seeds(tmp_path / "seeds")
    settings = small_corpus.small_settings(tmp_path, embedding_languages="en", chroma_url=server.url)
    machine = {**small_corpus.environment(settings), "RINGWISE_CHROMA_URL": server.url, "RINGWISE_LIMITS_ENABLED": "false"}
    servers.sync(machine)
    web = [servers.ringwise(tmp_path, {**machine, "RINGWISE_DATA_DIR": str(tmp_path / f"web{n}")}) for n in range(4)]
    try:
        for running in web:
            running.start()
        _answer_through_a_change(web, settings, machine)
    finally:
        for running in web:
            running.stop()


def _answer_through_a_change(web: list[Running], settings: Settings, machine: dict[str, str]) -> None:
    published, stop = [0.0], threading.Event()
    heard: list[list[tuple[float, set[str]]]] = [[] for _ in web]
    wrong: list[str] = []

    def ask(running: Running, said: list[tuple[float, set[str]]]) -> None:
        with httpx.Client(base_url=running.url, trust_env=False, timeout=20) as client:
            while not stop.is_set():
                answer = client.post("/api/v1/answers", json={"question": "What should I do about a fake police call?"})
                if answer.status_code != 200:
                    wrong.append(answer.text)
                    continue
                said.append((time.monotonic(), {sentence["text"] for sentence in answer.json()["sentences"]}))
                time.sleep(0.02)

    threads = [threading.Thread(target=ask, args=pair) for pair in zip(web, heard, strict=True)]
    for thread in threads:
        thread.start()
    guide = settings.seeds_dir / "guides" / "en" / "fake-police.md"
    guide.write_text(guide.read_text(encoding="utf-8").replace(OLD, NEW), encoding="utf-8")
    servers.sync(machine)
    published[0] = time.monotonic()
    time.sleep(10)
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong
    for said in heard:
        assert said
        assert all((OLD in sentences) != (NEW in sentences) for _, sentences in said), "an answer of neither index, or of both"
        took_up = next(at for at, sentences in said if NEW in sentences)
        assert took_up - published[0] < 10
        assert all(NEW in sentences for at, sentences in said if at >= took_up), "back to the old index"


def test_without_its_chroma_server_a_web_process_says_so_and_recovers(tmp_path: Path, server: Running) -> None:
    small_corpus.write_small_seeds(tmp_path / "seeds")
    settings = small_corpus.small_settings(tmp_path, embedding_languages="en", chroma_url=server.url)
    machine = {**small_corpus.environment(settings), "RINGWISE_CHROMA_URL": server.url, "RINGWISE_CACHE_ANSWERS": "0"}
    servers.sync(machine)
    with servers.ringwise(tmp_path, machine) as web, httpx.Client(base_url=web.url, trust_env=False, timeout=20) as client:
        question = {"question": "Is a fake police call with a safe account common in 2023?"}
        assert client.post("/api/v1/answers", json=question).status_code == 200
        server.stop()
        refused = client.post("/api/v1/answers", json=question)
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
        assert refused.json()["error"]["code"] == "store_unavailable"
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200
        server.start()
        deadline = time.monotonic() + 10
        while client.post("/api/v1/answers", json=question).status_code != 200 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert client.post("/api/v1/answers", json=question).status_code == 200
        assert web.log.read_text().count("does not answer (") == 1
