"""Programs that are measured: started, waited for, weighed, stopped. Listens on loopback only."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from bot.errors import Unavailable

_START_S = 120


class Served(NamedTuple):
    """A server that is up: where, its process, and the seconds until it was ready."""

    port: int
    pid: int
    ready_s: float


def run_json(arguments: Sequence[str], environment: Mapping[str, str], given: str = "") -> Any:
    """What a Python program prints as JSON in its last line. Raises Unavailable where it fails."""
    return json.loads(_run(arguments, environment, given).strip().splitlines()[-1])


def seconds_of(arguments: Sequence[str], environment: Mapping[str, str]) -> float:
    """How long a Python program takes from its start to its end. Raises Unavailable where it fails."""
    begun = time.perf_counter()
    _run(arguments, environment)
    return time.perf_counter() - begun


def _run(arguments: Sequence[str], environment: Mapping[str, str], given: str = "") -> str:
    """All that a Python program prints, once it has ended well."""
    done = subprocess.run(
        [sys.executable, *arguments], env={**os.environ, **environment}, capture_output=True, text=True, input=given, check=False
    )
    if done.returncode != 0:
        raise Unavailable("bench_failed", f"A measured program failed: {done.stderr.strip()[-500:]}", "Mend that, then measure again.")
    return done.stdout


@contextmanager
def served(arguments: Sequence[str], environment: Mapping[str, str], ready: str) -> Iterator[Served]:
    """A server whose last argument is its port; up when the path answers."""
    port = _free_port()
    begun = time.perf_counter()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, *arguments, str(port)], env={**os.environ, **environment}, stdout=log, stderr=log
        )
        try:
            while not _answers(f"http://127.0.0.1:{port}{ready}"):
                if process.poll() is not None or time.perf_counter() - begun > _START_S:
                    log.seek(0)
                    said = log.read().decode(errors="replace")[-500:]
                    raise Unavailable("bench_failed", f"A measured server did not start: {said}", "Mend that, then measure again.")
                time.sleep(0.02)
            yield Served(port, process.pid, time.perf_counter() - begun)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def rss_mb(pid: int | None = None) -> float:
    """Resident memory of a process, in megabytes, from Linux's /proc."""
    status = Path(f"/proc/{pid or os.getpid()}/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))
