"""The suite `retrieval`: is the right guide found for a question, in its right section, and is an unanswerable one turned away?"""

from collections.abc import Callable, Sequence
from itertools import product

from langchain_core.documents import Document

from bot.assistant import Assistant, confidence
from bot.evals.baseline import build_baseline
from bot.evals.cases import Case, load_cases
from bot.evals.metrics import precision_and_recall, recall_at, reciprocal_rank, share
from bot.evals.suite import Figure, Outcome, SuiteReport
from bot.schema import LANGUAGES, Answer
from bot.settings import Settings

DEPTH = 5
RECALL, SECTION_RECALL, MRR = "recall at 5", "section recall at 5", "MRR"
# What the answers of the shipped knowledge must reach, in each split.
FLOORS = {
    RECALL: {"en": 0.95, "zh": 0.92},
    SECTION_RECALL: {"en": 0.85, "zh": 0.80},
    MRR: {"en": 0.85, "zh": 0.80},
    "citation precision": {"en": 1.0, "zh": 1.0},
}

Search = Callable[[str], list[str]]


def run(assistant: Assistant, settings: Settings, baseline: bool = False) -> SuiteReport:
    """Ask the questions of `seeds/evals`; with `baseline`, also LangChain's tutorial retrieval."""
    cases = load_cases(settings.seeds_dir / "evals")
    return measure(assistant, cases, build_baseline(settings) if baseline else None)


def measure(assistant: Assistant, cases: Sequence[Case], baseline: Search | None = None) -> SuiteReport:
    outcomes = [_outcome(assistant, case) for case in cases]
    figures = _figures(cases, outcomes)
    if baseline is not None:
        figures += _baseline_figures(cases, [baseline(case.question) for case in cases])
    return SuiteReport(suite="retrieval", figures=figures, outcomes=outcomes)


def _outcome(assistant: Assistant, case: Case) -> Outcome:
    query = assistant.understand(case.question)
    found = assistant.search(query)
    ranking = [str(passage.metadata["source_id"]) for passage in found.passages]
    answer = assistant.answer(case.question)
    cites = any(citation.source_id in case.sources for citation in answer.citations)
    abstained = answer.status in {"abstained", "refused"}
    return Outcome(
        id=case.id,
        group=_group(case),
        asked=case.question,
        expected=_expected(case),
        got=answer.status if abstained else " > ".join(dict.fromkeys(ranking)),
        right=cites if case.answerable else abstained,
        answer=answer,
        scores={
            RECALL: float(recall_at(ranking, case.sources, DEPTH)),
            SECTION_RECALL: float(_section_found(found.passages, case)),
            MRR: reciprocal_rank(ranking, case.sources),
            "quotes that stand": share(_quotes_stand(answer)),
            "confidence": confidence(query, found),
        },
    )


def _group(case: Case) -> str:
    return f"{case.language} {case.split}"


def _expected(case: Case) -> str:
    sections = f" ({', '.join(case.sections)})" if case.sections else ""
    return f"{', '.join(case.sources)}{sections}" if case.answerable else "abstained"


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


def _figures(cases: Sequence[Case], outcomes: Sequence[Outcome]) -> list[Figure]:
    figures: list[Figure] = []
    for language, split in product(LANGUAGES, ("dev", "test")):
        pairs = [(c, o) for c, o in zip(cases, outcomes, strict=True) if (c.language, c.split) == (language, split)]
        for name, value in _values(pairs).items() if pairs else ():
            floor = FLOORS.get(name, {}).get(language)
            figures.append(Figure(group=f"{language} {split}", name=name, value=value, cases=len(pairs), floor=floor))
    return figures


def _values(pairs: Sequence[tuple[Case, Outcome]]) -> dict[str, float]:
    """The figures of one group. What is measured on answerable questions is left out where there are none."""
    answerable = [outcome for case, outcome in pairs if case.answerable]
    turned_away = [outcome.answer is not None and outcome.answer.status in {"abstained", "refused"} for _, outcome in pairs]
    precision, recall = precision_and_recall(turned_away, [not case.answerable for case, _ in pairs])
    quotes = [stands for _, outcome in pairs if outcome.answer for stands in _quotes_stand(outcome.answer)]
    values = {name: _mean(answerable, name) for name in (RECALL, SECTION_RECALL, MRR)} if answerable else {}
    values["cites right source"] = share([outcome.right for outcome in answerable])
    values["citation precision"] = share(quotes)
    values["abstention precision"] = precision
    values["abstention recall"] = recall
    wrongly = [away for away, (case, _) in zip(turned_away, pairs, strict=True) if case.answerable]
    values["wrongly turned away"] = sum(wrongly) / max(1, len(wrongly))
    return values


def _mean(outcomes: Sequence[Outcome], score: str) -> float:
    return sum(outcome.scores[score] for outcome in outcomes) / len(outcomes)


def _baseline_figures(cases: Sequence[Case], rankings: Sequence[list[str]]) -> list[Figure]:
    figures = []
    for language, split in product(LANGUAGES, ("dev", "test")):
        pairs = [
            (case.sources, ranking)
            for case, ranking in zip(cases, rankings, strict=True)
            if case.answerable and (case.language, case.split) == (language, split)
        ]
        if pairs:
            recall = share([recall_at(ranking, right, DEPTH) for right, ranking in pairs])
            mrr = sum(reciprocal_rank(ranking, right) for right, ranking in pairs) / len(pairs)
            group = f"baseline {language} {split}"
            figures += [Figure(group=group, name=n, value=v, cases=len(pairs)) for n, v in ((RECALL, recall), (MRR, mrr))]
    return figures
