"""What the tests of the FAQ share: a small assistant, the questions of its guides, and an order."""

from pathlib import Path

import pytest

from bot.assistant import Assistant
from bot.faq.batch import Order
from bot.faq.questions import FAQQuestion, questions_of_guides
from bot.schema import LANGUAGES
from bot.settings import Settings, load_settings


@pytest.fixture(scope="session")
def topics() -> Path:
    """The shipped wordings of what is asked of every guide."""
    return load_settings().seeds_dir / "faq_topics.yaml"


@pytest.fixture
def questions(small_assistant: Assistant, topics: Path) -> list[FAQQuestion]:
    return questions_of_guides(topics, small_assistant.passages, LANGUAGES, "public")


@pytest.fixture
def order(small_settings: Settings) -> Order:
    return Order("public", "CN", "2026-11-27")
