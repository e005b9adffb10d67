"""The index on disk: passages and vectors in Chroma, keyword index and query encoder, published under one name.

    .data/
      current                    the name of the index in use, replaced in one step
      lock                       held by the one process that writes
      encoders/<model>/          the query encoder, shared by the indexes of one embedding model
      indexes/<name>/            chroma/ keyword/ phrases/ classifiers/ sentences.npy manifest.json seal.json, never changed
                                 once published

An index is written beside the old one and published by replacing `current`, because two processes on one embedded Chroma
directory read stale data without any error (chroma issue 3792): a directory has one writer and is finished before it has a reader.
"""

import copy
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from langchain_core.documents import Document
from pydantic import BaseModel, ValidationError

from bot.classifier import LinearClassifier
from bot.embeddings import Encoder, Vectors, load_query_encoder
from bot.errors import BotError, IndexDamaged, IndexMissing, Unavailable
from bot.passages import SCHEMA_VERSION, content_name, language_of, searchable_text
from bot.retrieval.keyword import KeywordIndex
from bot.retrieval.phrases import PhraseBook
from bot.settings import Settings
from bot.text import tokenize

Progress = Callable[[str, int, int], None]
T = TypeVar("T")

# Chroma refuses more at once: 5,461 rows in one add, 32,766 in one get.
_ADD_ROWS = 5_000
_GET_ROWS = 30_000
_ENCODE_ROWS = 256
# Chroma's defaults lose recall at tens of thousands of vectors, and leave fewer than 1,000 in the database, unwritten: every reader
# would then write vector files of its own into a published index.
_HNSW = {
    "space": "cosine", "ef_construction": 200, "ef_search": 200, "max_neighbors": 32, "batch_size": 1, "sync_threshold": 1,
}  # fmt: skip
_COLLECTION = "passages"
_JSON_FIELDS = ("sentences", "sentence_references", "references", "regions", "aliases", "asked_as", "audiences")


class Manifest(BaseModel):
    """What an index says about itself."""

    name: str
    schema_version: int
    encoder: str
    passages: int
    languages: list[str]
    seeds_digest: str
    training_digest: str
    added: list[str]


class Index:
    """One published index, open for reading."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder = folder
        self.name = folder.name
        self._settings = settings
        try:
            self.manifest = Manifest.model_validate_json((folder / "manifest.json").read_bytes())
            _check_seal(folder)
            self._collection = _open_collection(folder / "chroma")
            self.passages = {str(passage.id): passage for passage in _read_passages(self._collection)}
            self.keyword = KeywordIndex.load(folder / "keyword")
            self._sentence_vectors: npt.NDArray[np.float16] = np.load(folder / "sentences.npy", mmap_mode="r")
            self.phrases = PhraseBook.load(folder / "phrases")
            self.classifiers = {
                path.stem: LinearClassifier.load(path) for path in sorted((folder / "classifiers").glob("*.npz"))
            }
        except (OSError, ValueError, KeyError, ValidationError) as error:
            raise IndexDamaged(self.name, str(error)) from error
        self.ids = sorted(self.passages)
        self.by_source = self._by_source()
        self._tokens: dict[tuple[str, str], frozenset[str]] = {}
        if len(self.ids) != self.manifest.passages or self.keyword.rows != len(self.ids):
            raise IndexDamaged(self.name, f"it has {len(self.ids)} passages where {self.manifest.passages} were published.")
        self._rows = self._sentence_rows()

    def _by_source(self) -> dict[tuple[str, str], list[str]]:
        """The ids of the passages of each source, by source id and language."""
        groups: dict[tuple[str, str], list[str]] = {}
        for key, passage in self.passages.items():
            groups.setdefault((passage.metadata["source_id"], language_of(passage)), []).append(key)
        return groups

    def source_tokens(self, source_id: str, language: str) -> frozenset[str]:
        """The words of a source and of its phrases as keyword search sees them, worked out at first use."""
        key = (source_id, language)
        if key not in self._tokens:
            passages = [self.passages[row] for row in self.by_source.get(key, ())]
            phrases = passages[0].metadata["asked_as"] if passages else []
            texts = [*(keyword_text(passage) for passage in passages), *phrases]
            self._tokens[key] = frozenset(token for text in texts for token in tokenize(text))
        return self._tokens[key]

    def _sentence_rows(self) -> dict[str, int]:
        """Where the sentences of each passage start in the matrix of sentence vectors."""
        starts: dict[str, int] = {}
        row = 0
        for key, passage in sorted(self.passages.items()):
            if language_of(passage) in self.manifest.languages:
                starts[key] = row
                row += len(passage.metadata["sentences"])
        if row != len(self._sentence_vectors):
            raise IndexDamaged(self.name, f"it has {len(self._sentence_vectors)} sentence vectors where {row} are needed.")
        return starts

    @cached_property
    def encoder(self) -> Encoder:
        return load_query_encoder(
            self._settings, self.folder.parent.parent / "encoders" / self.manifest.encoder, self.manifest.encoder
        )

    def knows(self, language: str) -> bool:
        """Whether the embedding model understands a language."""
        return language in self.manifest.languages

    def nearest(self, vector: Vectors, count: int) -> list[tuple[str, float]]:
        """Return up to `count` passages with their cosine similarity to a unit vector, nearest first."""
        count = min(count, len(self.ids))
        if not count:
            return []
        found = self._collection.query(query_embeddings=[vector], n_results=count, include=["distances"])
        near = zip(found["ids"][0], found["distances"][0], strict=True)
        return [(key, 1 - distance) for key, distance in near if key in self.passages]

    def narrowed(self, admits: Callable[[Document], bool]) -> "Index":
        """The same index with these passages alone; it shares what is in memory. Scores of words are those of the whole index."""
        passages = {key: passage for key, passage in self.passages.items() if admits(passage)}
        if len(passages) == len(self.passages):
            return self
        view = copy.copy(self)
        view.passages = passages
        view.by_source = view._by_source()
        view._tokens = {}
        if self.manifest.languages:  # an index that is searched by words alone has no encoder
            view.__dict__["encoder"] = self.encoder  # loaded once for all views
        return view

    def sentence_vectors(self, passage_id: str) -> Vectors | None:
        """Unit vectors of a passage's sentences, shape (sentences, dimension); None in a language the model does not know."""
        start = self._rows.get(passage_id)
        if start is None:
            return None
        end = start + len(self.passages[passage_id].metadata["sentences"])
        return np.asarray(self._sentence_vectors[start:end], dtype=np.float32)

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """Return the stored vectors of some passages."""
        rows: dict[str, Vectors] = {}
        for part in _chunks(ids, _GET_ROWS):
            got = self._collection.get(ids=list(part), include=["embeddings"])
            rows.update(zip(got["ids"], np.asarray(got["embeddings"], dtype=np.float32), strict=True))
        return rows


class Store:
    """The data folder: opens the published index, takes up a new one, publishes."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.folder = settings.data_dir
        self._pointer = self.folder / "current"
        self._opened: Index | None = None

    def current_name(self) -> str | None:
        try:
            return self._pointer.read_text(encoding="ascii", errors="replace").strip() or None
        except FileNotFoundError:
            return None

    def current(self) -> Index:
        """Return the published index, opened anew when another one has been published since."""
        name = self.current_name()
        if name is None:
            raise IndexMissing
        if self._opened is None or self._opened.name != name:
            self._opened = self._open(name)
        return self._opened

    def manifest(self) -> Manifest | None:
        """What the published index says about itself; None where there is none that can be read."""
        name = self.current_name()
        if name is None:
            return None
        try:
            return Manifest.model_validate_json((self.folder / "indexes" / name / "manifest.json").read_bytes())
        except (OSError, ValidationError):
            return None

    def _open(self, name: str) -> Index:
        folder = self.folder / "indexes" / name
        if not folder.is_dir():
            raise IndexDamaged(name, f"the folder {folder} is gone.")
        return Index(folder, self._settings)

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
        target = self.folder / "indexes" / manifest.name
        building = self.folder / "indexes" / f".building-{manifest.name}"
        try:
            shutil.rmtree(building, ignore_errors=True)
            building.mkdir(parents=True)
            _write_index(building, sorted(passages, key=lambda p: str(p.id)), encoder, manifest, reuse, progress)
            (building / "classifiers").mkdir()
            for name, classifier in (classifiers or {}).items():
                classifier.save(building / "classifiers" / f"{name}.npz")
            _seal(building)
            (self.folder / "encoders").mkdir(exist_ok=True)
            if reuse is None:  # a copy that is there may be what is damaged
                shutil.rmtree(self.folder / "encoders" / encoder.fingerprint, ignore_errors=True)
            encoder.export(self.folder / "encoders" / encoder.fingerprint)
            building.replace(target)
            self._point_to(manifest.name)
        except OSError as error:
            raise _cannot_write(self.folder, error) from error
        self._remove_old(manifest)
        return manifest

    def _unused(self, name: str) -> str:
        """The name, or the name with a number: a folder that a reader may have open is never changed."""
        names = [name, *(f"{name}-{number}" for number in range(2, 100))]
        return next(free for free in names if not (self.folder / "indexes" / free).exists())

    def update_manifest(self, manifest: Manifest) -> None:
        """Note what has changed about an index beside its passages: the digest of the seeds, the sources added by hand."""
        _write_whole(self.folder / "indexes" / manifest.name / "manifest.json", manifest.model_dump_json(indent=1))

    def _point_to(self, name: str) -> None:
        _write_whole(self._pointer, name)

    def _remove_old(self, manifest: Manifest) -> None:
        """Keep the new index and the one before it, which readers may still be using."""
        folders = [path for path in (self.folder / "indexes").iterdir() if path.name != manifest.name]
        folders.sort(key=lambda path: path.stat().st_mtime, reverse=True)
        previous = next((path for path in folders if not path.name.startswith(".")), None)
        for path in folders:
            if path != previous:
                shutil.rmtree(path, ignore_errors=True)
        for path in (self.folder / "encoders").iterdir():
            used = {manifest.encoder, _encoder_of(previous) if previous else None}
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


def _write_whole(path: Path, text: str) -> None:
    """Replace a file in one step, so that a reader sees the old content or the new one."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _write_index(
    folder: Path,
    passages: Sequence[Document],
    encoder: Encoder,
    manifest: Manifest,
    reuse: Index | None,
    progress: Progress,
) -> None:
    reuse = reuse if reuse and reuse.manifest.encoder == manifest.encoder else None
    known = reuse.vectors([str(p.id) for p in passages if p.id in reuse.passages]) if reuse else {}
    _add_vectors(passages, encoder, known, progress)
    _write_chroma(folder / "chroma", passages, known)
    _write_sentences(folder / "sentences.npy", passages, encoder, manifest, reuse, progress)
    KeywordIndex.build([tokenize(keyword_text(passage)) for passage in passages]).save(folder / "keyword")
    PhraseBook.build(passages, encoder, manifest.languages, reuse.phrases if reuse else None).save(folder / "phrases")
    _write_whole(folder / "manifest.json", manifest.model_dump_json(indent=1))


def _seal(folder: Path) -> None:
    """Note what is in every file: hnswlib crashes the whole process on a vector file that was cut off.

    Chroma writes into its database whenever it opens it, and notices damage there itself.
    """
    files = (path for path in folder.rglob("*") if path.is_file() and path.name not in {"chroma.sqlite3", "manifest.json"})
    digests = {path.relative_to(folder).as_posix(): _digest(path) for path in sorted(files)}
    _write_whole(folder / "seal.json", json.dumps(digests, indent=1))


def _check_seal(folder: Path) -> None:
    for name, digest in json.loads((folder / "seal.json").read_text(encoding="utf-8")).items():
        if _digest(folder / name) != digest:
            raise ValueError(f"{name} is not as it was published")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def keyword_text(passage: Document) -> str:
    """What keyword search reads: the passage with its title, heading and the names that people use for its subject."""
    return "\n".join([searchable_text(passage), *passage.metadata["aliases"]])


def _add_vectors(
    passages: Sequence[Document], encoder: Encoder, known: dict[str, Vectors], progress: Progress
) -> None:
    missing = [passage for passage in passages if passage.id not in known]
    progress("passages", 0, len(missing))
    for part in _chunks(missing, _ENCODE_ROWS):
        vectors = encoder.encode([searchable_text(passage) for passage in part])
        known.update((str(passage.id), vector) for passage, vector in zip(part, vectors, strict=True))
        progress("passages", len(known) - (len(passages) - len(missing)), len(missing))


def _write_sentences(
    path: Path,
    passages: Sequence[Document],
    encoder: Encoder,
    manifest: Manifest,
    reuse: Index | None,
    progress: Progress,
) -> None:
    """Vectors of the single sentences, in the order of the passages, in the languages that the model knows (float16)."""
    texts: list[str] = []
    blocks: list[Vectors | slice] = []
    for passage in passages:
        if language_of(passage) not in manifest.languages:
            continue
        old = reuse.sentence_vectors(str(passage.id)) if reuse and passage.id in reuse.passages else None
        if old is None:
            sentences = passage.metadata["sentences"]
            blocks.append(slice(len(texts), len(texts) + len(sentences)))
            texts.extend(sentences)
        else:
            blocks.append(old)
    progress("sentences", 0, len(texts))
    encoded: list[Vectors] = []
    for part in _chunks(texts, _ENCODE_ROWS):
        encoded.extend(encoder.encode(part))
        progress("sentences", len(encoded), len(texts))
    rows = [row for block in blocks for row in (encoded[block] if isinstance(block, slice) else block)]
    np.save(path, np.array(rows, dtype=np.float16) if rows else np.zeros((0, 0), dtype=np.float16))


def _chroma_client(folder: Path) -> Any:
    import chromadb
    from chromadb.config import Settings as ChromaSettings

    return chromadb.PersistentClient(path=str(folder), settings=ChromaSettings(anonymized_telemetry=False))


def _write_chroma(folder: Path, passages: Sequence[Document], vectors: dict[str, Vectors]) -> None:
    with closing(_chroma_client(folder)) as client:
        collection = client.create_collection(_COLLECTION, embedding_function=None, configuration={"hnsw": _HNSW})
        for part in _chunks(passages, _ADD_ROWS):
            collection.add(
                ids=[str(passage.id) for passage in part],
                documents=[passage.page_content for passage in part],
                metadatas=[_flatten(passage.metadata) for passage in part],
                embeddings=np.array([vectors[str(passage.id)] for passage in part]),
            )


def _open_collection(folder: Path) -> Any:
    from chromadb.errors import ChromaError

    if not (folder / "chroma.sqlite3").is_file():
        raise OSError("the Chroma collection is missing")
    try:
        return _chroma_client(folder).get_collection(_COLLECTION, embedding_function=None)
    except (ChromaError, RuntimeError) as error:
        raise OSError(f"Chroma says: {error}") from error


def _read_passages(collection: Any) -> Iterator[Document]:
    for offset in range(0, collection.count(), _GET_ROWS):
        page = collection.get(include=["documents", "metadatas"], limit=_GET_ROWS, offset=offset)
        for key, text, metadata in zip(page["ids"], page["documents"], page["metadatas"], strict=True):
            yield Document(id=key, page_content=text, metadata=_unflatten(metadata))


def _flatten(metadata: dict[str, Any]) -> dict[str, Any]:
    """Chroma keeps single values only; lists and tables travel as JSON."""
    return {
        key: json.dumps(value, ensure_ascii=False) if key in _JSON_FIELDS else value for key, value in metadata.items()
    }


def _unflatten(metadata: dict[str, Any]) -> dict[str, Any]:
    return {key: json.loads(value) if key in _JSON_FIELDS else value for key, value in metadata.items()}


def _chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
