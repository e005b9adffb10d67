"""The web chat as a visitor meets it: Debian's Chromium, a real server on loopback, the small index of `conftest.py`."""

import json
import re
from importlib import resources

import pytest
from playwright.sync_api import expect

pytestmark = [
    pytest.mark.browser,
    pytest.mark.server,
    pytest.mark.slow,
    # Gradio counts its events with an option that pandas 3 is about to drop; it does so in the server threads of `serve_here`.
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated"),
]

WORDS = {name: json.loads((resources.files("bot") / "locales" / f"{name}.json").read_text("utf-8")) for name in ("en", "zh")}
LOCALES = {"en": "en-GB", "zh": "zh-CN"}
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
SIGNS = {"en": "What are the warning signs of a fake police call?", "zh": "假警察有哪些危险信号？"}
SECOND_SIGN = {"en": "A police officer wants to take your statement by video.", "zh": "警察要在视频里给你做笔录。"}
SCRIPT = "<script>alert(1)</script>"
# The least height of a control that a thumb meets, in CSS pixels (WCAG 2.2, 2.5.5; numbers inside a sentence are exempt there).
THUMB = 44

expect.set_options(timeout=10_000)

# All that a visitor can read or hear: text that is rendered, and the texts of attributes that are shown or read out.
READ_PAGE = """() => [document.title, document.body.innerText,
  ...[...document.querySelectorAll("[aria-label], [title], [placeholder], [alt]")].filter((e) => e.checkVisibility()).flatMap(
    (e) => ["aria-label", "title", "placeholder", "alt"].map((name) => e.getAttribute(name) ?? ""))].join("\\n")"""


class Chat:
    """One visitor's page, and all that it did that should not happen."""

    def __init__(self, page, url):
        self.page, self.url = page, url
        self.requests, self.dialogs, self.errors, self.complaints = [], [], [], []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.on("dialog", self._dismiss)
        page.goto(url)
        expect(self.box).to_be_visible()
        expect(page.locator(".rw-chip").first).to_be_visible()

    def _dismiss(self, dialog):
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    @property
    def box(self):
        return self.page.locator("#rw-question textarea")

    @property
    def answers(self):
        return self.page.locator(".rw-answer")

    @property
    def last(self):
        return self.answers.last

    def button(self, name, language="en"):
        return self.page.get_by_role("button", name=WORDS[language][name], exact=True)

    def speak(self, language):
        self.page.get_by_label(WORDS[language]["language.name"], exact=True).click()
        expect(self.page.locator("html")).to_have_attribute("lang", language)

    def ask(self, question):
        self.send(question)
        expect(self.page.locator("#rw-live")).not_to_be_empty()  # announced when all is done
        return self.last

    def send(self, question):
        before = self.answers.count()
        self.page.locator("#rw-live").evaluate("live => live.replaceChildren()")
        self.box.fill(question)
        self.box.press("Enter")
        expect(self.answers).to_have_count(before + 1)

    def open_source(self, number):
        self.last.get_by_text(f"[{number}]", exact=True).click()
        return self.card

    @property
    def card(self):
        return self.page.locator(".rw-card:visible")

    def read(self):
        return self.page.evaluate(READ_PAGE)

    def focused(self):
        return self.page.locator("*:focus")


@pytest.fixture
def visit(browser, served):
    """Open the chat as a visitor; what a visitor's page must never do is looked at when the test ends."""
    contexts, chats = [], []

    def visit(url=served.url, language="en", **options):
        contexts.append(browser.new_context(locale=LOCALES[language], **{"viewport": {"width": 1200, "height": 900}, **options}))
        chats.append(Chat(contexts[-1].new_page(), url))
        expect(chats[-1].page.locator("html")).to_have_attribute("lang", language)
        return chats[-1]

    yield visit
    for chat in chats:
        assert chat.dialogs == []
        assert chat.errors == []
        assert [url for url in chat.requests if not url.startswith((chat.url, "data:", "blob:"))] == []
    for context in contexts:
        context.close()


@pytest.fixture
def chat(visit):
    return visit()


# --- asking ---


def test_a_question_is_asked_and_its_source_opened_by_keyboard_alone(chat):
    page = chat.page
    order = []
    while not order or order[-1] != "TEXTAREA":
        assert len(order) < 20
        page.keyboard.press("Tab")
        order.append(page.evaluate("document.activeElement.tagName"))
    # The button for who has just been cheated comes before all, then the languages, the tabs and the examples.
    buttons = page.locator("#rw-tabs [role=tab]").count() + page.locator(".rw-examples .rw-chip").count()
    assert order == ["BUTTON"] + ["INPUT"] * 2 + ["BUTTON"] * buttons + ["TEXTAREA"]
    page.keyboard.type(SIGNS["en"])
    page.keyboard.press("Enter")
    expect(chat.last.locator("li")).to_have_count(5)
    second = chat.last.get_by_text("[2]", exact=True)
    for _ in range(15):
        page.keyboard.press("Shift+Tab")
        if second.evaluate("mark => mark === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(chat.card).to_be_visible()
    expect(chat.focused()).to_contain_text("[2] Fake police")
    page.keyboard.press("Escape")
    expect(chat.card).to_have_count(0)
    expect(second).to_be_focused()


def test_the_language_is_switched_by_keyboard_alone(chat):
    chat.page.keyboard.press("Tab")
    chat.page.keyboard.press("Tab")
    chat.page.keyboard.press("Tab")
    chat.page.keyboard.press("Space")
    expect(chat.page.locator("h1")).to_have_text(WORDS["zh"]["title"])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_sentence_of_an_answer_carries_a_number(visit, language):
    answer = visit(language=language).ask(SIGNS[language])
    expect(answer.locator("li")).to_have_count(5)
    expect(answer.locator("li").nth(1)).to_have_text(f"{SECOND_SIGN[language]} [2]")
    expect(answer.locator("li", has=answer.page.locator(".rw-cite"))).to_have_count(5)


def test_sentences_appear_as_they_are_written(visit, serve_here, scripted):
    chat = visit(serve_here(scripted).url)
    chat.send("Count.")
    expect(chat.last.locator("li")).to_have_text(["One. [1]"])
    expect(chat.last).to_contain_text(WORDS["en"]["thinking"])
    scripted.may_go_on.set()
    expect(chat.last.locator("li")).to_have_text(["One. [1]", "Two. [2]"])
    expect(chat.last).not_to_contain_text(WORDS["en"]["thinking"])


def test_what_was_said_before_travels_with_the_next_question(visit, serve_here, scripted):
    scripted.may_go_on.set()
    chat = visit(serve_here(scripted).url)
    chat.ask("Count.")
    expect(chat.last.locator(".rw-copy")).to_be_visible()
    chat.ask("Again, 请再数一次。")
    expect(chat.last.locator(".rw-copy")).to_be_visible()
    assert [[turn.question for turn in history] for history in scripted.histories] == [[], ["Count."]]


def test_an_example_is_asked_by_a_click(chat):
    chat.page.get_by_text(WORDS["en"]["example.police"], exact=True).click()
    expect(chat.last).to_contain_text("Look up the number of the police station yourself and ring it.")


@pytest.mark.parametrize(
    ("language", "follow_up", "sentence"),
    [
        ("en", "What should I do? (Fake police)", "Hang up on any caller who wants your money moved."),
        ("zh", "我该怎么办？（冒充公检法）", "谁要你转钱，就挂断谁的电话。"),
    ],
)
def test_a_follow_up_is_asked_by_a_click(visit, language, follow_up, sentence):
    chat = visit(language=language)
    chat.ask(SIGNS[language]).get_by_role("button", name=follow_up).click()
    expect(chat.answers).to_have_count(2)
    expect(chat.last.locator("li")).to_have_text([f"{sentence} [1]"])


def test_a_question_comes_to_the_top_so_that_its_answer_is_read_from_its_beginning(visit):
    chat = visit(language="zh", **{**PHONE, "viewport": {"width": 360, "height": 500}})
    for _ in range(2):
        chat.ask(SIGNS["zh"])
    expect(chat.last.locator(".rw-copy")).to_be_attached()
    top = "() => Math.round([...document.querySelectorAll('.rw-question')].at(-1).getBoundingClientRect().top)"
    chat.page.wait_for_function(f"({top})() >= 0 && ({top})() < 20")


def test_a_screen_reader_is_told_the_whole_answer(chat):
    chat.ask(SIGNS["en"])
    expect(chat.page.locator("#rw-live[role=status]")).to_contain_text(f"{SECOND_SIGN['en']} [2]")


# --- sources ---


@pytest.mark.parametrize(
    ("language", "title", "section"), [("en", "[2] Fake police", "Warning signs"), ("zh", "[2] 冒充公检法", "危险信号")]
)
def test_a_number_opens_its_source_with_the_sentence_marked(visit, language, title, section):
    chat = visit(language=language)
    chat.ask(SIGNS[language])
    card = chat.open_source(2)
    expect(card.locator("h3")).to_have_text(title)
    expect(card.locator("dd")).to_have_text([section, "Ringwise", "2026-11-23"])
    expect(card.locator("mark")).to_have_text(SECOND_SIGN[language])
    expect(card.locator("blockquote")).to_contain_text("secret" if language == "en" else "保密")
    expect(card.get_by_role("link", name="防范电信网络诈骗")).to_have_attribute("href", "https://www.mps.gov.cn/")


def test_an_article_can_be_opened_where_it_was_published(chat):
    answer = chat.ask("How many telecom fraud cases were solved in China in 2022?")
    expect(answer).to_contain_text("464,000")
    link = chat.open_source(1).get_by_role("link", name=WORDS["en"]["source.link"])
    expect(link).to_have_attribute("href", "https://www.globaltimes.cn/page/202307/1295344.shtml")
    expect(chat.card.locator("dd")).to_have_text(["Global Times", "2023-07-30"])
    expect(chat.card.locator("mark")).to_contain_text("464,000 cases")


def test_a_chinese_question_that_only_an_english_source_answers_says_so(visit):
    answer = visit(language="zh").ask("2022年全国破获了多少起电信诈骗案件？")
    expect(answer.locator("li[lang=en]").first).to_contain_text("464,000")
    expect(answer).to_contain_text(WORDS["zh"]["notice.foreign_source"])


def test_a_click_on_the_cross_closes_the_source_and_gives_the_focus_back(chat):
    chat.ask(SIGNS["en"])
    chat.open_source(3)
    chat.page.get_by_role("button", name=WORDS["en"]["source.close"]).click()
    expect(chat.card).to_have_count(0)
    expect(chat.focused()).to_have_text("[3]")


def test_each_answer_keeps_its_own_sources(chat):
    chat.ask(SIGNS["en"])
    chat.ask("How does a fake shop page work?")
    expect(chat.open_source(1).locator("h3")).to_contain_text("shop")
    chat.answers.first.get_by_text("[1]", exact=True).click()
    expect(chat.card.locator("h3")).to_have_text("[1] Fake police")


# --- language ---


def test_the_page_starts_in_the_language_of_the_browser(visit):
    assert not re.search(r"[a-z]{2}", re.sub("English|Ringwise", "", visit(language="zh").read()))
    assert re.findall(r"[\u4e00-\u9fff]+", visit(language="en").read()) == ["中文"]


def test_the_switch_changes_every_word_of_the_page_and_back(chat):
    chat.ask(SIGNS["zh"])
    chat.open_source(2)
    english = chat.read()
    chat.speak("zh")
    expect(chat.button("ask", "zh")).to_be_visible()
    chat.open_source(2)
    chinese = chat.read()
    seen = {key: words for key, words in WORDS["en"].items() if words in english}
    assert {"ask", "stop", "clear", "theme", "copy", "follow_ups", "about", "question.placeholder", "source.close"} <= seen.keys()
    ours = {key for key, words in seen.items() if words not in ("Ringwise", "English")}
    assert [key for key in ours if WORDS["en"][key] in chinese] == []
    assert [key for key in seen if WORDS["zh"][key] not in chinese] == []
    quoted = {"Ministry of Public Security", "A web page", "On <i>fake</i> shops", "English", "Ringwise"}
    assert not re.search("[A-Za-z]{2}", re.sub("|".join(map(re.escape, quoted)), "", chinese))
    chat.speak("en")
    chat.open_source(2)
    expect(chat.button("ask")).to_be_visible()
    assert chat.read() == english


def test_the_title_of_the_window_follows_the_language(chat):
    chat.speak("zh")
    expect(chat.page).to_have_title(WORDS["zh"]["title"])
    chat.speak("en")
    expect(chat.page).to_have_title(WORDS["en"]["title"])


def test_the_conversation_stays_when_the_language_is_switched_and_goes_on_in_it(chat):
    chat.ask(SIGNS["en"])
    chat.speak("zh")
    chat.ask(SIGNS["zh"])
    expect(chat.answers.first).to_contain_text(SECOND_SIGN["en"])
    expect(chat.last).to_contain_text(SECOND_SIGN["zh"])
    expect(chat.last.locator(".rw-copy")).to_have_text(WORDS["zh"]["copy"])
    expect(chat.answers.first.locator(".rw-text")).to_have_attribute("lang", "en")


# --- copy, stop, clear, theme ---


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_copy_button_puts_the_answer_on_the_clipboard(visit, language):
    chat = visit(language=language, permissions=["clipboard-read", "clipboard-write"])
    chat.ask(SIGNS[language])
    chat.button("copy", language).click()
    expect(chat.button("copied", language)).to_be_visible()
    lines = chat.page.evaluate("navigator.clipboard.readText()").splitlines()
    assert len(lines) == 5
    assert lines[1] == f"{SECOND_SIGN[language]} [2]"


def test_stop_ends_an_answer_and_the_next_question_is_answered(visit, serve_here, scripted):
    chat = visit(serve_here(scripted).url)
    chat.send("Count.")
    expect(chat.last).to_contain_text("One.")
    chat.button("stop").click()
    expect(chat.last).to_contain_text(WORDS["en"]["stopped"])
    scripted.may_go_on.set()
    chat.page.wait_for_timeout(500)
    expect(chat.last).not_to_contain_text("Two.")
    chat.send("Count again.")
    expect(chat.last).to_contain_text("Two.")
    expect(chat.answers.first).to_contain_text(WORDS["en"]["stopped"])


def test_clear_forgets_the_conversation_even_in_the_middle_of_an_answer(visit, serve_here, scripted):
    chat = visit(serve_here(scripted).url)
    chat.send("Count.")
    expect(chat.last).to_contain_text("One.")
    chat.button("clear").click()
    expect(chat.page.get_by_text(WORDS["en"]["examples"])).to_be_visible()
    scripted.may_go_on.set()
    chat.page.wait_for_timeout(500)
    expect(chat.page.get_by_text(WORDS["en"]["examples"])).to_be_visible()
    expect(chat.page.locator("body")).not_to_contain_text("One.")
    expect(chat.page.locator(".rw-card")).to_have_count(0)
    chat.ask("Count again.")
    assert scripted.histories[-1] == []


@pytest.mark.parametrize(("scheme", "starts_dark"), [("light", False), ("dark", True)])
def test_the_theme_follows_the_system_and_can_be_switched(visit, scheme, starts_dark):
    chat = visit(color_scheme=scheme)
    is_dark = "() => getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).every((part) => part < 50)"
    is_light = "() => getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).every((part) => part > 230)"
    before, after = (is_dark, is_light) if starts_dark else (is_light, is_dark)
    chat.page.wait_for_function(before)
    chat.button("theme").click()
    chat.page.wait_for_function(after)


# --- text stays text ---


def test_a_script_in_a_question_is_shown_as_text(chat):
    chat.ask(f"{SCRIPT}<img src=x onerror=alert(3)> **bold** 这是什么？")
    expect(chat.page.locator(".rw-question p")).to_have_text(f"{SCRIPT}<img src=x onerror=alert(3)> **bold** 这是什么？")
    assert chat.page.locator("#rw-transcript script, #rw-transcript img").count() == 0


def test_a_script_in_a_source_is_shown_as_text_and_its_false_link_as_none(chat):
    answer = chat.ask("How does a fake shop page work?")
    expect(answer.locator("li").first).to_contain_text(SCRIPT)
    card = chat.open_source(1)
    expect(card.locator("mark")).to_contain_text(SCRIPT)
    expect(card.locator("h3")).to_have_text("[1] Fake <b>shop</b>")
    expect(card).to_contain_text("On <i>fake</i> shops")
    expect(card.get_by_role("link")).to_have_count(0)


# --- a telephone ---


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_fits_a_telephone(visit, language):
    chat = visit(language=language, **PHONE)
    fits = "() => document.documentElement.scrollWidth <= 360"
    controls = """() => [...document.querySelectorAll("button:not(.rw-cite), textarea, #rw-language label")]
      .filter((e) => e.checkVisibility() && !e.closest("[aria-hidden=true]")).map((e) => [e.innerText || e.tagName, e.getBoundingClientRect().height])"""
    found = chat.page.evaluate(controls)
    assert chat.page.evaluate(fits)
    chat.ask(SIGNS[language])
    chat.send("w" * 300)
    chat.answers.first.get_by_text("[2]", exact=True).click()
    expect(chat.card).to_be_visible()
    assert chat.page.evaluate(fits)
    found += chat.page.evaluate(controls)
    assert {WORDS[language]["ask"], WORDS[language]["copy"], "×", "TEXTAREA", "中文"} <= {name.strip() for name, _ in found}
    assert [(name, height) for name, height in found if height < THUMB] == []


def test_on_a_telephone_a_source_covers_part_of_the_screen_and_can_be_closed(visit):
    chat = visit(language="zh", **PHONE)
    chat.ask(SIGNS["zh"])
    card = chat.open_source(2)
    expect(card.locator("mark")).to_be_in_viewport()
    close = chat.page.get_by_role("button", name=WORDS["zh"]["source.close"])
    expect(close).to_be_in_viewport(ratio=1)
    close.tap()
    expect(chat.card).to_have_count(0)


# --- what may go wrong ---


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("question", "key"), [("", "empty_question"), ("  \n ", "empty_question"), ("长" * 2001, "question_too_long")])
def test_a_question_that_cannot_be_taken_is_answered_in_the_language_of_the_page(visit, language, question, key):
    chat = visit(language=language)
    chat.box.fill(question)
    chat.button("ask", language).click()
    expect(chat.last).to_have_class(re.compile("rw-error"))
    expect(chat.last.locator("p")).to_have_text(WORDS[language][f"error.{key}"].format(limit="2,000"))


def test_a_question_that_was_too_long_is_still_in_the_box_to_be_shortened(chat):
    chat.send("long " * 500)
    expect(chat.last).to_have_class(re.compile("rw-error"))
    expect(chat.box).to_have_value("long " * 500)


def test_on_a_phone_the_reason_is_not_pushed_off_by_the_question_that_was_too_long(visit):
    chat = visit(viewport={"width": 360, "height": 640})
    chat.send("long " * 500)
    expect(chat.last.locator("p")).to_be_in_viewport(ratio=1)
    expect(chat.page.locator(".rw-question p").last).to_have_text(re.compile("^long long .*…$"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_where_nothing_was_ingested_a_sentence_says_the_next_step(visit, serve_here, language):
    chat = visit(serve_here().url, language)
    chat.send(SIGNS[language])
    expect(chat.last.locator("p")).to_have_text(WORDS[language]["error.index_missing"])
    assert "ringwise sync" in chat.last.inner_text()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_when_the_server_has_gone_the_page_says_so_and_keeps_the_question(visit, serve_here, scripted, language):
    server = serve_here(scripted)
    chat = visit(server.url, language)
    server.stop()
    chat.box.fill(SIGNS[language])
    chat.box.press("Enter")
    banner = chat.page.locator("#rw-banner")
    expect(banner).to_have_text(WORDS[language]["error.server_stopped"])
    expect(banner).to_be_in_viewport()
    expect(chat.box).to_have_value(SIGNS[language])


def test_when_the_server_is_back_the_question_is_answered_and_the_conversation_goes_on(visit, own_server):
    chat = visit(own_server.url, "zh")
    chat.ask(SIGNS["zh"])
    own_server.stop()
    chat.box.fill("假警察来电怎么办？")
    chat.box.press("Enter")
    expect(chat.page.locator("#rw-banner")).to_be_visible()
    own_server.start()
    expect(chat.last).to_contain_text("谁要你转钱，就挂断谁的电话。")
    expect(chat.answers).to_have_count(2)
    expect(chat.page.locator("#rw-banner")).to_be_hidden()


# --- privacy ---


def test_an_error_of_ours_is_told_to_the_visitor_and_logged_without_their_words(visit, serve_here, breaking, caplog):
    chat = visit(serve_here(breaking).url, "zh")
    chat.send("我叫王小明，卡号 6222 0212 3456 7890")
    expect(chat.last.locator("p")).to_have_text(WORDS["zh"]["error.internal"])
    assert "An answer failed with ValueError" in caplog.text
    assert "王小明" not in caplog.text
    assert "6222" not in caplog.text


def test_no_word_of_a_visitor_is_in_what_the_server_prints(chat, served):
    chat.ask("My name is Quentin Zebrafish: is this police call real?")
    chat.ask("我叫斑马王，这个警察是真的吗？")
    chat.send("Zebrafish " * 300)
    expect(chat.last).to_have_class(re.compile("rw-error"))
    chat.button("clear").click()
    printed = served.log.read_text("utf-8")
    assert f"Ringwise answers on {served.url.rstrip('/')}" in printed
    assert "Zebrafish" not in printed
    assert "斑马王" not in printed
    assert "Traceback" not in printed


def test_nothing_is_kept_in_the_browser(chat):
    chat.ask(SIGNS["en"])
    kept = chat.page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie])")
    assert "police" not in kept
    assert chat.page.evaluate("window.gradio_config.run_history") is False
    chat.page.reload()
    expect(chat.page.locator(".rw-chip").first).to_be_visible()
    expect(chat.answers).to_have_count(0)


def test_no_part_of_the_page_is_stopped_by_its_own_policy(chat):
    chat.ask(SIGNS["en"])
    assert chat.complaints == []
