"""The report of an evaluation, on the small corpus, where every figure can be worked out by hand."""

import pytest

from bot.assistant import Assistant
from bot.evals.cases import Case
from bot.evals.report import Report, Row, build_report, print_report
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
def report(small_assistant: Assistant) -> Report:
    return build_report(small_assistant, CASES)


def _row(report: Report, group: str) -> Row:
    return next(row for row in report.rows if row.group == group)


def test_questions_are_grouped_by_language_and_split_and_empty_groups_left_out(report: Report) -> None:
    assert [(row.system, row.group, row.questions) for row in report.rows] == [
        ("ringwise", "en dev", 4), ("ringwise", "zh dev", 1), ("ringwise", "zh test", 3),
    ]  # fmt: skip


def test_retrieval_is_measured_on_the_answerable_questions(report: Report) -> None:
    english = _row(report, "en dev")  # two of three are found, each in first place
    assert (english.recall_at_5, english.section_recall_at_5, english.mrr) == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    chinese = _row(report, "zh dev")
    assert (chinese.recall_at_5, chinese.section_recall_at_5, chinese.mrr) == (1.0, 1.0, 1.0)


def test_a_right_source_further_down_counts_less_and_its_wrong_section_not_at_all(report: Report) -> None:
    outcome = next(outcome for outcome in report.outcomes if outcome.id == "z2")
    assert outcome.ranking[0] == "order-brushing"
    assert outcome.reciprocal_rank == (1 / (outcome.ranking.index("fake-police") + 1) if "fake-police" in outcome.ranking else 0.0)


def test_an_answer_is_right_where_it_cites_a_right_source(report: Report) -> None:
    assert _row(report, "en dev").cites_right_source == pytest.approx(2 / 3)
    assert _row(report, "zh dev").cites_right_source == 1.0


def test_quotations_are_true_to_the_letter(report: Report) -> None:
    assert {row.citation_precision for row in report.rows} == {1.0}
    assert all(stands for outcome in report.outcomes for stands in outcome.quotes_stand)


def test_abstaining_is_measured_as_a_decision(report: Report) -> None:
    english = _row(report, "en dev")  # abstained from e3, wrongly, and from e4, rightly
    assert (english.abstention_precision, english.abstention_recall) == (0.5, 1.0)
    assert english.wrongly_abstained == pytest.approx(1 / 3)
    chinese = _row(report, "zh test")  # abstained from z3, rightly; answered z4, wrongly
    assert (chinese.abstention_precision, chinese.abstention_recall, chinese.wrongly_abstained) == (1.0, 0.5, 0.0)


def test_an_outcome_tells_what_came_of_each_question(report: Report) -> None:
    assert [outcome.id for outcome in report.outcomes] == [case.id for case in CASES]
    assert [outcome.status for outcome in report.outcomes] == [
        "answered", "answered", "abstained", "abstained", "answered", "answered", "abstained", "answered",
    ]  # fmt: skip


def test_no_questions_give_no_rows(small_assistant: Assistant) -> None:
    assert build_report(small_assistant, []) == Report(rows=[], outcomes=[])


def test_a_report_survives_the_way_through_json(report: Report) -> None:
    assert Report.model_validate_json(report.model_dump_json()) == report


def test_the_table_has_a_line_for_each_group_and_no_colour_codes_in_a_pipe(
    report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    print_report(report)
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    for row in report.rows:
        assert row.group in printed
    assert "0.667" in printed
