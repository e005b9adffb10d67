"""The suite `follow-ups`: short conversations whose last question leans on what was said, or starts on something else."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from bot.assistant import Assistant
from bot.evals.metrics import share
from bot.evals.suite import Figure, Outcome, SuiteReport
from bot.schema import Answer, Intent, Language, Status, Turn
from bot.settings import Settings
from bot.yaml_text import read_yaml

# What conversations of either kind must reach, both splits of a language together: twenty cases, so that one is 0.05.
FLOOR = 0.85
_TOP = 2  # among the sources that the first sentences of an answer cite


class Conversation(BaseModel):
    """Questions asked one after the other; what the answer to the last one must be."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    language: Language
    kind: Literal["leans", "new"]
    split: Literal["dev", "test"]
    turns: list[str]
    sources: list[str] = []
    not_sources: list[str] = []
    intents: list[Intent] = []
    statuses: list[Status] = []

    def is_met_by(self, answer: Answer) -> bool:
        cited = [citation.source_id for citation in answer.citations]
        return (
            (not self.statuses or answer.status in self.statuses)
            and (not self.intents or answer.intent in self.intents)
            and (not self.sources or any(source in self.sources for source in list(dict.fromkeys(cited))[:_TOP]))
            and not set(cited) & set(self.not_sources)
        )

    @property
    def expected(self) -> str:
        parts = [f"cites {', '.join(self.sources)}"] if self.sources else []
        parts += [f"not {', '.join(self.not_sources)}"] if self.not_sources else []
        parts += [f"intent {' or '.join(self.intents)}"] if self.intents else []
        parts += [f"is {' or '.join(self.statuses)}"] if self.statuses else []
        return "; ".join(parts)


def load_conversations(folder: Path) -> list[Conversation]:
    """Read `seeds/evals/follow_ups/conversations.yaml`. Raises SourceErrors."""
    return read_yaml(folder / "follow_ups" / "conversations.yaml", TypeAdapter(list[Conversation]))


def run(assistant: Assistant, settings: Settings) -> SuiteReport:
    return measure(assistant, load_conversations(settings.seeds_dir / "evals"))


def measure(assistant: Assistant, conversations: Sequence[Conversation]) -> SuiteReport:
    outcomes = [_outcome(assistant, conversation) for conversation in conversations]
    figures = []
    for group in sorted({outcome.group for outcome in outcomes}):
        rights = [outcome.right for outcome in outcomes if outcome.group == group]
        figures.append(Figure(group=group, name="right", value=share(rights), cases=len(rights)))
    for language in sorted({conversation.language for conversation in conversations}):
        rights = [outcome.right for outcome in outcomes if outcome.group.startswith(language)]
        figures.append(Figure(group=f"{language} all", name="right", value=share(rights), cases=len(rights), floor=FLOOR))
    return SuiteReport(suite="follow-ups", figures=figures, outcomes=outcomes)


def _outcome(assistant: Assistant, conversation: Conversation) -> Outcome:
    history: list[Turn] = []
    for question in conversation.turns[:-1]:
        history.append(Turn(question=question, answer=assistant.answer(question, history).text))
    answer = assistant.answer(conversation.turns[-1], history)
    cited = dict.fromkeys(citation.source_id for citation in answer.citations)
    return Outcome(
        id=conversation.id,
        group=f"{conversation.language} {conversation.kind} {conversation.split}",
        asked=" / ".join(conversation.turns),
        expected=conversation.expected,
        got=f"{answer.status}, {answer.intent}: {', '.join(cited)}",
        right=conversation.is_met_by(answer),
        answer=answer,
    )
