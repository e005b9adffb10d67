"""The data folder: publishes an index, opens the published one, takes up a new one. With a Chroma server it is this machine's copy."""

import fcntl
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from langchain_core.documents import Document
from pydantic import ValidationError

from bot.classifier import LinearClassifier
from bot.embeddings import Encoder
from bot.errors import BotError, IndexDamaged, IndexMissing, Unavailable
from bot.passages import SCHEMA_VERSION, content_name
from bot.settings import Settings
from bot.store.index import Index
from bot.store.manifest import Manifest, write_whole
from bot.store.server import ChromaServer
from bot.store.writing import Progress, write_index


class Store:
    """Opens the published index, takes up a new one, publishes. Its readers may be many threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.folder = settings.data_dir
        self.server = ChromaServer(settings) if settings.chroma_url else None
        self._pointer = self.folder / "current"
        self._opened: Index | None = None
        self._opening = threading.Lock()
        self._watched = False

    def current(self) -> Index:
        """Return the published index, opened anew when another one has been published since. Raises Unavailable."""
        if self._watched and self._opened is not None:
            return self._opened
        with self._opening:
            newer = self._newer()
            if newer is not None:
                self._opened = newer
            assert self._opened is not None
            return self._opened

    def follow(self, prepare: Callable[[Index], None]) -> None:
        """Take up a newer index, if there is one: open it, let `prepare` make ready what answers from it, then use it for every reader.

        From the first call on, `current` no longer looks for itself, so that no visitor waits for an index to open. Raises BotError.
        """
        with self._opening:
            newer = self._newer() or (None if self._watched else self._opened)
            if newer is not None:
                prepare(newer)
                self._opened = newer
            self._watched = True

    def check(self) -> None:
        """Raise Unavailable where questions cannot be answered because a Chroma server is away."""
        if self.server is not None and not self._settings.chroma_fallback:
            self.server.check()

    def _newer(self) -> Index | None:
        """The published index where it is another than the opened one. Raises Unavailable where there is none, or it cannot be read."""
        name = self.current_name()
        if name is None:
            raise IndexMissing
        return None if self._opened is not None and self._opened.name == name else self._open(name)

    def current_name(self) -> str | None:
        """The name of the published index: the server's where there is one; while it is away, that in use, or this machine's copy."""
        if self.server is None:
            return self._local_name()
        try:
            return self.server.current_name()
        except Unavailable:
            if self._opened is not None:
                return self._opened.name
            copy = self._local_name() if self._settings.chroma_fallback else None
            if copy is None:
                raise
            return copy

    def _local_name(self) -> str | None:
        try:
            return self._pointer.read_text(encoding="ascii", errors="replace").strip() or None
        except FileNotFoundError:
            return None

    def manifest(self) -> Manifest | None:
        """What the published index says about itself; None where there is none that can be read."""
        name = self.current_name()
        if name is None:
            return None
        try:
            self._fetch(name)
            return Manifest.model_validate_json((self.folder / "indexes" / name / "manifest.json").read_bytes())
        except (OSError, ValidationError):
            return None

    def _open(self, name: str) -> Index:
        self._fetch(name)
        folder = self.folder / "indexes" / name
        if not folder.is_dir():
            raise IndexDamaged(name, f"the folder {folder} is gone.")
        if self.server is None:
            return Index(folder, self._settings)
        index = Index(folder, self._settings, self.server.search)
        if self._local_name() != name:
            self._point_to(name)
        return index

    def _fetch(self, name: str) -> None:
        """Copy an index from the server where this machine does not have it."""
        if self.server is not None and not (self.folder / "indexes" / name).is_dir():
            try:
                self.server.fetch(name, self.folder)
            except OSError as error:
                raise _cannot_write(self.folder, error) from error

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the lock of the one writer; a second one is told so at once."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = (self.folder / "lock").open("w")
        except OSError as error:
            raise _cannot_write(self.folder, error) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Unavailable(
                    "sync_running", f"Another sync is writing to {self.folder}.", "Wait until it has ended, then try again."
                ) from error
            yield

    def publish(
        self,
        passages: Sequence[Document],
        encoder: Encoder,
        *,
        seeds_digest: str,
        added: Sequence[str] = (),
        classifiers: Mapping[str, LinearClassifier] | None = None,
        training_digest: str = "",
        reuse: Index | None = None,
        progress: Progress = lambda stage, done, total: None,
    ) -> Manifest:
        """Write an index of exactly these passages and make it the current one; `reuse` lends vectors of passages it has."""
        manifest = Manifest(
            name=self._unused(content_name((str(passage.id) for passage in passages), encoder.fingerprint, training_digest)),
            schema_version=SCHEMA_VERSION,
            encoder=encoder.fingerprint,
            passages=len(passages),
            languages=self._settings.known_languages,
            seeds_digest=seeds_digest,
            training_digest=training_digest,
            added=list(added),
        )
        before = self._local_name()
        target = self.folder / "indexes" / manifest.name
        building = self.folder / "indexes" / f".building-{manifest.name}"
        ordered = sorted(passages, key=lambda passage: str(passage.id))
        try:
            shutil.rmtree(building, ignore_errors=True)
            building.mkdir(parents=True)
            write_index(building, ordered, encoder, manifest, classifiers or {}, reuse, progress)
            (self.folder / "encoders").mkdir(exist_ok=True)
            if reuse is None:  # a copy that is there may be what is damaged
                shutil.rmtree(self.folder / "encoders" / encoder.fingerprint, ignore_errors=True)
            encoder.export(self.folder / "encoders" / encoder.fingerprint)
            building.replace(target)
            if self.server is not None:
                self.server.publish(manifest, ordered, target, self.folder / "encoders" / encoder.fingerprint, progress)
            self._point_to(manifest.name)
        except OSError as error:
            raise _cannot_write(self.folder, error) from error
        self._remove_old(manifest, before)
        return manifest

    def _unused(self, name: str) -> str:
        """The name, or the name with a number: a folder that a reader may have open is never changed."""
        taken = {path.name for path in (self.folder / "indexes").iterdir()} if (self.folder / "indexes").is_dir() else set()
        if self.server is not None:
            taken.add(self.server.current_name() or "")
        names = [name, *(f"{name}-{number}" for number in range(2, 100))]
        return next(free for free in names if free not in taken)

    def update_manifest(self, manifest: Manifest) -> None:
        """Note what has changed about an index beside its passages: the digest of the seeds, the sources added by hand."""
        try:
            write_whole(self.folder / "indexes" / manifest.name / "manifest.json", manifest.model_dump_json(indent=1))
        except OSError as error:
            raise _cannot_write(self.folder, error) from error
        if self.server is not None:
            self.server.update_manifest(manifest)

    def _point_to(self, name: str) -> None:
        write_whole(self._pointer, name)

    def _remove_old(self, manifest: Manifest, before: str | None) -> None:
        """Keep the new index and the one before it, which readers may still be using."""
        for path in (self.folder / "indexes").iterdir():
            if path.name not in {manifest.name, before}:
                shutil.rmtree(path, ignore_errors=True)
        used = {manifest.encoder, _encoder_of(self.folder / "indexes" / before) if before else None}
        for path in (self.folder / "encoders").iterdir():
            if path.name not in used:
                shutil.rmtree(path, ignore_errors=True)


def open_store(settings: Settings) -> Store:
    return Store(settings)


def _encoder_of(folder: Path) -> str | None:
    try:
        return Manifest.model_validate_json((folder / "manifest.json").read_bytes()).encoder
    except (OSError, ValidationError):
        return None


def _cannot_write(folder: Path, error: OSError) -> BotError:
    return Unavailable("cannot_write", f"{folder} cannot be written: {error.strerror or error}.", "Free space or set RINGWISE_DATA_DIR.")
