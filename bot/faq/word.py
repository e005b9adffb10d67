"""A FAQ as a Word document for teachers who edit it: real headings, lists, and the sources as real footnotes.

python-docx writes no footnotes of its own, so that their part is made here (ECMA-376, part 1, section 17.11). The same page gives the same
bytes: no time of writing stands in the file.
"""

import datetime
import io
import zipfile
from collections.abc import Iterable
from typing import Any

from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt
from markupsafe import escape

from bot.faq.pages import FAQPage, Item, Source
from bot.i18n import Locale, shown_date

_FOOTNOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
_SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_LANGUAGES = {"en": "en-GB", "zh": "zh-CN"}
_TIMELESS = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip file knows


class _Footnotes:
    """The footnotes of a document, numbered as they are referred to."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def refer(self, paragraph: Any, text: str) -> None:
        self._texts.append(text)
        run = paragraph.add_run()
        run.font.superscript = True
        reference = OxmlElement("w:footnoteReference")
        reference.set(qn("w:id"), str(len(self._texts)))
        run._r.append(reference)

    def add_to(self, document: Any) -> None:
        notes = "".join(self._note(number, text) for number, text in enumerate(self._texts, start=1))
        lines = "".join(
            f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:r><w:{tag}/></w:r></w:p></w:footnote>'
            for number, kind, tag in ((-1, "separator", "separator"), (0, "continuationSeparator", "continuationSeparator"))
        )
        xml = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:footnotes xmlns:w="{_SPACE}">{lines}{notes}</w:footnotes>'
        part = Part(PackURI("/word/footnotes.xml"), _FOOTNOTES, xml.encode(), document.part.package)
        document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)

    @staticmethod
    def _note(number: int, text: str) -> str:
        mark = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteRef/></w:r>'
        words = f'<w:r><w:t xml:space="preserve"> {escape(_printable(text))}</w:t></w:r>'
        return f'<w:footnote w:id="{number}"><w:p>{mark}{words}</w:p></w:footnote>'


def as_docx(page: FAQPage) -> bytes:
    """The whole page as a Word document."""
    document = Document()
    _set_language(document, page)
    locale = page.locale
    notes = _Footnotes()
    document.add_heading(locale.text("faq.title"), 0)
    document.add_paragraph(locale.text("faq.intro"))
    if page.contacts:
        document.add_heading(locale.text("contacts"), 1)
    for contact in page.contacts:
        checked = locale.text("contact.checked", day=contact.checked_on)
        document.add_paragraph(f"{contact.value}: {contact.label}. {checked}", style="List Bullet")
    for topic in page.topics:
        document.add_heading(_printable(topic.title), 1)
        for item in topic.items:
            _add_item(document, notes, item, locale)
    notes.add_to(document)
    return _timeless(document)


def _add_item(document: Any, notes: _Footnotes, item: Item, locale: Locale) -> None:
    document.add_heading(_printable(item.entry.question), 2)
    for kind, words, numbers in item.lines:
        if kind == "heading":
            document.add_heading(_printable(words), 3)
            continue
        paragraph = document.add_paragraph(_printable(words), style="List Bullet" if kind == "item" else None)
        for number in numbers:
            notes.refer(paragraph, " · ".join(_told(source, locale) for source in _sources_of(item, number)))
    for contact in item.entry.contacts:
        document.add_paragraph(f"{contact.value}: {contact.label}", style="List Bullet")


def _sources_of(item: Item, number: int) -> Iterable[Source]:
    return (source for source in item.sources if number in source.numbers)


def _told(source: Source, locale: Locale) -> str:
    return " ".join(part for part in (f"{source.publisher}: {source.title}", f"({shown_date(source.date, locale)})", source.url) if part)


def _set_language(document: Any, page: FAQPage) -> None:
    properties = document.core_properties
    properties.title, properties.language, properties.author = page.locale.text("faq.title"), _LANGUAGES[page.language], "Ringwise"
    properties.created = properties.modified = datetime.datetime(*_TIMELESS)
    style = document.styles["Normal"]
    style.font.size = Pt(11)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), _LANGUAGES["en"])
    language.set(qn("w:eastAsia"), _LANGUAGES["zh"])
    style.element.get_or_add_rPr().append(language)


def _printable(text: str) -> str:
    """The text without what XML cannot hold."""
    return "".join(letter for letter in text if letter in "\t\n" or (letter >= " " and letter not in "\ufffe\uffff"))


def _timeless(document: Any) -> bytes:
    written, result = io.BytesIO(), io.BytesIO()
    document.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name, _TIMELESS), source.read(name), zipfile.ZIP_DEFLATED)
    return result.getvalue()
