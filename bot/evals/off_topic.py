"""Whether the assistant turns away what its sources do not answer, and takes what they do.

To be turned away: the cases of `seeds/evals/off_topic/*.yaml` and the unanswerable questions of `seeds/evals/*.yaml`; to be taken: the
answerable ones of the latter. A question is turned away when its status is none of answered and emergency.
"""

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter, field_validator

from bot.assistant import Assistant
from bot.evals.cases import Case, load_cases
from bot.evals.metrics import share
from bot.evals.suite import Figure, Outcome, SuiteReport
from bot.schema import LANGUAGES, Answer, Language
from bot.settings import Settings
from bot.yaml_text import read_yaml

SUITE = "off-topic"
# What was promised: nearly all that is off the subject is turned away, and next to nothing of what is on it.
_LEAST_TURNED_AWAY = 0.95
_MOST_LOST = 0.03
_TAKEN = {"answered", "emergency"}

Kind = Literal["off", "near", "unanswerable", "on"]


class OffTopicCase(BaseModel):
    """One question: `off` the subject, or `near` it and not in the sources."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    question: str
    language: Language
    kind: Kind
    split: Literal["dev", "test"]

    @field_validator("kind", mode="before")
    @classmethod
    def _off_is_a_word(cls, value: object) -> object:
        return "off" if value is False else value  # YAML 1.1 takes a bare `off` for false


def load_off_topic_cases(seeds: Path) -> list[OffTopicCase]:
    """Read the suite's own questions, and the retrieval questions as what they are here. Raises SourceErrors."""
    files = sorted((seeds / "evals" / "off_topic").glob("*.yaml"))
    own = [case for file in files for case in read_yaml(file, TypeAdapter(list[OffTopicCase]))]
    return [*own, *(_from_retrieval(case) for case in load_cases(seeds / "evals"))]


def _from_retrieval(case: Case) -> OffTopicCase:
    kind: Kind = "on" if case.answerable else "unanswerable"
    return OffTopicCase(id=case.id, question=case.question, language=case.language, kind=kind, split=case.split)


def run(assistant: Assistant, settings: Settings) -> SuiteReport:
    cases = load_off_topic_cases(settings.seeds_dir)
    return report(cases, [assistant.answer(case.question, language=case.language) for case in cases])


def report(cases: Sequence[OffTopicCase], answers: Sequence[Answer]) -> SuiteReport:
    """The figures of these cases, by language and split."""
    pairs = list(zip(cases, answers, strict=True))
    figures: list[Figure] = []
    for language, split in product(LANGUAGES, ("dev", "test")):
        group = [(case, answer) for case, answer in pairs if (case.language, case.split) == (language, split)]
        if group:
            figures.extend(_figures(f"{language} {split}", group, held=split == "test"))
    return SuiteReport(suite=SUITE, figures=figures, outcomes=[_outcome(case, answer) for case, answer in pairs])


def _figures(group: str, pairs: Sequence[tuple[OffTopicCase, Answer]], held: bool) -> list[Figure]:
    away = {kind: [a.status not in _TAKEN for c, a in pairs if c.kind == kind] for kind in ("off", "near", "unanswerable", "on")}
    beside = [*away["off"], *away["near"], *away["unanswerable"]]
    figures = [
        Figure(group=group, name="turned away", value=share(beside), cases=len(beside), floor=_LEAST_TURNED_AWAY if held else None)
    ]
    figures += [
        Figure(group=group, name=f"turned away of {kind}", value=share(away[kind]), cases=len(away[kind]))
        for kind in ("off", "near", "unanswerable")
        if away[kind]
    ]
    lost = share(away["on"]) if away["on"] else 0.0
    figures.append(
        Figure(group=group, name="on topic lost", value=lost, cases=len(away["on"]), ceiling=_MOST_LOST if held else None)
    )
    return figures


def _outcome(case: OffTopicCase, answer: Answer) -> Outcome:
    taken = answer.status in _TAKEN
    return Outcome(
        id=case.id,
        group=f"{case.language} {case.split}",
        asked=case.question,
        expected="taken" if case.kind == "on" else f"turned away ({case.kind})",
        got=answer.status,
        right=taken == (case.kind == "on"),
        answer=answer,
    )
