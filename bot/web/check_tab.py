"""The tab in which a message is checked: a box, a button, the verdict, and the questions that settle a doubtful one, answered by tapping.

What was tapped lives in the page and travels with each request; the server keeps nothing.
"""

import logging
import traceback
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from bot.errors import BotError
from bot.i18n import load_locale
from bot.message_checker import MessageChecker
from bot.schema import Language, Verdict
from bot.settings import Settings
from bot.web.render import error_text
from bot.web.render_verdict import verdict_view

_MOST_QUESTIONS = 3
_NOTHING_ASKED: dict[str, Any] = {"ids": [], "answers": {}}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CheckTab:
    """The parts of the tab whose words follow the language switch."""

    message: Any
    check: Any
    view: Any
    asked: Any
    slots: list[Any]

    @property
    def switched(self) -> list[Any]:
        return [self.message, self.check, self.view, self.asked, *self.slots]


def build_check_tab(checker: MessageChecker, settings: Settings, start: Language, language: Any) -> CheckTab:
    """Build the components inside of the tab that is open, and wire them; `language` is the page's switch."""
    locale = load_locale(start)
    message = gr.Textbox(
        label=locale.text("check.label"), placeholder=locale.text("check.placeholder"), info=locale.text("check.caution"),
        lines=5, max_lines=14, elem_id="rw-message",
    )  # fmt: skip
    check = gr.Button(locale.text("check.button"), variant="primary", elem_id="rw-check")
    view = gr.HTML("", elem_id="rw-verdict")
    asked = gr.JSON(_NOTHING_ASKED, visible=False)
    announcement = gr.Textbox("", visible=False)
    slots = [gr.Radio([], visible=False, elem_id=f"rw-settle-{n}") for n in range(_MOST_QUESTIONS)]

    def checked(text: str, name: Language, answers: dict[str, str]) -> list[Any]:
        return _checked(checker, text, name, answers)

    outputs = [view, asked, announcement, *slots]
    quiet: dict[str, Any] = {"show_progress": "hidden", "concurrency_limit": settings.concurrency, "api_visibility": "private"}
    announce = "(text) => { document.getElementById('rw-live').textContent = text; }"
    begun = check.click(lambda text, name: checked(text, name, {}), [message, language], outputs, **quiet)
    begun.then(None, [announcement], None, js=announce)
    for number, slot in enumerate(slots):
        tapped = slot.input(
            lambda choice, held, text, name, n=number: checked(text, name, _answers(held, n, choice)),
            [slot, asked, message, language],
            outputs,
            **quiet,
        )
        tapped.then(None, [announcement], None, js=announce)
    return CheckTab(message, check, view, asked, slots)


def switch_check_tab(language: Language) -> list[Any]:
    """The tab's words in the other language, for `CheckTab.switched`; a verdict shown is taken away, since it is written in the old one."""
    locale = load_locale(language)
    return [
        gr.update(
            label=locale.text("check.label"), placeholder=locale.text("check.placeholder"), info=locale.text("check.caution")
        ),
        gr.update(value=locale.text("check.button")),
        "",
        _NOTHING_ASKED,
        *_no_questions(0),
    ]


def _answers(held: Any, number: int, choice: str) -> dict[str, str]:
    """The answers so far with the one that was tapped; what the page sends is not trusted to fit."""
    ids, answers = held.get("ids", []), held.get("answers", {})
    return {**answers, ids[number]: choice} if number < len(ids) else dict(answers)


def _checked(checker: MessageChecker, text: str, language: Language, answers: dict[str, str]) -> list[Any]:
    try:
        verdict = checker.check(text, language, "", answers)
    except BotError as error:
        return _failed(error_text(error, language))
    except Exception as error:
        # Where it failed and with what kind of error, but not its message, which may hold the visitor's words.
        log.error("A check failed with %s:\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
        return _failed(load_locale(language).text("error.internal"))
    questions = verdict.questions[:_MOST_QUESTIONS]
    held = {"ids": [question.id for question in questions], "answers": answers}
    return [verdict_view(verdict, text), held, _spoken(verdict), *_questions(verdict)]


def _questions(verdict: Verdict) -> list[Any]:
    shown = verdict.questions[:_MOST_QUESTIONS]
    slots = [
        gr.update(label=question.text, choices=[(choice.text, choice.id) for choice in question.choices], value=None, visible=True)
        for question in shown
    ]
    return [*slots, *_no_questions(len(shown))]


def _no_questions(taken: int) -> list[Any]:
    return [gr.update(choices=[], value=None, visible=False) for _ in range(_MOST_QUESTIONS - taken)]


def _failed(text: str) -> list[Any]:
    return [f'<p class="rw-error" role="alert">{escape(text)}</p>', _NOTHING_ASKED, text, *_no_questions(0)]


def _spoken(verdict: Verdict) -> str:
    """What a screen reader is told: the verdict and what to do first."""
    return " ".join([verdict.headline, *verdict.advice[:1]])
