"""The evaluation as a page: everything in it can be read and judged, and nothing in it can do harm."""

from pathlib import Path

import pytest

from bot.assistant import Assistant
from bot.errors import Unavailable
from bot.evals.html_report import write_html
from bot.evals.suite import Figure, Outcome, SuiteReport


def _report(assistant: Assistant) -> SuiteReport:
    asked = ["What are the warning signs of a fake police call?", "冒充公安诈骗有哪些危险信号？", "<script>alert(1)</script>"]
    outcomes = [
        Outcome(id=f"c{n}", group="en test", asked=text, expected="answered", got=answer.status, right=answer.status == "answered",
                answer=answer, scores={"confidence": n / 3})
        for n, text in enumerate(asked)
        for answer in [assistant.answer(text)]
    ]  # fmt: skip
    figures = [
        Figure(group="en test", name="right", value=2 / 3, cases=3, floor=0.9),
        Figure(group="zh test", name="right", value=1.0, cases=3, floor=0.9),
    ]
    return SuiteReport(suite="examples", figures=figures, outcomes=outcomes)


@pytest.fixture
def page(small_assistant: Assistant, tmp_path: Path) -> str:
    write_html([_report(small_assistant)], tmp_path / "report.html")
    return (tmp_path / "report.html").read_text(encoding="utf-8")


def test_the_page_shows_every_question_with_its_answer_and_the_marked_passage(page: str, small_assistant: Assistant) -> None:
    answer = small_assistant.answer("冒充公安诈骗有哪些危险信号？")
    assert answer.citations
    assert "冒充公安诈骗有哪些危险信号？" in page
    assert all(f"<mark>{citation.quote}</mark>" in page for citation in answer.citations)


def test_the_page_has_plots_of_the_figures_the_scores_and_the_outcomes(page: str) -> None:
    assert page.count("<svg") == 3
    assert "confidence" in page


def test_a_figure_below_its_floor_is_marked_in_words(page: str) -> None:
    assert "0.667 missed" in page
    assert "1.000 missed" not in page


def test_a_script_in_a_question_stays_text(page: str) -> None:
    assert "<script>alert(1)</script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_the_page_asks_for_nothing_from_elsewhere(page: str) -> None:
    assert "src=" not in page.replace("-src", "")
    assert '<link rel="stylesheet"' not in page


def test_the_same_report_gives_the_same_page(small_assistant: Assistant, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_html([_report(small_assistant)], tmp_path / name)
    assert (tmp_path / "a").read_text(encoding="utf-8") == (tmp_path / "b").read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written_is_named(small_assistant: Assistant, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="nowhere"):
        write_html([_report(small_assistant)], tmp_path / "nowhere" / "report.html")
