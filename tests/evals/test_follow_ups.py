"""The suite `follow-ups`: what counts as right, on conversations with the small corpus."""

import pytest

from bot.assistant import Assistant
from bot.evals.follow_ups import Conversation, load_conversations, measure
from bot.settings import load_settings


def _conversation(**values: object) -> Conversation:
    facts = {"id": "c", "language": "en", "kind": "leans", "split": "dev", "turns": ["What are the signs of a fake police call?", "why?"]}
    return Conversation.model_validate({**facts, **values})


@pytest.mark.parametrize(
    ("expected", "right"),
    [({"sources": ["fake-police"]}, True), ({"sources": ["order-brushing"]}, False), ({"not_sources": ["fake-police"]}, False),
     ({"statuses": ["answered"]}, True), ({"statuses": ["abstained"]}, False), ({"intents": ["law"]}, False)],
)  # fmt: skip
def test_the_answer_to_the_last_question_is_judged(small_assistant: Assistant, expected: dict[str, list[str]], right: bool) -> None:
    [outcome] = measure(small_assistant, [_conversation(**expected)]).outcomes
    assert outcome.right is right


def test_a_chinese_conversation_is_measured_apart(small_assistant: Assistant) -> None:
    chinese = _conversation(language="zh", turns=["冒充公安诈骗有哪些危险信号？", "为什么？"], sources=["fake-police"])
    report = measure(small_assistant, [_conversation(sources=["order-brushing"]), chinese])
    assert {figure.group: figure.value for figure in report.figures if figure.group.endswith("all")} == {"en all": 0.0, "zh all": 1.0}


def test_forty_conversations_or_more_are_shipped_in_both_languages_with_guides_that_exist() -> None:
    seeds = load_settings().seeds_dir
    conversations = load_conversations(seeds / "evals")
    known = {file.stem for file in (seeds / "guides" / "en").glob("*.md")} | {"global-times-2023-07-30"}
    assert min(sum(c.language == language for c in conversations) for language in ("en", "zh")) >= 20
    assert {source for c in conversations for source in (*c.sources, *c.not_sources)} <= known
    assert all(len(c.turns) >= 2 and (c.sources or c.statuses) for c in conversations)
