"""The suite `retrieval`, on the small corpus, where every figure can be worked out by hand."""

import pytest

from bot.assistant import Assistant
from bot.evals.cases import Case
from bot.evals.retrieval import measure
from bot.evals.suite import SuiteReport
from bot.schema import Language


def _case(key: str, question: str, language: Language, sources: list[str], sections: list[str] | None = None, **values: object) -> Case:
    facts = {"answerable": bool(sources), "split": "dev", "quote": None, **values}
    return Case(id=key, question=question, language=language, sources=sources, sections=sections or [], **facts)  # type: ignore[arg-type]


CASES = [
    _case("e1", "What are the warning signs of a fake police call?", "en", ["fake-police"], ["signs"]),
    _case("e2", "What are the warning signs of order brushing?", "en", ["order-brushing"], ["signs"]),
    _case("e3", "xylophone zeppelin", "en", ["fake-police"], ["signs"]),
    _case("e4", "quartz viola", "en", []),
    _case("z1", "冒充公安诈骗有哪些危险信号？", "zh", ["fake-police"], ["signs"]),
    _case("z2", "刷單有什麼危險信號？", "zh", ["fake-police"], ["signs"], split="test"),
    _case("z3", "足球", "zh", [], split="test"),
    _case("z4", "刷单怎么办？", "zh", [], split="test"),
]  # fmt: skip


@pytest.fixture
def report(small_assistant: Assistant) -> SuiteReport:
    return measure(small_assistant, CASES)


def _figures(report: SuiteReport, group: str) -> dict[str, float]:
    return {figure.name: figure.value for figure in report.figures if figure.group == group}


def test_questions_are_grouped_by_language_and_split_and_empty_groups_left_out(report: SuiteReport) -> None:
    assert list(dict.fromkeys((figure.group, figure.cases) for figure in report.figures)) == [("en dev", 4), ("zh dev", 1), ("zh test", 3)]


def test_retrieval_is_measured_on_the_answerable_questions(report: SuiteReport) -> None:
    english = _figures(report, "en dev")  # two of three are found, each in first place
    assert (english["recall at 5"], english["section recall at 5"], english["MRR"]) == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    chinese = _figures(report, "zh dev")
    assert (chinese["recall at 5"], chinese["section recall at 5"], chinese["MRR"]) == (1.0, 1.0, 1.0)


def test_a_right_source_further_down_counts_less(report: SuiteReport) -> None:
    outcome = next(outcome for outcome in report.outcomes if outcome.id == "z2")
    ranking = outcome.got.split(" > ")
    assert ranking[0] == "order-brushing"
    assert outcome.scores["MRR"] < 1.0


def test_an_answer_is_right_where_it_cites_a_right_source(report: SuiteReport) -> None:
    assert _figures(report, "en dev")["cites right source"] == pytest.approx(2 / 3)
    assert _figures(report, "zh dev")["cites right source"] == 1.0


def test_quotations_are_true_to_the_letter(report: SuiteReport) -> None:
    assert {figure.value for figure in report.figures if figure.name == "citation precision"} == {1.0}
    assert {outcome.scores["quotes that stand"] for outcome in report.outcomes} == {1.0}


def test_abstaining_is_measured_as_a_decision(report: SuiteReport) -> None:
    english = _figures(report, "en dev")  # abstained from e3, wrongly, and from e4, rightly
    assert (english["abstention precision"], english["abstention recall"]) == (0.5, 1.0)
    assert english["wrongly turned away"] == pytest.approx(1 / 3)
    chinese = _figures(report, "zh test")  # abstained from z3, rightly; answered z4, wrongly
    assert (chinese["abstention precision"], chinese["abstention recall"], chinese["wrongly turned away"]) == (1.0, 0.5, 0.0)


def test_an_outcome_tells_what_came_of_each_question(report: SuiteReport) -> None:
    assert [outcome.id for outcome in report.outcomes] == [case.id for case in CASES]
    assert [outcome.answer.status for outcome in report.outcomes if outcome.answer] == [
        "answered", "answered", "abstained", "abstained", "answered", "answered", "abstained", "answered",
    ]  # fmt: skip


def test_the_shares_that_a_group_must_reach_are_told_and_missing_one_is_seen(report: SuiteReport) -> None:
    assert ("en dev", "recall at 5") in {(figure.group, figure.name) for figure in report.missed}
    assert ("zh dev", "recall at 5") not in {(figure.group, figure.name) for figure in report.missed}


def test_no_questions_give_no_figures(small_assistant: Assistant) -> None:
    assert measure(small_assistant, []) == SuiteReport(suite="retrieval", figures=[], outcomes=[])


def test_the_baseline_is_measured_by_the_same_questions(small_assistant: Assistant) -> None:
    report = measure(small_assistant, CASES, lambda question: ["order-brushing", "fake-police"])
    baseline = _figures(report, "baseline en dev")  # fake-police second twice, order-brushing first once
    assert baseline == {"recall at 5": 1.0, "MRR": pytest.approx(2 / 3)}


def test_a_report_survives_the_way_through_json(report: SuiteReport) -> None:
    assert SuiteReport.model_validate_json(report.model_dump_json()) == report
