"""Imports point one way: each row of the design may use the rows before it, and what answers loads nothing heavy."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
import small_corpus

from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[1]

# The design's section 2, row by row. A name stands for a module or for a package with all that is in it.
ROWS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("nouns", ("bot.errors", "bot.schema", "bot.text", "bot.i18n", "bot.sections", "bot.yaml_text", "bot.privacy", "bot.digests")),
    ("knobs", ("bot.settings", "bot.prompts")),
    (
        "parts",
        (
            "bot.embeddings", "bot.store", "bot.passages", "bot.contacts", "bot.bibliography", "bot.glossary", "bot.classifier",
            "bot.retrieval", "bot.answer_cache", "bot.conversation", "bot.emergencies", "bot.phrase_patterns", "bot.disguise", "bot.harm",
            "bot.contacts_in_text", "bot.contact_gate", "bot.number_questions", "bot.understanding", "bot.generation",
            "bot.citations", "bot.groundedness", "bot.audiences", "bot.replies", "bot.signals",
            "bot.messages", "bot.evidence", "bot.judgement", "bot.settling", "bot.guidance", "bot.marking",
        ),
    ),
    ("doubles", ("bot.testing",)),
    ("assistant", ("bot.assistant", "bot.message_checker")),
    ("batch", ("bot.faq", "bot.evals", "bot.bench", "ingest")),
    ("web", ("bot.web",)),
    ("cli", ("bot.cli", "bot.cli_contacts", "bot.cli_check", "bot.cli_eval", "bot.cli_faq", "bot.cli_bench")),
)  # fmt: skip
# What is read before anyone asks is made of nouns, knobs and these; contacts, because the directory is checked with the other seeds.
OPEN_TO_INGEST = (
    "bot.embeddings", "bot.store", "bot.passages", "bot.bibliography", "bot.glossary", "bot.classifier", "bot.understanding",
    "bot.contacts", "bot.contacts_in_text", "bot.signals", "bot.evidence", "bot.messages",
)  # fmt: skip
# The check of the seeds reads all of them, the eval questions too.
OPEN_TO_ONE = {"ingest.checks": ("bot.evals.cases",)}
HEAVY = {"torch", "transformers", "sentence_transformers", "sklearn", "gradio"}


def _modules() -> dict[str, Path]:
    files = [path for folder in ("bot", "ingest") for path in sorted((ROOT / folder).rglob("*.py"))]
    return {_name(path): path for path in files}


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = _modules()


def _imported(tree: ast.AST, *, at_import: bool = False) -> Iterator[str]:
    """The names that a module imports, anywhere in it or only when it is itself imported."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names if f"{node.module}.{alias.name}" in MODULES)
        elif not (at_import and (_is_function(node) or _is_for_types_only(node))):
            yield from _imported(node, at_import=at_import)


def _is_function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)


def _is_for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _own(name: str) -> set[str]:
    """The modules of this project that a module imports."""
    found = set(_imported(ast.parse(MODULES[name].read_text(encoding="utf-8"))))
    return {other for other in found if other in MODULES and other != name}


def _within(name: str, group: str) -> bool:
    return name == group or name.startswith(f"{group}.")


def _row(name: str) -> int | None:
    rows = [number for number, (_, groups) in enumerate(ROWS) if any(_within(name, group) for group in groups)]
    return rows[0] if len(rows) == 1 else None


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_module_has_a_row_and_imports_only_from_it_and_the_rows_before(name: str) -> None:
    if name == "bot":
        assert _own(name) == set()
        return
    row = _row(name)
    assert row is not None, f"{name} has no row in the design"
    upwards = {other: ROWS[theirs][0] for other in _own(name) if (theirs := _row(other)) is not None and theirs > row}
    assert upwards == {}


def test_no_module_imports_another_in_a_circle() -> None:
    order = TopologicalSorter({name: _own(name) for name in MODULES}).static_order()
    assert set(order) == set(MODULES)  # a circle raises CycleError, which names it


@pytest.mark.parametrize("name", sorted(name for name in MODULES if _within(name, "ingest")))
def test_ingest_knows_nothing_of_how_questions_are_answered(name: str) -> None:
    allowed = {*ROWS[0][1], *ROWS[1][1], *OPEN_TO_INGEST, *OPEN_TO_ONE.get(name, ()), "ingest"}
    assert {other for other in _own(name) if not any(_within(other, group) for group in allowed)} == set()


def test_nobody_but_the_command_line_and_what_measures_imports_ingest() -> None:
    users = {name for name in MODULES if not _within(name, "ingest") and any(_within(other, "ingest") for other in _own(name))}
    assert users <= {"bot.cli", "bot.evals.baseline", "bot.bench.scale"}


def test_the_doubles_are_for_tests_only() -> None:
    assert {name for name in MODULES if "bot.testing" in _own(name)} == set()


@pytest.mark.parametrize("name", sorted(MODULES))
def test_importing_a_module_loads_nothing_heavy(name: str) -> None:
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    heavy = {other.split(".")[0] for other in _imported(tree, at_import=True)} & HEAVY
    assert heavy <= ({"gradio"} if _within(name, "bot.web") else set())


ASK = """
import sys
from bot.cli import main
try:
    main(["ask", sys.argv[1], "--json"])
except SystemExit as ended:
    assert not ended.code, ended.code
print("heavy:", *sorted(set(sys.argv[2:]) & set(sys.modules)), file=sys.stderr)
"""


def _ask(question: str, environment: dict[str, str]) -> str:
    command = [sys.executable, "-c", ASK, question, *sorted(HEAVY)]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr.splitlines()[-1]


@pytest.mark.parametrize("question", ["What is a safe account?", "什么是安全账户？"])
def test_answering_by_words_loads_nothing_heavy(small_settings: Settings, question: str) -> None:
    assert _ask(question, small_corpus.environment(small_settings)) == "heavy:"


@pytest.mark.slow
@pytest.mark.parametrize("question", ["What is a safe account?", "什么是安全账户？"])
def test_answering_by_meaning_loads_nothing_heavy(shipped_settings: Settings, question: str) -> None:
    assert _ask(question, {"RINGWISE_DATA_DIR": str(shipped_settings.data_dir)}) == "heavy:"
