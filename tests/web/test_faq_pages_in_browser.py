"""The published pages in Chromium: search without a server, no violation of axe-core, a phone, and a sheet of A4 for each topic."""

import io
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from bot.assistant import Assistant
from bot.faq.batch import Order
from bot.faq.questions import questions_of_guides
from bot.faq.writing import Publication, write_faq
from bot.i18n import load_locale
from bot.schema import LANGUAGES, Language
from bot.settings import Settings, load_settings
from bot.store import open_store

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WORD = {"en": "courier", "zh": "快递"}


@pytest.fixture(scope="module")
def folder(shipped_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faq")
    assistant = Assistant(shipped_settings, open_store(shipped_settings))
    questions = questions_of_guides(load_settings().seeds_dir / "faq_topics.yaml", assistant.passages, LANGUAGES, "public")
    write_faq(assistant, questions, [], folder, Order("public", "CN", "2026-11-27"), Publication(handout=True))
    return folder


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    return request.param


@pytest.fixture(params=[(1200, "light"), (360, "dark")])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    yield context.new_page()
    context.close()


def test_a_page_is_searched_without_a_server_and_has_no_violation(page: Page, folder: Path, language: Language) -> None:
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.goto((folder / f"faq.public.{language}.html").as_uri())
    everything = page.locator("article:visible").count()
    page.get_by_label(load_locale(language).text("faq.search")).fill(WORD[language])
    found = page.locator("article:visible")
    assert 0 < found.count() < everything
    assert all(WORD[language] in text.lower() for text in found.all_inner_texts())
    expect(page.get_by_role("status")).to_have_text(load_locale(language).text("faq.found", count=found.count()))
    found.first.locator("summary").click()
    page.get_by_role("searchbox").fill("zzzz")
    expect(page.get_by_role("status")).to_have_text(load_locale(language).text("faq.none"))
    page.get_by_role("searchbox").fill(WORD[language])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate((resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
    violations = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
    assert [one["id"] for one in violations] == []
    assert problems == []


def test_the_handout_has_one_sheet_of_a4_for_each_topic(browser: Browser, folder: Path, language: Language) -> None:
    page = browser.new_page()
    page.goto((folder / f"handout.public.{language}.html").as_uri())
    topics = page.locator(".topic h2").all_inner_texts()
    sheets = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
    page.close()
    assert len(sheets) == len(topics) > 90
    assert round(float(sheets[0].mediabox.width)) == 595
