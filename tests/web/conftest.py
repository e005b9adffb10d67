"""What the web tests share: a small index, a real server on loopback, and Debian's Chromium.

The index is small on purpose: each answer can be foretold from the guides below, and one of them carries a script.
"""

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright
from servers import Running, free_port, ringwise

from bot.assistant import Assistant
from bot.schema import Answer, AnswerEvent, AnswerFinished, Citation, Language, Sentence, SentenceWritten, Turn
from bot.settings import Settings
from bot.store import open_store

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
BROWSER_ARGUMENTS = [
    "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip
START_SECONDS = 60

FRONT_MATTER = """\
---
id: {id}
title: {title}
scam_type: {id}
aliases: {aliases}
regions: [ALL]
audiences: [public]
updated: 2026-11-23
---
"""
GUIDES = {
    "en/fake-police.md": FRONT_MATTER.format(id="fake-police", title="Fake police", aliases="[fake police call]")
    + """\
## Warning signs
- The caller tells you to move your money to a "safe account". [mps]
- A police officer wants to take your statement by video. [mps, web]
- The caller says you must keep the case secret. [mps]

## What to do now
- Hang up on any caller who wants your money moved. [mps]

## How to check
- Look up the number of the police station yourself and ring it. [mps]
""",
    "zh/fake-police.md": FRONT_MATTER.format(id="fake-police", title="冒充公检法", aliases="[冒充公检法, 假警察]")
    + """\
## 危险信号
- 来电的人要你把钱转到“安全账户”。 [mps]
- 警察要在视频里给你做笔录。 [mps, web]
- 来电的人要你对家人保密。 [mps]

## 现在怎么做
- 谁要你转钱，就挂断谁的电话。 [mps]

## 怎么核实
- 自己查派出所的电话，再打过去。 [mps]
""",
    "en/fake-shop.md": FRONT_MATTER.format(id="fake-shop", title="Fake <b>shop</b>", aliases="[fake shop page]")
    + """\
## How it works
- A fake shop hides `<script>alert(1)</script>` in its page to read your card number. [web]
- The price is far below that of any other shop. [web]
""",
}
FILES = {
    "sources.yaml": """\
sources:
  - {path: articles/article.txt, id: global-times, url: "https://www.globaltimes.cn/page/202307/1295344.shtml", kind: article,
     publisher: Global Times, title: CPC organ vows to crack down, date: 2023-07-30, language: en, licence: quoted}
  - {path: "guides/en/*.md", kind: guide, publisher: Ringwise, language: en, licence: CC-BY-4.0}
  - {path: "guides/zh/*.md", kind: guide, publisher: Ringwise, language: zh, licence: CC-BY-4.0}
""",
    "bibliography.yaml": """\
mps: {publisher: Ministry of Public Security, title: 防范电信网络诈骗, url: "https://www.mps.gov.cn/", date: "2024-06-06", tier: A,
      language: zh, checked_on: "2026-11-23"}
web: {publisher: A web page, title: On <i>fake</i> shops, url: "javascript:alert(2)", date: undated, tier: C, language: en,
      checked_on: "2026-11-23"}
""",
    "intents.yaml": """\
- {intent: signs, en: [warning signs], zh: [危险信号], sections: [signs]}
- {intent: what_to_do, en: [what should i do], zh: [怎么办], sections: [now]}
- {intent: verify, en: [how can i check, how can i tell], zh: [怎么核实, 怎么分辨], sections: [check]}
- {intent: how, en: [how does], zh: [怎么骗], sections: [how]}
""",
}


@pytest.fixture(scope="session")
def small_seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The knowledge of these tests: the seed article, a guide in both languages, and one with a script in it."""
    seeds = tmp_path_factory.mktemp("seeds")
    for name, text in {**FILES, **{f"guides/{name}": text for name, text in GUIDES.items()}}.items():
        (seeds / name).parent.mkdir(parents=True, exist_ok=True)
        (seeds / name).write_text(text, encoding="utf-8")
    (seeds / "articles").mkdir()
    shutil.copy(next((SEEDS / "articles").glob("*.txt")), seeds / "articles" / "article.txt")
    return seeds


def serve(seeds: Path, data: Path, folder: Path) -> Running:
    """`ringwise serve` in a process of its own, as a visitor meets it; its log is in the folder."""
    server = ringwise(folder, {"RINGWISE_SEEDS_DIR": str(seeds), "RINGWISE_DATA_DIR": str(data)}, "/healthz")
    server.start()
    server.url += "/"
    return server


@pytest.fixture(scope="session")
def served(small_seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server on the small index, which it builds at its start."""
    folder = tmp_path_factory.mktemp("served")
    server = serve(small_seeds, folder / "data", folder)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def shipped_server(shipped_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server on the shipped knowledge."""
    server = serve(shipped_settings.seeds_dir, shipped_settings.data_dir, tmp_path_factory.mktemp("shipped-server"))
    yield server
    server.stop()


@pytest.fixture
def own_server(small_seeds: Path, served: Running, tmp_path: Path) -> Iterator[Running]:
    """A second server on the same index, which a test may stop and start again."""
    server = serve(small_seeds, served.log.parent / "data", tmp_path)
    yield server
    server.stop()


def _wait_until_up(port: int, alive: Callable[[], bool]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and alive():
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("The server did not start.")


class ServerHere:
    """A server in a thread of the tests, for an assistant that does as a test tells it."""

    def __init__(self, settings: Settings, assistant: Assistant) -> None:
        import uvicorn

        import bot.web.ui  # in this thread: imports beside Playwright's greenlets trip over each other (CPython issue 106176)
        from bot.web.app import create_app

        assert bot.web.ui
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/"
        app = create_app(settings, assistant, open_store(settings))
        self._server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical", access_log=False))
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        _wait_until_up(port, self._thread.is_alive)

    def stop(self) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(timeout=20)


@pytest.fixture
def serve_here(tmp_path: Path) -> Iterator[Callable[[Assistant | None], ServerHere]]:
    """Start a server with a given assistant; without one, the real one on an empty data folder."""
    running: list[ServerHere] = []

    def serve(assistant: Assistant | None = None) -> ServerHere:
        settings = Settings(data_dir=tmp_path / "data", seeds_dir=tmp_path / "seeds", _env_file=None)
        running.append(ServerHere(settings, assistant or Assistant(settings, open_store(settings))))
        return running[-1]

    yield serve
    for server in running:
        server.stop()


class ScriptedAssistant(Assistant):
    """Says "One.", waits until it may go on, then says "Two." and ends; or breaks with an error that holds the question."""

    def __init__(self, *, breaks: bool = False) -> None:
        self.may_go_on = threading.Event()
        self.histories: list[list[Turn]] = []
        self._breaks = breaks

    def stream(
        self, question: str, history: Sequence[Turn] = (), region: str = "", language: Language | None = None
    ) -> Iterator[AnswerEvent]:
        self.histories.append(list(history))
        if self._breaks:
            raise ValueError(f"cannot read {question}")
        written = [_written(n, text) for n, text in enumerate(("One.", "Two."), start=1)]
        yield written[0]
        self.may_go_on.wait(timeout=20)
        yield written[1]
        yield AnswerFinished(
            answer=Answer(
                question=question, language="en", intent="general", status="answered", text="One. [1] Two. [2]",
                sentences=tuple(event.sentence for event in written),
                citations=tuple(citation for event in written for citation in event.citations),
            )
        )  # fmt: skip


def _written(n: int, text: str) -> SentenceWritten:
    citation = Citation(
        n=n, passage_id=f"p{n}", source_id="counting", title="Counting", section="", quote=text, passage="One.\nTwo.",
        language="en", publisher="A school", url="", date="undated",
    )  # fmt: skip
    return SentenceWritten(sentence=Sentence(text=text, citations=(n,)), citations=(citation,))


@pytest.fixture
def scripted() -> Iterator[ScriptedAssistant]:
    """An assistant that waits in the middle of its answer, so that a test can act meanwhile."""
    assistant = ScriptedAssistant()
    yield assistant
    assistant.may_go_on.set()


@pytest.fixture
def breaking() -> ScriptedAssistant:
    return ScriptedAssistant(breaks=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Where there is none, CI fails, and other machines skip with the reason."""
    path = shutil.which("chromium")
    if path is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("There is no chromium here: `apt install chromium`.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=BROWSER_ARGUMENTS)
        yield browser
        browser.close()
