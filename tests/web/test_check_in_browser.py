"""The tab that checks a message, in Debian's Chromium, on the shipped knowledge."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.slow]

LOCALES = Path(__file__).resolve().parents[2] / "bot" / "locales"
WORDS = {name: json.loads((LOCALES / f"{name}.json").read_text(encoding="utf-8")) for name in ("en", "zh")}
SCAMS = {
    "en": "This is Officer Lee of the police. There is a warrant for you. Tell nobody. Move your savings to a safe account today: "
    "https://police-safe.top/in",
    "zh": "我是公安局的王警官，您涉嫌洗钱。案件保密，不要告诉家人。请马上把存款转到安全账户：https://police-safe.top/in",
}
DOUBTFUL = {"en": "Hi, this is Anna. I have a new number, please save it.", "zh": "妈，我换新号码了，这是我的新手机号，存一下。"}
SHAPES = {"desktop": {"viewport": {"width": 1200, "height": 900}}, "phone": {"viewport": {"width": 360, "height": 740}}}


@pytest.fixture(params=["en", "zh"])
def language(request):
    return request.param


@pytest.fixture(params=list(SHAPES))
def page(request, browser, shipped_server, language):
    context = browser.new_context(locale={"en": "en-GB", "zh": "zh-CN"}[language], **SHAPES[request.param])
    page = context.new_page()
    page.goto(shipped_server.url)
    page.get_by_role("tab", name=WORDS[language]["tab.check"]).click()
    yield page
    context.close()


def _check(page: Page, message: str) -> None:
    page.locator("#rw-message textarea").fill(message)
    page.locator("#rw-check").click()


def test_a_scam_is_shown_with_its_signs_numbered_in_place_and_its_link_broken(page, language):
    _check(page, SCAMS[language])
    verdict = page.locator(".rw-verdict")
    expect(verdict.locator("h2")).to_contain_text(WORDS[language]["verdict.strong_signs"])
    expect(verdict.locator("blockquote").first).to_contain_text("hxxps://police-safe[.]top/in")
    assert verdict.locator("blockquote").first.locator("a").count() == 0
    marks, named = verdict.locator("blockquote sup.rw-sign").count(), verdict.locator(".rw-sides ol li").count()
    assert marks == named >= 2
    expect(page.locator("#rw-live")).to_contain_text(WORDS[language]["verdict.strong_signs"])
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_doubtful_message_is_settled_by_tapping(page, language):
    _check(page, DOUBTFUL[language])
    heading = page.locator(".rw-verdict h2")
    expect(heading).to_contain_text(WORDS[language]["verdict.cannot_tell"])
    slots = page.locator("#rw-settle-0, #rw-settle-1, #rw-settle-2")
    expect(slots).to_have_count(3)
    asked = slots.nth(0).inner_text()
    slots.nth(0).locator("label").first.click()  # yes, someone wants money or a code
    expect(slots.nth(0)).not_to_have_text(asked)
    expect(heading).to_contain_text(WORDS[language]["verdict.strong_signs"])


def test_an_empty_message_is_answered_with_a_sentence(page, language):
    _check(page, "  ")
    expect(page.locator("#rw-verdict [role=alert]")).to_have_text(WORDS[language]["error.empty_message"])


def test_a_script_in_a_message_is_shown_as_text(page, language):
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    _check(page, SCAMS[language] + "<script>alert(1)</script><img src=x onerror=alert(2)>")
    expect(page.locator(".rw-verdict blockquote").first).to_contain_text("<script>alert(1)</script>")
    assert dialogs == []
