"""What one file of the seeds names stands in another: source keys, signs, scam types and guides."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.bibliography import Bibliography
from bot.contacts import ContactBook, Lookalike, Retired
from bot.errors import SourceProblem
from bot.signals.catalog import Sign
from bot.understanding import IntentRule
from ingest.guides import Guide

# No blanks, and no braces or angle brackets: a template's placeholder was left in.
_ADDRESS = re.compile(r"https?://[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:[/?#][^\s{}<>]*)?")


@dataclass(frozen=True)
class _Use:
    """A source key where it stands, and what uses it: in a line, or in the entry that starts with one of these texts."""

    key: str
    where: str
    user: str
    line: int | None = None
    starts: tuple[str, ...] = ()


def check_references(
    seeds: Path, guides: Iterable[Guide], signs: Iterable[Sign], book: ContactBook, bibliography: Bibliography
) -> Iterator[SourceProblem]:
    """Every key used is in the bibliography, every key there is used, and each has an address that can be opened."""
    file = seeds / "bibliography.yaml"
    uses = [*_in_guides(guides), *_in_signs(seeds / "signals.yaml", signs), *_in_contacts(seeds / "contacts.yaml", book)]
    for use in uses:
        if use.key not in bibliography:
            reason = f"{use.user} cites [{use.key}], which bibliography.yaml does not have."
            line = use.line or _line_of(Path(use.where), *use.starts)
            yield SourceProblem(use.where, reason, "Add it there, or cite another.", line)
    for key in sorted(bibliography.keys() - {use.key for use in uses}):
        yield SourceProblem(str(file), f"nothing cites [{key}].", "Remove the entry.", _line_of(file, f"{key}:"))
    for key, entry in bibliography.items():
        if not _ADDRESS.fullmatch(entry.url):
            reason = f"[{key}] has the address {entry.url}, which nobody can open."
            yield SourceProblem(str(file), reason, "Give the page's own https address.", _line_of(file, f"{key}:"))


def _in_guides(guides: Iterable[Guide]) -> Iterator[_Use]:
    for guide in guides:
        for block in guide.blocks():
            for key in block.references:
                yield _Use(key, guide.where, f"“{block.text[:40]}”", block.line)


def _in_signs(file: Path, signs: Iterable[Sign]) -> Iterator[_Use]:
    for sign in signs:
        for key in sign.references:
            yield _Use(key, str(file), f"the sign {sign.id}", starts=(f"- id: {sign.id}",))


def _in_contacts(file: Path, book: ContactBook) -> Iterator[_Use]:
    for entry in book.all():
        for key in (entry.source, *entry.also):
            yield _Use(key, str(file), f"the contact {entry.id}", starts=(f"- id: {entry.id}",))
    rows: list[Lookalike | Retired] = [*book.lookalikes, *book.do_not_use]
    for row in rows:
        starts = (f"- value: {row.value}", f"- value: '{row.value}'")
        yield _Use(row.source, str(file), row.value, starts=starts)


def check_names(
    seeds: Path, guides: Sequence[Guide], signs: Sequence[Sign], intents: Iterable[IntentRule]
) -> Iterator[SourceProblem]:
    """Signs named by guides, scam types and guides named by signs, guides named by intents; no sign stands twice."""
    ids = {guide.facts.id for guide in guides}
    scam_types = {guide.facts.scam_type for guide in guides if guide.facts.scam_type}
    known_signs = Counter(sign.id for sign in signs)
    for guide in guides:
        for name in (name for name in guide.facts.signals if name not in known_signs):
            yield guide.problem(f"names the sign {name}, which signals.yaml does not have.", "Add it there, or drop it.")
    file = seeds / "signals.yaml"
    for sign in signs:
        line = _line_of(file, f"- id: {sign.id}")
        if known_signs[sign.id] > 1:
            yield SourceProblem(str(file), f"the id {sign.id} stands {known_signs[sign.id]} times.", "Keep one.", line)
        yield from _unknown(file, f"the sign {sign.id}", "scam type", sign.scam_types, scam_types, line)
        yield from _unknown(file, f"the sign {sign.id}", "guide", [sign.guide], ids, line)
    for rule in intents:
        yield from _unknown(seeds / "intents.yaml", f"the intent {rule.intent}", "guide", rule.guides, ids, None)


def _unknown(
    file: Path, user: str, kind: str, names: Iterable[str], known: Collection[str], line: int | None
) -> Iterator[SourceProblem]:
    for name in names:
        if name not in known:
            yield SourceProblem(str(file), f"{user} names the {kind} {name}, which no guide has.", "Correct the name.", line)


def _line_of(file: Path, *starts: str) -> int | None:
    """The first line that is one of these texts, or starts with it and a space."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    return next((n for n, line in enumerate(lines, 1) if f"{line} ".startswith(tuple(f"{s} " for s in starts))), None)
