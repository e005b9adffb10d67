"""Read a source to passages: load, clean, complete what is known of it, split. Collects problems instead of stopping."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from langchain_core.documents import Document
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.bibliography import Bibliography
from bot.embeddings import Encoder
from bot.errors import SourceProblem
from bot.settings import Settings
from bot.text import detect_language
from ingest.clean import clean_sections
from ingest.fetch import FetchError, fetch
from ingest.loaders import Block, Loaded, LoadError, Section, load, suffix_of
from ingest.sources import Source
from ingest.split import split_sections

_TELLING_CHARS = 2_000


class GuideFacts(BaseModel):
    """The front matter of a guide."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str = Field(min_length=1)
    scam_type: str | None
    aliases: list[str]
    asked_as: list[str] = []
    regions: list[str]
    audiences: list[str]
    signals: list[str] = []
    updated: datetime.date


@dataclass
class Reading:
    """What came of reading all sources: passages in order, every problem, and where was read."""

    passages: list[Document] = field(default_factory=list)
    problems: list[SourceProblem] = field(default_factory=list)
    locations: set[str] = field(default_factory=set)


def read_sources(
    sources: Iterable[Source], bibliography: Bibliography, encoder: Encoder, settings: Settings
) -> Reading:
    """Read every source once; a source with a problem brings no passage."""
    reading = Reading()
    for source in sources:
        if source.location in reading.locations:
            continue
        reading.locations.add(source.location)
        try:
            passages = _read(source, bibliography, encoder, settings)
        except (LoadError, FetchError) as error:
            line = getattr(error, "line", None)
            reading.problems.append(SourceProblem(source.location, error.reason, error.mend, line))
            continue
        reading.passages.extend(passages)
    return reading


def _read(source: Source, bibliography: Bibliography, encoder: Encoder, settings: Settings) -> list[Document]:
    loaded = _load(source, settings)
    if source.added:
        source = _with_language(source, loaded)
    metadata = _guide_metadata(source, loaded) if source.entry.kind == "guide" else _text_metadata(source, loaded)
    sections = clean_sections(loaded.sections, title=metadata["title"], publisher=metadata["publisher"])
    if source.entry.kind == "guide":
        metadata["references"] = _resolve_references(sections, bibliography)
    else:
        metadata["references"] = {}
        sections = _without_references(sections)
    if not sections:
        raise LoadError("has nothing but furniture: no sentence is left.", "Check the file.")
    return split_sections(sections, metadata, encoder.count_tokens, encoder.max_tokens)


def _with_language(source: Source, loaded: Loaded) -> Source:
    """Nobody says which language a source added by hand is in, so that its own text decides."""
    text = " ".join(block.text for section in loaded.sections for block in section.blocks)
    entry = source.entry.model_copy(update={"language": detect_language(text[:_TELLING_CHARS])})
    return replace(source, entry=entry)


def _load(source: Source, settings: Settings) -> Loaded:
    if source.file is None:
        fetched = fetch(source.location, settings)
        return load(fetched.content, suffix_of(fetched.url, fetched.media_type))
    try:
        size = source.file.stat().st_size
        if size > settings.max_source_mb * 1_000_000:
            limit = f"{settings.max_source_mb:g} MB"
            raise LoadError(f"is larger than {limit}.", "Raise RINGWISE_MAX_SOURCE_MB or split the file.")
        return load(source.file.read_bytes(), source.file.suffix)
    except OSError as error:
        raise LoadError(f"cannot be read ({error.strerror}).", "Check that it exists and may be read.") from error


def _common_metadata(source: Source) -> dict[str, Any]:
    return {
        "source_id": source.source_id,
        "kind": source.entry.kind,
        "language": source.entry.language,
        "publisher": source.entry.publisher,
        "url": source.entry.url,
        "licence": source.entry.licence,
        "origin": source.location,
    }


def _text_metadata(source: Source, loaded: Loaded) -> dict[str, Any]:
    title = str(loaded.front_matter.get("title") or source.entry.title) if source.added else str(source.entry.title)
    return {
        **_common_metadata(source),
        "title": title,
        "date": str(source.entry.date),
        "scam_type": "",
        "regions": [],
        "aliases": [],
        "asked_as": [],
        "audiences": [],
    }


def guide_facts(loaded: Loaded, file: Path | None) -> GuideFacts:
    """The front matter of a guide, whose id is the name of its file. Raises LoadError."""
    try:
        facts = GuideFacts.model_validate(dict(loaded.front_matter))
    except ValidationError as error:
        fields = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise LoadError(f"has front matter that does not fit ({fields}).", "See any other guide.", 1) from error
    if file is not None and facts.id != file.stem:
        raise LoadError(f"has the id {facts.id}.", f"Name it as the file: {file.stem}.", 2)
    return facts


def _guide_metadata(source: Source, loaded: Loaded) -> dict[str, Any]:
    facts = guide_facts(loaded, source.file)
    return {
        **_common_metadata(source),
        "source_id": facts.id,
        "title": facts.title,
        "date": facts.updated.isoformat(),
        "scam_type": facts.scam_type or "",
        "regions": facts.regions,
        "aliases": facts.aliases,
        "asked_as": facts.asked_as,
        "audiences": facts.audiences,
    }


def _resolve_references(sections: Iterable[Section], bibliography: Bibliography) -> dict[str, dict[str, str]]:
    references = {}
    for section in sections:
        for block in section.blocks:
            for key in block.references:
                if key not in bibliography:
                    raise LoadError(f"cites [{key}], which bibliography.yaml does not have.", "Add it there.", block.line)
                references[key] = bibliography[key].reference().model_dump()
    return references


def _without_references(sections: Iterable[Section]) -> list[Section]:
    """Square brackets at the end of a line are source keys in our guides, and text everywhere else."""

    def whole(block: Block) -> Block:
        return Block(f"{block.text} [{', '.join(block.references)}]", block.line) if block.references else block

    return [Section(s.title, s.anchor, tuple(whole(block) for block in s.blocks)) for s in sections]
