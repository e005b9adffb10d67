"""Which vectors are nearest to a question's: by comparing all of them, or by Chroma's graph.

Up to a hundred thousand passages, comparing a question with every vector is both exact and quicker than asking Chroma for as much (0.1 ms
where Chroma takes 2 ms for the shipped knowledge, and half a second less to start, since Chroma is not loaded; 8 ms where it takes 12 at
100,000); above, Chroma's graph wins. `ringwise bench --scale` measures both. On a Chroma server the collection is always asked.
"""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from bot.embeddings import Vectors
from bot.errors import Unavailable

# Where both take about as long on one core; measured with `ringwise bench --scale`.
EXACT_UP_TO = 100_000

Rows = npt.NDArray[np.int64]
Near = list[tuple[str, float]]

log = logging.getLogger(__name__)


class Search(Protocol):
    """Finds the `count` nearest of all ids, or of some rows of them, with their cosine similarity, nearest first."""

    def nearest(self, vector: Vectors, count: int, rows: Rows | None = None) -> Near: ...


def load_mapped(path: Path) -> Any:
    """An array that stays in its file until it is read. As a plain array, since taking a part of a memmap costs ten times as much."""
    return np.load(path, mmap_mode="r").view(np.ndarray)


class ExactSearch:
    """Compares with every vector of a file whose rows are in the order of the ids."""

    def __init__(self, path: Path, ids: Sequence[str]) -> None:
        self._ids = ids
        self._vectors: Vectors = load_mapped(path)
        if len(self._vectors) != len(ids):
            raise ValueError(f"it has {len(self._vectors)} vectors for {len(ids)} passages")

    def nearest(self, vector: Vectors, count: int, rows: Rows | None = None) -> Near:
        # Not `@`: for so small a product BLAS loses more to its threads, who wait for a busy core, than they bring.
        cosines = np.einsum("ij,j->i", self._vectors if rows is None else self._vectors[rows], vector)
        count = min(count, len(cosines))
        best = np.argpartition(-cosines, count - 1)[:count] if 0 < count < len(cosines) else np.arange(len(cosines))[:count]
        best = best[np.lexsort((best, -cosines[best]))]
        places = best if rows is None else rows[best]
        return [(self._ids[place], cosine) for place, cosine in zip(places.tolist(), cosines[best].tolist(), strict=True)]

    def vectors(self, rows: Sequence[int]) -> Vectors:
        """The vectors of some rows, shape (rows, dimension)."""
        return np.asarray(self._vectors[list(rows)], dtype=np.float32)


class ChromaSearch:
    """Asks a Chroma collection; for a part of the ids it asks for more and leaves the others out, which is quicker than a filter."""

    def __init__(self, collection: Callable[[], Any], ids: Sequence[str]) -> None:
        self._collection = collection
        self._ids = ids

    def nearest(self, vector: Vectors, count: int, rows: Rows | None = None) -> Near:
        wanted = None if rows is None else {self._ids[int(row)] for row in rows}
        asked = count if not wanted else count * len(self._ids) // len(wanted)
        found = self._collection().query(
            query_embeddings=[vector], n_results=max(1, min(asked, len(self._ids))), include=["distances"]
        )
        near = zip(found["ids"][0], found["distances"][0], strict=True)
        return [(key, 1 - distance) for key, distance in near if wanted is None or key in wanted][:count]


class WithFallback:
    """Asks a server, and a copy of its vectors on this machine while the server cannot be reached."""

    def __init__(self, server: Search, copy: Search) -> None:
        self._server = server
        self._copy = copy
        self._down = False

    def nearest(self, vector: Vectors, count: int, rows: Rows | None = None) -> Near:
        try:
            near = self._server.nearest(vector, count, rows)
        except Unavailable as error:
            if not self._down:
                log.warning("%s The copy on this machine answers until it is back.", error.message)
            self._down = True
            return self._copy.nearest(vector, count, rows)
        if self._down:
            log.warning("The Chroma server answers again.")
        self._down = False
        return near
