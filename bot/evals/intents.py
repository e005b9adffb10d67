"""How well a question's intent is understood, by rules and classifier together, on questions that nothing was trained on.

The cases are `seeds/evals/intents/*.yaml`; what each intent means stands at the head of `seeds/intents.yaml`.
"""

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from bot.assistant import Assistant
from bot.evals.metrics import precision_and_recall, share
from bot.evals.suite import Figure, Outcome, SuiteReport
from bot.schema import LANGUAGES, Intent, Language
from bot.settings import Settings
from bot.yaml_text import read_yaml

SUITE = "intents"
# What was promised for the held-out questions of each language.
_LEAST_ACCURACY = 0.92
_LEAST_EMERGENCY_RECALL = 0.99


class IntentCase(BaseModel):
    """One question; `also` names other intents that are equally right."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    question: str
    language: Language
    intent: Intent
    also: tuple[Intent, ...] = ()
    split: Literal["dev", "test"]


def load_intent_cases(folder: Path) -> list[IntentCase]:
    """Read every file of the folder, in the order of their names. Raises SourceErrors."""
    files = sorted(folder.glob("*.yaml"))
    return [case for file in files for case in read_yaml(file, TypeAdapter(list[IntentCase]))]


def run(assistant: Assistant, settings: Settings) -> SuiteReport:
    cases = load_intent_cases(settings.seeds_dir / "evals" / SUITE)
    return report(cases, [assistant.understand(case.question, language=case.language).intent for case in cases])


def report(cases: Sequence[IntentCase], understood: Sequence[Intent]) -> SuiteReport:
    """The figures of these cases, by language and split."""
    pairs = list(zip(cases, understood, strict=True))
    figures: list[Figure] = []
    for language, split in product(LANGUAGES, ("dev", "test")):
        group = [(case, got) for case, got in pairs if (case.language, case.split) == (language, split)]
        if group:
            figures.extend(_figures(f"{language} {split}", group, held=split == "test"))
    return SuiteReport(suite=SUITE, figures=figures, outcomes=[_outcome(case, got) for case, got in pairs])


def _figures(group: str, pairs: Sequence[tuple[IntentCase, Intent]], held: bool) -> list[Figure]:
    right = [_is_right(case, got) for case, got in pairs]
    urgent = [case.intent == "emergency" for case, _ in pairs]
    found = [got == "emergency" for _, got in pairs]
    precision, recall = precision_and_recall(found, urgent)
    figures = [
        Figure(group=group, name="accuracy", value=share(right), cases=len(pairs), floor=_LEAST_ACCURACY if held else None),
        Figure(group=group, name="emergency recall", value=recall, cases=sum(urgent), floor=_LEAST_EMERGENCY_RECALL if held else None),
        Figure(group=group, name="emergency precision", value=precision, cases=sum(found)),
    ]
    for intent in sorted({case.intent for case, _ in pairs}):
        own = [ok for (case, _), ok in zip(pairs, right, strict=True) if case.intent == intent]
        figures.append(Figure(group=group, name=f"right of {intent}", value=share(own), cases=len(own)))
    return figures


def _is_right(case: IntentCase, got: Intent) -> bool:
    return got == case.intent or got in case.also


def _outcome(case: IntentCase, got: Intent) -> Outcome:
    return Outcome(
        id=case.id,
        group=f"{case.language} {case.split}",
        asked=case.question,
        expected=" or ".join((case.intent, *case.also)),
        got=got,
        right=_is_right(case, got),
    )
