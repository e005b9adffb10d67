"""The web chat in Gradio: components, events and words. What an answer looks like is in `render.py`.

The conversation lives in the page (a hidden component) and travels with each request, so that the server keeps nothing. The
transcript is our own HTML, because Gradio's Chatbot reads what it shows as Markdown, has words that do not follow our language
switch, and cannot mark a source as `lang="en"`.
"""

import logging
import os
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from importlib import resources
from typing import Any

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read by gradio when it is imported
os.environ.setdefault("GRADIO_RUN_HISTORY", "False")  # else it offers to keep questions, in the browser or on the internet

import gradio as gr
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from bot.assistant import Assistant
from bot.errors import BotError
from bot.i18n import load_locale
from bot.message_checker import MessageChecker
from bot.schema import LANGUAGES, AnswerFinished, Language, SentenceWritten, Turn
from bot.settings import Settings
from bot.web.check_tab import build_check_tab, switch_check_tab
from bot.web.render import Exchange, error_text, header, plain_text, sources, transcript

MAX_TURNS = 20
# The language that the visitor's browser asks for first. Read in the page, since an answer from the server could come after
# the visitor's own choice and undo it.
_VISITOR_LANGUAGE = '() => navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en"'

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ChatPage:
    """The built page, and what `mount_gradio_app` needs to know of its looks."""

    blocks: gr.Blocks
    theme: gr.themes.Base
    css: str
    js: str


def mount_chat(assistant: Assistant, checker: MessageChecker, settings: Settings) -> FastAPI:
    """The chat as an application of its own."""
    page = build_chat(assistant, checker, settings)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    # Without a CORS middleware on its parent, Gradio reflects any Origin with credentials on a host that is not local.
    app.add_middleware(CORSMiddleware, allow_origins=[], allow_credentials=False)
    mounted: FastAPI = gr.mount_gradio_app(
        app, page.blocks, path="/", theme=page.theme, css=page.css, js=page.js, footer_links=[], show_error=False, ssr_mode=False
    )
    return mounted


def build_chat(assistant: Assistant, checker: MessageChecker, settings: Settings) -> ChatPage:
    fonts = ["system-ui", "-apple-system", "Segoe UI", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", "sans-serif"]
    theme = gr.themes.Default(primary_hue="blue", font=fonts, font_mono=["ui-monospace", "monospace"]).set(
        button_primary_background_fill="*primary_700",  # white on it reads at 6.7 to 1, on the default at 2.8
        button_primary_background_fill_dark="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_hover_dark="*primary_800",
        input_placeholder_color="*neutral_500",  # at least 4.8 to 1, on the default 2.6 and 3
        input_placeholder_color_dark="*neutral_400",
    )
    files = resources.files("bot.web")
    css = (files / "chat.css").read_text(encoding="utf-8")
    js = (files / "chat.js").read_text(encoding="utf-8")
    return ChatPage(_blocks(assistant, checker, settings), theme, css, js)


def _blocks(assistant: Assistant, checker: MessageChecker, settings: Settings) -> Any:
    start: Language = settings.language or "en"
    locale = load_locale(start)
    with gr.Blocks(title=locale.text("title"), analytics_enabled=False) as blocks:
        exchanges = gr.JSON([], visible=False)
        announcement = gr.Textbox("", visible=False)
        with gr.Row(equal_height=False, elem_id="rw-top"):
            top = gr.HTML(header(start), scale=3)
            with gr.Column(scale=0, min_width=230):
                language = gr.Radio(
                    [(load_locale(name).text("language.name"), name) for name in LANGUAGES],
                    value=start, label=locale.text("switch"), elem_id="rw-language",
                )  # fmt: skip
        words = gr.HTML(_words(start), elem_id="rw-words", visible="hidden")
        with gr.Tabs(elem_id="rw-tabs"):
            with gr.Tab(locale.text("tab.ask")) as ask_tab, gr.Row(equal_height=False):
                with gr.Column(scale=3, min_width=300):
                    log_view = gr.HTML(transcript([], start), elem_id="rw-transcript")
                    with gr.Column(elem_id="rw-composer"):
                        question = gr.Textbox(
                            label=locale.text("question.label"), placeholder=locale.text("question.placeholder"),
                            lines=1, max_lines=6, elem_id="rw-question",
                        )  # fmt: skip
                        with gr.Row():
                            ask = gr.Button(locale.text("ask"), variant="primary", elem_id="rw-ask", min_width=72)
                            stop = gr.Button(locale.text("stop"), elem_id="rw-stop", min_width=72)
                            clear = gr.Button(locale.text("clear"), elem_id="rw-clear", min_width=72)
                            look = gr.Button(locale.text("theme"), elem_id="rw-theme", min_width=72)
                with gr.Column(scale=2, min_width=300):
                    source_view = gr.HTML(sources([], start), elem_id="rw-sources")
            with gr.Tab(locale.text("tab.check")) as check_tab:
                checking = build_check_tab(checker, settings, start, language)

        def answer_visitor(text: str, held: Any, name: Language) -> Iterator[tuple[Any, ...]]:
            yield from _ask(assistant, text, held, name)

        asking = gr.on(
            [ask.click, question.submit],
            answer_visitor,
            inputs=[question, exchanges, language],
            outputs=[log_view, source_view, exchanges, question, announcement],
            show_progress="hidden",
            concurrency_limit=settings.concurrency,
            api_visibility="private",
        )
        asking.then(None, [announcement], None, js="(text) => { document.getElementById('rw-live').textContent = text; }")
        stop.click(
            _stop, [exchanges, language], [log_view, exchanges], cancels=[asking], show_progress="hidden", api_visibility="private"
        )
        clear.click(
            lambda name: (transcript([], name), sources([], name), [], "", ""),
            [language],
            [log_view, source_view, exchanges, question, announcement],
            cancels=[asking],
            show_progress="hidden",
            api_visibility="private",
        )
        switched = [top, words, log_view, source_view, language, question, ask, stop, clear, look, ask_tab, check_tab]
        language.change(_switch, [exchanges, language], [*switched, *checking.switched], show_progress="hidden", api_visibility="private")
        if settings.language is None:
            blocks.load(None, None, [language], js=_VISITOR_LANGUAGE)
    return blocks


def _words(language: Language) -> str:
    """What the page's script needs to know: the current language, and words in it."""
    locale = load_locale(language)
    title, stopped = escape(locale.text("title")), escape(locale.text("error.server_stopped"))
    return f'<span data-language="{language}" data-title="{title}" data-stopped="{stopped}"></span>'


def _held(rows: Any) -> list[Exchange]:
    return [Exchange.model_validate(row) for row in (rows or [])][-MAX_TURNS:]


def _dumped(exchanges: list[Exchange]) -> list[dict[str, Any]]:
    return [exchange.model_dump(mode="json") for exchange in exchanges]


def _ask(assistant: Assistant, text: str, rows: Any, language: Language) -> Iterator[tuple[Any, ...]]:
    """Show the question at once, each sentence as it comes, and the whole answer last."""
    exchanges = _held(rows)
    history = [Turn(question=e.question, answer=e.answer.text) for e in exchanges if e.answer]
    now = Exchange(question=text.strip(), language=language)
    exchanges.append(now)
    yield _view(exchanges, language, "", working=True)
    try:
        for event in assistant.stream(text, history):
            if isinstance(event, SentenceWritten):
                now.sentences.append(event.sentence)
                now.citations.extend(event.citations)
                yield _view(exchanges, language, "", working=True)
            elif isinstance(event, AnswerFinished):
                now.answer = event.answer
                now.language = event.answer.language
    except BotError as error:
        now.error = error_text(error, language)
    except Exception as error:
        # Where it failed and with what kind of error, but not its message, which may hold the visitor's words.
        log.error("An answer failed with %s:\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
        now.error = load_locale(language).text("error.internal")
    yield _view(exchanges, language, text if now.error else "")


def _view(exchanges: list[Exchange], language: Language, box: str, *, working: bool = False) -> tuple[Any, ...]:
    announcement = "" if working else plain_text(exchanges[-1])
    return (
        transcript(exchanges, language, working=working),
        sources(exchanges, language),
        _dumped(exchanges),
        box,
        announcement,
    )


def _stop(rows: Any, language: Language) -> tuple[str, list[dict[str, Any]]]:
    exchanges = _held(rows)
    if exchanges and exchanges[-1].answer is None and not exchanges[-1].error:
        exchanges[-1].stopped = True
    return transcript(exchanges, language), _dumped(exchanges)


def _switch(rows: Any, language: Language) -> list[Any]:
    """Every word of the page in the other language; what was asked and answered stays as it was."""
    locale = load_locale(language)
    exchanges = _held(rows)
    return [
        header(language),
        _words(language),
        transcript(exchanges, language),
        sources(exchanges, language),
        gr.update(label=locale.text("switch")),
        gr.update(label=locale.text("question.label"), placeholder=locale.text("question.placeholder")),
        *(gr.update(value=locale.text(key)) for key in ("ask", "stop", "clear", "theme")),
        *(gr.update(label=locale.text(key)) for key in ("tab.ask", "tab.check")),
        *switch_check_tab(language),
    ]
