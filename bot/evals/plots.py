"""Plots of a suite as SVG text: its figures beside what they must reach, how its scores are spread, and what was taken for what."""

import io
from collections import Counter
from collections.abc import Iterator

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from bot.evals.suite import Figure, SuiteReport

_BLUE, _RED, _GREY = "#1d4ed8", "#b91c1c", "#6b7280"
_MOST_CLASSES = 20  # more would not be readable as a table of colours
_BINS = 20


def plots(report: SuiteReport) -> Iterator[tuple[str, str]]:
    """Yield title and SVG of each plot that the suite has the data for."""
    if report.figures:
        yield "Figures, and what they must reach", _bars(report.figures)
    for score in sorted({name for outcome in report.outcomes for name in outcome.scores}):
        values = {round(outcome.scores[score], 6) for outcome in report.outcomes if score in outcome.scores}
        if len(values) > 2:
            yield f"How “{score}” is spread", _spread(report, score)
    classes = {outcome.expected for outcome in report.outcomes} | {outcome.got for outcome in report.outcomes}
    if 2 <= len(classes) <= _MOST_CLASSES:
        yield "What was expected, and what came", _confusion(report, sorted(classes))


def _bars(figures: list[Figure]) -> str:
    """One bar a figure, first on top; a mark where its floor or ceiling lies."""
    canvas = Canvas(figsize=(9, 0.6 + 0.28 * len(figures)), layout="constrained")
    axes: Axes = canvas.subplots()
    rows = range(len(figures))
    axes.barh(rows, [f.value for f in figures], color=[_BLUE if f.holds else _RED for f in figures], height=0.7)
    for row, figure in enumerate(figures):
        for limit in (figure.floor, figure.ceiling):
            if limit is not None:
                axes.plot([limit, limit], [row - 0.45, row + 0.45], color="black", linewidth=2)
        axes.text(figure.value, row, f" {figure.value:.3f}", va="center", fontsize=8)
    axes.set_yticks(rows, [f"{figure.group}: {figure.name}" for figure in figures], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlim(0, max(1.1, *(1.1 * figure.value for figure in figures)))
    return _svg(canvas)


def _spread(report: SuiteReport, score: str) -> str:
    """Histograms of a score: cases that went right above, wrong ones below."""
    canvas = Canvas(figsize=(9, 3), layout="constrained")
    axes: Axes = canvas.subplots()
    sides = [[o.scores[score] for o in report.outcomes if score in o.scores and o.right is right] for right in (True, False)]
    both = [*sides[0], *sides[1]]
    edges = [min(both) + (max(both) - min(both)) * step / _BINS for step in range(_BINS + 1)]
    axes.hist(sides, bins=edges, color=[_BLUE, _RED], label=[f"right ({len(sides[0])})", f"wrong ({len(sides[1])})"])
    axes.set_xlabel(score)
    axes.set_ylabel("cases")
    axes.legend(frameon=False)
    return _svg(canvas)


def _confusion(report: SuiteReport, classes: list[str]) -> str:
    counts = Counter((outcome.expected, outcome.got) for outcome in report.outcomes)
    matrix = [[counts[expected, got] for got in classes] for expected in classes]
    size = 2.5 + 0.45 * len(classes)
    canvas = Canvas(figsize=(size + 1, size), layout="constrained")
    axes: Axes = canvas.subplots()
    shares = [[count / max(1, sum(row)) for count in row] for row in matrix]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for y, row in enumerate(matrix):
        for x, count in enumerate(row):
            if count:
                axes.text(x, y, str(count), ha="center", va="center", fontsize=8, color="white" if shares[y][x] > 0.5 else _GREY)
    axes.set_xticks(range(len(classes)), classes, rotation=45, ha="right", fontsize=8)
    axes.set_yticks(range(len(classes)), classes, fontsize=8)
    axes.set_xlabel("came")
    axes.set_ylabel("expected")
    return _svg(canvas)


def _svg(canvas: Canvas) -> str:
    """The drawing as an element to stand inside a page, without the XML prologue and with no date, so that it is reproducible."""
    text = io.StringIO()
    with rc_context({"svg.hashsalt": "ringwise"}):  # else the names inside are drawn at random
        canvas.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return text.getvalue()[text.getvalue().index("<svg") :]
