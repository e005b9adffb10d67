"""The register of sources: `seeds/bibliography.yaml`, key -> publisher, title, url, date, tier. Knows no guide."""

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from bot.errors import SourceErrors, SourceProblem
from bot.schema import Reference
from bot.yaml_text import load_yaml


class BibliographyEntry(BaseModel):
    """One source. Tier A: the authority's own page; B: its words elsewhere; C: secondary; R: research."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    publisher: str
    title: str
    url: str
    date: str
    tier: str
    language: str
    checked_on: str

    def reference(self) -> Reference:
        return Reference(publisher=self.publisher, title=self.title, url=self.url, date=self.date)


Bibliography = dict[str, BibliographyEntry]


def load_bibliography(path: Path) -> Bibliography:
    """Read the register; a folder of seeds without one has no bibliography. Raises SourceErrors with every bad entry."""
    if not path.is_file():
        return {}
    try:
        rows = load_yaml(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SourceErrors([SourceProblem(str(path), f"is not valid YAML ({error}).", "Mend the file.")]) from error
    entries: Bibliography = {}
    problems = []
    for key, row in rows.items():
        try:
            entries[str(key)] = BibliographyEntry.model_validate(row)
        except ValidationError as error:
            fields = ", ".join(".".join(map(str, item["loc"])) for item in error.errors())
            problems.append(SourceProblem(str(path), f"entry {key} has a wrong or missing field: {fields}.", "Mend it."))
    if problems:
        raise SourceErrors(problems)
    return entries
