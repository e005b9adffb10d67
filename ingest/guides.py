"""Read the guides whole, for the checks: front matter, sections, and the file's own lines. Judges no content."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.errors import SourceProblem
from bot.schema import LANGUAGES, Language
from bot.sections import section_id
from ingest.loaders import Block, LoadError, Section, load
from ingest.read import GuideFacts, guide_facts


@dataclass(frozen=True)
class Guide:
    """One guide in one language; `where` is its path as problems name it."""

    where: str
    language: Language
    facts: GuideFacts
    sections: tuple[Section, ...]
    lines: tuple[str, ...]

    @property
    def section_ids(self) -> tuple[str, ...]:
        return tuple(section_id(section.title, section.anchor) for section in self.sections)

    def blocks(self) -> Iterator[Block]:
        return (block for section in self.sections for block in section.blocks)

    def blocks_in(self, wanted: str) -> tuple[Block, ...]:
        """The blocks of the section with this id; empty where the guide has none."""
        named = zip(self.section_ids, self.sections, strict=True)
        return tuple(block for name, section in named if name == wanted for block in section.blocks)

    def problem(self, reason: str, mend: str, block: Block | None = None) -> SourceProblem:
        return SourceProblem(self.where, reason, mend, block.line if block else None)


def read_guides(seeds: Path) -> tuple[list[Guide], list[SourceProblem]]:
    """Read guides/en and guides/zh by name; a guide that cannot be read is a problem and no guide."""
    guides, problems = [], []
    for language in LANGUAGES:
        for path in sorted((seeds / "guides" / language).glob("*.md")):
            try:
                guides.append(_read(path, language))
            except LoadError as error:
                problems.append(SourceProblem(str(path), error.reason, error.mend, error.line))
    return guides, problems


def _read(path: Path, language: Language) -> Guide:
    content = path.read_bytes()
    loaded = load(content, path.suffix)
    facts = guide_facts(loaded, path)
    sections = tuple(section for section in loaded.sections if section.title or section.blocks)
    return Guide(str(path), language, facts, sections, tuple(content.decode("utf-8-sig").splitlines()))
