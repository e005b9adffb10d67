"""The evaluation as one self-contained page: figures, plots, and every question with its answer, citations and scores to judge."""

from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup

from bot.errors import Unavailable
from bot.evals.plots import plots
from bot.evals.report import demanded
from bot.evals.suite import SuiteReport


def write_html(reports: Sequence[SuiteReport], file: Path) -> None:
    """Write the page. Raises Unavailable where the file cannot be written."""
    source = (resources.files("bot.evals") / "report.html.j2").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.globals["demanded"] = demanded
    suites = [(report, [(title, Markup(svg)) for title, svg in plots(report)]) for report in reports]
    page = environment.from_string(source).render(suites=suites)
    try:
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        raise Unavailable("unwritable", f"{file} cannot be written: {error.strerror}.", "Choose another file.") from error
