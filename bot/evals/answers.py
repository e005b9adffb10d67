"""The suite `answers`: what every answer of its kind must have, whatever its words. Knows no right wording, only properties."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from bot.assistant import Assistant
from bot.evals.metrics import share
from bot.evals.suite import Figure, Outcome, SuiteReport
from bot.schema import Answer, Language
from bot.settings import Settings
from bot.text import HAN, tokenize
from bot.yaml_text import read_yaml

Group = Literal["signs", "how", "yes_no", "two", "emergency", "emergency_place", "sections"]
FLOOR = 0.90
# In an emergency nothing may be out of order.
FLOOR_OF_EMERGENCIES = 1.0
# Short first: about 120 words or 200 characters; the last sentence that is begun within that length is told to its end.
_LONGEST: dict[Language, int] = {"en": 145, "zh": 260}
_REPEATED = 0.85


class AnswerCase(BaseModel):
    """A question and what its answer must have. `kind` is that of an emergency; `settles`: one of these stands in the first sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    language: Language
    group: Group
    question: str
    split: Literal["dev", "test"]
    first: tuple[str, ...] = ()
    section: str = ""
    also: tuple[str, ...] = ()
    settles: tuple[str, ...] = ()
    all_of: tuple[str, ...] = ()
    kind: str = ""
    first_contact: str = ""
    asks_region: bool = False


def load_answer_cases(folder: Path) -> list[AnswerCase]:
    """Read `seeds/evals/answers/cases.yaml`. Raises SourceErrors."""
    return read_yaml(folder / "answers" / "cases.yaml", TypeAdapter(list[AnswerCase]))


def run(assistant: Assistant, settings: Settings) -> SuiteReport:
    return measure(assistant, load_answer_cases(settings.seeds_dir / "evals"))


def measure(assistant: Assistant, cases: Sequence[AnswerCase]) -> SuiteReport:
    outcomes = [_outcome(assistant, case) for case in cases]
    figures = []
    by_group = sorted(outcomes, key=lambda outcome: outcome.group)
    for group, members in groupby(by_group, key=lambda outcome: outcome.group):
        rights = [outcome.right for outcome in members]
        figures.append(Figure(group=group, name="right", value=share(rights), cases=len(rights)))
    for language in sorted({case.language for case in cases}):
        for name, floor, urgent in (("answers", FLOOR, False), ("emergencies", FLOOR_OF_EMERGENCIES, True)):
            for split in ("dev", "test"):
                rights = [
                    outcome.right
                    for outcome, case in zip(outcomes, cases, strict=True)
                    if (case.language, case.split, bool(case.kind)) == (language, split, urgent)
                ]
                if rights:
                    group = f"{language} {name} {split}"
                    figures.append(Figure(group=group, name="right", value=share(rights), cases=len(rights), floor=floor))
    return SuiteReport(suite="answers", figures=figures, outcomes=outcomes)


def _outcome(assistant: Assistant, case: AnswerCase) -> Outcome:
    answer = assistant.answer(case.question)
    wrong = list(_what_is_wrong(assistant, case, answer))
    return Outcome(
        id=case.id,
        group=f"{case.language} {case.group} {case.split}",
        asked=case.question,
        expected="; ".join(f"{name}={value}" for name, value in case.model_dump(exclude_defaults=True).items() if name in _PROPERTIES),
        got="; ".join(wrong) or "as expected",
        right=not wrong,
        answer=answer,
    )


_PROPERTIES = {"first", "section", "also", "settles", "all_of", "kind", "first_contact", "asks_region"}


def _what_is_wrong(assistant: Assistant, case: AnswerCase, answer: Answer) -> Iterator[str]:
    if not answer.sentences:
        yield f"is {answer.status}"
        return
    cited = {citation.n: citation for citation in answer.citations}
    facts = [assistant.passage(cited[sentence.citations[0]].passage_id).metadata for sentence in answer.sentences]
    places = [(str(fact["source_id"]), str(fact["section_id"])) for fact in facts]
    if case.first and places[0][0] not in case.first:
        yield f"begins with {places[0][0]}"
    if case.section and case.section not in {section for _, section in places}:
        yield f"has nothing of {case.section}"
    if case.section and not case.settles and places[0][1] not in {case.section, "what", "never"}:
        yield f"begins with the section {places[0][1]}"
    if missing := set(case.also) - {section for _, section in places}:
        yield f"has nothing of {', '.join(sorted(missing))}"
    if case.settles and not any(word in answer.sentences[0].text.lower() for word in case.settles):
        yield "its first sentence settles nothing"
    if missing := set(case.all_of) - {source for source, _ in places}:
        yield f"says nothing of {', '.join(sorted(missing))}"
    yield from _wrong_length(answer)
    if case.kind:
        yield from _wrong_in_emergency(assistant, case, answer, places)


def _wrong_length(answer: Answer) -> Iterator[str]:
    text = " ".join(sentence.text for sentence in answer.sentences)
    length = len(re.findall(rf"[{HAN}]|\w", text)) if answer.language == "zh" else len(text.split())
    if length > _LONGEST[answer.language]:
        yield f"has a length of {length}"
    words = [set(tokenize(sentence.text)) for sentence in answer.sentences]
    for later in range(len(words)):
        for earlier in range(later):
            if len(words[later] & words[earlier]) >= _REPEATED * max(len(words[later]), len(words[earlier])):
                yield f"repeats “{answer.sentences[later].text}”"


def _wrong_in_emergency(assistant: Assistant, case: AnswerCase, answer: Answer, places: Sequence[tuple[str, str]]) -> Iterator[str]:
    kind = next(kind for kind in assistant.emergencies.kinds if kind.id == case.kind)
    if answer.status != "emergency":
        yield f"is {answer.status}"
    if places[0] != (kind.guide, kind.sections[0]):
        yield f"begins with {places[0][0]}, {places[0][1]}"
    if not answer.lead:
        yield "has no word of ours first"
    if kind.loss and places[-1][0] != "recovery-scam":
        yield "does not end with the warning of the next scam"
    asks = any(choice.kind == "region" for choice in answer.choices)
    if asks != case.asks_region:
        yield "asks where the person is" if asks else "does not ask where the person is"
    if case.first_contact and (not answer.contacts or answer.contacts[0].kind != case.first_contact):
        yield f"first contact is {answer.contacts[0].kind if answer.contacts else 'none'}"
