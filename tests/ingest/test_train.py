"""Training: the examples of an index are read as the questions will be."""

from pathlib import Path

import numpy as np

from bot.glossary import Glossary, Term
from bot.testing import WordLengthEncoder
from ingest.train import train_classifiers

INTENTS = """
- intent: law
  examples: {zh: [违法吗, 判几年], en: []}
- intent: contact
  examples: {zh: [打哪个号码, 找谁], en: []}
"""


def _share_of_vectors(seeds: Path, glossary: Glossary) -> float:
    """How much the intents' classifier learnt from the vectors of Chinese examples, which are those of their English terms."""
    (seeds / "intents.yaml").write_text(INTENTS, encoding="utf-8")
    classifier = train_classifiers(seeds, [], WordLengthEncoder(), glossary, ["en"])["intent-zh"]
    dimension = WordLengthEncoder().encode(["a"]).shape[1]
    return float(np.abs(classifier.weights[:, -dimension:]).sum())


def test_a_chinese_example_is_read_by_its_english_terms(tmp_path: Path) -> None:
    assert _share_of_vectors(tmp_path, Glossary([Term(zh=["违法"], en=["illegal"])])) > 0


def test_a_chinese_example_without_a_known_term_has_no_vector_as_a_question_without_one(tmp_path: Path) -> None:
    assert _share_of_vectors(tmp_path, Glossary([])) == 0
