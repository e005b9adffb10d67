"""Read one file format into sections of blocks. One function and one line in LOADERS a format; knows no index.

A block is a paragraph or list item with the line where it starts; a section is what stands under one heading.
"""

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.yaml_text import load_yaml

_REFERENCES = re.compile(r"\s*\[([a-z0-9][\w-]*(?:\s*,\s*[a-z0-9][\w-]*)*)\]\s*$")
_CHINESE = r"[\u3000-\u9fff，。！？：；]"
_CHINESE_GAP = re.compile(rf"(?<={_CHINESE}) (?={_CHINESE}|\d)|(?<=\d) (?={_CHINESE})")
_ANCHOR = re.compile(r"\s*\{#([\w-]+)\}\s*$")


@dataclass(frozen=True)
class Block:
    text: str
    line: int | None = None
    references: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    title: str
    anchor: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Loaded:
    """The text of one file, and what its front matter says."""

    sections: tuple[Section, ...]
    front_matter: Mapping[str, Any] = field(default_factory=dict)


class LoadError(Exception):
    """Why a file cannot be read: the reason, the mend, and the line where there is one."""

    def __init__(self, reason: str, mend: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.mend = mend
        self.line = line


def load(content: bytes, suffix: str) -> Loaded:
    """Read the content of a file with this suffix (".md"). Raises LoadError."""
    loader = LOADERS.get(suffix.lower())
    if loader is None:
        known = " ".join(sorted(LOADERS))
        raise LoadError(f"has an unknown format ({suffix or 'no suffix'}).", f"Use one of: {known}.")
    if not content.strip():
        raise LoadError("is empty.", "Fill it or remove it from the sources.")
    loaded = loader(content)
    if not any(section.blocks for section in loaded.sections):
        raise LoadError("has no text that can be read.", "Check that it holds text, not pictures of text.")
    return loaded


def _decode(content: bytes) -> str:
    if b"\0" in content:
        raise LoadError("is a binary file, not text.", "Save it as UTF-8 text.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise LoadError("is not UTF-8.", "Save it as UTF-8.", line) from error


def _load_text(content: bytes) -> Loaded:
    lines = enumerate(_decode(content).splitlines(), start=1)
    blocks = tuple(Block(line.strip(), number) for number, line in lines if line.strip())
    return Loaded((Section("", "", blocks),))


def _load_markdown(content: bytes) -> Loaded:
    text = _decode(content).replace("\r\n", "\n")
    front_matter, body, offset = _split_front_matter(text)
    return Loaded(_markdown_sections(body, offset), front_matter)


def _split_front_matter(text: str) -> tuple[dict[str, Any], str, int]:
    """Return front matter, body, and the number of lines before the body."""
    match = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    if not match:
        return {}, text, 0
    try:
        front_matter = load_yaml(match.group(1)) or {}
    except (yaml.YAMLError, ValueError) as error:  # a date such as 2024-13-45 is a ValueError
        mark = getattr(error, "problem_mark", None)
        raise LoadError("has front matter that is not valid YAML.", "Mend it.", mark.line + 2 if mark else None) from error
    if not isinstance(front_matter, dict):
        raise LoadError("has front matter that is not a list of `key: value` lines.", "Mend it.", 1)
    return front_matter, text[match.end() :], match.group(0).count("\n")


def _markdown_sections(body: str, offset: int) -> tuple[Section, ...]:
    from markdown_it import MarkdownIt

    sections: list[tuple[str, str, list[Block]]] = [("", "", [])]
    in_heading = False
    for token in MarkdownIt("commonmark", {"html": False}).parse(body):
        if token.type in {"heading_open", "heading_close"}:
            in_heading = token.type == "heading_open"
        elif token.type in {"inline", "code_block", "fence"}:
            line = offset + token.map[0] + 1 if token.map else None
            text = _plain(token)
            if in_heading:
                anchor = _ANCHOR.search(text)
                sections.append((_ANCHOR.sub("", text).strip(), anchor.group(1) if anchor else "", []))
            elif text.strip():
                sections[-1][2].append(_block(text, line))
    return tuple(Section(title, anchor, tuple(blocks)) for title, anchor, blocks in sections)


def _plain(token: Any) -> str:
    """The text of a Markdown token without its marks; line breaks inside a paragraph become spaces."""
    if not token.children:
        return str(token.content)
    kinds = {"text", "code_inline", "html_inline"}
    return "".join(
        child.content if child.type in kinds else " " if child.type in {"softbreak", "hardbreak"} else ""
        for child in token.children
    )


def _block(text: str, line: int | None) -> Block:
    match = _REFERENCES.search(text)
    if not match:
        return Block(text.strip(), line)
    keys = tuple(key.strip() for key in match.group(1).split(","))
    return Block(text[: match.start()].strip(), line, keys)


def _load_html(content: bytes) -> Loaded:
    import trafilatura

    if b"\0" in content:
        raise LoadError("is a binary file, not HTML.", "Check the file.")
    markdown = trafilatura.extract(content, output_format="markdown", include_comments=False, include_links=False)
    if not markdown:
        raise LoadError("has no main text that can be found.", "Save the article's text as a .txt or .md file.")
    title = trafilatura.extract_metadata(content)
    front_matter = {"title": title.title} if title and title.title else {}
    return Loaded(_markdown_sections(markdown, 0), front_matter)


def _load_pdf(content: bytes) -> Loaded:
    from pypdf import PdfReader

    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise LoadError("is protected by a password.", "Save a copy without the password.")
        # pypdf reads some two-byte codes as a NUL and a character.
        pages = [(page.extract_text() or "").replace("\0", "") for page in reader.pages]
    except LoadError:
        raise
    except Exception as error:  # pypdf lets errors of every kind through when a file is damaged
        raise LoadError(f"is not a PDF that can be read ({error}).", "Open it and save it anew.") from error
    return Loaded(tuple(Section(f"p. {number}", f"p{number}", _paragraphs(text)) for number, text in enumerate(pages, 1)))


def _paragraphs(page: str) -> tuple[Block, ...]:
    """Join the lines of a printed page to paragraphs; a line that ends a sentence well before the margin ends one too."""
    width = max((len(line) for line in page.splitlines()), default=0)
    paragraphs = [""]
    for line in page.splitlines():
        stripped = line.strip()
        last = paragraphs[-1]
        if last.endswith("-") and last[-2:-1].isalpha():
            paragraphs[-1] = last[:-1] + stripped
        else:
            paragraphs[-1] = f"{last} {stripped}".strip()
        if not stripped or (len(line) < 0.8 * width and stripped[-1] in ".!?。！？”\""):
            paragraphs.append("")
    return tuple(Block(_without_chinese_gaps(text)) for text in paragraphs if text)


def _without_chinese_gaps(text: str) -> str:
    """Chinese has no spaces, so that the end of a printed line is none either; digits stand close as well."""
    return _CHINESE_GAP.sub("", text)


def _load_docx(content: bytes) -> Loaded:
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise LoadError("is protected by a password, or an old .doc file.", "Save a copy as .docx without a password.")
    try:
        return Loaded(_docx_sections(content))
    except Exception as error:  # python-docx, lxml and zipfile have errors of every kind for a damaged file
        raise LoadError("is not a Word document that can be read.", "Open it and save it anew as .docx.") from error


def _docx_sections(content: bytes) -> tuple[Section, ...]:
    from docx import Document as open_docx
    from docx.table import Table

    document = open_docx(io.BytesIO(content))
    sections: list[tuple[str, list[Block]]] = [("", [])]
    for item in document.iter_inner_content():
        if isinstance(item, Table):
            sections[-1][1].extend(Block(text) for row in item.rows if (text := _table_row(row)))
        elif item.style is not None and str(item.style.name).startswith(("Heading", "Title")):
            sections.append((item.text.strip(), []))
        elif item.text.strip():
            sections[-1][1].append(Block(item.text.strip()))
    return tuple(Section(title, "", tuple(blocks)) for title, blocks in sections)


def _table_row(row: Any) -> str:
    return "; ".join(dict.fromkeys(cell.text.strip() for cell in row.cells if cell.text.strip()))


LOADERS: dict[str, Callable[[bytes], Loaded]] = {
    ".txt": _load_text,
    ".md": _load_markdown,
    ".html": _load_html,
    ".htm": _load_html,
    ".pdf": _load_pdf,
    ".docx": _load_docx,
}
# What a server says that it sends, for addresses without a telling suffix.
SUFFIXES = {
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
}


def suffix_of(location: str, media_type: str = "") -> str:
    """The format of a file or address: by its media type, else by its suffix, `.html` for an address without one."""
    suffix = Path(location.split("?")[0].split("#")[0]).suffix.lower()
    if media_type in SUFFIXES and not (media_type == "text/plain" and suffix == ".md"):
        return SUFFIXES[media_type]
    return suffix if suffix in LOADERS or not location.startswith("http") else ".html"
