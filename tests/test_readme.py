"""The README says what is true: its settings, its tree, its commands and its files are those of the code."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

from bot.cli import app
from bot.settings import settings_table

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
# What tools leave behind is no part of the layout.
_MADE = {"build", "dist", "node_modules", "venv", "__pycache__"}


def _between(name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n(.*?)\n?<!-- /{name} -->", README, re.DOTALL)
    assert found, f"README.md has no block between <!-- {name} --> and <!-- /{name} -->"
    return found.group(1)


def test_the_settings_are_those_of_the_code() -> None:
    assert _between("settings") == settings_table(), "write bot.settings.settings_table() between the markers"


def test_the_tree_lists_exactly_the_folders_at_the_top() -> None:
    listed = re.findall(r"^(\w+)/ ", _between("tree"), re.MULTILINE)
    present = {p.name for p in ROOT.iterdir() if p.is_dir() and not p.name.startswith(".") and not p.name.endswith(".egg-info")}
    assert sorted(listed) == sorted(present - _MADE)


def test_the_top_level_holds_nothing_but_the_layout() -> None:
    files = {path.name for path in ROOT.iterdir() if path.is_file() and not path.name.startswith(".")}
    assert files == {"README.md", "pyproject.toml", "LICENSE"}


def _commands() -> dict[str, Any]:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    return dict(group.commands)


def _said() -> list[tuple[str, tuple[str, ...]]]:
    """Each command with the options that the README gives it: `ringwise ask "…" --json` is ("ask", ("--json",))."""
    calls = re.findall(r"ringwise ([a-z]+)((?:[^`\n#&|]|\\.)*)", README)
    return [(name, tuple(re.findall(r"(?<!\S)--[a-z]+(?:-[a-z]+)*", rest))) for name, rest in calls]


def test_the_commands_that_it_shows_exist_with_their_options() -> None:
    commands = _commands()
    assert {"ask", "serve", "sync", "eval"} <= {name for name, _ in _said()}
    for name, options in _said():
        assert name in commands
        known = {option for parameter in commands[name].params for option in parameter.opts} | {"--help"}
        assert set(options) <= known, name


def test_the_two_lines_that_start_and_test_it_stand_at_the_top() -> None:
    head = "\n".join(README.splitlines()[:30])
    assert "python3 -m venv .venv && .venv/bin/pip install -e . && .venv/bin/ringwise serve" in head
    assert "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/pytest" in head


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:bot|ingest|seeds|prompts|tests)/[\w./-]+)`", README))))
def test_the_files_that_it_names_exist(path: str) -> None:
    assert (ROOT / path).exists()


def test_it_shows_a_question_in_chinese() -> None:
    assert re.search(r'ringwise ask "[^"]*[\u4e00-\u9fff]', README)
