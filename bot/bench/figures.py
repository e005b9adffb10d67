"""The figures of a run: their names, what they measure, and which way is better."""

import os
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

Figures = dict[str, float]

# Name -> (what it is, whether more is better).
MEASURED: Mapping[str, tuple[str, bool]] = {
    "start_to_first_answer_s": ("From starting the program to its first answer, in seconds", False),
    "serve_ready_s": ("From starting the server to its being ready, in seconds", False),
    "encode_ms_p50": ("Encoding a question, median in milliseconds", False),
    "answer_ms_p50": ("One answer in process, median in milliseconds (plain: retrieval alone)", False),
    "answer_ms_p99": ("The same, 99th percentile", False),
    "first_sentence_http_ms_p50": ("First sentence over HTTP, one client, median in milliseconds", False),
    "http_answers_per_s": ("Answers a second over HTTP, 32 clients, questions that repeat", True),
    "http_uncached_answers_per_s": ("The same with the cache off", True),
    "http_failed": ("Answers that failed under that load", False),
    "rss_mb": ("Memory of the server after all of these, in megabytes", False),
    "rss_mb_early": ("Its memory after the first tenth of them", False),
    "sync_s": ("Building the index from nothing, in seconds", False),
    "resync_s": ("Doing so again with nothing changed", False),
    "faq_entries_per_s": ("FAQ entries a second (plain: retrievals a second)", True),
}


def ratios(ours: Figures, baseline: Figures) -> Figures:
    """How many times better ours is, by figure: 2.0 is twice as fast, twice as many, or half the memory."""
    both = {name: (ours[name], baseline[name]) for name in MEASURED if ours.get(name) and baseline.get(name)}
    return {name: round(own / plain if MEASURED[name][1] else plain / own, 3) for name, (own, plain) in both.items()}


def machine() -> dict[str, Any]:
    """What the figures were taken on."""
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ("chromadb", "gradio", "langchain-core", "onnxruntime", "sentence-transformers", "torch")
    return {
        "processor": _processor(),
        "cores": cores,
        "memory_gb": round(memory, 1),
        "load_before": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in packages},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor())


def percentile(values: list[float], share: float) -> float:
    """The value below which a share of them lies; of none it is 0."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
