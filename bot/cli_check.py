"""`ringwise check`: judge a message, and print the verdict with its signs marked in the text; links are broken, so that none is clicked."""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from bot.errors import InvalidInput
from bot.i18n import Locale, language_named, load_locale
from bot.marking import pieces
from bot.schema import Language, Question, Signal, Verdict
from bot.settings import load_settings

_COLOURS = {"strong_signs": "bold red", "cannot_tell": "bold yellow", "no_known_signs": "bold"}


def check(
    message: Annotated[
        str | None, typer.Argument(help="The message, or the call in your own words, in English or Chinese; - reads standard input.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines instead of text.")] = False,
    jsonl: Annotated[
        str | None,
        typer.Option(
            "--jsonl",
            metavar="FILE",
            help='A file of messages, one JSON object a line: {"id", "message", "region"?, "language"?, "answers"?}; - reads standard '
            "input. One verdict a line is printed.",
        ),
    ] = None,
    language: Annotated[
        str | None, typer.Option("--language", help="Language of the verdict: en or zh. Default: that of the message.")
    ] = None,
    region: Annotated[str, typer.Option("--region", help="Region whose contacts are offered, such as CN or SG.")] = "",
    answer: Annotated[
        list[str] | None,
        typer.Option("--answer", metavar="QUESTION=CHOICE", help="An answer to a question of the verdict, such as asks=yes."),
    ] = None,
) -> None:
    """Check a message or a call for signs of a scam: what speaks for it, what against it, and how to find out."""
    from bot.message_checker import MessageChecker
    from bot.store import open_store

    if (message is None) == (jsonl is None):
        raise InvalidInput("no_message", "Give either a message or --jsonl FILE.", 'Try: ringwise check "Your parcel is held, pay $2 at …"')
    settings = load_settings()
    chosen = None if language is None else language_named(language)
    checker = MessageChecker(settings, open_store(settings))
    if jsonl is not None:
        for number, row in _read_rows(jsonl):
            print(_verdict_line(checker, number, row, chosen, region), flush=True)
        return
    text = sys.stdin.read() if message == "-" else message or ""
    verdict = checker.check(text, chosen, region, dict(_answer(item) for item in answer or []))
    if as_json:
        print(json.dumps(verdict.model_dump(mode="json"), ensure_ascii=False, indent=2))
    else:
        print_verdict(verdict, text, Console(highlight=False, soft_wrap=not sys.stdout.isatty()))


def _answer(item: str) -> tuple[str, str]:
    question, equals, choice = item.partition("=")
    if not equals:
        raise InvalidInput("invalid_answer", f"{item!r} is no answer.", "Write --answer QUESTION=CHOICE, such as --answer asks=yes.")
    return question, choice


def _read_rows(name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSONL file with their line numbers; the whole file is checked before the first is judged."""
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise InvalidInput("no_file", f"There is no file {name}.", "Check the path.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput("unreadable_file", f"{name} cannot be read as UTF-8 text.", "Save it as UTF-8.") from error
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    return iter([(number, _row(name, number, line)) for number, line in lines])


def _row(name: str, number: int, line: str) -> dict[str, Any]:
    hint = 'Write {"id": "…", "message": "…"} on each line.'
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("invalid_jsonl", f"{name}:{number}: is not JSON ({error}).", hint) from error
    if not isinstance(row, dict) or not isinstance(row.get("message"), str) or "id" not in row:
        raise InvalidInput("invalid_jsonl", f"{name}:{number}: has no `id` or no text under `message`.", hint)
    answers = row.get("answers") or {}
    if not isinstance(answers, dict) or not all(isinstance(choice, str) for choice in answers.values()):
        raise InvalidInput("invalid_jsonl", f"{name}:{number}: has `answers` that cannot be used.", 'Write {"question": "choice"}.')
    return row


def _verdict_line(checker: Any, number: int, row: dict[str, Any], language: Language | None, region: str) -> str:
    try:
        own = language_named(str(row["language"])) if row.get("language") else language
        verdict: Verdict = checker.check(row["message"], own, str(row.get("region") or region), row.get("answers") or {})
    except InvalidInput as error:
        raise InvalidInput(error.code, f"line {number}: {error.message}", error.hint) from error
    return json.dumps({"id": row["id"], **verdict.model_dump(mode="json")}, ensure_ascii=False)


def print_verdict(verdict: Verdict, message: str, console: Console) -> None:
    """Print the verdict: what it is, what to do, the message with its signs, for and against, how to find out, whom to ring."""
    locale = load_locale(verdict.language)
    console.print(Text(verdict.headline, style=_COLOURS[verdict.verdict]))
    if verdict.emergency:
        console.print(Text(locale.text("verdict.emergency"), style="bold red"))
    _section(console, locale.text("verdict.advice"), verdict.advice, numbered=True)
    for contact in verdict.contacts:
        console.print(f"  {locale.text('contacts')}: {contact.value} ({contact.label})", markup=False)
    if verdict.signals:
        console.print(Text(f"\n{locale.text('verdict.message')}", style="bold"))
        console.print(marked(message, verdict.signals))
    _section(console, locale.text("verdict.for"), [_told(n, signal) for n, signal in enumerate(verdict.signals, start=1)], locale)
    _section(console, locale.text("verdict.against"), verdict.against, locale)
    _section(console, locale.text("verdict.settle_it"), verdict.settle_it)
    _section(console, locale.text("verdict.questions"), [_asked(question) for question in verdict.questions])
    _section(console, locale.text("verdict.similar"), [f"{scam.title} ({scam.similarity:.0%})" for scam in verdict.scam_types])
    if verdict.story:
        _section(console, locale.text("verdict.reached"), [verdict.story.reached])
        _section(console, locale.text("verdict.next"), verdict.story.next)
        _section(console, locale.text("verdict.say"), [verdict.story.say] if verdict.story.say else [])
    sources = [f"[{c.n}] {c.publisher}: {c.title}, {c.section}" for c in verdict.citations]
    _section(console, locale.text("sources"), sources)


def _asked(question: Question) -> str:
    return f"{question.text} ({' / '.join(f'{question.id}={choice.id}: {choice.text}' for choice in question.choices)})"


def _told(number: int, signal: Signal) -> str:
    return f"({number}) {signal.name}: {signal.why} {''.join(f'[{n}]' for n in signal.citations)}".rstrip()


def _section(
    console: Console, title: str, lines: Sequence[str], locale: Locale | None = None, *, numbered: bool = False
) -> None:
    """A heading with its lines; without lines nothing, or with a locale that nothing was found."""
    shown = list(lines) or ([locale.text("verdict.nothing")] if locale else [])
    if shown:
        console.print(Text(f"\n{title}", style="bold"))
    for number, line in enumerate(shown, start=1):
        console.print(f"  {number}. {line}" if numbered else f"  - {line}", markup=False)


def marked(message: str, signals: Sequence[Signal]) -> Text:
    """The message with each sign between «n and »: the number says which, so that colour is not needed. Links are broken."""
    text = Text()
    for piece in pieces(message, signals):
        text.append("".join("»" for _ in piece.closes) + "".join(f"«{n} " for n in piece.opens), style="bold")
        text.append(piece.text, style="reverse" if piece.inside else "")
    return text
