"""One published index, open for reading. Knows no question and no network of its own: how near vectors are found is given to it."""

import copy
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np
from langchain_core.documents import Document
from pydantic import ValidationError

from bot.classifier import LinearClassifier
from bot.embeddings import Encoder, Vectors, check_export, load_query_encoder
from bot.errors import IndexDamaged
from bot.passages import SCHEMA_VERSION, keyword_text, language_of
from bot.retrieval.keyword import KeywordIndex
from bot.retrieval.phrases import PhraseBook
from bot.schema import Language
from bot.settings import Settings
from bot.store.chroma import open_embedded
from bot.store.manifest import Manifest, check_seal
from bot.store.passage_file import read_passages
from bot.store.search import EXACT_UP_TO, ChromaSearch, ExactSearch, Rows, Search, load_mapped
from bot.text import tokenize

K = TypeVar("K")
Groups = dict[K, list[str]]


class Index:
    """The passages, and what finds them. Raises IndexDamaged where a file is not as it was published.

    `search` is another way to near vectors than the folder's own, such as a Chroma server.
    """

    def __init__(self, folder: Path, settings: Settings, search: Callable[["Index"], Search] | None = None) -> None:
        self.folder = folder
        self.name = folder.name
        self._settings = settings
        try:
            self.manifest = Manifest.model_validate_json((folder / "manifest.json").read_bytes())
            if self.manifest.schema_version != SCHEMA_VERSION:
                raise ValueError("it was written by another version of Ringwise.")
            check_seal(folder, chroma=search is None)
            self.passages = {str(passage.id): passage for passage in read_passages(folder)}
            self.ids = sorted(self.passages)
            self._copy = ExactSearch(folder / "vectors.npy", self.ids)
            self.keyword = KeywordIndex.load(folder / "keyword")
            self._sentence_vectors = load_mapped(folder / "sentences.npy")
            self.phrases = PhraseBook.load(folder / "phrases")
            self.classifiers = {
                path.stem: LinearClassifier.load(path) for path in sorted((folder / "classifiers").glob("*.npz"))
            }
        except (OSError, ValueError, KeyError, ValidationError) as error:
            raise IndexDamaged(self.name, str(error)) from error
        self.by_source, self.by_section = self._groups()
        self.language_of = {key: language_of(passage) for key, passage in self.passages.items()}
        self.source_of = {key: str(passage.metadata["source_id"]) for key, passage in self.passages.items()}
        self._tokens: dict[tuple[str, str], frozenset[str]] = {}
        if len(self.ids) != self.manifest.passages or self.keyword.rows != len(self.ids):
            raise IndexDamaged(self.name, f"it has {len(self.ids)} passages where {self.manifest.passages} were published.")
        self._row_of = {key: row for row, key in enumerate(self.ids)}
        self._rows: Rows | None = None
        self._sentence_starts = self._starts_of_sentences()
        self._search = search(self) if search else self._own_search()

    def _own_search(self) -> Search:
        if len(self.ids) <= EXACT_UP_TO:
            return self._copy
        try:
            collection = open_embedded(self.folder / "chroma")
        except OSError as error:
            raise IndexDamaged(self.name, str(error)) from error
        return ChromaSearch(lambda: collection, self.ids)

    @property
    def exact(self) -> ExactSearch:
        """The search that compares with every vector, whatever the index itself uses."""
        return self._copy

    def _groups(self) -> tuple[Groups[tuple[str, str]], Groups[tuple[str, str, str]]]:
        """The ids of the passages of each source, by source id and language; and of each section, by source id, section id and language."""
        sources: Groups[tuple[str, str]] = {}
        sections: Groups[tuple[str, str, str]] = {}
        for key, passage in self.passages.items():
            source, section, language = passage.metadata["source_id"], passage.metadata["section_id"], language_of(passage)
            sources.setdefault((source, language), []).append(key)
            sections.setdefault((source, section, language), []).append(key)
        return sources, sections

    def source_tokens(self, source_id: str, language: str) -> frozenset[str]:
        """The words of a source and of its phrases as keyword search sees them, worked out at first use."""
        key = (source_id, language)
        if key not in self._tokens:
            passages = [self.passages[row] for row in self.by_source.get(key, ())]
            phrases = passages[0].metadata["asked_as"] if passages else []
            texts = [*(keyword_text(passage) for passage in passages), *phrases]
            self._tokens[key] = frozenset(token for text in texts for token in tokenize(text))
        return self._tokens[key]

    def _starts_of_sentences(self) -> dict[str, int]:
        """Where the sentences of each passage start in the matrix of sentence vectors."""
        starts: dict[str, int] = {}
        row = 0
        for key in self.ids:
            passage = self.passages[key]
            if language_of(passage) in self.manifest.languages:
                starts[key] = row
                row += len(passage.metadata["sentences"])
        if row != len(self._sentence_vectors):
            raise IndexDamaged(self.name, f"it has {len(self._sentence_vectors)} sentence vectors where {row} are needed.")
        return starts

    @cached_property
    def encoder(self) -> Encoder:
        """What turns a question into a vector. Raises IndexDamaged."""
        return load_query_encoder(self._settings, self._encoder_folder, self.manifest.encoder)

    @property
    def _encoder_folder(self) -> Path:
        return self.folder.parent.parent / "encoders" / self.manifest.encoder

    def check_encoder(self) -> None:
        """Raise IndexDamaged where the encoder's files are not as they were written, without loading it."""
        try:
            check_export(self._encoder_folder)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexDamaged(self.name, f"the query encoder cannot be read ({error})") from error

    def knows(self, language: str) -> bool:
        """Whether the embedding model understands a language."""
        return language in self.manifest.languages

    def nearest(self, vector: Vectors, count: int) -> list[tuple[str, float]]:
        """Return up to `count` passages with their cosine similarity to a unit vector, nearest first. Raises Unavailable."""
        return self._search.nearest(vector, count, self._rows) if self.passages else []

    def narrowed(self, admits: Callable[[Document], bool]) -> "Index":
        """The same index with these passages alone; it shares what is in memory. Scores of words are those of the whole index."""
        passages = {key: passage for key, passage in self.passages.items() if admits(passage)}
        if len(passages) == len(self.passages):
            return self
        view = copy.copy(self)
        view.passages = passages
        view.by_source, view.by_section = view._groups()
        view._tokens = {}
        view._rows = np.array(sorted(self._row_of[key] for key in passages), dtype=np.int64)
        if self.manifest.languages:  # an index that is searched by words alone has no encoder
            view.__dict__["encoder"] = self.encoder  # loaded once for all views
        return view

    def sentence_vectors(self, passage_id: str) -> Vectors | None:
        """Unit vectors of a passage's sentences, shape (sentences, dimension); None in a language the model does not know."""
        start = self._sentence_starts.get(passage_id)
        if start is None:
            return None
        end = start + len(self.passages[passage_id].metadata["sentences"])
        return np.asarray(self._sentence_vectors[start:end], dtype=np.float32)

    def twin_vectors(self, passage_id: str, language: Language) -> Vectors | None:
        """The vectors of the same sentences in another language, where that section of the guide has as many there."""
        facts = self.passages[passage_id].metadata
        twins = self.by_section.get((facts["source_id"], facts["section_id"], language), ()) if facts["kind"] == "guide" else ()
        alike = (key for key in twins if len(self.passages[key].metadata["sentences"]) == len(facts["sentences"]))
        twin = next(alike, None)
        return self.sentence_vectors(twin) if twin else None

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """Return the stored vectors of some passages."""
        rows = self._copy.vectors([self._row_of[key] for key in ids]) if ids else ()
        return dict(zip(ids, rows, strict=True))
