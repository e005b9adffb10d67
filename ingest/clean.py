"""Take away what is not the text: photo captions, datelines, mastheads, repeats. The file itself is never changed."""

import re
import unicodedata
from collections.abc import Sequence

from ingest.loaders import Block, Section

# Short and without a sentence's end, so that "Send a photo: they will copy it." is never taken for furniture.
_DATELINE = re.compile(
    r"(published|updated|posted|last updated|发布时间|发布日期|更新时间|来源)\s*[:：][^。！？!?]{0,60}$", re.IGNORECASE
)
_CAPTION = re.compile(
    r"(^|[.!?。！？)）]\s*|\s{2})[(（]?((photo|image|picture|credit)s?\s*[:：]|(图|图片|摄影|供图)\s*[/:：])[^.!?。！？“”\"]{1,40}$",
    re.IGNORECASE,
)
# Control and format characters and lone surrogates: nobody sees them, and some cannot be stored.
_INVISIBLE = {"Cc", "Cf", "Cs"}
_LETTERS = re.compile(r"[\W_]+")


def clean_sections(sections: Sequence[Section], *, title: str, publisher: str) -> list[Section]:
    """Return the sections without captions, datelines, masthead lines and repeated blocks."""
    furniture = {_folded(title), _folded(publisher)}
    seen: set[str] = set()
    cleaned = []
    for section in sections:
        blocks = []
        for block in section.blocks:
            key = _folded(block.text)
            if not key or key in furniture or key in seen or _is_furniture(block.text):
                continue
            seen.add(key)
            blocks.append(Block(_tidy(block.text), block.line, block.references))
        if blocks:
            cleaned.append(Section(section.title, section.anchor, tuple(blocks)))
    return cleaned


def _is_furniture(text: str) -> bool:
    return bool(_DATELINE.match(text) or _CAPTION.search(text))


def _folded(text: str) -> str:
    return _LETTERS.sub("", text).lower()


def _tidy(text: str) -> str:
    """One line, single spaces: a sentence is then the same wherever it is quoted."""
    spaced = " ".join(text.split())
    return "".join(character for character in spaced if unicodedata.category(character) not in _INVISIBLE)
