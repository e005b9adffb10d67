"""How sync, search and memory grow with the knowledge: made-up reports, a hundred passages each, in a process for each size.

`python -m bot.bench.scale SIZE FOLDER` prints its figures as JSON. Words are drawn by chance from the guides' own, with a fixed seed, so
that passages differ as real ones do, and the embedding model has real words to read. With `drawn` behind, the vectors are drawn too,
for sizes whose encoding takes hours; how long that would take is then worked out from the first texts.
"""

import json
import random
import re
import sys
import time
import zlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import yaml

from bot.bench.figures import Figures, percentile
from bot.bench.processes import rss_mb, run_json
from bot.embeddings import BATCH_SIZE, SentenceTransformerEncoder, Vectors, load_embeddings
from bot.settings import Settings, load_settings
from bot.store import Index, open_store
from bot.store.chroma import open_embedded
from bot.store.search import ChromaSearch, Search
from ingest.sync import Synchronizer

_PASSAGES_PER_REPORT = 100
_SENTENCES_PER_PASSAGE, _WORDS_PER_SENTENCE = 3, 11
_QUERIES = 200
_NEAREST = 10
_SHORTEST = "# A report\n\n## Part\n\nNobody had told them. They asked.\n"
_TIMED = 4 * BATCH_SIZE
_DIMENSION = 384
_DRAWN = "drawn"
_CHANCE = 20_261_130


def grow(size: int, folder: Path, tell: Callable[[str], None], *, drawn: bool = False) -> Figures:
    """The figures of one size, from a process of its own."""
    tell(f"{size:,} passages")
    found: Figures = run_json(("-m", "bot.bench.scale", str(size), str(folder), *([_DRAWN] if drawn else [])), {})
    return found


class TimedEncoder(SentenceTransformerEncoder):
    """The embedding model, with the seconds that it has been at work, and those that it would have been beyond these."""

    seconds = 0.0
    spared = 0.0

    def encode(self, texts: Sequence[str]) -> Vectors:
        begun = time.perf_counter()
        vectors = super().encode(texts)
        self.seconds += time.perf_counter() - begun
        return vectors


class DrawnEncoder(TimedEncoder):
    """Gives a text the mean of its words' vectors, which are drawn by chance; the model encodes the first full batches, for its time."""

    rate = 0.0  # seconds for a text

    def encode(self, texts: Sequence[str]) -> Vectors:
        encoded = 0
        if not self.rate and len(texts) >= _TIMED:
            encoded, before = _TIMED, self.seconds
            super().encode(texts[:_TIMED])
            self.rate = (self.seconds - before) / _TIMED
        self.spared += self.rate * (len(texts) - encoded)
        means = np.array([np.sum([_vector_of(word) for word in text.lower().split()] or [_vector_of("")], axis=0) for text in texts])
        return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), dtype=np.float32)


@cache
def _vector_of(word: str) -> Vectors:
    return np.random.default_rng(zlib.crc32(word.encode())).standard_normal(_DIMENSION, dtype=np.float32)


def measure(size: int, folder: Path, *, drawn: bool = False) -> Figures:
    """Build, build again, change one report; then query. `encode_share` is encoding's part of the sync: 1 is all of it.

    What a machine's first sync pays once, whatever its size, is `set_up_s`: a sync of two sentences, which loads the libraries and the
    model and exports it. The sync that is measured has none of its passages before it.
    """
    settings = load_settings()
    words = _words(settings)
    chance = random.Random(_CHANCE)
    reports = [_report(words, chance) for _ in range(max(1, size // _PASSAGES_PER_REPORT))]
    seeds = _write_seeds(folder, [_SHORTEST])
    ours = settings.model_copy(update={"seeds_dir": seeds, "data_dir": folder / "data"})
    encoder = (DrawnEncoder if drawn else TimedEncoder)(load_embeddings(settings).folder)
    set_up = _sync(ours, encoder)
    _write_seeds(folder, reports)
    encoder.seconds = 0.0
    sync = _sync(ours, encoder) + encoder.spared
    share = (encoder.seconds + encoder.spared) / sync
    figures = {"set_up_s": set_up, "sync_s": sync, "encode_share": share, "resync_s": _sync(ours, encoder)}
    encoder.spared = 0.0
    (seeds / "articles" / "0.md").write_text(_report(words, chance), encoding="utf-8")
    figures["one_report_changed_s"] = _sync(ours, encoder) + encoder.spared
    index = open_store(ours).current()
    queries = encoder.encode([" ".join(chance.choices(words, k=_WORDS_PER_SENTENCE)) for _ in range(_QUERIES)])
    return {"passages": float(len(index.ids)), **figures, **_query(index, queries), "rss_mb": rss_mb()}


def _query(index: Index, queries: Vectors) -> Figures:
    """Times of the index's own search, of comparing with every vector and of Chroma, and Chroma's recall against the second."""
    collection = open_embedded(index.folder / "chroma")
    chroma = ChromaSearch(lambda: collection, index.ids)
    own, _ = _times(index, queries)
    exact, right = _times(index.exact, queries)
    near, found = _times(chroma, queries)
    recall = float(np.mean([len(a & b) / len(a) for a, b in zip(right, found, strict=True)]))
    return {
        "search_ms_p50": percentile(own, 0.5), "search_ms_p99": percentile(own, 0.99), "exact_ms_p50": percentile(exact, 0.5),
        "chroma_ms_p50": percentile(near, 0.5), "chroma_recall_at_10": recall,
    }  # fmt: skip


def _times(search: Search | Index, queries: Vectors) -> tuple[list[float], list[set[str]]]:
    times, found = [], []
    for query in queries:
        begun = time.perf_counter()
        near = search.nearest(query, _NEAREST)
        times.append((time.perf_counter() - begun) * 1000)
        found.append({key for key, _ in near})
    return times, found


def _sync(settings: Settings, encoder: TimedEncoder) -> float:
    begun = time.perf_counter()
    synchronizer = Synchronizer(settings, open_store(settings), encoder)
    synchronizer.apply(synchronizer.plan())
    return time.perf_counter() - begun


def _words(settings: Settings) -> list[str]:
    """The words of the English guides, as often as they stand there."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((settings.seeds_dir / "guides" / "en").glob("*.md"))]
    return re.findall(r"[a-z]{3,}", " ".join(texts))


def _report(words: Sequence[str], chance: random.Random) -> str:
    """A Markdown text of as many headings as it has passages."""
    parts = []
    for number in range(_PASSAGES_PER_REPORT):
        sentences = [" ".join(chance.choices(words, k=_WORDS_PER_SENTENCE)).capitalize() + "." for _ in range(_SENTENCES_PER_PASSAGE)]
        parts.append(f"## Case {number} {chance.choice(words)}\n\n{' '.join(sentences)}\n")
    return "\n".join(parts)


def _write_seeds(folder: Path, reports: Sequence[str]) -> Path:
    seeds = folder / "seeds"
    (seeds / "articles").mkdir(parents=True, exist_ok=True)
    facts = {"kind": "article", "publisher": "Made up", "date": "2026-01-01", "language": "en", "licence": "none"}
    entries = []
    for number, report in enumerate(reports):
        entries.append({**facts, "path": f"articles/{number}.md", "id": f"report-{number}", "title": f"Report {number}"})
        (seeds / "articles" / f"{number}.md").write_text(report, encoding="utf-8")
    (seeds / "sources.yaml").write_text(yaml.safe_dump({"sources": entries}), encoding="utf-8")
    (seeds / "bibliography.yaml").write_text("{}\n", encoding="utf-8")
    return seeds


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), Path(sys.argv[2]), drawn=sys.argv[3:] == [_DRAWN])))
