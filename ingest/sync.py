"""Make the index hold what the sources say: plan by set arithmetic on passage ids, then publish whole or not at all.

`sync()` alone takes all of sources.yaml; sources named by hand are added or refreshed and stay until `prune`. Everything is read
and validated before anything is written, and a passage that has not changed is never embedded again.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from langchain_core.documents import Document

from bot.bibliography import load_bibliography
from bot.embeddings import SentenceTransformerEncoder, model_folder
from bot.errors import IndexDamaged, IndexMissing, SourceErrors
from bot.passages import SCHEMA_VERSION
from bot.schema import Language
from bot.settings import Settings
from bot.store import Index, Manifest, Progress, Store
from bot.text import detect_language
from ingest.read import Reading, read_sources
from ingest.sources import Source, list_sources, source_by_hand


@dataclass(frozen=True)
class Plan:
    """What a sync would do, by passage; `added_sources` are the locations named by hand that the index will keep."""

    passages: tuple[Document, ...]
    add: tuple[str, ...]
    drop: tuple[str, ...]
    keep: tuple[str, ...]
    added_sources: tuple[str, ...]
    seeds_digest: str

    @property
    def changes(self) -> bool:
        return bool(self.add or self.drop)


class Synchronizer:
    """Plans and carries out a sync of one data folder."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._encoder = SentenceTransformerEncoder(model_folder(settings))

    def is_current(self) -> bool:
        """Whether the published index was made from the seeds as they are now, without reading them whole."""
        manifest = self._store.manifest()
        return (
            manifest is not None
            and manifest.schema_version == SCHEMA_VERSION
            and manifest.encoder == self._encoder.fingerprint
            and manifest.seeds_digest == seeds_digest(self._settings.seeds_dir)
        )

    def plan(self, by_hand: Sequence[str] = (), *, prune: bool = False, rebuild: bool = False) -> Plan:
        """Read the sources and compare. Raises SourceErrors with every problem of the run."""
        index = None if rebuild else self._present()
        present = index.passages if index else {}
        kept_by_hand = list(index.manifest.added) if index and not prune else []
        listed = list_sources(self._settings.seeds_dir)
        if by_hand:
            wanted, added = self._with_by_hand(by_hand, listed, present, kept_by_hand)
            digest = index.manifest.seeds_digest if index else ""
        else:
            reading = self._read(listed)
            stay = [p for p in present.values() if p.metadata["origin"] in kept_by_hand]
            wanted, added = [*reading.passages, *stay], kept_by_hand
            digest = seeds_digest(self._settings.seeds_dir)
        unique = {str(passage.id): passage for passage in wanted}
        return Plan(
            passages=tuple(unique.values()),
            add=tuple(sorted(unique.keys() - present.keys())),
            drop=tuple(sorted(present.keys() - unique.keys())),
            keep=tuple(sorted(present.keys() & unique.keys())),
            added_sources=tuple(added),
            seeds_digest=digest,
        )

    def _with_by_hand(
        self, by_hand: Sequence[str], listed: Sequence[Source], present: dict[str, Document], kept: list[str]
    ) -> tuple[list[Document], list[str]]:
        """Refresh only the named sources; everything else stays as it is in the index."""
        sources = [self._named(location, listed) for location in by_hand]
        reading = self._read(sources)
        named = {source.location for source in sources}
        stay = [passage for passage in present.values() if passage.metadata["origin"] not in named]
        added = sorted({*kept, *(source.location for source in sources if source.added)})
        return [*stay, *reading.passages], added

    def _named(self, location: str, listed: Sequence[Source]) -> Source:
        for source in listed:
            same_file = source.file is not None and source.file.resolve() == Path(location).resolve()
            if source.location == location or same_file:
                return source
        return source_by_hand(location, self._guess_language(location))

    def _guess_language(self, location: str) -> Language:
        path = Path(location)
        try:
            return detect_language(path.read_text(encoding="utf-8")[:2_000]) if path.is_file() else "en"
        except (OSError, UnicodeDecodeError):
            return "en"

    def _read(self, sources: Sequence[Source]) -> Reading:
        bibliography = load_bibliography(self._settings.seeds_dir / "bibliography.yaml")
        reading = read_sources(sources, bibliography, self._encoder, self._settings)
        if reading.problems:
            raise SourceErrors(reading.problems)
        return reading

    def _present(self) -> Index | None:
        """The published index, where there is one of this schema and embedding model that can be read."""
        try:
            index = self._store.current()
        except (IndexMissing, IndexDamaged):
            return None
        same = index.manifest.schema_version == SCHEMA_VERSION and index.manifest.encoder == self._encoder.fingerprint
        return index if same else None

    def apply(self, plan: Plan, progress: Progress = lambda stage, done, total: None, *, rebuild: bool = False) -> Manifest:
        """Publish the plan; an index that would be the same is left as it is, but for its notes."""
        index = None if rebuild else self._present()
        if index and not plan.changes:
            manifest = index.manifest.model_copy(
                update={"seeds_digest": plan.seeds_digest, "added": list(plan.added_sources)}
            )
            if manifest != index.manifest:
                self._store.update_manifest(manifest)
            return manifest
        return self._store.publish(
            plan.passages,
            self._encoder,
            seeds_digest=plan.seeds_digest,
            added=plan.added_sources,
            reuse=index,
            progress=progress,
        )


def seeds_digest(seeds: Path) -> str:
    """A digest of the files that the index is made of, by content."""
    digest = hashlib.sha256()
    files = [seeds / "sources.yaml", seeds / "bibliography.yaml"]
    files += sorted(path for folder in ("articles", "guides") for path in (seeds / folder).rglob("*") if path.is_file())
    for path in files:
        if path.is_file():
            digest.update(f"{path.relative_to(seeds)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
