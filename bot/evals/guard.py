"""The suite `guard`: does the check catch sentences that were damaged one way at a time, and let fair ones through?

Damage is done to sentences of the index; paraphrases and inventions were written by hand (`seeds/evals/guard/`).
"""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from langchain_core.documents import Document
from pydantic import BaseModel, ConfigDict, TypeAdapter

from bot.assistant import Assistant
from bot.errors import SourceErrors, SourceProblem
from bot.evals import damage
from bot.evals.metrics import share
from bot.evals.suite import Figure, Outcome, SuiteReport
from bot.groundedness import Guard
from bot.passages import language_of
from bot.schema import LANGUAGES, Language
from bot.settings import Settings
from bot.yaml_text import read_yaml

ANSWERS = 150  # sentences of each language that are damaged in each way, or as many as can be
_SEED = 20_261_124
# The least share that must be caught of each kind of damage.
_FIRM, _TURNED, _OTHER, _FAIR = 0.99, 0.95, 0.90, 0.95
FLOORS = {
    "number": _FIRM, "money": _FIRM, "year": _FIRM, "date": _FIRM, "hotline": _FIRM, "link": _FIRM, "citation": _FIRM, "polarity": _TURNED,
    "other guide": _OTHER, "from nowhere": _OTHER, "authority": _OTHER, "numerals": _FIRM,
}  # fmt: skip


class Paraphrase(BaseModel):
    """A fair rewording of a sentence of a guide."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    language: Language
    guide: str
    section: str
    sentence: str
    paraphrase: str
    split: Literal["dev", "test"]


class Inventions(BaseModel):
    """What sounds right and stands nowhere."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    plausible: dict[Language, tuple[str, ...]]
    authorities: dict[Language, tuple[str, ...]]
    links: tuple[str, ...]
    hotlines: tuple[str, ...]


def load_paraphrases(folder: Path) -> list[Paraphrase]:
    """Read `seeds/evals/guard/paraphrases.yaml`. Raises SourceErrors."""
    return read_yaml(folder / "guard" / "paraphrases.yaml", TypeAdapter(list[Paraphrase]))


def run(assistant: Assistant, settings: Settings) -> SuiteReport:
    folder = settings.seeds_dir / "evals"
    inventions = read_yaml(folder / "guard" / "inventions.yaml", TypeAdapter(Inventions))
    return measure(assistant.guard, assistant.passages, load_paraphrases(folder), inventions, [e.value for e in assistant.book.all()])


def measure(
    guard: Guard, passages: Sequence[Document], paraphrases: Sequence[Paraphrase], inventions: Inventions, numbers: Sequence[str]
) -> SuiteReport:
    outcomes: list[Outcome] = []
    for language in LANGUAGES:
        guides = [passage for passage in passages if language_of(passage) == language and passage.metadata["kind"] == "guide"]
        outcomes += _caught(guard, guides, language, inventions, numbers)
    outcomes += [_let_through(guard, case, _passage_of(case, passages)) for case in paraphrases]
    groups: defaultdict[str, list[bool]] = defaultdict(list)
    for outcome in outcomes:
        groups[outcome.group].append(outcome.right)
    figures = [_figure(group, rights) for group, rights in sorted(groups.items())]
    return SuiteReport(suite="guard", figures=figures, outcomes=outcomes)


def _figure(group: str, rights: Sequence[bool]) -> Figure:
    kind = group.split(" ", 1)[1]
    fair = kind.startswith(("paraphrase", "quote"))
    return Figure(
        group=group, name="let through" if fair else "caught", value=share(rights), cases=len(rights), floor=_FAIR if fair else FLOORS[kind]
    )


def _caught(
    guard: Guard, passages: Sequence[Document], language: Language, inventions: Inventions, numbers: Sequence[str]
) -> Iterator[Outcome]:
    """The damaged sentences of a language, and the sentences as they were."""
    chance = random.Random(_SEED)
    grounded = [(passage, place) for passage in passages for place in range(len(passage.metadata["sentences"]))]
    chance.shuffle(grounded)
    done: Counter[str] = Counter()
    for count, (passage, place) in enumerate(grounded):
        text = passage.metadata["sentences"][place]
        if done["quote"] < ANSWERS:
            done["quote"] += 1
            yield _outcome(guard, f"{language} quote", count, text, passage, expected=True)
        other = chance.choice([p for p in passages if p.metadata["source_id"] != passage.metadata["source_id"]])
        damaged = {kind: (said, passage) for kind, said in _damaged(text, language, chance, inventions, numbers).items()}
        damaged["citation"] = ("" if text in other.page_content else text, other)
        claim = chance.choice(other.metadata["sentences"])
        damaged["other guide"] = ("" if claim in passage.page_content else claim, passage)
        for kind, (said, cited) in damaged.items():
            if said and said != text * (kind not in {"citation"}) and done[kind] < ANSWERS:
                done[kind] += 1
                yield _outcome(guard, f"{language} {kind}", count, said, cited, expected=False)


def _damaged(text: str, language: Language, chance: random.Random, inventions: Inventions, numbers: Sequence[str]) -> dict[str, str]:
    return {
        "number": damage.changed_number(text, chance) if not any(number in text for number in numbers) else "",
        "money": damage.changed_money(text, chance),
        "year": damage.changed_year(text, chance),
        "date": damage.changed_date(text, chance),
        "hotline": damage.with_other_number(text, [*numbers, *inventions.hotlines], chance),
        "polarity": damage.turned(text, language),
        "from nowhere": chance.choice(inventions.plausible[language]),
        "authority": damage.with_authority(text, chance.choice(inventions.authorities[language]), language),
        "link": damage.with_link(text, chance.choice(inventions.links), language),
        "numerals": damage.wrongly_spelled_out(text, chance) if language == "zh" else "",
    }


def _let_through(guard: Guard, case: Paraphrase, passage: Document) -> Outcome:
    return _outcome(guard, f"{case.language} paraphrase {case.split}", case.id, case.paraphrase, passage, expected=True)


def _outcome(guard: Guard, group: str, number: int | str, text: str, passage: Document, *, expected: bool) -> Outcome:
    finding = guard.check(text, passage)
    facts = passage.metadata
    return Outcome(
        id=f"{group}: {number}",
        group=group,
        asked=f"{text} ← {facts['title']}, {facts['section']}",
        expected="let through" if expected else "caught",
        got="let through" if finding.supported else f"caught: {finding.reason}",
        right=finding.supported is expected,
    )


def _passage_of(case: Paraphrase, passages: Sequence[Document]) -> Document:
    """The passage with the sentence that a paraphrase rewords. Raises SourceErrors where the guide has it no longer."""
    for passage in passages:
        facts = passage.metadata
        if (facts["source_id"], facts["language"]) == (case.guide, case.language) and case.sentence in facts["sentences"]:
            return passage
    reason = f"{case.id}: “{case.sentence}” stands no longer in {case.guide}."
    raise SourceErrors([SourceProblem("evals/guard/paraphrases.yaml", reason, "Quote it as it is now.")])
