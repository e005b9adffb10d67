"""Cut sections into passages: by heading, then by whole sentences, none longer than the embedding model reads.

LangChain's splitters cut by characters and would break sentences, and a quotation must be a whole one.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.documents import Document

from bot.passages import make_passage, searchable_text
from bot.schema import Language
from bot.sections import section_id
from bot.text import split_sentences
from ingest.loaders import LoadError, Section

CountTokens = Callable[[str], int]

_CLAUSE_ENDS = {"en": re.compile(r"[,;:]\s+"), "zh": re.compile(r"[，；：、]\s*")}
_SPACES = re.compile(r"\s+")
# A title and heading that leave less than this to the text are no heading.
_SMALLEST_ROOM = 64


@dataclass(frozen=True)
class QuotableSentence:
    """A sentence as it will be quoted, what it rests on, and whether it opens a paragraph."""

    text: str
    references: tuple[str, ...]
    opens_block: bool


def split_sections(
    sections: Sequence[Section], metadata: dict[str, Any], count_tokens: CountTokens, max_tokens: int
) -> list[Document]:
    """Return the passages of a source. `metadata` holds what is the same for all; `count_tokens` counts word pieces."""
    passages = []
    for section in sections:
        facts = {**metadata, "section": section.title, "section_id": section_id(section.title, section.anchor)}
        frame = count_tokens(searchable_text(Document(page_content="", metadata=facts)))
        room = max_tokens - frame
        if room < _SMALLEST_ROOM:
            raise LoadError(f"has a title or heading that is too long ({section.title[:40]}…).", "Shorten it.")
        sentences = list(_sentences(section, metadata["language"], count_tokens, room))
        for part, run in enumerate(_runs(sentences, count_tokens, room), start=1):
            passages.append(_passage(run, {**facts, "part": part}))
    return passages


def _sentences(
    section: Section, language: Language, count_tokens: CountTokens, room: int
) -> Iterator[QuotableSentence]:
    for block in section.blocks:
        pieces = [
            piece
            for sentence in split_sentences(block.text, language)
            for piece in _fit(sentence.strip(), language, count_tokens, room)
        ]
        for place, piece in enumerate(pieces):
            yield QuotableSentence(piece, block.references, place == 0)


def _fit(sentence: str, language: Language, count_tokens: CountTokens, room: int) -> list[str]:
    """A sentence that is too long even alone is cut at clauses, and at last at words: it is quoted in pieces."""
    if not sentence or count_tokens(sentence) <= room:
        return [sentence] if sentence else []
    cut = _cut(sentence, language)
    halves = (sentence[:cut], sentence[cut:])
    return [piece for half in halves for piece in _fit(half.strip(), language, count_tokens, room)]


def _cut(sentence: str, language: Language) -> int:
    """The end of a clause, else of a word, that is nearest to the middle; the middle where there is none."""
    middle = len(sentence) // 2
    for pattern in (_CLAUSE_ENDS[language], _SPACES):
        ends = [match.end() for match in pattern.finditer(sentence) if match.end() < len(sentence)]
        if ends:
            return min(ends, key=lambda end: abs(end - middle))
    return middle


def _runs(
    sentences: Sequence[QuotableSentence], count_tokens: CountTokens, room: int
) -> Iterator[list[QuotableSentence]]:
    """Fill passages with as many whole sentences as fit, in order; a section is cut into parts of about the same length."""
    sizes = [count_tokens(sentence.text) for sentence in sentences]
    parts = -(-sum(sizes) // room) if sizes else 0
    aim = sum(sizes) / parts if parts else 0
    run: list[QuotableSentence] = []
    used = 0
    for sentence, size in zip(sentences, sizes, strict=True):
        if run and (used + size > room or used >= aim):
            yield run
            run, used = [], 0
        run.append(sentence)
        used += size
    if run:
        yield run


def _passage(run: Sequence[QuotableSentence], facts: dict[str, Any]) -> Document:
    between = "" if facts["language"] == "zh" else " "
    text = run[0].text + "".join(("\n" if s.opens_block else between) + s.text for s in run[1:])
    keys = {key for sentence in run for key in sentence.references}
    metadata = {
        **facts,
        "sentences": [sentence.text for sentence in run],
        "sentence_references": [list(sentence.references) for sentence in run],
        "references": {key: facts["references"][key] for key in sorted(keys)},
    }
    return make_passage(text, metadata)
