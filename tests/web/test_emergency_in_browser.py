"""The button for who has just been cheated: three taps lead to the steps and the numbers of the place, with the shipped knowledge."""

import pytest
from playwright.sync_api import Browser, expect

from bot.contacts import load_contacts
from bot.i18n import load_locale
from bot.schema import Language
from bot.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.slow]

TAPS = {"en": ("I sent money by bank transfer", "Singapore", "SG"), "zh": ("我刚给对方转了账", "中国大陆", "CN")}
LOCALES = {"en": "en-GB", "zh": "zh-CN"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_three_taps_lead_to_the_steps_and_the_numbers_of_the_place(
    browser: Browser, shipped_server, shipped_settings: Settings, language: Language
) -> None:
    given, place, region = TAPS[language]
    context = browser.new_context(locale=LOCALES[language], viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(shipped_server.url)
    button = page.locator(".rw-emergency")
    expect(button).to_have_text(load_locale(language).text("emergency.button"))
    button.tap()
    expect(page.locator(".rw-now")).to_have_count(1)
    page.locator(".rw-answer").last.get_by_role("button", name=given, exact=True).tap()
    expect(page.locator(".rw-now")).to_have_count(2)
    page.locator(".rw-answer").last.get_by_role("button", name=place, exact=True).tap()
    expect(page.locator(".rw-now")).to_have_count(3)
    last = page.locator(".rw-answer").last
    expect(last.locator("ol li").first).to_be_visible()
    numbers = last.locator(".rw-contacts a[href^='tel:']").all_inner_texts()
    known = {entry.value for entry in load_contacts(shipped_settings.seeds_dir / "contacts.yaml").all(region)}
    assert numbers
    assert set(numbers) <= known
    context.close()
