"""Chroma collections: how passages are written into one, embedded or on a server, and how it is opened. Knows no file of ours."""

import json
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from langchain_core.documents import Document

from bot.embeddings import Vectors

COLLECTION = "passages"
# Chroma refuses more in one add: 5,461 rows.
_ADD_ROWS = 5_000
# Chroma's defaults leave fewer than 1,000 vectors in the database, unwritten: every reader would then write vector files of its own into a
# published index.
_HNSW = {"space": "cosine", "ef_construction": 200, "max_neighbors": 32, "batch_size": 1, "sync_threshold": 1}
# How many of a collection its graph looks at: at 100,000 vectors 200 find 89 of the 100 nearest, one in 60 of all finds 99.
_LEAST_LOOKED_AT, _LOOKED_AT_OF = 200, 60
_JSON_FIELDS = ("sentences", "sentence_references", "references", "regions", "aliases", "asked_as", "audiences")


def write_embedded(folder: Path, passages: Sequence[Document], vectors: Vectors) -> None:
    """Write a collection into a new folder; `vectors` in the order of the passages. Raises OSError, as for a full disk."""
    from chromadb.errors import ChromaError

    try:
        with closing(_client(folder)) as client:
            made = client.create_collection(COLLECTION, embedding_function=None, configuration=configuration(len(passages)))
            fill(made, passages, vectors)
    except (ChromaError, RuntimeError) as error:
        raise OSError(f"Chroma says: {error}") from error


def configuration(passages: int) -> dict[str, Any]:
    """What a collection of so many passages is made with."""
    return {"hnsw": {**_HNSW, "ef_search": max(_LEAST_LOOKED_AT, passages // _LOOKED_AT_OF)}}


def open_embedded(folder: Path) -> Any:
    """Open the collection of a folder. Raises OSError where it cannot be read."""
    from chromadb.errors import ChromaError

    try:
        return _client(folder).get_collection(COLLECTION, embedding_function=None)
    except (ChromaError, RuntimeError) as error:
        raise OSError(f"Chroma says: {error}") from error


def fill(collection: Any, passages: Sequence[Document], vectors: Vectors) -> None:
    for start in range(0, len(passages), _ADD_ROWS):
        part = passages[start : start + _ADD_ROWS]
        collection.add(
            ids=[str(passage.id) for passage in part],
            documents=[passage.page_content for passage in part],
            metadatas=[_flatten(passage.metadata) for passage in part],
            embeddings=np.asarray(vectors[start : start + len(part)]),
        )


def _client(folder: Path) -> Any:
    import chromadb
    from chromadb.config import Settings as ChromaSettings

    return chromadb.PersistentClient(path=str(folder), settings=ChromaSettings(anonymized_telemetry=False))


def _flatten(metadata: dict[str, Any]) -> dict[str, Any]:
    """Chroma keeps single values only; lists and tables travel as JSON."""
    return {key: json.dumps(value, ensure_ascii=False) if key in _JSON_FIELDS else value for key, value in metadata.items()}

