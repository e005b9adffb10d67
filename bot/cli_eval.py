"""`ringwise eval`: measure the assistant on questions whose right answers are known, as tables, JSON or a page to read."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.errors import InvalidInput
from bot.settings import load_settings

if TYPE_CHECKING:
    from bot.evals.suite import SuiteReport


def evaluate(
    suite: Annotated[list[str] | None, typer.Option("--suite", help="Only this suite; may be given several times. Default: all.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines instead of tables.")] = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a page with every question, answer, citation and score.")
    ] = None,
    baseline: Annotated[bool, typer.Option("--baseline", help="Measure LangChain's tutorial retrieval beside ours.")] = False,
    split: Annotated[str, typer.Option("--split", help="Which groups to show: dev, test or all.")] = "all",
) -> None:
    """Measure understanding, retrieval and answers on the questions in seeds/evals."""
    from bot.assistant import Assistant
    from bot.evals import retrieval
    from bot.evals.report import print_reports
    from bot.evals.suites import SUITES
    from bot.store import open_store

    if split not in {"dev", "test", "all"}:
        raise InvalidInput("unknown_split", f"There is no split {split!r}.", "Use one of: dev, test, all.")
    names = suite or list(SUITES)
    for name in names:
        if name not in SUITES:
            raise InvalidInput("unknown_suite", f"There is no suite {name!r}.", f"Use one of: {', '.join(SUITES)}.")
    settings = load_settings()
    assistant = Assistant(settings, open_store(settings))
    reports = [
        retrieval.run(assistant, settings, baseline=True) if baseline and name == "retrieval" else SUITES[name](assistant, settings)
        for name in dict.fromkeys(names)
    ]
    reports = [_of_split(report, split) for report in reports]
    if html:
        from bot.evals.html_report import write_html

        write_html(reports, html)
    if as_json:
        print(json.dumps({"suites": {r.suite: r.model_dump(mode="json") for r in reports}}, ensure_ascii=False, indent=2))
    else:
        print_reports(reports)


def _of_split(report: "SuiteReport", split: str) -> "SuiteReport":
    """The groups of a split, and those that have none."""
    left_out = {"dev": "test", "test": "dev"}.get(split)
    return report.model_copy(
        update={
            "figures": [figure for figure in report.figures if left_out not in figure.group.split()],
            "outcomes": [outcome for outcome in report.outcomes if left_out not in outcome.group.split()],
        }
    )
