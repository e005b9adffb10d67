"""Write the files of one index into a new folder: passages, vectors, keyword index, phrases, classifiers, and the seal over them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from langchain_core.documents import Document

from bot.classifier import LinearClassifier
from bot.embeddings import Encoder, Vectors
from bot.passages import keyword_text, language_of, searchable_text
from bot.retrieval.keyword import KeywordIndex
from bot.retrieval.phrases import PhraseBook
from bot.store.chroma import write_embedded
from bot.store.index import Index
from bot.store.manifest import Manifest, seal, write_whole
from bot.store.passage_file import write_passages
from bot.text import tokenize

Progress = Callable[[str, int, int], None]
T = TypeVar("T")

_ENCODE_ROWS = 256


def write_index(
    folder: Path,
    passages: Sequence[Document],
    encoder: Encoder,
    manifest: Manifest,
    classifiers: Mapping[str, LinearClassifier],
    reuse: Index | None,
    progress: Progress,
) -> None:
    """Write an index of these passages, ordered by id; `reuse` lends the vectors of passages that it has. Raises OSError."""
    reuse = reuse if reuse and reuse.manifest.encoder == manifest.encoder else None
    vectors = _vectors(passages, encoder, reuse, progress)
    np.save(folder / "vectors.npy", vectors)
    write_embedded(folder / "chroma", passages, vectors)
    write_passages(folder, passages)
    encoded = _write_sentences(folder / "sentences.npy", passages, encoder, manifest, reuse, progress)
    KeywordIndex.build([tokenize(keyword_text(passage)) for passage in passages]).save(folder / "keyword")
    known = {**(reuse.phrases.known_vectors() if reuse else {}), **encoded}
    PhraseBook.build(passages, encoder, manifest.languages, known).save(folder / "phrases")
    (folder / "classifiers").mkdir()
    for name, classifier in classifiers.items():
        classifier.save(folder / "classifiers" / f"{name}.npz")
    write_whole(folder / "manifest.json", manifest.model_dump_json(indent=1))
    seal(folder)


def _vectors(passages: Sequence[Document], encoder: Encoder, reuse: Index | None, progress: Progress) -> Vectors:
    known = reuse.vectors([str(p.id) for p in passages if p.id in reuse.passages]) if reuse else {}
    missing = [passage for passage in passages if passage.id not in known]
    progress("passages", 0, len(missing))
    done = 0
    for part in _chunks(missing, _ENCODE_ROWS):
        encoded = encoder.encode([searchable_text(passage) for passage in part])
        known.update((str(passage.id), vector) for passage, vector in zip(part, encoded, strict=True))
        done += len(part)
        progress("passages", done, len(missing))
    rows = [known[str(passage.id)] for passage in passages]
    return np.array(rows, dtype=np.float32) if rows else np.zeros((0, 0), dtype=np.float32)


def _write_sentences(
    path: Path,
    passages: Sequence[Document],
    encoder: Encoder,
    manifest: Manifest,
    reuse: Index | None,
    progress: Progress,
) -> dict[str, Vectors]:
    """Vectors of the single sentences, in the order of the passages, in the languages that the model knows (float16).

    Returns those that were not there before by their text, since a sentence may be a phrase too.
    """
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
    return dict(zip(texts, encoded, strict=True))


def _chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
