"""With the network unplugged: sockets to anything but loopback are refused, and nothing so much as tries one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import small_corpus

from bot.settings import Settings

# Put before a program: refuses every way out of the machine, and makes the process fail at its end if one was tried.
UNPLUGGED = """
import os, socket, sys

tried = []
HERE = {"127.0.0.1", "::1", "localhost", "0.0.0.0", "::", "", None}

def refuse(name):
    real = getattr(socket.socket, name)
    def guarded(self, *arguments):
        address = arguments[-1]
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in HERE:
            tried.append((name, address))
            raise OSError(101, "Network is unreachable")
        return real(self, *arguments)
    setattr(socket.socket, name, guarded)

for name in ("connect", "connect_ex", "sendto"):
    refuse(name)

find = socket.getaddrinfo
def getaddrinfo(host, *arguments, **values):
    name = host.decode() if isinstance(host, bytes) else host
    if name not in HERE:
        tried.append(("getaddrinfo", name))
        raise socket.gaierror(-3, "Temporary failure in name resolution")
    return find(host, *arguments, **values)
socket.getaddrinfo = getaddrinfo

def end(status):
    sys.stdout.flush()
    if tried:
        print("tried to leave the machine:", tried, file=sys.stderr)
    os._exit(3 if tried else status)
"""

ASK = """
from bot.cli import main
status = 1
try:
    main(["ask", *sys.argv[1:]])
except SystemExit as ended:
    status = ended.code or 0
end(status)
"""

SERVE = """
import http.client, threading, time
import uvicorn
from bot.assistant import Assistant
from bot.settings import load_settings
from bot.store import open_store
from bot.web.app import create_app

settings = load_settings()
store = open_store(settings)
assistant = Assistant(settings, store)
app = create_app(settings, assistant, store)
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True).start()
while not server.started:
    time.sleep(0.05)
page = http.client.HTTPConnection("127.0.0.1", listener.getsockname()[1], timeout=30)
page.request("GET", "/")
answered = page.getresponse()
body = answered.read().decode()
assert answered.status == 200, answered.status
assert "Ringwise" in body
print(assistant.answer(sys.argv[1]).text)
time.sleep(1)  # whatever was started in the background has its chance to try
end(0)
"""

TRY = """
try:
    socket.create_connection(("192.0.2.1", 80), timeout=1)
except OSError:
    pass
end(0)
"""


def _run(program: str, environment: dict[str, str], home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program unplugged, in an empty home and without what the machine knows of Hugging Face or proxies."""
    leave = ("HF_", "HUGGINGFACE", "TRANSFORMERS_", "RINGWISE_", "GRADIO_", "HTTP", "http", "ALL_PROXY", "XDG_")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(leave)}
    command = [sys.executable, "-c", UNPLUGGED + program, *arguments]
    return subprocess.run(
        command, env={**clean, "HOME": str(home), **environment}, cwd=home, capture_output=True, text=True, encoding="utf-8",
        timeout=180, check=False,
    )  # fmt: skip


def _meaning(settings: Settings) -> dict[str, str]:
    return {"RINGWISE_DATA_DIR": str(settings.data_dir), "RINGWISE_SEEDS_DIR": str(settings.seeds_dir)}


def test_a_program_that_tries_to_leave_the_machine_is_caught(tmp_path: Path) -> None:
    done = _run(TRY, {}, tmp_path, "中文")
    assert done.returncode == 3
    assert "192.0.2.1" in done.stderr


@pytest.mark.parametrize(
    ("question", "quote"),
    [("What is a fake police call?", "a stranger claims to be an officer"), ("什么是冒充公安诈骗？", "是指骗子自称警察")],
)
def test_questions_are_answered_by_words_without_the_network(
    small_settings: Settings, tmp_path: Path, question: str, quote: str
) -> None:
    done = _run(ASK, small_corpus.environment(small_settings), tmp_path, question)
    assert done.returncode == 0, done.stderr
    assert quote in done.stdout


@pytest.mark.server
@pytest.mark.parametrize(
    ("question", "quote"),
    [("What is a fake police call?", "a stranger claims to be an officer"), ("什么是冒充公安诈骗？", "是指骗子自称警察")],
)
def test_the_server_answers_without_the_network(small_settings: Settings, tmp_path: Path, question: str, quote: str) -> None:
    done = _run(SERVE, small_corpus.environment(small_settings), tmp_path, question)
    assert done.returncode == 0, done.stderr
    assert quote in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("question", "quote"),
    [("How many telecom fraud cases were solved in China in 2022?", "464,000"), ("河南电视台的调查持续了多久？", "120")],
)
def test_questions_are_answered_by_meaning_without_the_network(
    shipped_settings: Settings, tmp_path: Path, question: str, quote: str
) -> None:
    done = _run(ASK, _meaning(shipped_settings), tmp_path, question)
    assert done.returncode == 0, done.stderr
    assert quote in done.stdout


@pytest.mark.slow
@pytest.mark.server
def test_the_server_answers_by_meaning_without_the_network(shipped_settings: Settings, tmp_path: Path) -> None:
    done = _run(SERVE, _meaning(shipped_settings), tmp_path, "How many telecom fraud cases were solved in China in 2022?")
    assert done.returncode == 0, done.stderr
    assert "464,000" in done.stdout
    assert list(tmp_path.rglob("*Microsoft*")) == [], "onnxruntime keeps nothing to report its use by"
