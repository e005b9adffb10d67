"""`ringwise bench`: measure speed and weight, beside the plain way, and how both grow."""

import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot.errors import InvalidInput
from bot.settings import load_settings

if TYPE_CHECKING:
    from bot.bench.figures import Figures


def bench(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines instead of tables.")] = False,
    baseline: Annotated[bool, typer.Option("--baseline", help="Measure LangChain's tutorial chain in the same run, with ratios.")] = False,
    scale: Annotated[str, typer.Option("--scale", help="Grow made-up knowledge to these numbers of passages, by comma.")] = "",
    drawn: Annotated[bool, typer.Option("--drawn", help="With --scale: draw vectors instead of encoding, for 100000 and more.")] = False,
    answers: Annotated[int, typer.Option("--answers", min=20, help="Answers that are asked over HTTP.")] = 10_000,
) -> None:
    """Measure start, answers, load, memory, sync and FAQ on this machine (some minutes; nothing else should run)."""
    from bot.bench import ours, plain
    from bot.bench.figures import machine, ratios
    from bot.bench.scale import grow

    sizes = _sizes(scale)
    settings = load_settings()
    result: dict[str, Any] = {"machine": machine()}
    with tempfile.TemporaryDirectory(prefix="ringwise-bench-") as name:
        if sizes:
            result["scale"] = [grow(size, Path(name) / str(size), _tell, drawn=drawn) for size in sizes]
        else:
            questions = _questions(settings.seeds_dir)
            result["ours"] = ours.measure(settings, questions, Path(name), answers, _tell)
            result["baseline"] = plain.measure(settings, questions, Path(name), answers, _tell) if baseline else {}
            result["ratios"] = ratios(result["ours"], result["baseline"])
    if as_json:
        print(json.dumps(result, indent=2))
    else:
        _print(result)


def _questions(seeds: Path) -> list[str]:
    """What is asked: the questions of the evals, in both languages by turns."""
    from bot.evals.cases import load_cases

    cases = load_cases(seeds / "evals")
    english = [case.question for case in cases if case.language == "en"]
    chinese = [case.question for case in cases if case.language == "zh"]
    return [question for pair in zip(english, chinese, strict=False) for question in pair]


def _sizes(text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isdigit() and int(part) >= 100 for part in parts):
        raise InvalidInput("invalid_scale", f"--scale {text} cannot be used.", "Write numbers from 100 on, such as 1000,10000.")
    return [int(part) for part in parts]


def _tell(stage: str) -> None:
    print(f"… {stage}", file=sys.stderr, flush=True)


def _print(result: dict[str, Any]) -> None:
    console = Console(soft_wrap=True)
    machine = result["machine"]
    console.print(f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, Python {machine['python']}")
    if "scale" in result:
        console.print(_scale_table(result["scale"]))
    else:
        console.print(_table(result["ours"], result["baseline"], result["ratios"]))


def _table(ours: "Figures", baseline: "Figures", times: "Figures") -> Table:
    from bot.bench.figures import MEASURED

    table = Table("Measured", "Ringwise", "Plain", "Times better")
    for name, (what, _) in MEASURED.items():
        if name in ours:
            table.add_row(what, _figure(ours.get(name)), _figure(baseline.get(name)), _figure(times.get(name)))
    return table


def _scale_table(rows: list[dict[str, float]]) -> Table:
    table = Table("Measured", *(f"{row['passages']:,.0f} passages" for row in rows))
    for name in rows[0]:
        if name != "passages":
            table.add_row(name, *(_figure(row[name]) for row in rows))
    return table


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
