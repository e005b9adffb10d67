"""Make the index hold what the sources say: plan by set arithmetic on passage ids, then publish whole or not at all.

`sync()` alone takes all of sources.yaml; sources named by hand are added or refreshed and stay until `prune`. Everything is read
and validated before anything is written, and a passage that has not changed is never embedded again.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from langchain_core.documents import Document

from bot.bibliography import load_bibliography
from bot.classifier import LinearClassifier
from bot.embeddings import Encoder
from bot.errors import IndexDamaged, IndexMissing, SourceErrors, SourceProblem
from bot.settings import Settings
from bot.store import Index, Manifest, Progress, Store
from ingest.read import Reading, read_sources
from ingest.sources import Source, find_sources, source_by_hand
from ingest.train import TRAINING_FILES, train_classifiers, training_digest


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

    def __init__(self, settings: Settings, store: Store, encoder: Encoder) -> None:
        self._settings = settings
        self._store = store
        self._encoder = encoder

    def is_current(self) -> bool:
        """Whether the published index can be used and was made from the seeds as they are now, without reading these whole."""
        index = self._present()
        return (
            index is not None
            and index.manifest.languages == self._settings.known_languages
            and index.manifest.seeds_digest == seeds_digest(self._settings.seeds_dir)
        )

    def plan(self, by_hand: Sequence[str] = (), *, prune: bool = False, rebuild: bool = False) -> Plan:
        """Read the sources and compare. Raises SourceErrors with every problem of the run."""
        seeds = self._settings.seeds_dir
        before = self._store.manifest()
        index = None if rebuild else self._present()
        listed, problems = find_sources(seeds)
        named = [self._named(location, listed) for location in by_hand]
        by_hand_before = [] if before is None else before.added
        kept = [] if prune else [place for place in by_hand_before if self._named(place, listed).added]
        # Where the index cannot be built upon, what stood in it is read again.
        whole = not by_hand or (index is None and before is not None)
        again = [source_by_hand(place) for place in kept] if index is None else []
        reading = self._read([*(listed if whole else []), *named, *again], problems)
        present = index.passages if index else {}
        origins = {str(passage.metadata["origin"]) for passage in present.values()}
        unread = origins & set(kept) if whole else origins - set(by_hand_before) | set(kept)
        stay = [p for p in present.values() if p.metadata["origin"] in unread - reading.locations]
        wanted = [*reading.passages, *stay]
        _check_ids(wanted)
        unique = {str(passage.id): passage for passage in wanted}
        return Plan(
            passages=tuple(unique.values()),
            add=tuple(sorted(unique.keys() - present.keys())),
            drop=tuple(sorted(present.keys() - unique.keys())),
            keep=tuple(sorted(present.keys() & unique.keys())),
            added_sources=tuple(sorted({*kept, *(source.location for source in named if source.added)})),
            seeds_digest=seeds_digest(seeds) if whole else index.manifest.seeds_digest if index else "",
        )

    def _named(self, location: str, listed: Sequence[Source]) -> Source:
        for source in listed:
            same_file = source.file is not None and source.file.resolve() == Path(location).resolve()
            if source.location == location or same_file:
                return source
        return source_by_hand(location)

    def _read(self, sources: Sequence[Source], found: Sequence[SourceProblem]) -> Reading:
        """Read the sources; their problems are raised as SourceErrors together with those that were found before."""
        problems = [*found]
        try:
            bibliography = load_bibliography(self._settings.seeds_dir / "bibliography.yaml")
        except SourceErrors as error:
            problems.extend(error.problems)
            bibliography, sources = {}, [source for source in sources if source.entry.kind != "guide"]
        reading = read_sources(sources, bibliography, self._encoder, self._settings)
        problems.extend(reading.problems)
        if problems:
            raise SourceErrors(problems)
        return reading

    def _present(self) -> Index | None:
        """The published index, where there is one of this schema and embedding model that can be read."""
        try:
            index = self._store.current()
            index.check_encoder()
        except (IndexMissing, IndexDamaged):
            return None
        return index if index.manifest.encoder == self._encoder.fingerprint else None

    def apply(self, plan: Plan, progress: Progress = lambda stage, done, total: None, *, rebuild: bool = False) -> Manifest:
        """Publish the plan; an index that would be the same is left as it is, but for its notes."""
        index = None if rebuild else self._present()
        digest = training_digest(self._settings.seeds_dir, plan.passages)
        learnt = index.classifiers if index and index.manifest.training_digest == digest else None
        same_languages = index is not None and index.manifest.languages == self._settings.known_languages
        if index and same_languages and not plan.changes and learnt is not None:
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
            classifiers=self._train(plan) if learnt is None else learnt,
            training_digest=digest,
            reuse=index,
            progress=progress,
        )

    def _train(self, plan: Plan) -> dict[str, LinearClassifier]:
        seeds = self._settings.seeds_dir
        known = self._settings.known_languages
        return train_classifiers(seeds, plan.passages, self._encoder, known)


def _check_ids(passages: Iterable[Document]) -> None:
    """Two sources with one id would be taken for one: their passages would stand under the wrong title."""
    owners: dict[tuple[str, str], str] = {}
    clashes: dict[str, SourceProblem] = {}
    for passage in passages:
        facts = passage.metadata
        owner = owners.setdefault((facts["source_id"], facts["language"]), facts["origin"])
        if owner != facts["origin"]:
            reason = f"has the id {facts['source_id']}, which {owner} has already."
            clashes[facts["origin"]] = SourceProblem(facts["origin"], reason, "Rename the file.")
    if clashes:
        raise SourceErrors(list(clashes.values()))


def seeds_digest(seeds: Path) -> str:
    """A digest of the files that the index is made of, by content; addresses are not fetched for it. Raises SourceErrors."""
    digest = hashlib.sha256()
    files = {name: seeds / name for name in ("sources.yaml", "bibliography.yaml", *TRAINING_FILES)}
    files |= {source.location: source.file for source in find_sources(seeds)[0] if source.file}
    for name, path in sorted(files.items()):
        if path.is_file():
            digest.update(f"{name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
