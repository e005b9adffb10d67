"""The form of one guide: its sections, a source behind every item, its warning signs and stages, its age."""

import datetime
import re
from collections.abc import Iterator

from bot.errors import SourceProblem
from bot.sections import SECTION_HEADINGS
from ingest.guides import Guide

# Fewer signs do not settle a doubt, and nobody in a hurry reads more.
_SIGNS = range(5, 9)
_MAX_AGE_DAYS = 365
_STAGE = re.compile(r"\s*\d+[.)]\s")


def check_guide(guide: Guide, today: datetime.date) -> Iterator[SourceProblem]:
    yield from _unsourced(guide)
    yield from _nameless_sections(guide)
    if guide.facts.scam_type:
        yield from _wrong_sections(guide)
        yield from _wrong_number_of_signs(guide)
        yield from _unnumbered_stages(guide)
    if (today - guide.facts.updated).days > _MAX_AGE_DAYS:
        reason = f"was last updated on {guide.facts.updated}, more than a year ago."
        yield guide.problem(reason, "Check its facts against its sources, then set `updated`.")


def _unsourced(guide: Guide) -> Iterator[SourceProblem]:
    for block in guide.blocks():
        if not block.references:
            yield guide.problem(f"“{block.text[:60]}” has no source.", "End it with [key] or [key, key].", block)


def _nameless_sections(guide: Guide) -> Iterator[SourceProblem]:
    for name, section in zip(guide.section_ids, guide.sections, strict=True):
        if not name:
            yield guide.problem(f"the heading “{section.title}” has no id.", "Add one behind it, such as {#first-day}.")


def _wrong_sections(guide: Guide) -> Iterator[SourceProblem]:
    wanted = tuple(SECTION_HEADINGS)
    if guide.section_ids != wanted:
        headings = " · ".join(names[guide.language] for names in SECTION_HEADINGS.values())
        yield guide.problem("does not have the sections of a guide about a scam.", f"They are, in this order: {headings}.")


def _wrong_number_of_signs(guide: Guide) -> Iterator[SourceProblem]:
    count = len(guide.blocks_in("signs"))
    if count not in _SIGNS:
        yield guide.problem(f"has {count} warning signs.", f"Give {_SIGNS.start} to {_SIGNS.stop - 1}.")


def _unnumbered_stages(guide: Guide) -> Iterator[SourceProblem]:
    for block in guide.blocks_in("how"):
        if block.line and not _STAGE.match(guide.lines[block.line - 1]):
            yield guide.problem("a stage of the scam is not numbered.", "Start the line with 1., 2., 3. …", block)
