"""The examples that the message checker learns from and is measured on: `seeds/messages/*.jsonl`, one message a line. Knows no checker."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.errors import SourceErrors, SourceProblem
from bot.schema import Language

MESSAGES = ("messages/scam.jsonl", "messages/genuine.jsonl")


class Message(BaseModel):
    """One example; near copies share a `template`, which stands wholly in one split."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    text: str
    label: Literal["scam", "genuine"]
    language: Language
    channel: str
    hard: bool = False
    scam_type: str = ""
    kind: str = ""
    template: str
    split: Literal["dev", "test"]


def read_messages(seeds: Path) -> list[Message]:
    """Read the examples; a folder of seeds without them has none. Raises SourceErrors with every bad line."""
    messages: list[Message] = []
    problems: list[SourceProblem] = []
    for name in MESSAGES:
        path = seeds / name
        if not path.is_file():
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
            if line.strip():
                try:
                    messages.append(Message.model_validate_json(line))
                except ValidationError as error:
                    problems.append(SourceProblem(str(path), f"is no message ({error.errors()[0]['msg']}).", "Mend the line.", number))
    if problems:
        raise SourceErrors(problems)
    return messages
