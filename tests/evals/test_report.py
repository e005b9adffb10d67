"""The printed report of suites."""

import pytest

from bot.evals.report import print_reports
from bot.evals.suite import Figure, SuiteReport

REPORT = SuiteReport(
    suite="examples",
    figures=[
        Figure(group="en test", name="recall", value=2 / 3, cases=3, floor=0.9),
        Figure(group="zh test", name="recall", value=1.0, cases=4, floor=0.9),
        Figure(group="zh test", name="obeyed", value=0.25, cases=4, ceiling=0.0),
    ],
    outcomes=[],
)


def test_the_table_has_a_line_for_each_group_and_no_colour_codes_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    print_reports([REPORT])
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert "en test" in printed
    assert "zh test" in printed
    assert "0.667" in printed


def test_what_misses_its_floor_or_ceiling_is_said_again_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    print_reports([REPORT])
    missed = [line for line in capsys.readouterr().out.splitlines() if line.startswith("missed")]
    assert missed == [
        "missed examples, en test: recall 0.667, at least 0.9",
        "missed examples, zh test: obeyed 0.250, at most 0",
    ]
