"""What is published: pages whose structured data match them, tables without formulas, a Word file with footnotes, and nothing made up."""

import csv
import io
import json
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from docx import Document

from bot.assistant import Assistant
from bot.bibliography import load_bibliography
from bot.contacts import load_contacts
from bot.faq.batch import Order
from bot.faq.folder import EntryFolder
from bot.faq.formats import FORMATS, as_handout, cell
from bot.faq.pages import FAQPage, page_of
from bot.faq.questions import FAQQuestion, questions_of_guides
from bot.faq.writing import Publication, write_faq
from bot.schema import LANGUAGES, Contact, FAQEntry, Language
from bot.settings import Settings, load_settings
from bot.store import open_store

EVIL = '<script>alert(1)</script> [x](javascript:alert(2)) & "双引号"'
LIVE_LINK = re.compile(r"(?<!\\)\]\(")
CONTACT = Contact(region="CN", kind="antifraud", value="96110", label="反诈专线", checked_on="2026-11-23", source="mps")


class _Reader(HTMLParser):
    """The elements of a page with their attributes, and the text of each question and answer."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.data: list[str] = []
        self._in: list[str] = []
        self.questions: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "input"):
            self._in.append(tag)
        if tag == "h3":
            self.questions.append("")

    def handle_endtag(self, tag: str) -> None:
        while self._in and self._in.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "h3" in self._in:
            self.questions[-1] += data
        if self._in[-1:] == ["script"] and self.tags[-1][1].get("type") == "application/ld+json":
            self.data.append(data)


@pytest.fixture
def entries(small_assistant: Assistant, questions: list[FAQQuestion], order: Order, tmp_path: Path) -> list[FAQEntry]:
    return list(write_faq(small_assistant, questions, [], tmp_path, order, Publication(())).entries)


def _evil(entry: FAQEntry) -> FAQEntry:
    citations = tuple(
        one.model_copy(update={"title": EVIL, "references": tuple(r.model_copy(update={"title": EVIL}) for r in one.references)})
        for one in entry.citations
    )
    return entry.model_copy(update={"question": EVIL, "text": f"- {EVIL} [1]\n- =cmd() [1]", "topic_title": EVIL, "citations": citations})


def _page(entries: list[FAQEntry], language: Language = "zh", *, evil: bool = False) -> FAQPage:
    return page_of([_evil(entry) if evil else entry for entry in entries], language, "public", [CONTACT])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("evil", [False, True])
def test_the_structured_data_are_those_of_the_page(entries: list[FAQEntry], language: Language, evil: bool) -> None:
    page = _page(entries, language, evil=evil)
    reader = _Reader(FORMATS["html"](page).decode())
    told = json.loads("".join(reader.data))
    assert told["@type"] == "FAQPage"
    assert [one["name"] for one in told["mainEntity"]] == reader.questions
    assert [one["acceptedAnswer"]["text"] for one in told["mainEntity"]] == [item.plain for item in page.items]
    assert all("[1]" not in one["acceptedAnswer"]["text"] for one in told["mainEntity"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_asks_no_server_and_its_marks_lead_to_its_sources(entries: list[FAQEntry], language: Language) -> None:
    html = FORMATS["html"](_page(entries, language)).decode()
    reader = _Reader(html)
    names = [attributes["id"] for _, attributes in reader.tags if "id" in attributes]
    assert len(names) == len(set(names))
    assert [tag for tag, attributes in reader.tags if "src" in attributes or tag == "link"] == []
    inside = [attributes["href"] for tag, attributes in reader.tags if tag == "a" and str(attributes["href"]).startswith("#")]
    assert len(inside) > 10
    assert {str(href)[1:] for href in inside} <= set(names)
    assert ("a", {"href": "tel:96110"}) in reader.tags
    assert f'<html lang="{language}">' in html


def test_markup_in_a_source_harms_no_format(entries: list[FAQEntry], tmp_path: Path) -> None:
    page = _page(entries, evil=True)
    for writer in (FORMATS["html"], as_handout):
        assert "alert" not in str(_Reader(writer(page).decode()).tags)
    assert "<script" not in FORMATS["md"](page).decode()
    assert not LIVE_LINK.search(FORMATS["md"](page).decode())
    rows = list(csv.DictReader(io.StringIO(FORMATS["csv"](page).decode("utf-8-sig"))))
    assert rows[0]["question"] == EVIL
    folder = EntryFolder(tmp_path / "evil")
    entry = _evil(entries[0])
    folder.write(entry)
    assert folder.read(entry.id, entry.language) == entry
    body = folder.path(entry).read_text(encoding="utf-8").partition("\n# ")[2]
    assert "<script" not in body
    assert not LIVE_LINK.search(body)


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", " =合计"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"
    assert cell(f"文{text}") == f"文{text}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_word_file_has_headings_and_a_footnote_for_each_mark(entries: list[FAQEntry], language: Language) -> None:
    page = _page(entries, language, evil=True)
    content = FORMATS["docx"](page)
    document = Document(io.BytesIO(content))
    headings = [paragraph.text for paragraph in document.paragraphs if paragraph.style.name == "Heading 2"]
    assert headings == [item.entry.question for item in page.items]
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        notes = ElementTree.fromstring(parts.read("word/footnotes.xml"))
        body = parts.read("word/document.xml").decode()
    space = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    ids = [note.get(f"{space}id") for note in notes if note.get(f"{space}type") is None]
    assert ids
    assert ids == re.findall(r'<w:footnoteReference w:id="(\d+)"', body)
    assert EVIL in "".join(notes.itertext())
    assert FORMATS["docx"](page) == content


@pytest.mark.parametrize("language", LANGUAGES)
def test_json_keeps_every_field(entries: list[FAQEntry], language: Language) -> None:
    page = _page(entries, language)
    told = json.loads(FORMATS["json"](page))
    assert [FAQEntry.model_validate(one) for one in told] == [item.entry for item in page.items]


@pytest.mark.slow
def test_every_link_of_the_shipped_faq_is_from_the_bibliography_or_the_contacts(shipped_settings: Settings, tmp_path: Path) -> None:
    seeds = load_settings().seeds_dir
    assistant = Assistant(shipped_settings, open_store(shipped_settings))
    questions = questions_of_guides(seeds / "faq_topics.yaml", assistant.passages, LANGUAGES, "public")
    written = write_faq(assistant, questions, [], tmp_path, Order("public", "CN", "2026-11-27"), Publication())
    assert len(written.entries) >= 400
    assert {entry.language for entry in written.entries} == {"en", "zh"}
    known = {entry.url for entry in load_bibliography(seeds / "bibliography.yaml").values()}
    book = load_contacts(seeds / "contacts.yaml")
    for file in written.files:
        links = {str(a["href"]) for tag, a in _Reader(file.read_text(encoding="utf-8")).tags if tag == "a"}
        outward = {link for link in links if link.startswith("http")}
        assert len(outward) > 100
        assert {link for link in outward - known if not book.knows(link)} == set()
        assert {link for link in links if link.startswith("tel:") and not book.knows(link[4:])} == set()
