"""A folder of seeds and an index that a test fills and changes as it likes; the index needs no model."""

from pathlib import Path
from typing import Any

import yaml

from bot.errors import SourceErrors, SourceProblem
from bot.settings import Settings
from bot.store import Index, Manifest, Store, open_store
from bot.testing import WordLengthEncoder
from ingest.sync import Plan, Synchronizer

ENTRY = {"kind": "article", "publisher": "The Daily Example", "title": "News", "date": "2024-06-06", "language": "en", "licence": "quoted"}

GUIDE = """\
---
id: {id}
title: {id}
scam_type: {id}
aliases: [{id}]
regions: [ALL]
audiences: [public]
updated: 2026-11-01
---
## Warning signs
{lines}
"""


class Project:
    """Seeds, settings, store and encoder in one place."""

    def __init__(self, folder: Path, **values: Any) -> None:
        self.folder = folder
        self.seeds = folder / "seeds"
        self.seeds.mkdir(parents=True, exist_ok=True)
        facts = {"seeds_dir": self.seeds, "data_dir": folder / "data", **values}
        self.settings = Settings(_env_file=None, **facts)  # type: ignore[call-arg]
        self.encoder = WordLengthEncoder()

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.seeds / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def guide(self, name: str, *lines: str) -> Path:
        return self.write(f"guides/{name}.md", GUIDE.format(id=name, lines="\n".join(f"- {line}" for line in lines)))

    def write_sources(self, *entries: dict[str, Any]) -> Path:
        """Write sources.yaml; what an entry does not say is that of ENTRY."""
        return self.write("sources.yaml", yaml.safe_dump({"sources": [{**ENTRY, **entry} for entry in entries]}, allow_unicode=True))

    @property
    def store(self) -> Store:
        return open_store(self.settings)

    @property
    def synchronizer(self) -> Synchronizer:
        return Synchronizer(self.settings, self.store, self.encoder)

    def plan(self, *by_hand: str | Path, **options: bool) -> Plan:
        return self.synchronizer.plan([str(place) for place in by_hand], **options)

    def sync(self, *by_hand: str | Path, **options: bool) -> Manifest:
        rebuild = options.get("rebuild", False)
        return self.synchronizer.apply(self.plan(*by_hand, **options), rebuild=rebuild)

    def index(self) -> Index:
        return self.store.current()

    def sentences(self) -> set[str]:
        """Every sentence of the published index."""
        return {sentence for passage in self.index().passages.values() for sentence in passage.metadata["sentences"]}

    def problems(self, *by_hand: str | Path) -> list[SourceProblem]:
        """The problems that a sync finds."""
        try:
            self.plan(*by_hand)
        except SourceErrors as error:
            return list(error.problems)
        return []

    def files(self) -> dict[str, bytes]:
        """Every file of the data folder with its content."""
        data = self.settings.data_dir
        return {str(path.relative_to(data)): path.read_bytes() for path in data.rglob("*") if path.is_file()}
