"""Print the figures of suites as tables: a line for each group, a column for each figure."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from bot.evals.suite import Figure, SuiteReport

_WIDTH = 150  # in a pipe, where nothing says how wide a line may be


def print_reports(reports: Sequence[SuiteReport]) -> None:
    """Print a table for each suite; figures that miss what they must reach are marked and listed again at the end."""
    console = Console()
    console.width = max(console.width, _WIDTH)
    for report in reports:
        console.print(_table(report))
        console.print()
    for report in reports:
        for figure in report.missed:
            console.print(f"[bold red]missed[/] {report.suite}, {figure.group}: {figure.name} {figure.value:.3f}, {demanded(figure)}")


def demanded(figure: Figure) -> str:
    """What a figure must reach, in words."""
    parts = [f"at least {figure.floor:g}"] if figure.floor is not None else []
    parts += [f"at most {figure.ceiling:g}"] if figure.ceiling is not None else []
    return " and ".join(parts)


def _table(report: SuiteReport) -> Table:
    groups = list(dict.fromkeys(figure.group for figure in report.figures))
    names = list(dict.fromkeys(figure.name for figure in report.figures))
    cells = {(figure.group, figure.name): figure for figure in report.figures}
    table = Table(title=f"{report.suite}: {len(report.outcomes)} cases", box=None, pad_edge=False, title_justify="left")
    table.add_column("group")
    for name in ("cases", *names):
        table.add_column(name, justify="right")
    for group in groups:
        cases = max(figure.cases for figure in report.figures if figure.group == group)
        table.add_row(group, str(cases), *(_cell(cells.get((group, name))) for name in names))
    return table


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return "–"
    return f"{figure.value:.3f}" if figure.holds else f"[red]{figure.value:.3f}![/]"
