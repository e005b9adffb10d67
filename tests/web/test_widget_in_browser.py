"""The widget on the page of a school, at another origin, under a strict policy and hostile CSS, in both languages."""

import gzip
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import SEEDS, serve
from playwright.sync_api import Browser, Page, Request, Route, expect
from servers import Running, free_port

from bot.i18n import load_locale
from bot.schema import LANGUAGES, Language

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.slow]

QUESTION: dict[Language, str] = {"en": "What are the warning signs of a fake police call?", "zh": "冒充公检法有哪些危险信号？"}
EMERGENCY: dict[Language, str] = {"en": "I am in Singapore and I have just transferred the money to the fake police", "zh": "我在新加坡，刚刚把钱转给假警察了"}
HOSTILE = "* { all: unset; position: fixed; z-index: 9 !important }"
OTHER_SCHOOL = "http://other-school.example"
FIRST_KB, ALL_KB = 12, 25  # compressed; what the purpose of the widget allows


class _Host(BaseHTTPRequestHandler):
    """Serves one page of a school, and its style sheet, under the policy of the school."""

    def __init__(self, server: str, *args: Any) -> None:
        self._server = server.rstrip("/")
        super().__init__(*args)

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path == "/hostile.css":
            self._send("text/css", HOSTILE)
            return
        if path == "/framed":
            source = f"{self._server}/widget/frame?{query}"
            self._send("text/html; charset=utf-8", f'<!doctype html><title>School</title><iframe title="Ringwise" src="{source}"></iframe>')
            return
        if path != "/":
            self.send_error(404)
            return
        attributes = query.replace("&", " ") or "mode=button"
        style = '<link rel="stylesheet" href="/hostile.css">' if "hostile" in query else ""
        self._send(
            "text/html; charset=utf-8",
            f'<!doctype html><html lang="en"><head><title>School</title><meta name="viewport" content="width=device-width">'
            f'<link rel="icon" href="data:,">{style}<script type="module" src="{self._server}/widget/v1/ringwise.js"></script></head>'
            f'<body><main><h1>School</h1><button>Before</button><ringwise-chat site="school" {attributes}>'
            f'<a href="https://example.org/">More</a></ringwise-chat></main></body></html>',
        )

    def _send(self, kind: str, text: str) -> None:
        there = "/".join(self._server.split("/")[:3])
        policy = f"default-src 'self'; script-src {there}; connect-src {there}; style-src 'self'; img-src data:; frame-src {there}"
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        pass


class School:
    """A page of a school on a port of its own."""

    def __init__(self, server: str, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/"
        self._http = ThreadingHTTPServer(("127.0.0.1", port), partial(_Host, server))
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture(scope="module")
def ringwise(small_seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, int]]:
    """A server that knows one school, and the port of that school."""
    folder = tmp_path_factory.mktemp("widget")
    port = free_port()
    seeds = folder / "seeds"
    seeds.mkdir()
    for entry in small_seeds.iterdir():
        (seeds / entry.name).symlink_to(entry)
    for name in ("signals.yaml", "wording.yaml", "known_names.yaml", "settling.yaml"):
        (seeds / name).symlink_to(SEEDS / name)
    (seeds / "sites.yaml").write_text(
        f'- {{key: school, name: A school, origins: ["http://127.0.0.1:{port}"]}}\n'
        f'- {{key: other-school, name: Another school, origins: ["{OTHER_SCHOOL}"]}}\n',
        encoding="utf-8",
    )
    server = serve(seeds, folder / "data", folder)
    yield server, port
    server.stop()


@pytest.fixture(scope="module")
def school(ringwise: tuple[Running, int]) -> Iterator[School]:
    server, port = ringwise
    school = School(server.url, port)
    yield school
    school.stop()


@pytest.fixture(params=["en", "zh"])
def language(request: pytest.FixtureRequest) -> Language:
    return request.param


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def _asked(
    page: Page, url: str, language: Language, query: str = "mode=inline", asked: dict[Language, str] = QUESTION
) -> None:
    page.goto(f"{url}?{query}&language={language}")
    page.locator("textarea").fill(asked[language])
    page.locator("textarea").press("Enter")
    expect(page.get_by_role("status")).to_contain_text(load_locale(language).text("answer.done"), timeout=60_000)


def _violations(page: Page) -> list[str]:
    """What axe-core finds; its text is run by the driver, so that the policy of the page does not stop it."""
    page.evaluate((resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run('ringwise-chat', {resultTypes: ['violations']})).violations")
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found]


def test_an_answer_opens_its_passage_with_the_sentence_marked(page: Page, school: School, language: Language) -> None:
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    _asked(page, school.url, language, "mode=inline&hostile=1")
    cite = page.locator(".cite").first
    cite.click()
    expect(page.locator(".source mark")).to_have_count(1)
    sentence = page.locator(".answer li").first.evaluate("item => item.firstChild.textContent")
    assert page.locator(".source mark").inner_text().strip() == sentence.strip()
    expect(cite).to_have_attribute("aria-expanded", "true")
    assert _violations(page) == []
    page.get_by_role("button", name=load_locale(language).text("source.close")).click()
    expect(page.locator(".source")).to_have_count(0)
    assert problems == []


# The answer as a whole is held back until the page is told to let it through.
HOLD_THE_WHOLE = """
const fetched = window.fetch;
const allowed = new Promise((resolve) => { window.letThrough = resolve; });
window.fetch = async (...args) => {
  const response = await fetched(...args);
  if (!String(args[0]).endsWith("/answers")) return response;
  const text = await response.text();
  const at = text.lastIndexOf("event: answer");
  const body = new ReadableStream({
    async start(stream) {
      stream.enqueue(new TextEncoder().encode(text.slice(0, at)));
      await allowed;
      stream.enqueue(new TextEncoder().encode(text.slice(at)));
      stream.close();
    },
  });
  return new Response(body, { status: response.status, headers: response.headers });
};
"""


def test_a_passage_opened_while_the_answer_comes_stays_open(page: Page, school: School, language: Language) -> None:
    page.add_init_script(HOLD_THE_WHOLE)
    page.goto(f"{school.url}?mode=inline&language={language}")
    page.locator("textarea").fill(QUESTION[language])
    page.locator("textarea").press("Enter")
    cite = page.locator(".cite").first
    cite.click()
    expect(page.locator(".source mark")).to_have_count(1)
    page.evaluate("window.letThrough()")
    expect(page.get_by_role("status")).to_contain_text(load_locale(language).text("answer.done"))
    expect(page.locator(".source mark")).to_have_count(1)
    expect(cite).to_have_attribute("aria-expanded", "true")
    expect(cite).to_be_focused()


MESSAGE = {
    "en": "This is the police. Move your money to a safe account at https://police-safe.top today and tell no one.",
    "zh": "我是公安局民警，请把钱转到安全账户 https://police-safe.top ，不要告诉任何人。",
}


def test_a_message_is_checked_with_its_signs_marked_and_its_link_broken(page: Page, school: School, language: Language) -> None:
    page.goto(f"{school.url}?mode=inline&language={language}")
    page.locator("textarea").fill(MESSAGE[language])
    page.get_by_role("button", name=load_locale(language).text("widget.check")).click()
    expect(page.locator(".verdict")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("status")).not_to_be_empty()
    assert page.locator(".passage mark").count() > 0
    shown = page.locator("[part=panel]").inner_text()
    assert "hxxps://police-safe[.]top" in shown
    assert "https://police-safe.top" not in shown
    assert page.locator("a[href*=police-safe]").count() == 0
    assert _violations(page) == []


def test_an_answer_that_claims_nothing_is_shown_as_well(page: Page, school: School, language: Language) -> None:
    page.goto(f"{school.url}?mode=inline&language={language}")
    page.locator("textarea").fill({"en": "What is the weather tomorrow?", "zh": "明天天气怎么样？"}[language])
    page.locator("textarea").press("Enter")
    expect(page.get_by_role("status")).not_to_be_empty(timeout=60_000)
    assert page.locator(".answer p").first.inner_text().strip()


@pytest.mark.parametrize("asked", [QUESTION, EMERGENCY])
def test_the_widget_and_the_chat_give_the_same_answer_sources_and_numbers(
    page: Page, shipped_server: Running, language: Language, asked: dict[Language, str]
) -> None:
    texts = "all => all.map((item) => item.firstChild.textContent.trim())"
    links = "all => all.map((link) => link.href)"
    _asked(page, f"{shipped_server.url}widget/", language, asked=asked)
    here = page.locator(".answer li:has(.cite)").evaluate_all(texts)
    marks = page.locator(".answer .cite").all_inner_texts()
    numbers = page.locator(".contacts a").evaluate_all(links)
    page.goto(shipped_server.url)
    page.get_by_label(load_locale(language).text("language.name"), exact=True).click()
    page.locator("#rw-question textarea").fill(asked[language])
    page.locator("#rw-question textarea").press("Enter")
    expect(page.locator("#rw-live")).not_to_be_empty(timeout=60_000)
    there = page.locator(".rw-answer").inner_text()
    assert len(here) > 1
    assert [text for text in here if text not in there] == []
    assert marks == page.locator(".rw-answer .rw-cite").all_inner_texts()
    assert numbers == page.locator(".rw-contacts a").evaluate_all(links)
    assert bool(numbers) == (asked is EMERGENCY)


def test_a_page_that_takes_no_scripts_shows_it_in_a_frame(page: Page, ringwise, school: School, language: Language) -> None:
    """The frame stands on a page of the site; on any other page the browser refuses it."""
    stranger = School(ringwise[0].url, free_port())
    page.goto(f"{stranger.url}framed?site=school&language={language}")
    page.wait_for_load_state("networkidle")
    assert page.frame_locator("iframe").locator("textarea").count() == 0
    stranger.stop()
    page.goto(f"{school.url}framed?site=school&language={language}")
    box = page.frame_locator("iframe").locator("textarea")
    box.fill(QUESTION[language])
    box.press("Enter")
    expect(page.frame_locator("iframe").locator(".cite").first).to_be_visible(timeout=60_000)


def test_only_our_server_is_called_and_the_api_not_before_a_question(page: Page, ringwise, school: School, language: Language) -> None:
    calls: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith((school.url, "data:")):
            calls.append(request.url)

    page.on("request", note)
    page.goto(f"{school.url}?mode=button&language={language}")
    page.locator(".opener").click()
    page.locator("textarea").fill(QUESTION[language])
    assert sorted(url.rsplit("/", 1)[1] for url in calls) == ["look.js", "ringwise.js", "words.js"]
    page.locator("textarea").press("Enter")
    expect(page.locator(".cite").first).to_be_visible(timeout=60_000)
    assert all(url.startswith(ringwise[0].url) for url in calls)
    assert [url.rsplit("/", 1)[1] for url in calls if "/api/" in url] == ["tickets", "answers"]
    assert page.context.cookies() == []
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


def test_keys_alone_open_ask_and_close_and_focus_comes_back(page: Page, school: School, language: Language) -> None:
    page.goto(f"{school.url}?mode=button&language={language}")
    page.locator(".opener").wait_for()
    assert page.evaluate("document.activeElement.localName") == "body"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("textarea")).to_be_focused()
    assert _violations(page) == []
    for _ in range(20):
        page.keyboard.press("Tab")
        assert page.evaluate("document.querySelector('ringwise-chat').shadowRoot.activeElement?.closest('dialog') !== null")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()
    expect(page.locator(".opener")).to_be_focused()
    assert _violations(page) == []


def test_a_phone_and_hostile_css_leave_everything_in_reach(browser: Browser, school: School, language: Language) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640}, color_scheme="dark", reduced_motion="reduce")
    page = context.new_page()
    _asked(page, school.url, language, "mode=inline&hostile=1")
    assert page.evaluate("document.querySelector('ringwise-chat').shadowRoot.querySelector('.panel').scrollWidth") <= 320
    assert page.evaluate("getComputedStyle(document.querySelector('ringwise-chat')).position") == "static"
    small = page.locator("ringwise-chat button:visible").evaluate_all(
        "all => all.filter((b) => Math.min(b.offsetWidth, b.offsetHeight) < 44).map((b) => b.textContent)"
    )
    assert small == []
    assert _violations(page) == []
    context.close()


def test_nothing_is_amiss_while_an_answer_is_awaited_and_it_can_be_stopped(page: Page, school: School, language: Language) -> None:
    held: list[Route] = []
    page.route("**/api/v1/answers", lambda route: held.append(route))
    page.goto(f"{school.url}?mode=inline&language={language}")
    page.locator("textarea").fill(QUESTION[language])
    page.locator("textarea").press("Enter")
    stop = page.get_by_role("button", name=load_locale(language).text("stop"), exact=True)
    expect(stop).to_be_visible()
    expect(page.locator(".wait")).to_be_visible()
    assert _violations(page) == []
    stop.click()
    expect(page.get_by_role("status")).to_have_text(load_locale(language).text("stopped"))
    expect(stop).to_be_hidden()


@pytest.mark.parametrize(
    "look", [{"forced_colors": "active"}, {"color_scheme": "dark"}, {"viewport": {"width": 640, "height": 480}, "device_scale_factor": 2}]
)
def test_forced_colours_darkness_and_a_page_at_twice_its_size_hide_nothing(
    browser: Browser, school: School, language: Language, look: dict[str, Any]
) -> None:
    context = browser.new_context(**look)
    page = context.new_page()
    _asked(page, school.url, language)
    page.locator(".cite").first.click()
    for _ in range(2):
        page.get_by_role("button", name=load_locale(language).text("widget.larger")).click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("textarea").scroll_into_view_if_needed()
    expect(page.locator("textarea")).to_be_in_viewport()
    assert _violations(page) == []
    context.close()


def test_on_a_page_that_reads_from_right_to_left_the_widget_reads_its_own_way(page: Page, school: School, language: Language) -> None:
    page.goto(f"{school.url}?mode=button&language={language}")
    page.evaluate("document.documentElement.dir = 'rtl'")
    page.locator(".opener").click()
    assert page.locator("textarea").evaluate("field => getComputedStyle(field).direction") == "ltr"
    box = page.locator("dialog").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= page.evaluate("innerWidth")
    assert _violations(page) == []


def test_what_is_printed_are_questions_and_answers_without_the_buttons(page: Page, school: School, language: Language) -> None:
    page.add_init_script("window.print = () => console.log('printed', document.body.innerText, document.querySelectorAll('form').length)")
    _asked(page, school.url, language)
    with page.expect_console_message(lambda message: message.text.startswith("printed")) as told:
        page.get_by_role("button", name=load_locale(language).text("widget.print")).click()
    printed = told.value.text
    first = page.locator(".answer li").first.evaluate("item => item.firstChild.textContent.trim()")
    assert QUESTION[language] in printed
    assert first in printed
    assert load_locale(language).text("emergency.button") not in printed
    assert printed.endswith("0")


def test_a_stolen_key_is_refused_and_the_webmaster_told(page: Page, ringwise, language: Language) -> None:
    thief = School(ringwise[0].url, free_port())
    console: list[str] = []
    page.on("console", lambda message: console.append(message.text))
    page.goto(f"{thief.url}?mode=inline&language={language}")
    page.locator("textarea").fill(QUESTION[language])
    page.locator("textarea").press("Enter")
    expect(page.locator(".error")).to_have_count(1)
    assert any("seeds/sites.yaml" in line for line in console)
    assert page.locator(".cite").count() == 0
    assert _violations(page) == []
    thief.stop()


def test_two_on_a_page_and_one_added_late_and_moved_keep_working(page: Page, school: School, language: Language) -> None:
    page.goto(f"{school.url}?mode=inline&language={language}")
    page.evaluate(
        "language => { const late = document.createElement('ringwise-chat'); late.id = 'late'; late.setAttribute('site', 'school');"
        " late.setAttribute('mode', 'inline'); late.setAttribute('language', language);"
        " document.body.append(late); late.remove(); document.body.append(late); }",
        language,
    )
    late = page.locator("#late")
    late.locator("textarea").fill(QUESTION[language])
    late.locator("textarea").press("Enter")
    expect(late.locator(".cite").first).to_be_visible(timeout=60_000)
    expect(page.locator("ringwise-chat")).to_have_count(2)
    assert page.locator("ringwise-chat").first.locator(".cite").count() == 0


def test_the_language_can_be_switched_with_the_answer_kept(page: Page, school: School, language: Language) -> None:
    _asked(page, school.url, language)
    other: Language = "en" if language == "zh" else "zh"
    page.get_by_role("button", name=load_locale(other).text("language.name")).click()
    expect(page.get_by_role("button", name=load_locale(other).text("ask"), exact=True)).to_be_visible()
    expect(page.locator(".answer .cite").first).to_be_visible()


def test_what_is_loaded_stays_small(ringwise) -> None:
    folder = resources.files("bot.web") / "widget"
    names = {file.name for file in folder.iterdir() if file.name.endswith(".js")} | {"words.js"}
    sizes = {name: len(gzip.compress(httpx.get(f"{ringwise[0].url}widget/v1/{name}", trust_env=False).content)) for name in names}
    assert sum(sizes[name] for name in ("ringwise.js", "look.js", "words.js")) <= FIRST_KB * 1024
    assert sum(sizes.values()) <= ALL_KB * 1024


def test_sixty_pupils_of_two_schools_behind_one_address_are_all_served_at_once(ringwise, school: School) -> None:
    def pupil(number: int) -> int:
        language = LANGUAGES[number % 2]
        site, origin = [("school", school.url.rstrip("/")), ("other-school", OTHER_SCHOOL)][number // 30]
        with httpx.Client(base_url=ringwise[0].url, headers={"Origin": origin}, trust_env=False, timeout=120) as client:
            ticket = client.post("api/v1/tickets", json={"site": site}).json()["ticket"]
            body = {"question": QUESTION[language], "language": language}
            return client.post("api/v1/answers", json=body, headers={"X-Ringwise-Ticket": ticket}).status_code

    with ThreadPoolExecutor(60) as pool:
        statuses = list(pool.map(pupil, range(60)))
    assert statuses == [200] * 60
