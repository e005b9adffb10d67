"""Passages: runs of whole sentences of one source under one heading, as LangChain documents, and their ids.

The id is a hash of text and metadata, so that a passage that has not changed keeps its id, and a sync is set arithmetic on ids.
"""

import hashlib
import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from langchain_core.documents import Document

from bot.schema import Citation, Language, Reference
from bot.text import tokenize

# Raise it when the meaning of a stored field changes: every index is then built anew.
SCHEMA_VERSION = 9


def passage_id(text: str, metadata: dict[str, Any]) -> str:
    canonical = json.dumps([text, metadata], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:20]


def make_passage(text: str, metadata: dict[str, Any]) -> Document:
    """Build a passage with its id; `metadata["sentences"]` must stand in the text, character for character."""
    return Document(id=passage_id(text, metadata), page_content=text, metadata=metadata)


def content_name(ids: Iterable[str], fingerprint: str, training_digest: str = "") -> str:
    """The name of an index: made of the schema, the embedding model, what its classifiers learnt from, and the content."""
    parts = [str(SCHEMA_VERSION), fingerprint, training_digest, *sorted(ids)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def heading(passage: Document) -> str:
    return f"{passage.metadata['title']}: {passage.metadata['section']}"


def searchable_text(passage: Document) -> str:
    """What the embedding model reads: the passage under its title and heading."""
    return f"{heading(passage)}\n{passage.page_content}"


def keyword_text(passage: Document) -> str:
    """What keyword search reads: the passage with its title, heading and the names that people use for its subject."""
    return "\n".join([searchable_text(passage), *passage.metadata["aliases"]])


@lru_cache(maxsize=50_000)
def words_of_sentence(sentence: str) -> frozenset[str]:
    """The words of a sentence of a passage as they are compared. Never asked for a visitor's words, since it keeps what it was asked."""
    return frozenset(tokenize(sentence))


def language_of(passage: Document) -> Language:
    language: Language = passage.metadata["language"]
    return language


def cite(passage: Document, number: int, sentence: int) -> Citation:
    """The citation [number] of one sentence (its place in the passage) with what that sentence rests on."""
    facts = passage.metadata
    keys = facts["sentence_references"][sentence] if facts["sentence_references"] else []
    references = tuple(Reference(**facts["references"][key]) for key in keys)
    return Citation(
        n=number,
        passage_id=passage.id or "",
        source_id=facts["source_id"],
        title=facts["title"],
        section=facts["section"],
        quote=facts["sentences"][sentence],
        passage=passage.page_content,
        language=facts["language"],
        publisher=facts["publisher"],
        url=facts["url"],
        date=facts["date"],
        references=references,
    )
