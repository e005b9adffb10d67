"""write_faq(): a batch of questions -> entries in a folder -> pages, and the list of what was left out."""

import csv
import datetime
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.assistant import Assistant
from bot.faq.batch import Order, Progress, Run, answer_all
from bot.faq.changes import Sources
from bot.faq.folder import EntryFolder, write_whole
from bot.faq.formats import FORMATS, as_handout, cell
from bot.faq.merging import merge
from bot.faq.pages import page_of
from bot.faq.questions import FAQQuestion, LeftOut
from bot.i18n import load_locale
from bot.schema import Contact, FAQEntry, Language

LEFT_OUT = "left_out.csv"
_LEFT_OUT_COLUMNS = ("line", "question", "reason", "repeats")


@dataclass(frozen=True)
class Publication:
    """What is made of the entries: the formats, whether only what a person approved, and whether a sheet for each topic."""

    formats: tuple[str, ...] = ("html",)
    only_reviewed: bool = False
    handout: bool = False


@dataclass(frozen=True)
class Written:
    """What a run did: its entries, how many questions have none and why, and the files that were published."""

    entries: tuple[FAQEntry, ...]
    left_out: Counter[str]
    files: tuple[Path, ...]


def write_faq(
    assistant: Assistant,
    questions: Sequence[FAQQuestion],
    left_out: Sequence[LeftOut],
    folder: Path,
    order: Order,
    publication: Publication,
    *,
    resume: bool = False,
    progress: Progress = lambda done, total: None,
) -> Written:
    """Answer the questions, keep the entries, publish the pages. Raises InvalidInput, SourceErrors and Unavailable."""
    asked, repeats = merge(questions, assistant.encode, assistant.knows)
    with Run(folder, asked, order, resume=resume) as run:
        abstained = answer_all(assistant, asked, EntryFolder(folder), run, order, progress)
        entries = _entries(folder, asked, run)
        files = publish(assistant, entries, folder, order, publication)
        repeated = [_repeat(questions[place], questions[first]) for place, first in sorted(repeats.items())]
        listed = sorted([*left_out, *repeated, *abstained], key=lambda row: row.line)
        _list(folder / LEFT_OUT, listed)
    return Written(tuple(entries), Counter(row.reason for row in listed), tuple(files))


def _entries(folder: Path, asked: Sequence[FAQQuestion], run: Run) -> list[FAQEntry]:
    """The entries of a run as they stand in its folder, in the order of the questions."""
    kept = EntryFolder(folder)
    named = [(done.entry_id, question.language) for question, done in zip(asked, run.done, strict=True) if done.entry_id]
    return [entry for name, language in named if (entry := kept.read(name, language)) is not None]


def publish(
    assistant: Assistant, entries: Sequence[FAQEntry], folder: Path, order: Order, publication: Publication
) -> list[Path]:
    """Write the pages of every language that has an entry to show."""
    shown = [entry for entry in entries if entry.status == "reviewed" or not publication.only_reviewed]
    files = []
    for language in dict.fromkeys(entry.language for entry in shown):
        page = page_of(shown, language, order.audience, _contacts(assistant, order.region, language))
        for name in publication.formats:
            files.append(folder / f"faq.{order.audience}.{language}.{name}")
            write_whole(files[-1], FORMATS[name](page))
        if publication.handout:
            files.append(folder / f"handout.{order.audience}.{language}.html")
            write_whole(files[-1], as_handout(page))
    return files


def changed_entries(assistant: Assistant, folder: Path, order: Order) -> list[FAQEntry]:
    """The entries of a folder whose sources are not as they were, or that wait for a reviewer; nothing is written."""
    sources = Sources(assistant.passages_for(order.readers), assistant.book)
    return [entry for entry in EntryFolder(folder).all() if sources.needs_a_look(entry)]


def _contacts(assistant: Assistant, region: str, language: Language) -> list[Contact]:
    """Whom to ring in a region; a number that serves twice stands once, as the first."""
    book = assistant.book
    offered = book.offered(region, today=datetime.date.today()) if region else ()
    by_value = {entry.value: entry for entry in reversed(offered)}
    return [book.as_contact(entry, language) for entry in offered if by_value[entry.value] is entry]


def _repeat(question: FAQQuestion, first: FAQQuestion) -> LeftOut:
    return LeftOut(question.text, "repeat", question.line, detail=first.text)


def _list(file: Path, rows: Sequence[LeftOut]) -> None:
    if rows:
        write_whole(file, _table(rows))
    else:
        file.unlink(missing_ok=True)


def _table(rows: Sequence[LeftOut]) -> bytes:
    """The list for a person who looks at it in a spreadsheet, in English and Chinese."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(_LEFT_OUT_COLUMNS)
    for row in rows:
        reason = " / ".join(load_locale(language).text(f"faq.left_out.{row.reason}") for language in ("en", "zh"))
        table.writerow([row.line or "", cell(row.question), reason, cell(row.detail)])
    return out.getvalue().encode("utf-8-sig")
