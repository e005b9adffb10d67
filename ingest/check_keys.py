"""Every key that is used is there, and every key that is there is used: sources of the bibliography, signs, guides, questions."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bot.bibliography import Bibliography
from bot.contacts import ContactBook, Words
from bot.errors import SourceErrors, SourceProblem
from bot.evals.cases import Case
from bot.yaml_text import load_yaml
from ingest.guides import Guide


class SignalEntry(BaseModel):
    """A named warning sign. Weight 3: hardly ever in a genuine message; 1: common in genuine ones too."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    name: Words
    why: Words
    scam_types: list[str]
    guide: str
    weight: Annotated[int, Field(ge=1, le=3)]
    references: list[str]


def load_signals(path: Path) -> list[SignalEntry]:
    """Read the signs; a folder of seeds without them has none. Raises SourceErrors."""
    if not path.is_file():
        return []
    try:
        return TypeAdapter(list[SignalEntry]).validate_python(load_yaml(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError, ValidationError) as error:
        raise SourceErrors([SourceProblem(str(path), f"cannot be used ({error}).", "Mend the file.")]) from error


def check_keys(
    guides: Collection[Guide], signals: Collection[SignalEntry], book: ContactBook, bibliography: Bibliography, seeds: Path
) -> Iterator[SourceProblem]:
    yield from _sources(guides, signals, book, bibliography, seeds)
    yield from _signals(guides, signals, seeds / "signals.yaml")


def _sources(
    guides: Iterable[Guide], signals: Iterable[SignalEntry], book: ContactBook, bibliography: Bibliography, seeds: Path
) -> Iterator[SourceProblem]:
    used: set[str] = set()
    for guide in guides:
        for block in guide.blocks():
            for key in block.references:
                used.add(key)
                if key not in bibliography:
                    yield guide.problem(f"cites [{key}], which bibliography.yaml does not have.", "Add it there.", block)
    beside = [(f"{seeds / 'signals.yaml'}: {sign.id}", key) for sign in signals for key in sign.references]
    beside += [(f"{seeds / 'contacts.yaml'}: {entry.id}", key) for entry in book.all() for key in (entry.source, *entry.also)]
    beside += [(f"{seeds / 'contacts.yaml'}: {row.value}", row.source) for row in book.lookalikes]
    beside += [(f"{seeds / 'contacts.yaml'}: {row.value}", row.source) for row in book.do_not_use]
    for where, key in beside:
        used.add(key)
        if key not in bibliography:
            yield SourceProblem(where, f"names the source {key}, which bibliography.yaml does not have.", "Add it there.")
    for key in sorted(bibliography.keys() - used):
        yield SourceProblem(str(seeds / "bibliography.yaml"), f"has {key}, which nothing uses.", "Remove it or cite it.")


def _signals(guides: Collection[Guide], signals: Collection[SignalEntry], file: Path) -> Iterator[SourceProblem]:
    ids = {guide.facts.id for guide in guides}
    names = {sign.id for sign in signals}
    if len(names) != len(signals):
        yield SourceProblem(str(file), "has the same id more than once.", "Rename one of them.")
    for sign in signals:
        for unknown in sorted({sign.guide, *sign.scam_types} - ids):
            yield SourceProblem(str(file), f"{sign.id} names the guide {unknown}, which is not there.", "Correct the name.")
    for guide in guides:
        for unknown in sorted(set(guide.facts.signals) - names):
            yield guide.problem(f"names the sign {unknown}, which signals.yaml does not have.", "Correct the name.")


def check_cases(cases: Iterable[Case], guides: Collection[Guide], articles: Collection[str], folder: Path) -> Iterator[SourceProblem]:
    """The questions to measure with name guides and sections that are there."""
    sections = {guide.facts.id: set(guide.section_ids) for guide in guides}
    for case in cases:
        for unknown in sorted(set(case.sources) - sections.keys() - set(articles)):
            yield SourceProblem(str(folder), f"{case.id} names the source {unknown}, which is not there.", "Correct it.")
        known = set().union(*(sections.get(source, set()) for source in case.sources))
        for unknown in sorted(set(case.sections) - known):
            yield SourceProblem(str(folder), f"{case.id} names the section {unknown}, which none of its sources has.", "Correct it.")
