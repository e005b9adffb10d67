"""Run the questions through the assistant and put the figures into a table, by language and split."""

from collections.abc import Callable, Sequence
from itertools import product

from langchain_core.documents import Document
from pydantic import BaseModel

from bot.assistant import Assistant
from bot.evals.baseline import build_baseline
from bot.evals.cases import Case
from bot.evals.metrics import precision_and_recall, recall_at, reciprocal_rank, share
from bot.schema import LANGUAGES, Answer
from bot.settings import Settings

DEPTH = 5


class Outcome(BaseModel):
    """What came of one question."""

    id: str
    question: str
    status: str
    ranking: list[str]
    source_found: bool
    section_found: bool
    reciprocal_rank: float
    quotes_stand: list[bool]
    cites_right_source: bool


class Row(BaseModel):
    """Figures of one group of questions; all but `questions` are shares from 0 to 1."""

    system: str
    group: str
    questions: int
    recall_at_5: float
    section_recall_at_5: float | None
    mrr: float
    cites_right_source: float
    citation_precision: float | None
    abstention_precision: float
    abstention_recall: float
    wrongly_abstained: float


class Report(BaseModel):
    rows: list[Row]
    outcomes: list[Outcome]


def build_report(assistant: Assistant, cases: Sequence[Case], baseline: Settings | None = None) -> Report:
    """Measure the assistant, and the baseline beside it where its settings are given."""
    outcomes = [_outcome(assistant, case) for case in cases]
    rows = _rows("ringwise", cases, outcomes)
    if baseline is not None:
        search = build_baseline(baseline)
        rows += _rows("baseline", cases, [_baseline_outcome(search, case) for case in cases])
    return Report(rows=rows, outcomes=outcomes)


def _outcome(assistant: Assistant, case: Case) -> Outcome:
    passages = assistant.search(assistant.understand(case.question)).passages
    ranking = [str(passage.metadata["source_id"]) for passage in passages]
    answer = assistant.answer(case.question)
    return Outcome(
        id=case.id,
        question=case.question,
        status=answer.status,
        ranking=ranking,
        source_found=recall_at(ranking, case.sources, DEPTH),
        section_found=_section_found(passages, case),
        reciprocal_rank=reciprocal_rank(ranking, case.sources),
        quotes_stand=_quotes_stand(answer),
        cites_right_source=any(citation.source_id in case.sources for citation in answer.citations),
    )


def _section_found(passages: Sequence[Document], case: Case) -> bool:
    """Whether a right section of a right source is among the first; a source without sections has only itself."""
    return any(
        p.metadata["source_id"] in case.sources and (not case.sections or p.metadata["section_id"] in case.sections)
        for p in passages[:DEPTH]
    )


def _quotes_stand(answer: Answer) -> list[bool]:
    """For each sentence: it is, character for character, the quote of its citation, and that stands in the passage."""
    citations = {citation.n: citation for citation in answer.citations}
    return [
        all(citations[n].quote == sentence.text and sentence.text in citations[n].passage for n in sentence.citations)
        and bool(sentence.citations)
        for sentence in answer.sentences
    ]


def _baseline_outcome(search: Callable[[str], list[str]], case: Case) -> Outcome:
    ranking = search(case.question)
    return Outcome(
        id=case.id,
        question=case.question,
        status="answered",
        ranking=ranking,
        source_found=recall_at(ranking, case.sources, DEPTH),
        section_found=False,
        reciprocal_rank=reciprocal_rank(ranking, case.sources),
        quotes_stand=[],
        cites_right_source=recall_at(ranking, case.sources, 1),
    )


def _rows(system: str, cases: Sequence[Case], outcomes: Sequence[Outcome]) -> list[Row]:
    pairs = list(zip(cases, outcomes, strict=True))
    groups = []
    for language, split in product(LANGUAGES, ("dev", "test")):
        group = [(case, outcome) for case, outcome in pairs if (case.language, case.split) == (language, split)]
        if group:
            groups.append(_row(system, f"{language} {split}", group))
    return groups


def _row(system: str, group: str, pairs: Sequence[tuple[Case, Outcome]]) -> Row:
    answerable = [(case, outcome) for case, outcome in pairs if case.answerable]
    abstained = [outcome.status in {"abstained", "refused"} for _, outcome in pairs]
    precision, recall = precision_and_recall(abstained, [not case.answerable for case, _ in pairs])
    quotes = [stands for _, outcome in pairs for stands in outcome.quotes_stand]
    ours = system == "ringwise"
    return Row(
        system=system,
        group=group,
        questions=len(pairs),
        recall_at_5=share([outcome.source_found for _, outcome in answerable]),
        section_recall_at_5=share([outcome.section_found for _, outcome in answerable]) if ours else None,
        mrr=sum(outcome.reciprocal_rank for _, outcome in answerable) / max(1, len(answerable)),
        cites_right_source=share([outcome.cites_right_source for _, outcome in answerable]),
        citation_precision=share(quotes) if ours else None,
        abstention_precision=precision,
        abstention_recall=recall,
        wrongly_abstained=share([outcome.status == "abstained" for _, outcome in answerable]) if answerable else 0.0,
    )


def print_report(report: Report) -> None:
    """Print the table; on a terminal with lines, in a pipe as plain columns."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title="Questions of seeds/evals", box=None, pad_edge=False)
    names = list(Row.model_fields)
    for name in names:
        table.add_column(name.replace("_", " "), justify="left" if name in {"system", "group"} else "right")
    for row in report.rows:
        values = row.model_dump()
        table.add_row(*(_cell(values[name]) for name in names))
    console = Console()
    console.width = max(console.width, 150)
    console.print(table)


def _cell(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else "–" if value is None else str(value)
