"""The formats in which a FAQ is published: a page's bytes by the name of the format. A further format is one function and one line.

Text of sources and questions is escaped for each of them: nothing in a seed is markup, a link or a formula.
"""

import base64
import csv
import hashlib
import html
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from importlib import resources
from itertools import groupby

from jinja2 import Environment
from markupsafe import Markup, escape

from bot.faq.pages import FAQPage
from bot.faq.word import as_docx
from bot.i18n import Locale, shown_date
from bot.schema import FAQEntry

_TEMPLATES = resources.files("bot.faq") / "templates"
_COLUMNS = (
    "id", "language", "audience", "region", "topic", "scam_type", "question", "answer", "sources",
    "answered_on", "status", "reviewer", "reviewed_on",
)  # fmt: skip
# A cell that begins with one of these is a formula for a spreadsheet.
_FORMULA = re.compile(r"^[\s]*[=+\-@\t\r]")
_MARKDOWN = re.compile(r"([\\`*_\[\]#|~])")

Writer = Callable[[FAQPage], bytes]
Line = tuple[str, str, tuple[int, ...]]


def as_html(page: FAQPage) -> bytes:
    """One page that needs no other file and asks no server."""
    return _html(page, handout=False)


def as_handout(page: FAQPage) -> bytes:
    """The page for print: one sheet of A4 a topic."""
    return _html(page, handout=True)


def _html(page: FAQPage, *, handout: bool) -> bytes:
    style, script = _text("page.css"), _text("search.js")
    return (
        _environment(page.locale, escaped=True)
        .from_string(_text("page.html.j2"))
        .render(
            page=page, handout=handout, style=Markup(style), style_hash=_hash(style), script=Markup(script), script_hash=_hash(script),
            structured=Markup(page.structured), dial=_dial, blocks=_blocks,
        )
        .encode()
    )  # fmt: skip


def as_markdown_page(page: FAQPage) -> bytes:
    """The page for a website's own repository."""
    text = _environment(page.locale, escaped=False).from_string(_text("page.md.j2")).render(page=page)
    return (re.sub(r"\n{3,}", "\n\n", text).strip() + "\n").encode()


def as_json(page: FAQPage) -> bytes:
    """Every field of every entry."""
    entries = [item.entry.model_dump(mode="json") for item in page.items]
    return json.dumps(entries, ensure_ascii=False, indent=1).encode()


def as_csv(page: FAQPage) -> bytes:
    """A table that a spreadsheet opens as it is; no cell is a formula."""
    rows = io.StringIO()
    table = csv.writer(rows)
    table.writerow(_COLUMNS)
    for item in page.items:
        sources = "\n".join(f"{source.publisher}: {source.title} ({source.date}) {source.url}".strip() for source in item.sources)
        facts = {**item.entry.model_dump(mode="json"), "answer": item.plain, "sources": sources}
        table.writerow([cell(str(facts[name])) for name in _COLUMNS])
    return rows.getvalue().encode("utf-8-sig")


def cell(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula: `cell("=1+1") == "'=1+1"`."""
    return f"'{text}" if _FORMULA.match(text) else text


FORMATS: dict[str, Writer] = {"html": as_html, "md": as_markdown_page, "json": as_json, "csv": as_csv, "docx": as_docx}


def review(entry: FAQEntry, locale: Locale) -> str:
    """Whether a person has approved the entry."""
    if entry.status == "reviewed":
        return locale.text("faq.reviewed_by", reviewer=entry.reviewer or "–", day=entry.reviewed_on or "–")
    return locale.text(f"faq.status.{entry.status}")


def _environment(locale: Locale, *, escaped: bool) -> Environment:
    environment = Environment(autoescape=escaped, trim_blocks=True, lstrip_blocks=True)
    environment.filters["markdown"] = lambda text: _MARKDOWN.sub(r"\\\1", html.escape(text, quote=False))
    environment.globals["words"] = locale
    environment.globals["review"] = lambda entry: review(entry, locale)
    environment.globals["shown_date"] = lambda date: shown_date(date, locale)
    return environment


def _text(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """What a Content-Security-Policy names an inline style or script by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _dial(value: str) -> Markup:
    """A number of the directory as a link that a telephone dials, an address as a link."""
    if value.startswith("https://"):
        return Markup('<a href="{0}" rel="noreferrer noopener">{0}</a>').format(value)
    digits = re.sub(r"[^\d+#*]", "", value)
    is_number = re.fullmatch(r"[\d\s+#*()-]+", value)
    return Markup('<a href="tel:{}">{}</a>').format(digits, value) if is_number else Markup("<strong>{}</strong>").format(escape(value))


def _blocks(lines: Sequence[Line]) -> Iterator[tuple[str, list[tuple[str, tuple[int, ...]]]]]:
    """Lines of one kind that follow each other, as one block."""
    for kind, rows in groupby(lines, key=lambda line: line[0]):
        yield kind, [(words, numbers) for _, words, numbers in rows]
