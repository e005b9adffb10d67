"""`ringwise faq`: questions in a batch -> entries that a person reviews -> pages to publish."""

import datetime
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from bot.errors import InvalidInput
from bot.settings import load_settings

if TYPE_CHECKING:
    from bot.assistant import Assistant
    from bot.faq.batch import Order, Progress
    from bot.faq.questions import FAQQuestion, LeftOut

_STATES = (("draft", "drafts"), ("reviewed", "reviewed"), ("needs_review", "to be reviewed again"))


def faq(
    topics: Annotated[
        Path | None,
        typer.Option("--topics", help="What is asked of every guide. Default: seeds/faq_topics.yaml, where no --questions are given."),
    ] = None,
    questions: Annotated[Path | None, typer.Option("--questions", help="A file of questions of your own: TXT, CSV or JSONL.")] = None,
    column: Annotated[str, typer.Option("--column", help="The column of a CSV that holds the questions. Default: question.")] = "",
    language: Annotated[str, typer.Option("--language", help="Languages, by comma.")] = "en,zh",
    audience: Annotated[str, typer.Option("--audience", help="public, teens, children, older or teachers.")] = "public",
    region: Annotated[str, typer.Option("--region", help="Region whose contacts are given, such as CN.")] = "",
    formats: Annotated[str, typer.Option("--format", help="html, md, json, csv, docx, by comma.")] = "html",
    out: Annotated[Path, typer.Option("--out", help="The folder that is written.")] = Path("faq"),
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was interrupted.")] = False,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=64, help="Questions that are worked on at once.")] = 2,
    changed: Annotated[
        bool,
        typer.Option("--changed", help="List the entries whose sources have changed, and write nothing; exit status 1 if there are any."),
    ] = False,
    only_reviewed: Annotated[bool, typer.Option("--only-reviewed", help="Publish only what a person has approved.")] = False,
    handout: Annotated[bool, typer.Option("--handout", help="Also a page for print: one sheet of A4 a topic.")] = False,
) -> None:
    """Write a FAQ: one file an entry for review, and pages to publish."""
    from bot.assistant import Assistant
    from bot.faq.batch import Order
    from bot.faq.questions import AUDIENCES, languages_named
    from bot.faq.writing import Publication, changed_entries, write_faq
    from bot.store import open_store

    settings = load_settings()
    assistant = Assistant(settings, open_store(settings))
    order = Order(_one_of(audience, AUDIENCES, "audience"), _region(assistant, region), datetime.date.today().isoformat(), jobs)
    if changed:
        found = changed_entries(assistant, out, order)
        for entry in found:
            print(f"{entry.language}/{entry.id}.md  {entry.status}  {entry.question}")
        raise typer.Exit(1 if found else 0)
    publication = Publication(_formats(formats), only_reviewed, handout)
    languages = languages_named(language)
    file = topics or (None if questions else settings.seeds_dir / "faq_topics.yaml")
    asked, left_out = _questions(assistant, file, questions, column, languages, order, settings.max_question_chars)
    with _progress() as progress:
        written = write_faq(assistant, asked, left_out, out, order, publication, resume=resume, progress=progress)
    _report(written, out)


def _questions(
    assistant: "Assistant", topics: Path | None, own: Path | None, column: str, languages: Any, order: "Order", most_chars: int
) -> "tuple[list[FAQQuestion], list[LeftOut]]":
    from bot.faq.questions import LeftOut, questions_of_guides, read_questions

    if topics and not topics.is_file():
        raise InvalidInput("no_file", f"There is no file {topics}.", "Check the path.")
    passages = assistant.passages_for(order.readers)
    asked = questions_of_guides(topics, passages, languages, order.audience) if topics else []
    if own is None:
        return asked, []
    found, left_out = read_questions(own, column=column, most_chars=most_chars)
    left_out += [LeftOut(one.text, "other_language", one.line) for one in found if one.language not in languages]
    return [*asked, *(one for one in found if one.language in languages)], left_out


def _one_of(name: str, known: tuple[str, ...], what: str) -> str:
    if name not in known:
        raise InvalidInput(f"unknown_{what}", f"There is no {what} {name!r}.", f"Use one of: {', '.join(known)}.")
    return name


def _formats(text: str) -> tuple[str, ...]:
    from bot.faq.formats import FORMATS

    named = tuple(dict.fromkeys(part.strip().lower() for part in text.split(",") if part.strip()))
    return tuple(_one_of(name, tuple(FORMATS), "format") for name in named)


def _region(assistant: "Assistant", code: str) -> str:
    return _one_of(code.upper(), tuple(assistant.book.regions), "region") if code else ""


@contextmanager
def _progress() -> "Iterator[Progress]":
    """A bar with count, rate and time left on a terminal; nothing in a pipe."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("Answering"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None, rate="")

        def show(done: int, total: int) -> None:
            speed = bar.tasks[0].speed
            bar.update(task, completed=done, total=total, rate=f"{speed:.0f}/s" if speed else "")

        yield show


def _report(written: Any, out: Path) -> None:
    states = ", ".join(f"{sum(entry.status == name for entry in written.entries)} {words}" for name, words in _STATES)
    print(f"{len(written.entries)} entries in {out}/entries ({states}).")
    for file in written.files:
        print(f"Published: {file}")
    if count := sum(written.left_out.values()):
        reasons = ", ".join(f"{number} {reason.replace('_', ' ')}" for reason, number in written.left_out.most_common())
        print(f"{count} questions left out ({reasons}); see {out}/left_out.csv.", file=sys.stderr)
