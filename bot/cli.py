"""The command line: the one place that wires everything. Knows printing, colours and exit statuses."""

import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from bot.cli_bench import bench
from bot.cli_check import check
from bot.cli_contacts import contacts
from bot.cli_eval import evaluate
from bot.cli_faq import faq
from bot.errors import BotError, InvalidInput
from bot.i18n import language_named, load_locale
from bot.schema import Answer, Language, Turn
from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from bot.store import Store

app = typer.Typer(
    name="ringwise",
    help="A chatbot that teaches people to recognise telecom fraud, from sources that it shows.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

app.command()(contacts)
app.command("eval")(evaluate)
app.command()(check)
app.command()(faq)
app.command()(bench)

LanguageOption = Annotated[str | None, typer.Option("--language", help="Answer language: en or zh. Default: that of the question.")]
RegionOption = Annotated[str, typer.Option("--region", help="Region whose contacts are offered, such as CN or SG.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines instead of text.")]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; our errors become a message, a hint and an exit status."""
    handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)  # on the handler, because some libraries set their own loggers to DEBUG
    logging.basicConfig(handlers=[handler], format="%(levelname)s %(name)s: %(message)s")
    try:
        app(args=list(arguments) if arguments is not None else None)
    except BotError as error:
        console = Console(stderr=True, soft_wrap=True)
        console.print(f"[bold red]Error:[/] {escape(error.message)}", highlight=False)
        if error.hint:
            console.print(escape(error.hint), highlight=False)
        sys.exit(error.exit_status)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has gone; there is nobody to tell
        sys.exit(1)


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="The question, in English or Chinese; - reads standard input.")] = None,
    as_json: JsonOption = False,
    jsonl: Annotated[
        str | None,
        typer.Option(
            "--jsonl",
            metavar="FILE",
            help='A file of questions, one JSON object a line: {"id", "question", "region"?, "language"?, "history"?}; - reads '
            "standard input. One answer a line is printed.",
        ),
    ] = None,
    language: LanguageOption = None,
    region: RegionOption = "",
) -> None:
    """Answer a question, with its sources."""
    from bot.assistant import Assistant
    from bot.store import open_store

    if (question is None) == (jsonl is None):
        raise InvalidInput("no_question", "Give either a question or --jsonl FILE.", 'Try: ringwise ask "What is a safe account?"')
    settings = load_settings()
    chosen = _language(language)
    assistant = Assistant(settings, open_store(settings))
    if jsonl is not None:
        for row in _read_jsonl(jsonl):
            _answer_line(assistant, row, chosen, region)
        return
    text = sys.stdin.read() if question == "-" else question or ""
    answer = assistant.answer(text, region=region, language=chosen)
    if as_json:
        _print_json(answer.model_dump(mode="json"))
    else:
        _print_answer(answer)


def _language(name: str | None) -> Language | None:
    return None if name is None else language_named(name)


def _read_jsonl(name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSONL file with their line numbers; the whole file is checked before the first is answered."""
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise InvalidInput("no_file", f"There is no file {name}.", "Check the path.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput("unreadable_file", f"{name} cannot be read as UTF-8 text.", "Save it as UTF-8.") from error
    rows = []
    for number, line in enumerate(text.split("\n"), start=1):  # a text may hold the other line ends that `splitlines` knows
        if line.strip():
            rows.append((number, _jsonl_row(name, number, line)))
    return iter(rows)


def _jsonl_row(name: str, number: int, line: str) -> dict[str, Any]:
    def wrong(reason: str) -> InvalidInput:
        return InvalidInput("invalid_jsonl", f"{name}:{number}: {reason}", 'Write {"id": "…", "question": "…"} on each line.')

    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:  # a number of thousands of digits is a plain ValueError
        raise wrong(f"is not JSON ({error}).") from error
    if not isinstance(row, dict) or not isinstance(row.get("question"), str):
        raise wrong("has no text under `question`.")
    if "id" not in row:
        raise wrong("has no `id`.")
    try:
        row["history"] = [Turn.model_validate(turn) for turn in row.get("history") or []]
        row["language"] = _language(row.get("language"))
    except (ValueError, TypeError, AttributeError) as error:
        raise wrong("has a `history` or `language` that cannot be used.") from error
    except InvalidInput as error:
        raise wrong(f"{error.message} {error.hint}") from error
    return row


def _answer_line(assistant: Any, numbered: tuple[int, dict[str, Any]], language: Language | None, region: str) -> None:
    number, row = numbered
    try:
        answer = assistant.answer(
            row["question"], row["history"], row.get("region") or region, row["language"] or language
        )
    except InvalidInput as error:
        raise InvalidInput(error.code, f"line {number}: {error.message}", error.hint) from error
    print(json.dumps({"id": row["id"], **answer.model_dump(mode="json")}, ensure_ascii=False), flush=True)


def _print_json(data: Any) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=2))


def _print_answer(answer: Answer) -> None:
    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    if not answer.sentences:
        console.print(escape(answer.text))
    if answer.lead:
        console.print(f"[bold]{escape(answer.lead)}[/]")
    urgent = answer.status == "emergency"
    if urgent:
        _print_contacts(console, answer)
    heading = ""
    for sentence in answer.sentences:
        if sentence.heading != heading:
            heading = sentence.heading
            console.print(f"[bold]{escape(heading)}[/]")
        marks = "".join(f"[{n}]" for n in sentence.citations)
        console.print(f"• {escape(sentence.text)} [cyan]{escape(marks)}[/]")
    if not urgent:
        _print_contacts(console, answer)
    if any(choice.kind == "region" for choice in answer.choices):
        console.print(f"{escape(load_locale(answer.language).text('emergency.where'))} (--region SG)")
    if answer.notice:
        console.print(f"[italic]{escape(answer.notice)}[/]")
    if answer.citations:
        console.print()
    for citation in answer.citations:
        place = f"{citation.title}, {citation.section}" if citation.section else citation.title
        console.print(f"[cyan]{escape(f'[{citation.n}]')}[/] {escape(place)}. {escape(citation.publisher)}, {citation.date}")
        for reference in citation.references:
            console.print(f"    [dim]{escape(f'{reference.publisher}, {reference.date}: {reference.url}')}[/]")
    if answer.follow_ups:
        console.print()
    for question in answer.follow_ups:
        console.print(f"[dim]→ {escape(question)}[/]")


def _print_contacts(console: Console, answer: Answer) -> None:
    for contact in answer.contacts:
        console.print(f"[bold]{escape(contact.value)}[/] {escape(contact.label)} ({contact.region}, {contact.checked_on})")


@app.command()
def sync(
    locations: Annotated[
        list[str] | None, typer.Argument(metavar="[PATH_OR_URL]...", help="Add or refresh only these; default: all of seeds/sources.yaml.")
    ] = None,
    prune: Annotated[bool, typer.Option("--prune", help="Drop the sources that were added by hand.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be done, and do nothing.")] = False,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Build the index anew, whatever is there.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Check the guides, contacts and sources, and do nothing.")] = False,
) -> None:
    """Read the sources and bring the index up to date."""
    settings = load_settings()
    if check:
        from ingest.checks import check_seeds

        problems = check_seeds(settings.seeds_dir)
        for problem in problems:
            print(problem, file=sys.stderr)
        print(f"{len(problems)} problems found in {settings.seeds_dir}." if problems else "The seeds are in order.")
        raise typer.Exit(2 if problems else 0)
    run_sync(settings, locations or [], prune=prune, dry_run=dry_run, rebuild=rebuild)


def run_sync(
    settings: Settings, locations: Sequence[str] = (), *, prune: bool = False, dry_run: bool = False, rebuild: bool = False
) -> None:
    from bot.embeddings import load_embeddings
    from bot.store import open_store
    from ingest.sync import Synchronizer

    store = open_store(settings)
    synchronizer = Synchronizer(settings, store, load_embeddings(settings))
    if dry_run:
        _print_plan(synchronizer.plan(locations, prune=prune, rebuild=rebuild))
        return
    with store.writing(), _Progress() as progress:
        plan = synchronizer.plan(locations, prune=prune, rebuild=rebuild)
        manifest = synchronizer.apply(plan, progress, rebuild=rebuild)
    print(f"{len(plan.add)} passages added, {len(plan.drop)} dropped, {len(plan.keep)} unchanged. Index {manifest.name}.")
    for location in plan.added_sources:
        print(f"Added by hand and kept: {location} (`ringwise sync --prune` drops it).")


def _print_plan(plan: Any) -> None:
    by_id = {passage.id: passage for passage in plan.passages}
    print(f"Would add {len(plan.add)} passages, drop {len(plan.drop)}, keep {len(plan.keep)}.")
    for location in sorted({by_id[key].metadata["origin"] for key in plan.add}):
        print(f"  + {location}")


class _Progress:
    """A progress bar with counts and time left on a terminal, a few plain lines elsewhere."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
            console=console, disable=not console.is_terminal,
        )  # fmt: skip
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> Callable[[str, int, int], None]:
        self._bar.start()
        return self._update

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def _update(self, stage: str, done: int, total: int) -> None:
        if stage not in self._tasks:
            self._tasks[stage] = self._bar.add_task(f"Encoding {stage}", total=total)
            if self._bar.disable and total:
                print(f"Encoding {total} {stage} …", file=sys.stderr, flush=True)
        self._bar.update(self._tasks[stage], completed=done)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on. Default: 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option("--port", min=1, max=65535, help="Port to listen on. Default: 7860.")] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page, where there is a screen.")] = True,
) -> None:
    """Serve the web chat; builds the index first where it is missing or out of date. With RINGWISE_CHROMA_URL, `sync` does that alone."""
    settings = load_settings(host=host, port=port)
    from bot.store import open_store

    store = open_store(settings)
    if not settings.chroma_url:
        _bring_up_to_date(settings, store)
    from bot.web.serving import serve_forever

    serve_forever(settings, store, when_ready=_open_page if browser and _has_screen() else None)


def _bring_up_to_date(settings: Settings, store: "Store") -> None:
    from bot.embeddings import load_embeddings
    from ingest.sync import Synchronizer

    if not Synchronizer(settings, store, load_embeddings(settings)).is_current():
        print("Bringing the index up to date …", file=sys.stderr, flush=True)
        run_sync(settings)


def _has_screen() -> bool:
    return sys.stdout.isatty() and bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _open_page(address: str) -> None:
    import webbrowser

    webbrowser.open(address)
