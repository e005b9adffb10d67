"""Several processes behind Debian's nginx with the shipped configuration, and a Redis that counts for all of them."""

import os
import re
import shutil
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
import servers
import small_corpus
from conftest import SEEDS
from playwright.sync_api import Browser, Page, expect
from servers import Running
from test_widget_in_browser import School

from bot.i18n import load_locale
from bot.schema import LANGUAGES, Language
from bot.settings import Settings

pytestmark = [pytest.mark.server, pytest.mark.slow]

SECRET = "the same on every one of them"
QUESTION: dict[Language, str] = {"en": "What are the warning signs of a fake police call?", "zh": "冒充公安诈骗有哪些危险信号？"}
SIGN: dict[Language, str] = {"en": "An officer asks you to move money to a safe account.", "zh": "警察要你把钱转到安全账户。"}
LIMIT = 10
PREFIX = "/ringwise"
# Gradio names it at the top of the host, whatever the prefix; only a browser that installs the page as a program asks for it, and there is none.
MANIFEST = "/manifest.json"


@dataclass(frozen=True)
class Site:
    """What visitors reach, and the processes behind it."""

    url: str
    nginx: Running
    processes: list[Running]
    school_port: int

    @property
    def log(self) -> str:
        return (self.nginx.log.parent / "access.log").read_text(encoding="utf-8")

    def answered(self) -> Counter[str]:
        """How many calls each process has answered so far, by its address."""
        time.sleep(0.1)  # nginx writes its line after the answer
        return Counter(line.split()[-1] for line in self.log.splitlines())


def _needed(*names: str) -> None:
    for name in names:
        if servers.program(name) is None:
            (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{name} is not installed")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, int]:
    """Settings of a small published index that knows one school, and the port of that school."""
    folder = tmp_path_factory.mktemp("many")
    small_corpus.write_small_seeds(folder / "seeds")
    for name in ("signals.yaml", "wording.yaml", "known_names.yaml", "settling.yaml"):
        shutil.copy(SEEDS / name, folder / "seeds" / name)
    port = servers.free_port()
    school = f'- {{key: school, name: A school, origins: ["http://127.0.0.1:{port}"], per_ticket: 100/minute}}\n'
    (folder / "seeds" / "sites.yaml").write_text(school, encoding="utf-8")
    settings = small_corpus.small_settings(folder)
    servers.sync(small_corpus.environment(settings))
    return settings, port


@pytest.fixture(scope="module")
def open_site(settings: tuple[Settings, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int, str], Site]]:
    _needed("nginx", "redis-server")
    environment = {
        **small_corpus.environment(settings[0]),
        "RINGWISE_SECRET": SECRET,
        "RINGWISE_LIMIT_PER_ADDRESS": f"{LIMIT}/minute",
        "RINGWISE_TRUSTED_PROXIES": "127.0.0.1",
    }
    with ExitStack() as running:

        def site(count: int, prefix: str = "") -> Site:
            folder = tmp_path_factory.mktemp("site")
            redis = running.enter_context(servers.redis(folder))
            ours = {**environment, "RINGWISE_LIMITS_URL": redis.url, "RINGWISE_ROOT_PATH": prefix}
            processes = [running.enter_context(servers.ringwise(folder, ours)) for _ in range(count)]
            nginx = running.enter_context(servers.nginx(folder / "nginx", [process.port for process in processes], bool(prefix)))
            return Site(f"{nginx.url}{prefix}/", nginx, processes, settings[1])

        yield site


@pytest.fixture(scope="module", params=[2, 4])
def site(request: pytest.FixtureRequest, open_site: Callable[[int], Site]) -> Site:
    return open_site(request.param)


@pytest.fixture(scope="module")
def below_a_prefix(open_site: Callable[[int, str], Site]) -> Site:
    return open_site(2, PREFIX)


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    chosen: Language = request.param
    return chosen


def caller(site: Site, address: str) -> httpx.Client:
    """A visitor with an address of their own, each of 127.0.0.0/8 being one."""
    transport = httpx.HTTPTransport(local_address=address)
    return httpx.Client(base_url=site.url, transport=transport, trust_env=False, timeout=30)


def _ask_in_the_chat(page: Page, url: str, language: Language) -> None:
    page.goto(url)
    expect(page.locator(".rw-chip").first).to_be_visible(timeout=60_000)
    page.get_by_label(load_locale(language).text("language.name"), exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", language)
    _ask_again(page, language)


def _ask_again(page: Page, language: Language) -> None:
    before = page.locator(".rw-answer").count()
    page.locator("#rw-question textarea").fill(QUESTION[language])
    page.locator("#rw-question textarea").press("Enter")
    expect(page.locator(".rw-answer")).to_have_count(before + 1, timeout=30_000)
    expect(page.locator(".rw-answer").last).to_contain_text(SIGN[language], timeout=30_000)


def _ask_in_the_widget(page: Page, site: Site, language: Language) -> None:
    """From a page of a school, which is another origin."""
    school = School(site.url, site.school_port)
    try:
        page.goto(f"{school.url}?mode=inline&language={language}")
        page.locator("textarea").fill(QUESTION[language])
        page.locator("textarea").press("Enter")
        expect(page.locator(".answer")).to_contain_text(SIGN[language], timeout=60_000)
        page.locator(".cite").first.click()
        expect(page.locator(".source mark")).to_have_count(1)
    finally:
        school.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB")
    yield context.new_page()
    context.close()


# --- visitors ---


@pytest.mark.browser
def test_the_chat_answers(page: Page, site: Site, language: Language) -> None:
    _ask_in_the_chat(page, site.url, language)


@pytest.mark.browser
def test_a_chat_stays_with_one_process_since_its_queue_is_there(page: Page, site: Site) -> None:
    before = site.answered()
    _ask_in_the_chat(page, site.url, "en")
    assert len(site.answered() - before) == 1


@pytest.mark.browser
def test_the_widget_on_a_page_of_a_school_answers(page: Page, site: Site, language: Language) -> None:
    _ask_in_the_widget(page, site, language)


def test_a_ticket_of_one_process_is_good_for_every_other(site: Site) -> None:
    origin = {"Origin": f"http://127.0.0.1:{site.school_port}"}
    with caller(site, "127.0.1.1") as client:
        ticket = client.post("api/v1/tickets", json={"site": "school"}, headers=origin).json()["ticket"]
        before = site.answered()
        for _ in site.processes:
            answer = client.post("api/v1/answers", json={"question": QUESTION["en"]}, headers={**origin, "X-Ringwise-Ticket": ticket})
            assert answer.status_code == 200, answer.text
    assert len(site.answered() - before) == len(site.processes)


# --- streams ---


def test_a_stream_is_whole(site: Site, language: Language) -> None:
    with caller(site, f"127.0.2.{1 + LANGUAGES.index(language)}") as client:
        asked = {"question": QUESTION[language]}
        answer = client.post("api/v1/answers", json=asked, headers={"Accept": "text/event-stream"})
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    names = [line.removeprefix("event: ") for line in answer.text.splitlines() if line.startswith("event: ")]
    assert names[0] == "passages"
    assert set(names[1:-1]) == {"sentence"}
    assert names[-1] == "answer"
    assert SIGN[language] in answer.text


class _SaysTwoThings(BaseHTTPRequestHandler):
    """A process that says one thing, waits until it was heard, then says another."""

    heard = threading.Event()

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b"data: one\n\n")
        self.wfile.flush()
        self.heard.wait(timeout=20)
        self.wfile.write(b"data: two\n\n")

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize("path", ["api/v1/answers", "gradio_api/queue/data"])
def test_what_is_said_first_arrives_before_the_rest_is_said(tmp_path: Path, path: str) -> None:
    _needed("nginx")
    _SaysTwoThings.heard.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), _SaysTwoThings) as process:
        threading.Thread(target=process.serve_forever, daemon=True).start()
        with (
            servers.nginx(tmp_path / "nginx", [process.server_port]) as nginx,
            httpx.stream("GET", f"{nginx.url}/{path}", trust_env=False, timeout=10) as answer,
        ):
            lines = answer.iter_lines()
            assert next(lines) == "data: one"
            _SaysTwoThings.heard.set()
            assert [line for line in lines if line] == ["data: two"]
        process.shutdown()


# --- limits ---


def test_a_limit_is_one_limit_whichever_process_answers(site: Site) -> None:
    before = site.answered()
    with caller(site, "127.0.3.1") as client:
        statuses = [client.get("api/v1/topics").status_code for _ in range(LIMIT)]
        refused = [client.get("api/v1/topics", headers={"X-Forwarded-For": "203.0.113.7"}) for _ in site.processes]
    assert statuses == [200] * LIMIT
    assert [answer.status_code for answer in refused] == [429] * len(site.processes), "by every process, and under no false address"
    assert int(refused[0].headers["Retry-After"]) > 0
    assert len(site.answered() - before) == len(site.processes)
    with caller(site, "127.0.3.2") as client:
        assert client.get("api/v1/topics").status_code == 200


def test_a_body_that_is_too_large_is_refused_as_the_api_does(site: Site) -> None:
    with caller(site, "127.0.3.3") as client:
        answer = client.post("api/v1/answers", json={"question": "长" * 30_000})
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")
        assert client.post("gradio_api/queue/join", json={"data": "长" * 100_000}).status_code != 413, "a chat carries its conversation"


# --- what may go wrong ---


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_process_that_ends_is_passed_over_and_taken_up_again(site: Site, how: signal.Signals) -> None:
    statuses: list[int] = []
    done = threading.Event()

    def visitors(group: int) -> None:
        number = 0
        while not done.is_set():
            number += 1
            with caller(site, f"127.{how * 10 + group}.{number // 200}.{1 + number % 200}") as client:
                statuses.append(client.post("api/v1/answers", json={"question": QUESTION["en"]}).status_code)

    threads = [threading.Thread(target=visitors, args=(group,)) for group in range(4)]
    for thread in threads:
        thread.start()
    stopped = site.processes[0]
    time.sleep(1)
    stopped.stop(how)
    time.sleep(1)
    without = site.answered()
    stopped.start()
    time.sleep(1)
    done.set()
    for thread in threads:
        thread.join()
    assert len(statuses) > 50
    assert set(statuses) == {200}
    assert site.answered()[f"127.0.0.1:{stopped.port}"] > without[f"127.0.0.1:{stopped.port}"]


@pytest.mark.browser
def test_a_chat_goes_on_when_its_process_is_stopped(page: Page, site: Site) -> None:
    before = site.answered()
    _ask_in_the_chat(page, site.url, "en")
    [address] = site.answered() - before
    [process] = [one for one in site.processes if address.endswith(f":{one.port}")]
    process.stop(signal.SIGTERM)
    try:
        _ask_again(page, "en")
        assert page.locator(".rw-answer").count() == 2
    finally:
        process.start()


def test_when_every_process_is_away_a_call_is_told_when_to_come_back(tmp_path: Path) -> None:
    _needed("nginx")
    with servers.nginx(tmp_path / "nginx", [servers.free_port(), servers.free_port()]) as nginx:
        for path in ("api/v1/topics", ""):
            answer = httpx.get(f"{nginx.url}/{path}", trust_env=False)
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
            assert int(answer.headers["Retry-After"]) > 0


# --- what is told to whom ---


def test_counters_are_for_monitors_inside(site: Site) -> None:
    with caller(site, "127.0.4.1") as client:
        assert [client.get(path).status_code for path in ("metrics", "%6detrics", "x/../metrics")] == [404] * 3
        assert [client.get(path).status_code for path in ("healthz", "readyz")] == [200] * 2
    assert httpx.get(f"{site.processes[0].url}/metrics", trust_env=False).status_code == 200


def test_no_word_and_no_address_of_a_visitor_is_in_a_file_of_nginx(site: Site) -> None:
    with caller(site, "127.0.4.2") as client:
        client.get("zebrafish", params={"name": "zebrafish"})
        client.post("api/v1/answers", json={"question": "zebrafish " * 6_000})
        client.post("api/v1/answers", content=b"zebrafish " * 9_000)
        request_id = client.get("api/v1/topics").headers["X-Request-ID"]
    site.answered()
    assert request_id in site.log, "a line of nginx and one of the process have the same id"
    assert any(request_id in process.log.read_text(encoding="utf-8") for process in site.processes)
    for file in site.nginx.log.parent.rglob("*"):
        text = file.read_text(encoding="utf-8") if file.is_file() else ""
        assert "zebrafish" not in text, file
        assert "127.0.4.2" not in text, file


# --- below a path prefix ---


@pytest.mark.browser
def test_below_a_path_prefix_the_chat_answers_and_asks_for_nothing_beside_it(page: Page, below_a_prefix: Site, language: Language) -> None:
    beside: list[str] = []
    page.on("request", lambda request: beside.append(request.url) if not request.url.startswith((below_a_prefix.url, "data:", "blob:")) else None)
    _ask_in_the_chat(page, below_a_prefix.url, language)
    assert beside == []


@pytest.mark.browser
def test_below_a_path_prefix_the_widget_answers_a_school(page: Page, below_a_prefix: Site, language: Language) -> None:
    _ask_in_the_widget(page, below_a_prefix, language)


@pytest.mark.parametrize("path", ["", "widget/", "widget/privacy?language=zh", "api/docs"])
def test_below_a_path_prefix_every_address_of_a_page_is_there(below_a_prefix: Site, path: str) -> None:
    with caller(below_a_prefix, "127.0.5.1") as client:
        page = client.get(path)
        assert page.status_code == 200
        named = [urljoin(str(page.url), found) for found in re.findall(r'(?:src|href)="([^"#]+)"', page.text) if found != MANIFEST]
        own = [url for url in named if url.startswith(below_a_prefix.nginx.url)]
        assert own
        for url in own:
            assert url.startswith(below_a_prefix.url)
            assert client.get(url).status_code == 200, url


def test_below_a_path_prefix_the_same_is_closed_as_without(below_a_prefix: Site) -> None:
    with caller(below_a_prefix, "127.0.5.2") as client:
        assert client.get("metrics").status_code == 404
        assert client.get("gradio_api/info").status_code == 404
        assert client.get("readyz").status_code == 200
        assert client.post("api/v1/answers", json={"question": QUESTION["en"]}).status_code == 200
        config = client.get("config").json()
    assert config["root"] == below_a_prefix.url.rstrip("/")
