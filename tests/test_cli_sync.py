"""`ringwise sync` as it is typed: what it prints where, and its exit status."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from project import Project

from bot.cli import main


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Seeds that the command line finds; the embedding model is the bundled one."""
    project = Project(tmp_path)
    project.write("zh.txt", "不要给陌生人转账。\n")
    project.write("en.txt", "Never pay a stranger.\n")
    project.write_sources({"path": "zh.txt", "language": "zh", "title": "新闻"}, {"path": "en.txt"})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RINGWISE_SEEDS_DIR", str(project.seeds))
    monkeypatch.setenv("RINGWISE_DATA_DIR", str(project.settings.data_dir))
    return project


def status(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        main(["sync", *arguments])
    return int(caught.value.code or 0)


def run(project: Project, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """The same in a process of its own, which may load the model."""
    environment = {**os.environ, "PYTHONWARNINGS": "default"}
    command = [sys.executable, "-c", "from bot.cli import main; main()", *arguments]
    return subprocess.run(command, cwd=project.folder, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_a_dry_run_prints_the_plan_and_writes_nothing(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert status("--dry-run") == 0
    assert capsys.readouterr().out.splitlines() == ["Would add 2 passages, drop 0, keep 0.", "  + en.txt", "  + zh.txt"]
    assert not project.settings.data_dir.exists()


def test_every_problem_is_printed_with_file_line_reason_and_mend(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.write("zh.txt", "好\n".encode() + "不要转账".encode("gb18030"))
    project.write("en.txt", "")
    assert status() == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines() == [
        "Error: 2 sources cannot be used:",
        "  zh.txt:2: is not UTF-8. Save it as UTF-8.",
        "  en.txt: is empty. Fill it or remove it from the sources.",
        "Nothing was changed. Mend the lines above and run `ringwise sync` again.",
    ]
    assert project.store.current_name() is None


@pytest.mark.parametrize("location", ["没有.txt", "", "ftp://example.org/a.txt", "http://", "http://127.0.0.1:9/"])
def test_a_location_that_cannot_be_read_is_a_problem(project: Project, capsys: pytest.CaptureFixture[str], location: str) -> None:
    assert status(location) == 2
    assert "1 source cannot be used" in capsys.readouterr().err


def test_a_second_sync_at_the_same_time_is_refused(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    with project.store.writing():
        assert status() == 1
    assert "Another sync is writing" in capsys.readouterr().err


def test_a_model_that_is_not_there_is_named(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RINGWISE_EMBEDDING_MODEL", "没有这个文件夹")
    assert status() == 2
    assert "没有这个文件夹" in capsys.readouterr().err


@pytest.mark.slow
def test_sync_builds_index_and_query_encoder_once_and_a_rebuild_mends_a_damaged_one(project: Project) -> None:
    first = run(project, "sync")
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("2 passages added, 0 dropped, 0 unchanged. Index ")
    second = run(project, "sync")
    assert second.stdout.startswith("0 passages added, 0 dropped, 2 unchanged. Index ")
    assert "Encoding" not in second.stderr
    [copy] = (project.settings.data_dir / "encoders").iterdir()
    assert {path.name for path in copy.iterdir()} == {"model.onnx", "weights.bin", "tokenizer.json", "encoder.json"}
    assert json.loads((copy / "encoder.json").read_text())["max_tokens"] == 256
    whole = (copy / "model.onnx").stat().st_size
    (copy / "model.onnx").write_bytes(b"cut off")
    assert run(project, "sync", "--rebuild").returncode == 0
    assert (copy / "model.onnx").stat().st_size == whole
