"""`ringwise contacts`: print the directory of contacts, a table on a terminal, lines with tabs in a pipe."""

import datetime
import json
import sys
from collections.abc import Iterable, Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.contacts import MAX_AGE_DAYS, ContactBook, ContactEntry, load_contacts
from bot.errors import InvalidInput
from bot.i18n import language_named
from bot.schema import Contact
from bot.settings import load_settings

_COLUMNS = ("Region", "Kind", "Number or address", "Who", "Hours", "Checked on", "Source")


def contacts(
    region: Annotated[str | None, typer.Option("--region", help="Only this region, such as CN or SG.")] = None,
    stale: Annotated[
        int | None,
        typer.Option("--stale", min=0, metavar="DAYS", help="To check again: last checked over DAYS days ago."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines instead of text.")] = False,
    language: Annotated[str, typer.Option("--language", help="Language of the words: en or zh.")] = "en",
) -> None:
    """Show whom to ring, by region, with source and date."""
    book = load_contacts(load_settings().seeds_dir / "contacts.yaml")
    chosen = language_named(language)
    entries = _choose(book, region, stale, datetime.date.today())
    shown = [book.as_contact(entry, chosen) for entry in entries]
    if as_json:
        print(json.dumps([contact.model_dump(mode="json") for contact in shown], ensure_ascii=False, indent=2))
        return
    print_contacts(shown, Console(highlight=False))
    if not shown:
        print(_why_none(stale), file=sys.stderr)


def _choose(book: ContactBook, region: str | None, stale: int | None, today: datetime.date) -> Sequence[ContactEntry]:
    if region is not None and region.upper() not in book.regions:
        hint = f"Use one of: {', '.join(book.regions)}."
        raise InvalidInput("unknown_region", f"There is no region {region!r} in the directory.", hint)
    if stale is None:
        return book.offered(region, today=today)
    return [entry for entry in book.stale(stale, today) if region is None or entry.region == region.upper()]


def _why_none(stale: int | None) -> str:
    if stale is not None:
        return f"Nothing to do: every entry was checked in the last {stale} days."
    return f"Nothing can be offered: low confidence or unchecked for {MAX_AGE_DAYS} days. See --stale."


def print_contacts(shown: Iterable[Contact], console: Console) -> None:
    """Write a table where the console is a terminal, else one line a contact with tabs between the fields."""
    rows = [_row(contact) for contact in shown]
    if not console.is_terminal:
        for row in rows:
            print("\t".join(row), file=console.file)  # the console would turn tabs into blanks
    elif rows:
        table = Table(*_COLUMNS)
        for row in rows:
            table.add_row(*map(escape, row))
        console.print(table)


def _row(contact: Contact) -> tuple[str, ...]:
    return (
        contact.region, contact.kind, contact.value, contact.label, contact.hours, contact.checked_on, contact.source,
    )  # fmt: skip
