"""Measure Ringwise: each figure from a process of its own, over the shipped knowledge, in a data folder that is thrown away."""

import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from bot.bench.figures import Figures, percentile
from bot.bench.processes import Served, rss_mb, run_json, seconds_of, served
from bot.settings import Settings

_RINGWISE = ("-c", "import sys; from bot.cli import main; main(sys.argv[1:])")
_STARTS = 3
_PER_PROCESS = 600  # answers in process, and first sentences over HTTP
_UNCACHED = 2_000

Tell = Callable[[str], None]


def measure(settings: Settings, questions: list[str], folder: Path, answers: int, tell: Tell) -> Figures:
    """Every figure of ours; `answers` are asked over HTTP."""
    environment = {
        "RINGWISE_DATA_DIR": str(folder / "ours"), "RINGWISE_SEEDS_DIR": str(settings.seeds_dir), "RINGWISE_LIMITS_ENABLED": "false",
        "RINGWISE_LOG_FORMAT": "text",
    }  # fmt: skip
    tell("sync")
    figures = {"sync_s": seconds_of((*_RINGWISE, "sync"), environment), "resync_s": seconds_of((*_RINGWISE, "sync"), environment)}
    tell("start")
    starts = [seconds_of((*_RINGWISE, "ask", questions[0], "--json"), environment) for _ in range(_STARTS + 1)]
    figures["start_to_first_answer_s"] = statistics.median(starts[1:])  # the first one warms the disk
    tell("answers in process")
    figures |= run_json(("-m", "bot.bench.in_process"), environment, json.dumps(questions[:_PER_PROCESS]))
    tell("answers over HTTP")
    serve = (*_RINGWISE, "serve", "--no-browser", "--port")
    with served(serve, environment, "/readyz") as server:
        figures["serve_ready_s"] = server.ready_s
        time.sleep(3)  # the chat is loaded beside the server; its memory counts, its loading is over
        figures |= under_load(server, "/api/v1/answers", questions, answers)
    with served(serve, {**environment, "RINGWISE_CACHE_ANSWERS": "0"}, "/readyz") as server:
        time.sleep(3)
        one = _load(server, "/api/v1/answers", questions, _PER_PROCESS, clients=1, stream=True)
        figures["first_sentence_http_ms_p50"] = one["ms_p50"]
        many = _load(server, "/api/v1/answers", questions, min(_UNCACHED, answers), clients=32)
        figures["http_uncached_answers_per_s"] = many["per_s"]
        figures["http_failed"] += many["failed"]
    tell("FAQ")
    begun = time.perf_counter()
    seconds_of((*_RINGWISE, "faq", "--format", "md", "--out", str(folder / "faq")), environment)
    entries = sum(1 for _ in (folder / "faq").rglob("*.md"))
    figures["faq_entries_per_s"] = entries / (time.perf_counter() - begun)
    return figures


def under_load(server: Served, path: str, questions: list[str], count: int) -> Figures:
    """Answers a second with 32 clients, and the memory after a tenth and after all."""
    early = _load(server, path, questions, count // 10, clients=32)
    weight = rss_mb(server.pid)
    late = _load(server, path, questions, count - count // 10, clients=32)
    return {
        "http_answers_per_s": late["per_s"], "http_failed": early["failed"] + late["failed"],
        "rss_mb_early": weight, "rss_mb": rss_mb(server.pid),
    }  # fmt: skip


def _load(server: Served, path: str, questions: list[str], count: int, *, clients: int, stream: bool = False) -> Figures:
    order = {"port": server.port, "path": path, "questions": questions, "clients": clients, "count": count, "stream": stream}
    found: Figures = run_json(("-m", "bot.bench.load"), {}, json.dumps(order))
    return found


def timed(work: Callable[[str], object], questions: list[str], warm: int = 5) -> list[float]:
    """Milliseconds that some work takes for each question."""
    times = []
    for question in [*questions[:warm], *questions]:
        begun = time.perf_counter()
        work(question)
        times.append((time.perf_counter() - begun) * 1000)
    return times[warm:]


def quantiles(times: list[float]) -> Figures:
    return {"answer_ms_p50": percentile(times, 0.5), "answer_ms_p99": percentile(times, 0.99)}
