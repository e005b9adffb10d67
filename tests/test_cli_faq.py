"""`ringwise faq`: pages from the shipped wordings, a run that was killed and goes on, a file of any quality, and clear errors."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
import small_corpus

MAIN = "from bot.cli import main; main()"
MOST_MB = 600


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    folder = tmp_path_factory.mktemp("faq")
    small_corpus.write_small_seeds(folder / "seeds")
    (folder / "seeds" / "faq_topics.yaml").write_text(
        'questions: {en: {signs: "{title}: what are the warning signs?"}, zh: {signs: "{title}：有哪些危险信号？"}}\n'
        'others: {en: "{title}: {section}", zh: "{title}：{section}"}\n',
        encoding="utf-8",
    )
    chosen = small_corpus.small_settings(folder)
    small_corpus.publish(chosen)
    return {**os.environ, **small_corpus.environment(chosen)}


def _run(environment: Mapping[str, str], *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", MAIN, "faq", *map(str, arguments)]
    return subprocess.run(command, env=dict(environment), capture_output=True, text=True, timeout=300, check=False)


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_pages_in_both_languages_are_written_and_named(environment: Mapping[str, str], tmp_path: Path) -> None:
    done = _run(environment, "--out", tmp_path, "--format", "html,csv", "--region", "cn", "--handout")
    assert done.returncode == 0, done.stderr
    for language in ("en", "zh"):
        for name in ("faq.public.{}.html", "faq.public.{}.csv", "handout.public.{}.html"):
            assert (tmp_path / name.format(language)).is_file()
            assert name.format(language) in done.stdout
    assert "有哪些危险信号？" in (tmp_path / "faq.public.zh.html").read_text(encoding="utf-8")
    assert "drafts" in done.stdout
    assert "\x1b" not in done.stderr


def test_changed_entries_are_listed_with_exit_status_1(environment: Mapping[str, str], tmp_path: Path) -> None:
    assert _run(environment, "--out", tmp_path).returncode == 0
    assert (_run(environment, "--out", tmp_path, "--changed").returncode) == 0
    entry = next((tmp_path / "entries" / "zh").glob("*.md"))
    head, _, rest = entry.read_text(encoding="utf-8").partition("passages:")
    entry.write_text(f"{head}passages:{rest.replace('。', '！', 1)}", encoding="utf-8")
    before = _files(tmp_path)
    done = _run(environment, "--out", tmp_path, "--changed")
    assert done.returncode == 1
    assert done.stdout.startswith(f"zh/{entry.name}  draft  ")
    assert len(done.stdout.splitlines()) == 1
    assert _files(tmp_path) == before


@pytest.mark.slow
def test_a_run_that_is_killed_goes_on_to_the_same_folder(environment: Mapping[str, str], tmp_path: Path) -> None:
    """`kill -9` at random moments; RINGWISE_TEST_KILLS says at how many."""
    questions = tmp_path / "q.txt"
    asked = [f"What are the warning signs of a fake police call number {number}?" for number in range(150)]
    asked += [f"第{number}个冒充公检法的电话有哪些危险信号？" for number in range(150)]
    questions.write_text("\n".join(asked), encoding="utf-8")
    arguments = ["--questions", str(questions), "--format", "html,json,docx"]
    begun = time.monotonic()
    assert _run(environment, *arguments, "--out", tmp_path / "whole").returncode == 0
    took = time.monotonic() - begun
    command = [sys.executable, "-c", MAIN, "faq", *arguments, "--out", str(tmp_path / "cut"), "--resume"]
    moments = random.Random(7)
    for _ in range(int(os.environ.get("RINGWISE_TEST_KILLS", "3"))):
        with subprocess.Popen(command, env=dict(environment), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            time.sleep(moments.uniform(0.2, 1.0) * took)
            process.kill()
    assert _run(environment, *arguments, "--out", tmp_path / "cut", "--resume").returncode == 0
    assert _files(tmp_path / "cut") == _files(tmp_path / "whole")


@pytest.mark.slow
def test_five_thousand_questions_of_any_quality_end_with_a_report_and_little_memory(
    environment: Mapping[str, str], tmp_path: Path
) -> None:
    lines = [b"question"]
    for number in range(1_000):
        lines += [b"", b"what are the warning signs of a fake police call", f"冒充公检法第{number}种有哪些危险信号".encode("gb18030")]
        lines += [b"x" * 3_000, b"\xff\xfe\xff" if number % 2 else f"How can I tell whether caller {number} is the police?".encode()]
    (tmp_path / "q.csv").write_bytes(b"\n".join(lines))
    arguments = ["faq", "--questions", str(tmp_path / "q.csv"), "--out", str(tmp_path / "faq"), "--format", "csv"]
    program = (
        "import sys\nfrom pathlib import Path\nfrom bot.cli import app\ntry:\n    app(sys.argv[1:])\nfinally:\n"
        "    status = Path('/proc/self/status').read_text()\n"
        "    print(status.partition('VmHWM:')[2].split()[0], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], env=dict(environment), capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stderr
    report, kilobytes = done.stderr.strip().splitlines()[-2:]
    assert "1000 too long" in report
    assert "999 repeat" in report
    assert "500 unreadable" in report
    assert int(kilobytes) < MOST_MB * 1024


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--audience", "教师"], "public, teens, children, older, teachers"),
        (["--format", "pdf"], "html, md, json, csv, docx"),
        (["--region", "XX"], "CN"),
        (["--language", "fr"], "en, zh"),
        (["--questions", "没有.csv"], "没有.csv"),
        (["--topics", "none.yaml"], "none.yaml"),
    ],
)
def test_a_wrong_choice_names_the_right_ones(environment: Mapping[str, str], tmp_path: Path, arguments: list[str], told: str) -> None:
    done = _run(environment, "--out", tmp_path, *arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
