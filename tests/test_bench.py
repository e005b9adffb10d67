"""`ringwise bench`: the figures mean what they say. No test asserts a speed: machines differ, and a speed is a ratio taken in one run."""

import http.server
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bot.bench.figures import MEASURED, machine, percentile, ratios
from bot.bench.load import Order, run
from bot.bench.processes import run_json, seconds_of
from bot.errors import Unavailable

REQUIRED = {
    "start_to_first_answer_s", "encode_ms_p50", "answer_ms_p50", "answer_ms_p99", "first_sentence_http_ms_p50", "http_answers_per_s", "rss_mb",
    "sync_s", "resync_s", "faq_entries_per_s",
}  # fmt: skip


def test_every_figure_that_is_promised_has_a_name() -> None:
    assert set(MEASURED) >= REQUIRED


def test_a_ratio_says_how_many_times_better_ours_is() -> None:
    ours = {"start_to_first_answer_s": 2.0, "http_answers_per_s": 200.0, "rss_mb": 300.0, "http_failed": 0.0}
    plain = {"start_to_first_answer_s": 10.0, "http_answers_per_s": 50.0, "rss_mb": 600.0, "http_failed": 3.0}
    assert ratios(ours, plain) == {"start_to_first_answer_s": 5.0, "http_answers_per_s": 4.0, "rss_mb": 2.0}
    assert ratios(ours, {}) == {}


@pytest.mark.parametrize(("share", "value"), [(0.0, 1.0), (0.5, 3.0), (0.99, 4.0), (1.0, 4.0)])
def test_a_percentile_is_a_value_that_was_measured(share: float, value: float) -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], share) == value


def test_no_values_have_no_percentile() -> None:
    assert percentile([], 0.5) == 0.0


def test_the_machine_is_described() -> None:
    facts = machine()
    assert facts["cores"] >= 1
    assert facts["processor"]
    assert {"chromadb", "onnxruntime"} <= facts["versions"].keys()


# --- programs that are measured ---


def test_a_program_is_timed_from_its_start_to_its_end() -> None:
    assert 0.3 <= seconds_of(("-c", "import time; time.sleep(0.3)"), {}) < 30


def test_a_program_that_fails_is_told_and_not_timed() -> None:
    with pytest.raises(Unavailable) as caught:
        seconds_of(("-c", "raise SystemExit('坏了')"), {})
    assert "坏了" in caught.value.message
    with pytest.raises(Unavailable):
        run_json(("-c", "raise SystemExit(1)"), {})


def test_a_program_is_given_its_input_and_environment() -> None:
    program = "import json, os, sys; print('…'); print(json.dumps([sys.stdin.read(), os.environ['WHO']]))"
    assert run_json(("-c", program), {"WHO": "外婆"}, "问题") == ["问题", "外婆"]


# --- load ---


class _Answers(http.server.BaseHTTPRequestHandler):
    """Answers `slow` questions after 50 ms, refuses those that say so, and streams where a stream is asked for."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["question"]
        if "slow" in question:
            time.sleep(0.05)
        body = b"event: passages\ndata: {}\n\nevent: sentence\ndata: {}\n\n" if "event-stream" in self.headers["Accept"] else b"{}"
        self.send_response(503 if "refuse" in question else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def _order(port: int, *questions: str, stream: bool = False) -> Order:
    return Order(port=port, path="/", questions=list(questions), clients=4, count=40, stream=stream)


@pytest.mark.server
def test_failed_answers_are_counted_and_not_timed(port: int) -> None:
    found = run(_order(port, "好的", "refuse"))
    assert found["failed"] == 20
    assert found["per_s"] > 0


@pytest.mark.server
@pytest.mark.parametrize("stream", [False, True])
def test_what_is_timed_is_the_answer(port: int, stream: bool) -> None:
    found = run(_order(port, "slow 慢", stream=stream))
    assert found["failed"] == 0
    assert found["ms_p50"] >= 50
    assert found["per_s"] <= 4 / 0.05 * 1.5


# --- growth ---


@pytest.mark.slow
@pytest.mark.parametrize("how", [(), ("drawn",)], ids=["encoded", "drawn"])
def test_made_up_knowledge_is_built_searched_and_weighed(how: tuple[str, ...], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bot.bench.scale", "100", str(tmp_path / "scale"), *how]
    done = subprocess.run(command, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    found = json.loads(done.stdout)
    assert found["passages"] == 100
    assert 0 < found["encode_share"] <= 1
    assert found["chroma_recall_at_10"] >= 0.99
    assert all(np.isfinite(value) for value in found.values())
