"""Real servers that tests start on loopback: Chroma, Redis, nginx, Ringwise itself. Each is stopped by its `with`."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import httpx

START_SECONDS = 60
PROJECT = Path(__file__).resolve().parents[1]
NGINX_CONF = PROJECT / ".deploy" / "nginx.conf"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(name: str) -> str | None:
    """Where a program is: beside this Python, on the path, or where Debian keeps daemons."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name) or shutil.which(name, path="/usr/sbin")


class Running:
    """A program that listens on a port of loopback; `ready` is a path that answers 200, or "" where a connection is enough."""

    def __init__(self, command: list[str], port: int, log: Path, ready: str = "", environment: dict[str, str] | None = None) -> None:
        self.command, self.port, self.log, self.ready = command, port, log, ready
        self.url = f"http://127.0.0.1:{port}"
        own = {name: value for name, value in os.environ.items() if not name.startswith("RINGWISE_")}
        self._environment = own | {"PYTHONPATH": str(PROJECT)} | (environment or {})
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Running":
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, env=self._environment, cwd=self.log.parent)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"{self.command[0]} ended:\n{self.log.read_text(errors='replace')}")
            if self._answers():
                return
            time.sleep(0.05)
        self.stop()
        raise AssertionError(f"{self.command[0]} did not start:\n{self.log.read_text(errors='replace')}")

    def _answers(self) -> bool:
        try:
            if self.ready:
                return httpx.get(f"http://127.0.0.1:{self.port}{self.ready}", timeout=5, trust_env=False).status_code == 200
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return True
        except (httpx.HTTPError, OSError):
            return False

    def stop(self, how: int = signal.SIGKILL) -> int:
        """Send a signal and wait for the end; its exit status."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(timeout=20)


def chroma(folder: Path, port: int | None = None) -> Running:
    """A Chroma server whose data stay in the folder, so that it can be started again."""
    port = port or free_port()
    command = [program("chroma") or "chroma", "run", "--path", str(folder / "chroma"), "--host", "127.0.0.1", "--port", str(port)]
    return Running(command, port, folder / "chroma.log", "/api/v2/heartbeat")


def redis(folder: Path) -> Running:
    port = free_port()
    command = [program("redis-server") or "redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    running = Running(command, port, folder / "redis.log")
    running.url = f"redis://127.0.0.1:{port}"
    return running


def nginx_conf(folder: Path, port: int, ports: Sequence[int], prefix: bool = False) -> Path:
    """The shipped configuration, written into the folder with nothing changed but addresses, port and places."""
    web = "        server web1:7860 max_fails=0;\n        server web2:7860 max_fails=0;\n"
    changes = {
        web: "".join(f"        server 127.0.0.1:{behind} max_fails=0;\n" for behind in ports),
        "listen 8080;": f"listen 127.0.0.1:{port};",
        " /tmp/": f" {folder}/",
        "error_log stderr": f"error_log {folder}/error.log",
        "/dev/stdout": f"{folder}/access.log",
        **({"#rewrite ": "rewrite "} if prefix else {}),
    }
    text = NGINX_CONF.read_text(encoding="utf-8")
    for shipped, here in changes.items():
        assert shipped in text, f"{NGINX_CONF.name} has no {shipped!r}"
        text = text.replace(shipped, here)
    folder.mkdir(exist_ok=True)
    conf = folder / "nginx.conf"
    conf.write_text(text, encoding="utf-8")
    return conf


def nginx(folder: Path, ports: Sequence[int], prefix: bool = False) -> Running:
    """nginx with the shipped configuration in front of processes on these ports; its logs and all else are in the folder."""
    port = free_port()
    conf = nginx_conf(folder, port, ports, prefix)
    command = [program("nginx") or "nginx", "-p", str(folder), "-c", str(conf), "-e", str(folder / "start.log"), "-g", "daemon off;"]
    return Running(command, port, folder / "nginx.log")


def ringwise(folder: Path, environment: dict[str, str], ready: str = "/readyz") -> Running:
    """`ringwise serve` with settings as environment variables."""
    port = free_port()
    serve = f"from bot.cli import main; main(['serve', '--no-browser', '--port', '{port}'])"
    return Running([sys.executable, "-c", serve], port, folder / f"serve-{port}.log", ready, environment)


def sync(environment: dict[str, str]) -> None:
    """`ringwise sync` to its end."""
    command = [sys.executable, "-c", "from bot.cli import main; main(['sync'])"]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
