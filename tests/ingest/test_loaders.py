"""Each file format, read from a real file made for it; and what is said of a file that cannot be read."""

import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document as new_docx
from fpdf import FPDF

from ingest.loaders import LOADERS, Loaded, LoadError, load, suffix_of

CHINESE_FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")


def texts(loaded: Loaded) -> list[str]:
    return [block.text for section in loaded.sections for block in section.blocks]


def problem(content: bytes, suffix: str) -> LoadError:
    with pytest.raises(LoadError) as caught:
        load(content, suffix)
    assert caught.value.reason
    assert caught.value.mend
    return caught.value


# --- text ---


def test_each_line_of_a_text_is_a_block_that_knows_its_line() -> None:
    loaded = load("Hang up.\n\n不要转账。\n".encode(), ".txt")
    assert [(block.text, block.line) for block in loaded.sections[0].blocks] == [("Hang up.", 1), ("不要转账。", 3)]


def test_a_byte_order_mark_and_windows_line_ends_are_no_text() -> None:
    assert texts(load("Hang up.\r\n不要转账。\r\n".encode("utf-8-sig"), ".txt")) == ["Hang up.", "不要转账。"]


# --- Markdown ---

MARKDOWN = """\
---
id: fake-police
title: 冒充公安
---
Before any heading.

## 危险信号 {#signs}
- 对方要你把钱转到**安全账户**。 [mps1, ftc-2]
- A caller wants `96110` typed
  into your telephone.

## What to do now
1. Hang up. [mps1]
2. See [the page](https://example.org).
"""


def test_markdown_front_matter_is_read_as_yaml() -> None:
    assert load(MARKDOWN.encode(), ".md").front_matter == {"id": "fake-police", "title": "冒充公安"}


def test_markdown_is_cut_at_headings_with_their_anchors() -> None:
    sections = load(MARKDOWN.encode(), ".md").sections
    assert [(s.title, s.anchor) for s in sections] == [("", ""), ("危险信号", "signs"), ("What to do now", "")]


def test_a_markdown_bullet_brings_its_references_and_its_line() -> None:
    block = load(MARKDOWN.encode(), ".md").sections[1].blocks[0]
    assert (block.text, block.references, block.line) == ("对方要你把钱转到安全账户。", ("mps1", "ftc-2"), 8)


def test_markdown_marks_are_no_text() -> None:
    assert texts(load(MARKDOWN.encode(), ".md"))[2:] == ["A caller wants 96110 typed into your telephone.", "Hang up.", "See the page."]


def test_markdown_without_front_matter_has_none() -> None:
    assert load("## 标题\n不要转账。\n".encode(), ".md").front_matter == {}


@pytest.mark.parametrize(
    ("front_matter", "line"), [("id: [unclosed\ntitle: x", 3), ("updated: 2024-13-45", None), ("只是一句话", 1)]
)
def test_front_matter_that_is_no_yaml_is_a_problem_in_its_line(front_matter: str, line: int | None) -> None:
    error = problem(f"---\n{front_matter}\n---\n不要转账。\n".encode(), ".md")
    assert "front matter" in error.reason
    assert error.line == line


# --- HTML ---

HTML = """\
<!doctype html><html><head><title>防骗须知</title></head><body>
<nav><a href="/">Home</a> <a href="/about">About this site</a></nav>
<article><h1>防骗须知</h1>
<p>A caller who wants you to move your savings to a safe account is a fraud, whoever he says that he is.</p>
<h2>怎么办</h2>
<p>如果有人自称警察，要求你把存款转到安全账户，请马上挂断电话，并拨打96110核实情况，不要告诉对方验证码。</p>
<p>The police never ask anybody to move money, and no officer shows a warrant in a chat or on video.</p>
</article><footer>© A newspaper. Cookies. Imprint.</footer></body></html>
"""


def test_html_is_read_without_navigation_and_footer() -> None:
    loaded = load(HTML.encode(), ".html")
    text = " ".join(texts(loaded))
    assert "move your savings to a safe account" in text
    assert "请马上挂断电话，并拨打96110核实情况" in text
    assert "Cookies" not in text
    assert "About this site" not in text


def test_html_brings_its_title_and_its_headings() -> None:
    loaded = load(HTML.encode(), ".htm")
    assert loaded.front_matter["title"] == "防骗须知"
    assert "怎么办" in [section.title for section in loaded.sections]


def test_html_in_another_encoding_is_read_by_its_own_word() -> None:
    page = HTML.replace("<head>", '<head><meta charset="gb18030">').encode("gb18030")
    assert "请马上挂断电话" in " ".join(texts(load(page, ".html")))


@pytest.mark.parametrize("content", [b"<html><body></body></html>", b"<html>\0\0</html>"])
def test_html_without_text_is_a_problem(content: bytes) -> None:
    problem(content, ".html")


# --- PDF ---


def pdf(*pages: str, password: str | None = None, font: Path | None = None) -> bytes:
    document = FPDF()
    if font:
        document.add_font("chinese", fname=str(font))
    document.set_font("chinese" if font else "helvetica", size=12)
    for page in pages:
        document.add_page()
        document.multi_cell(0, 8, page)
    if password is not None:
        document.set_encryption(owner_password="owner", user_password=password)
    return bytes(document.output())


def test_each_page_of_a_pdf_is_a_section() -> None:
    loaded = load(pdf("Hang up at once.", "Ring 110 now."), ".pdf")
    assert [(s.title, s.blocks[0].text) for s in loaded.sections] == [("p. 1", "Hang up at once."), ("p. 2", "Ring 110 now.")]


def test_the_printed_lines_of_a_pdf_are_joined_to_paragraphs() -> None:
    paragraph = "A caller who wants you to move your savings to a safe account is a fraud, whoever he says that he is. " * 3
    assert texts(load(pdf(f"{paragraph}Hang up.\nRing 110 now."), ".pdf")) == [f"{paragraph}Hang up.", "Ring 110 now."]


@pytest.mark.filterwarnings("ignore::DeprecationWarning:fontTools", "ignore::UserWarning:fpdf")  # fpdf2 reads the font
def test_a_chinese_pdf_is_read_without_gaps_between_its_lines() -> None:
    if not CHINESE_FONT.is_file():
        pytest.skip("There is no Chinese font on this machine: `apt install fonts-noto-cjk`.")
    sentence = "如果有人自称警察，要求你把存款转到安全账户，请马上挂断电话，并拨打96110核实情况，不要把验证码告诉对方。"
    assert "".join(texts(load(pdf(sentence * 3, font=CHINESE_FONT), ".pdf"))) == sentence * 3


def test_a_pdf_with_a_password_is_a_problem() -> None:
    assert "password" in problem(pdf("Hang up.", password="secret"), ".pdf").reason


def test_a_pdf_that_asks_for_no_password_to_read_is_read() -> None:
    assert texts(load(pdf("Hang up at once.", password=""), ".pdf")) == ["Hang up at once."]


def test_a_pdf_without_text_is_a_problem() -> None:
    assert "no text" in problem(pdf(""), ".pdf").reason


# --- DOCX ---


def docx() -> bytes:
    document = new_docx()
    document.add_paragraph("开头的话。")
    document.add_heading("怎么办", 1)
    document.add_paragraph("Hang up at once.")
    document.add_paragraph("拨打110。", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip([*table.rows[0].cells, *table.rows[1].cells], ["Year", "Cases", "2022", "464,000"], strict=True):
        cell.text = text
    document.add_paragraph("After the table.")
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def test_a_word_document_is_cut_at_its_headings() -> None:
    assert [section.title for section in load(docx(), ".docx").sections] == ["", "怎么办"]


def test_paragraphs_lists_and_tables_of_a_word_document_keep_their_order() -> None:
    assert texts(load(docx(), ".docx")) == [
        "开头的话。", "Hang up at once.", "拨打110。", "Year; Cases", "2022; 464,000", "After the table.",
    ]  # fmt: skip


def test_a_word_document_with_a_password_is_a_problem() -> None:
    assert "password" in problem(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), ".docx").reason


# --- whatever the format ---


@pytest.mark.parametrize("suffix", sorted(LOADERS))
@pytest.mark.parametrize("content", [b"", b" \n\t\n"])
def test_an_empty_file_is_a_problem(suffix: str, content: bytes) -> None:
    assert problem(content, suffix).reason == "is empty."


@pytest.mark.parametrize("suffix", [".txt", ".md"])
def test_a_binary_file_is_a_problem(suffix: str) -> None:
    assert "binary" in problem(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", suffix).reason


@pytest.mark.parametrize("suffix", [".txt", ".md"])
def test_a_file_in_another_encoding_is_a_problem_in_its_line(suffix: str) -> None:
    error = problem(b"Hang up.\nRing 110.\n" + "不要转账。".encode("gb18030"), suffix)
    assert (error.reason, error.line) == ("is not UTF-8.", 3)


def test_an_unknown_format_is_a_problem_that_lists_the_known_ones() -> None:
    assert problem("不要转账。".encode(), ".xyz").mend == "Use one of: .docx .htm .html .md .pdf .txt."


def test_a_suffix_in_capitals_is_the_same_format() -> None:
    assert texts(load("不要转账。".encode(), ".TXT")) == ["不要转账。"]


@pytest.mark.parametrize(("make", "suffix"), [(lambda: pdf("Hang up. " * 50), ".pdf"), (docx, ".docx"), (HTML.encode, ".html")])
def test_a_damaged_file_is_read_or_a_problem_and_nothing_else(make: Callable[[], bytes], suffix: str) -> None:
    chance, whole = random.Random(1), make()
    for _ in range(40):
        damaged = bytearray(whole[: chance.randrange(1, len(whole))] if chance.random() < 0.3 else whole)
        for _ in range(chance.randint(1, 20)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            load(bytes(damaged), suffix)
        except LoadError as error:
            assert error.reason


@pytest.mark.parametrize("part", zipfile.ZipFile(io.BytesIO(docx())).namelist())
def test_a_word_document_with_one_damaged_part_is_read_or_a_problem(part: str) -> None:
    whole, damaged = zipfile.ZipFile(io.BytesIO(docx())), io.BytesIO()
    with zipfile.ZipFile(damaged, "w") as file:
        for name in whole.namelist():
            file.writestr(name, whole.read(name)[: -9 if name == part else None])
    try:
        load(damaged.getvalue(), ".docx")
    except LoadError as error:
        assert "Word" in error.reason


# --- the format of an address ---


@pytest.mark.parametrize(
    ("address", "media_type", "suffix"),
    [
        ("https://example.org/a.pdf", "application/octet-stream", ".pdf"),
        ("https://example.org/A.PDF", "application/octet-stream", ".pdf"),
        ("https://example.org/page", "application/pdf", ".pdf"),
        ("https://example.org/page", "", ".html"),
        ("https://example.org/page.php?id=a.pdf", "text/html", ".html"),
        ("https://example.org/README.md", "text/plain", ".md"),
        ("https://example.org/README.md", "text/html", ".html"),
        ("https://example.org/防骗.txt#头", "", ".txt"),
        ("notes.md", "", ".md"),
        ("notes", "", ""),
    ],
)
def test_the_media_type_tells_the_format_else_the_suffix(address: str, media_type: str, suffix: str) -> None:
    assert suffix_of(address, media_type) == suffix
