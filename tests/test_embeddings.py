"""The exported question encoder is the model: the same vectors, and the same passages found for every question that is measured."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from bot.embeddings import OnnxEncoder, SentenceTransformerEncoder, load_embeddings
from bot.evals.cases import load_cases
from bot.settings import Settings
from bot.store import Index, open_store

pytestmark = pytest.mark.slow

TEXTS = 1_000
DEPTH = 5


@pytest.fixture(scope="module")
def index(shipped_settings: Settings) -> Index:
    return open_store(shipped_settings).current()


@pytest.fixture(scope="module")
def original(shipped_settings: Settings) -> SentenceTransformerEncoder:
    return load_embeddings(shipped_settings)


def test_a_thousand_texts_have_the_vectors_of_the_original_model(index: Index, original: SentenceTransformerEncoder) -> None:
    """Sentences of the knowledge, half of them English and half Chinese, and texts that are odd: long, mixed, with marks only."""
    odd = ["。", "?", "a", "刷单", "What is 刷单 in English?", "emoji 🙂 and 中文", "long " * 400, "长句。" * 400]
    by_language = {
        language: [s for p in index.passages.values() if p.metadata["language"] == language for s in p.metadata["sentences"]]
        for language in ("en", "zh")
    }
    half = (TEXTS - len(odd)) // 2
    texts = [*odd, *by_language["en"][:half], *by_language["zh"][:half]]
    assert len(texts) == TEXTS
    assert isinstance(index.encoder, OnnxEncoder)
    cosines = np.einsum("ij,ij->i", index.encoder.encode(texts), original.encode(texts))
    assert float(cosines.min()) >= 0.9999


def test_every_measured_question_finds_the_same_passages(
    index: Index, original: SentenceTransformerEncoder, shipped_settings: Settings
) -> None:
    questions = [case.question for case in load_cases(shipped_settings.seeds_dir / "evals")]
    pairs = zip(index.encoder.encode(questions), original.encode(questions), strict=True)
    different = [
        question
        for question, (ours, theirs) in zip(questions, pairs, strict=True)
        if _ids(index, ours) != _ids(index, theirs) and not _tied(index, ours)
    ]
    assert different == []


def _ids(index: Index, vector: np.ndarray) -> list[str]:  # type: ignore[type-arg]
    return [key for key, _ in index.nearest(vector, DEPTH)]


def _tied(index: Index, vector: np.ndarray) -> bool:  # type: ignore[type-arg]
    """Whether two of the first passages, or the last and the next one, are so near each other that rounding decides."""
    cosines = [cosine for _, cosine in index.nearest(vector, DEPTH + 1)]
    return any(before - after < 1e-6 for before, after in pairwise(cosines))


def test_a_model_that_cannot_be_exported_says_so_and_leaves_no_copy(
    original: SentenceTransformerEncoder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A fourth module, such as a dense layer, is not exported."""
    odd = SentenceTransformerEncoder(original.folder)
    odd.__dict__["model"] = [*original.model, object(), object()]
    assert not odd.export(tmp_path / "encoder")
    assert not (tmp_path / "encoder").exists()
    assert "questions will use sentence-transformers" in caplog.text
