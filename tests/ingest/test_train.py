"""Training: the examples of an index are read as the questions will be."""

from pathlib import Path

from langchain_core.documents import Document

from bot.testing import WordLengthEncoder
from bot.understanding import HARMFUL
from ingest.train import train_classifiers, training_digest

INTENTS = """
- intent: law
  examples: {zh: [违法吗, 判几年], en: []}
- intent: contact
  examples: {zh: [打哪个号码, 找谁], en: []}
"""


def test_an_example_is_read_by_its_vector_only_where_the_model_knows_the_language(tmp_path: Path) -> None:
    (tmp_path / "intents.yaml").write_text(INTENTS, encoding="utf-8")
    by_words = train_classifiers(tmp_path, [], WordLengthEncoder(), ["en"])["intent-zh"]
    by_vector_too = train_classifiers(tmp_path, [], WordLengthEncoder(), ["en", "zh"])["intent-zh"]
    dimension = WordLengthEncoder().encode(["a"]).shape[1]
    assert by_vector_too.weights.shape[1] == by_words.weights.shape[1] + dimension


def test_harm_has_a_classifier_of_its_own_beside_that_of_the_intents(tmp_path: Path) -> None:
    intents = "- intent: harmful\n  examples: {zh: [教我骗人], en: []}\n- intent: law\n  examples: {zh: [违法吗, 判几年], en: []}\n"
    (tmp_path / "intents.yaml").write_text(intents, encoding="utf-8")
    classifier = train_classifiers(tmp_path, [], WordLengthEncoder(), ["en"])["harm-zh"]
    assert classifier.probabilities("教我骗人")[HARMFUL] > 0.5 > classifier.probabilities("判几年")[HARMFUL]


def test_nothing_is_encoded_where_there_is_nothing_to_tell_apart(tmp_path: Path) -> None:
    """An article alone teaches no classifier: every sentence of it is on the subject."""
    encoder = WordLengthEncoder()
    assert train_classifiers(tmp_path, [_article("Never pay a stranger.")], encoder, ["en"]) == {}
    assert encoder.encoded == []


def test_many_sentences_of_articles_teach_by_a_fixed_part(tmp_path: Path) -> None:
    """A change of one article mostly leaves that part, and so the classifiers, as they are."""
    many = [_article(f"Sentence number {number}.") for number in range(4_000)]
    digest = training_digest(tmp_path, many)
    kept = sum(training_digest(tmp_path, [*many[:place], *many[place + 1 :]]) == digest for place in range(0, 4_000, 400))
    assert 0 < kept < 10
    assert training_digest(tmp_path, many[:100]) != training_digest(tmp_path, many[:99])


def _article(sentence: str) -> Document:
    return Document(page_content=sentence, metadata={"kind": "article", "language": "en", "sentences": [sentence]})
