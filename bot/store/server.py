"""A Chroma server as the home of indexes: one machine publishes, any number copy what is published and ask its collection.

    collection ringwise                       its metadata `current` names the published index, and `previous` the one before
    collection ringwise-<index>               the passages with their vectors
    collection ringwise-files-<index>         the other files of the index in pieces, as base64 in the metadata
    collection ringwise-encoder-<model>       the files of the query encoder likewise
    collection ringwise-writing               is there while a machine publishes; its metadata `until` says when it counts as dead

An index is complete before `current` names it, and that is one write. A web process keeps no state of its own: what it needs beside the
collection is copied into its data folder, which may be in memory. Chroma has no authentication of its own: keep the server inside.
"""

import base64
import contextlib
import logging
import shutil
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from langchain_core.documents import Document

from bot.embeddings import Vectors
from bot.errors import SettingsError, Unavailable
from bot.settings import Settings
from bot.store.chroma import configuration, fill
from bot.store.index import Index
from bot.store.manifest import CHROMA_FOLDER, Manifest
from bot.store.search import ChromaSearch, ExactSearch, Near, Rows, Search, WithFallback
from bot.store.writing import Progress

T = TypeVar("T")

_PREFIX = "ringwise"
_POINTER = _PREFIX
_WRITING = f"{_PREFIX}-writing"
_PIECE = 192 * 1024  # bytes; a multiple of three, so that base64 has no padding inside
_PIECES_AT_ONCE = 32  # a request stays below 10 MB, where Chroma takes 40
_ASK_EVERY_S = 1.0
_DEAD_AFTER_S = 120.0
_SLOW_S = 60.0  # writing many rows may take so long
_REST_S = 1.0  # after a failure nobody waits for the server again so soon

log = logging.getLogger(__name__)


class ChromaServer:
    """Raises Unavailable wherever the server does not answer within RINGWISE_CHROMA_TIMEOUT_S."""

    def __init__(self, settings: Settings) -> None:
        parts = urlsplit(settings.chroma_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingsError(f"RINGWISE_CHROMA_URL={settings.chroma_url} is no address.", "Write http://host:8000.")
        self._host, self._ssl = parts.hostname, parts.scheme == "https"
        self._port = parts.port or (443 if self._ssl else 8000)
        self._url = f"{parts.scheme}://{parts.hostname}:{self._port}"
        self._timeout_s = settings.chroma_timeout_s
        self._with_fallback = settings.chroma_fallback
        self._connected: Any = None
        self._disconnect: Callable[[], object] = _nothing
        self._opened: dict[str, Any] = {}  # collections of this connection
        self._asked_at = -_ASK_EVERY_S
        self._told: str | None = None
        self._reached = True
        self._rest_until = 0.0

    # --- what readers need ---

    def current_name(self) -> str | None:
        """The name of the published index, asked for at most once a second."""
        if time.monotonic() - self._asked_at >= _ASK_EVERY_S:
            self._told = self._state().get("current")
            self._asked_at = time.monotonic()
        return self._told

    def search(self, index: Index) -> Search:
        server = _Reached(self, ChromaSearch(lambda: self._opened_once(f"{_PREFIX}-{index.name}"), index.ids))
        return WithFallback(server, index.exact) if self._with_fallback else server

    def fetch(self, name: str, data: Path) -> None:
        """Copy an index and its encoder into a data folder, each whole or not at all. Raises OSError where that cannot be written."""
        target = data / "indexes" / name
        self._copy(f"{_PREFIX}-files-{name}", target)
        manifest = Manifest.model_validate_json((target / "manifest.json").read_bytes())
        if not (data / "encoders" / manifest.encoder).is_dir():
            with contextlib.suppress(_NoCollection):  # a model that cannot be exported has none
                self._copy(f"{_PREFIX}-encoder-{manifest.encoder}", data / "encoders" / manifest.encoder)

    def _copy(self, collection: str, target: Path) -> None:
        building = target.with_name(f".fetching-{target.name}-{time.monotonic_ns()}")
        try:
            for path, content in self._files(collection):
                file = building / path
                file.parent.mkdir(parents=True, exist_ok=True)
                with file.open("ab") as out:
                    out.write(content)
            with contextlib.suppress(OSError):  # another process of this machine was quicker
                building.replace(target)
        finally:
            shutil.rmtree(building, ignore_errors=True)

    def _files(self, collection: str) -> Iterator[tuple[str, bytes]]:
        """The pieces of all files, those of one file in their order."""
        opened = self._collection(collection)
        total = self.call(opened.count)
        for start in range(0, total, _PIECES_AT_ONCE):
            names = [f"{number:07}" for number in range(start, min(start + _PIECES_AT_ONCE, total))]
            got = self.call(lambda names=names: opened.get(ids=names, include=["metadatas"]))  # type: ignore[misc]
            rows = dict(zip(got["ids"], got["metadatas"], strict=True))
            for name in names:
                yield str(rows[name]["path"]), base64.b64decode(str(rows[name]["data"]))

    # --- what a sync needs ---

    def publish(self, manifest: Manifest, passages: Sequence[Document], folder: Path, encoder: Path, progress: Progress) -> None:
        """Put an index on the server, complete, and then name it as the current one. Raises Unavailable where another machine does so."""
        vectors = ExactSearch(folder / "vectors.npy", [str(passage.id) for passage in passages])
        with self._writing() as alive:
            collection = self._anew(f"{_PREFIX}-{manifest.name}", len(passages))
            for start in range(0, len(passages), 1_000):
                rows = range(start, min(start + 1_000, len(passages)))
                alive()
                self.call(lambda rows=rows: fill(collection, [passages[row] for row in rows], vectors.vectors(rows)), slow=True)  # type: ignore[misc]
                progress("passages on the server", rows[-1] + 1, len(passages))
            self._put(f"{_PREFIX}-files-{manifest.name}", folder, alive)
            names = self._names()
            if encoder.is_dir() and f"{_PREFIX}-encoder-{manifest.encoder}" not in names:
                self._put(f"{_PREFIX}-encoder-{manifest.encoder}", encoder, alive)
            before = self._state().get("current")
            pointer = self.call(lambda: self._client().get_or_create_collection(_POINTER, embedding_function=None))
            self.call(lambda: pointer.modify(metadata={"current": manifest.name, "previous": before or ""}), slow=True)
            self._asked_at = -_ASK_EVERY_S
            self._remove_all_but({manifest.name, before or ""}, manifest.encoder)

    def update_manifest(self, manifest: Manifest) -> None:
        opened = self._collection(f"{_PREFIX}-files-{manifest.name}")
        got = self.call(lambda: opened.get(where={"path": "manifest.json"}, include=["metadatas"]))
        data = base64.b64encode(manifest.model_dump_json(indent=1).encode()).decode()
        self.call(lambda: opened.update(ids=got["ids"][:1], metadatas=[{"path": "manifest.json", "data": data}]))

    def _put(self, name: str, folder: Path, alive: Callable[[], None]) -> None:
        """Write the files of a folder into a new collection; Chroma's own are left out, since the server has the collection itself."""
        files = (path for path in sorted(folder.rglob("*")) if path.is_file())
        pieces = [
            (path.relative_to(folder).as_posix(), data)
            for path in files
            if path.relative_to(folder).parts[0] != CHROMA_FOLDER
            for data in _pieces(path.read_bytes())
        ]
        collection = self._anew(f"{_PREFIX}-unfinished", len(pieces))
        for start in range(0, len(pieces), _PIECES_AT_ONCE):
            part = pieces[start : start + _PIECES_AT_ONCE]
            rows: dict[str, Any] = {
                "ids": [f"{start + place:07}" for place in range(len(part))],
                "embeddings": [[1.0, float(start + place)] for place in range(len(part))],
                "metadatas": [{"path": path, "data": base64.b64encode(data).decode()} for path, data in part],
            }
            alive()
            self.call(lambda rows=rows: collection.add(**rows), slow=True)  # type: ignore[misc]
        self._drop(name)
        self.call(lambda: collection.modify(name=name), slow=True)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Callable[[], None]]:
        """Be the one machine that publishes; the caller says now and then that it is alive."""
        from chromadb.errors import ChromaError

        client = self.call(self._client)

        def until() -> dict[str, float]:
            return {"until": time.time() + _DEAD_AFTER_S}

        def begin() -> Any:
            try:
                return client.create_collection(_WRITING, metadata=until(), embedding_function=None)
            except ChromaError:  # it is there: someone publishes, or died while publishing
                metadata = client.get_collection(_WRITING, embedding_function=None).metadata or {}
                if float(metadata.get("until", 0)) > time.time():
                    return None
                client.delete_collection(_WRITING)
                return client.create_collection(_WRITING, metadata=until(), embedding_function=None)

        mark = self.call(begin)
        if mark is None:
            raise Unavailable(
                "sync_running", f"Another sync is writing to the Chroma server at {self._url}.", "Wait until it has ended, then try again."
            )
        try:
            yield lambda: self.call(lambda: mark.modify(metadata=until()))
        finally:
            with contextlib.suppress(Unavailable):
                self._drop(_WRITING)

    def _remove_all_but(self, indexes: set[str], encoder: str) -> None:
        """Keep the new index and the one before it, which readers may still be using, with their encoders."""
        encoders = {encoder}
        for name in indexes - {""}:
            with contextlib.suppress(Unavailable):
                files = self._collection(f"{_PREFIX}-files-{name}")
                got = self.call(lambda files=files: files.get(where={"path": "manifest.json"}, include=["metadatas"]))  # type: ignore[misc]
                text = b"".join(base64.b64decode(row["data"]) for row in got["metadatas"])
                encoders.add(Manifest.model_validate_json(text).encoder)
        kept = {_POINTER, _WRITING, *(f"{_PREFIX}-encoder-{name}" for name in encoders)}
        kept |= {f"{_PREFIX}{part}-{name}" for part in ("", "-files") for name in indexes}
        for name in self._names():
            if name.startswith(f"{_PREFIX}-") and name not in kept:
                self._drop(name)

    # --- how Chroma is spoken to ---

    def check(self) -> None:
        """Raise Unavailable where the server did not answer when it was last asked."""
        if not self._reached:
            raise self._away()

    def call(self, work: Callable[[], T], *, slow: bool = False) -> T:
        """The result of some work with the server. Raises Unavailable where it fails or takes too long; one log line when that changes."""
        import httpx
        from chromadb.errors import ChromaError, NotFoundError

        if time.monotonic() < self._rest_until:
            raise self._away()
        try:
            self._client(_SLOW_S if slow else self._timeout_s)
            result = work()
        except NotFoundError as error:
            raise _NoCollection(self._url) from error
        except (ChromaError, httpx.HTTPError, ValueError, OSError, RuntimeError) as error:  # the last: another thread has disconnected
            self._disconnect()
            self._connected, self._opened = None, {}
            if self._reached:
                log.warning("The Chroma server at %s does not answer (%s).", self._url, type(error).__name__)
            self._reached = False
            self._rest_until = time.monotonic() + _REST_S
            raise self._away() from error
        if not self._reached:
            log.warning("The Chroma server at %s answers again.", self._url)
        self._reached = True
        return result

    def _away(self) -> Unavailable:
        return Unavailable(
            "store_unavailable", f"The Chroma server at {self._url} does not answer.", "Start it, or look at RINGWISE_CHROMA_URL."
        )

    def _client(self, timeout_s: float | None = None) -> Any:
        import httpx

        timeout = httpx.Timeout(timeout_s or self._timeout_s)
        client = self._connected
        if client is None:
            import chromadb
            from chromadb.config import Settings as ChromaSettings

            # Its client waits for ever, at its making too, and has no setting for that.
            httpx.get(f"{self._url}/api/v2/heartbeat", timeout=timeout).raise_for_status()
            client = self._connected = chromadb.HttpClient(
                host=self._host, port=self._port, ssl=self._ssl, settings=ChromaSettings(anonymized_telemetry=False)
            )
            self._disconnect = weakref.finalize(self, _close, client)
        if timeout_s is not None:
            _session(client).timeout = timeout
        return client

    def _state(self) -> dict[str, Any]:
        try:
            return dict(self._collection(_POINTER).metadata or {})
        except _NoCollection:
            return {}

    def _collection(self, name: str) -> Any:
        return self.call(lambda: self._client().get_collection(name, embedding_function=None))

    def _opened_once(self, name: str) -> Any:
        """A collection to search, opened at the first question of a connection and not at each."""
        opened = self._opened.get(name)
        if opened is None:
            opened = self._opened[name] = self._client().get_collection(name, embedding_function=None)
        return opened

    def _names(self) -> set[str]:
        return {collection.name for collection in self.call(lambda: self._client().list_collections(limit=1_000))}

    def _anew(self, name: str, rows: int) -> Any:
        """An empty collection for so many rows, whatever an earlier try has left under its name."""
        self._drop(name)
        return self.call(lambda: self._client().create_collection(name, embedding_function=None, configuration=configuration(rows)))

    def _drop(self, name: str) -> None:
        with contextlib.suppress(_NoCollection):
            self.call(lambda: self._client().delete_collection(name), slow=True)


class _NoCollection(Unavailable):
    """The server answers, and has no such collection."""

    def __init__(self, url: str) -> None:
        super().__init__("store_unavailable", f"The Chroma server at {url} lacks a part of the index.", "Run `ringwise sync`.")


class _Reached:
    """A search on the server, whose faults are ours."""

    def __init__(self, server: ChromaServer, search: ChromaSearch) -> None:
        self._server = server
        self._search = search

    def nearest(self, vector: Vectors, count: int, rows: Rows | None = None) -> Near:
        return self._server.call(lambda: self._search.nearest(vector, count, rows))


def _session(client: Any) -> Any:
    """The httpx client inside of Chroma's, which neither sets its time limit nor closes it (chromadb 1.5)."""
    return client._server._session


def _close(client: Any) -> None:
    _session(client).close()
    _session(client._admin_client).close()
    client.close()


def _nothing() -> None:
    """Disconnects what was never connected."""


def _pieces(content: bytes) -> Iterator[bytes]:
    for start in range(0, max(len(content), 1), _PIECE):
        yield content[start : start + _PIECE]
