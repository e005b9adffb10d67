"""The questions that settle a doubtful message, from `seeds/settling.yaml`, and what the answers to them weigh. Knows no verdict."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from bot.contacts import Words
from bot.errors import InvalidInput
from bot.schema import Language, Question, SettlingChoice
from bot.yaml_text import read_yaml

# More questions than these are not answered by someone in a hurry.
_MOST_QUESTIONS = 3


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ChoiceRow(_Row):
    id: str
    odds: float
    text: Words


class SettlingQuestion(_Row):
    """A question with the answers that can be tapped; `when` names the cues and signs to which it belongs."""

    id: str
    when: list[str] = []
    text: Words
    choices: list[ChoiceRow] = Field(min_length=2)

    def in_language(self, language: Language) -> Question:
        choices = tuple(SettlingChoice(id=choice.id, text=choice.text.in_language(language)) for choice in self.choices)
        return Question(id=self.id, text=self.text.in_language(language), choices=choices)


class Settling:
    """The questions of the seeds, in the order of the file."""

    def __init__(self, questions: Sequence[SettlingQuestion]) -> None:
        self._questions = {question.id: question for question in questions}

    def fitting(self, found: Collection[str], answered: Collection[str]) -> list[SettlingQuestion]:
        """Up to three questions that fit what was found and are not answered yet; those made for it come first."""
        open_ = [question for question in self._questions.values() if question.id not in answered]
        special = [question for question in open_ if question.when and set(question.when) & set(found)]
        general = [question for question in open_ if not question.when]
        return sorted([*special[:1], *general][:_MOST_QUESTIONS], key=lambda question: list(self._questions).index(question.id))

    def odds(self, answers: Mapping[str, str]) -> float:
        """What the answers add together. Raises InvalidInput for a question or a choice that does not exist."""
        return sum(self._choice(question, choice).odds for question, choice in answers.items())

    def _choice(self, question: str, choice: str) -> ChoiceRow:
        if question not in self._questions:
            hint = f"Use one of: {', '.join(self._questions)}."
            raise InvalidInput("unknown_question", f"There is no question {question!r}.", hint)
        known = {row.id: row for row in self._questions[question].choices}
        if choice not in known:
            hint = f"Use one of: {', '.join(known)}."
            raise InvalidInput("unknown_choice", f"The question {question} has no answer {choice!r}.", hint)
        return known[choice]


def load_settling(path: Path) -> Settling:
    """Read the questions; a folder of seeds without them has none. Raises SourceErrors."""
    return Settling(read_yaml(path, TypeAdapter(list[SettlingQuestion])) if path.is_file() else [])
