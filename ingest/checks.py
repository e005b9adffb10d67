"""The checks that hold the knowledge together: `check_seeds` returns every problem of the seeds. Changes nothing."""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bot.bibliography import Bibliography, load_bibliography
from bot.contacts import ContactBook, load_contacts
from bot.errors import SourceErrors, SourceProblem
from bot.evals.cases import load_cases
from bot.glossary import load_glossary
from bot.signals.catalog import Sign, load_signs
from bot.understanding import IntentRule, read_intent_rules
from ingest.check_contacts import check_contacts
from ingest.check_copies import Originals, check_copies
from ingest.check_guides import check_guide
from ingest.check_links import check_names, check_references
from ingest.check_pairs import check_pairs
from ingest.guides import Guide, read_guides
from ingest.sources import list_sources

Loaded = TypeVar("Loaded")


@dataclass(frozen=True)
class _Knowledge:
    guides: list[Guide]
    signs: list[Sign]
    intents: list[IntentRule]
    book: ContactBook
    bibliography: Bibliography


def check_seeds(seeds: Path, today: datetime.date | None = None, facts: Path | None = None) -> list[SourceProblem]:
    """Return every problem of a folder of seeds; none means that it is in order.

    Files that cannot be read come first and alone: what hangs on them cannot be judged. `today` is for the age of the guides;
    `facts` a folder of Markdown notes that the guides must not copy, as they must not copy the articles.
    """
    knowledge, problems = _read(seeds)
    return problems or list(_check(seeds, knowledge, today or datetime.date.today(), facts))


def _read(seeds: Path) -> tuple[_Knowledge, list[SourceProblem]]:
    problems: list[SourceProblem] = []

    def read(load: Callable[[Path], Loaded], name: str) -> Loaded | None:
        try:
            return load(seeds / name)
        except SourceErrors as error:
            problems.extend(error.problems)
            return None

    read(list_sources, "")
    read(load_glossary, "glossary.yaml")
    read(load_cases, "evals")
    guides, unreadable = read_guides(seeds)
    knowledge = _Knowledge(
        guides,
        read(load_signs, "signals.yaml") or [],
        read(read_intent_rules, "intents.yaml") or [],
        read(load_contacts, "contacts.yaml") or ContactBook(),
        read(load_bibliography, "bibliography.yaml") or {},
    )
    return knowledge, [*problems, *unreadable]


def _check(seeds: Path, known: _Knowledge, today: datetime.date, facts: Path | None) -> Iterator[SourceProblem]:
    for guide in known.guides:
        yield from check_guide(guide, today)
    yield from check_pairs(known.guides, known.book.knows)
    yield from check_names(seeds, known.guides, known.signs, known.intents)
    yield from check_references(seeds, known.guides, known.signs, known.book, known.bibliography)
    yield from check_contacts(known.guides, known.book, known.bibliography)
    originals = [*(seeds / "articles").glob("*.txt"), *(facts.glob("*.md") if facts else ())]
    yield from check_copies(known.guides, Originals(sorted(originals)))
