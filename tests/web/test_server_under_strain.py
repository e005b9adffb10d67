"""A server that is stopped, held up or spied upon: what runs may end, nobody holds the others up, and no word of anyone is kept."""

import asyncio
import http.client
import json
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
import servers
import small_corpus
from loops import run_apart
from servers import Running
from starlette.types import Message, Receive, Scope, Send

from bot.settings import Settings
from bot.web.bodies import Bodies
from bot.web.draining import Draining

pytestmark = [pytest.mark.server, pytest.mark.slow]

QUESTION = {"question": "What should I do about a fake police call?"}


@pytest.fixture
def web(small_settings: Settings, tmp_path: Path) -> Iterator[Running]:
    """`ringwise serve` on the small knowledge base, without limits."""
    with servers.ringwise(tmp_path, {**small_corpus.environment(small_settings), "RINGWISE_LIMITS_ENABLED": "false"}) as running:
        yield running


def _ask(web: Running, timeout: float = 20) -> httpx.Response:
    return httpx.post(f"{web.url}/api/v1/answers", json=QUESTION, timeout=timeout, trust_env=False)


def _connect(web: Running) -> socket.socket:
    return socket.create_connection(("127.0.0.1", web.port), timeout=20)


def _request(body: bytes, length: int | None = None, accept: str = "application/json") -> bytes:
    head = f"POST /api/v1/answers HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAccept: {accept}\r\n"
    return f"{head}Content-Length: {length or len(body)}\r\n\r\n".encode() + body


# --- stopping ---


def test_a_server_that_is_told_to_stop_breaks_off_no_answer(web: Running) -> None:
    """Clients that ask without a pause get whole answers, then 503 with the time to come back, then nobody."""
    statuses: list[int] = []
    broken: list[str] = []

    def ask() -> None:
        with httpx.Client(base_url=web.url, timeout=20, trust_env=False) as client:
            while True:
                try:
                    answer = client.post("/api/v1/answers", json=QUESTION)
                except (httpx.ConnectError, httpx.RemoteProtocolError, httpx.ReadError):
                    return  # between two requests: the server has gone
                statuses.append(answer.status_code)
                if answer.status_code == 200 and not answer.json()["sentences"]:
                    broken.append(answer.text)
                if answer.status_code == 503:
                    assert int(answer.headers["Retry-After"]) > 0
                    return

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    begun = time.monotonic()
    web.stop(signal.SIGTERM)
    assert time.monotonic() - begun < 10
    for thread in threads:
        thread.join(timeout=20)
    assert set(statuses) <= {200, 503}
    assert 200 in statuses
    assert broken == []


def test_a_request_that_never_ends_does_not_keep_a_server_from_stopping(web: Running) -> None:
    with _connect(web) as held:
        held.sendall(_request(b'{"question"', length=100))
        time.sleep(0.5)
        begun = time.monotonic()
        web.stop(signal.SIGTERM)
        assert time.monotonic() - begun < 10.5


def test_what_comes_after_the_signal_gets_503_and_what_was_running_may_end() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        draining.begin()
        assert not draining.wait(0)
        await send({"type": "http.response.body", "body": "完".encode()})

    draining = Draining(app)
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "path": "/api/v1/answers", "method": "POST", "headers": []}
    run_apart(lambda: draining(scope, receive, send))
    assert sent[-1]["body"].decode() == "完"
    assert draining.wait(0)
    sent.clear()
    run_apart(lambda: draining(scope, receive, send))
    assert sent[0]["status"] == 503
    assert (b"retry-after", b"2") in sent[0]["headers"]


# --- connections that hold on ---


@contextmanager
def _held(web: Running, count: int) -> Iterator[list[socket.socket]]:
    """So many open connections; when they are closed, the server answers as before."""
    with ExitStack() as stack:
        yield [stack.enter_context(_connect(web)) for _ in range(count)]
    assert _ask(web).status_code == 200


def test_a_thousand_idle_and_slow_connections_hold_nobody_up(web: Running) -> None:
    with _held(web, 1_000) as held:
        for connection in held[1::2]:
            connection.sendall(b"POST /api/v1/answers HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        assert [_ask(web).status_code for _ in range(5)] == [200] * 5


def test_half_sent_bodies_hold_nobody_up(web: Running) -> None:
    with _held(web, 60) as held:
        for connection in held:
            connection.sendall(_request(b'{"question": "wh', length=4_000))
        assert _ask(web).status_code == 200
        answer = http.client.HTTPResponse(held[0])
        held[0].settimeout(20)
        answer.begin()
        assert answer.status == 408
        assert json.loads(answer.read())["error"]["code"] == "body_too_slow"
        answer.close()


def test_clients_that_never_read_their_stream_hold_nobody_up(web: Running) -> None:
    with _held(web, 60) as held:
        for connection in held:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1_024)
            connection.sendall(_request(json.dumps(QUESTION).encode(), accept="text/event-stream"))
        time.sleep(1)
        assert [_ask(web).status_code for _ in range(5)] == [200] * 5


def test_a_body_that_comes_too_slowly_is_refused() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError("nothing of it reaches the application")

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        await asyncio.sleep(5)
        return {"type": "http.disconnect"}

    scope = {"type": "http", "path": "/", "method": "POST", "headers": [(b"content-type", b"application/json"), (b"accept-language", b"zh")]}
    run_apart(lambda: Bodies(app, 64, timeout_s=0.05)(scope, receive, send))
    assert sent[0]["status"] == 408
    assert "没有发送完" in sent[1]["body"].decode()


# --- what is kept ---

SECRETS = ("Wang Xiaoming", "王小明", "6222021234567890123", "+8613912345678", "13912345678", "xiaoming@example.org", "问了一个秘密")


def test_no_word_of_a_visitor_is_written_anywhere(small_settings: Settings, tmp_path: Path) -> None:
    """Names, card and telephone numbers in questions, histories, messages, paths, queries, headers and broken bodies."""
    environment = {
        **small_corpus.environment(small_settings), "RINGWISE_LOG_FORMAT": "json", "TMPDIR": str(tmp_path), "HOME": str(tmp_path),
        "GRADIO_TEMP_DIR": str(tmp_path / "gradio"),
    }  # fmt: skip
    before = _files(small_settings.data_dir)
    planted = " ".join(SECRETS)
    with servers.ringwise(tmp_path, environment) as web, httpx.Client(base_url=web.url, timeout=20, trust_env=False) as client:
        assert client.post("/api/v1/answers", json={"question": f"{planted}: fake police?"}).status_code == 200
        history = [{"question": planted, "answer": planted}]
        assert client.post("/api/v1/answers", json={"question": "再说一遍", "history": history}).status_code == 200
        stream = client.post("/api/v1/answers", json={"question": planted}, headers={"Accept": "text/event-stream"})
        assert "event: answer" in stream.text
        assert client.post("/api/v1/checks", json={"message": f"{planted} 把钱转到安全账户"}).status_code == 200
        assert client.post("/api/v1/answers", json={"question": planted * 500}).status_code == 422
        assert client.post("/api/v1/answers", content=planted.encode(), headers={"Content-Type": "application/json"}).status_code == 422
        assert client.post("/api/v1/answers", json={planted: planted}).status_code == 422
        assert client.get(f"/api/v1/passages/{planted}").status_code == 404
        assert client.get(f"/{planted}", params={"q": planted}).status_code == 404
        assert client.get("/healthz", headers={"X-Request-ID": "6222021234567890123zz", "Referer": "https://a.example/13912345678"}).status_code == 200
        metrics = client.get("/metrics").text
        web.stop(signal.SIGTERM)
        log = web.log.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    answered = [line for line in lines if line.get("route") == "/api/v1/answers"]
    assert answered
    assert all({"request_id", "method", "status", "ms", "first_byte_ms", "time"} <= set(line) for line in answered)
    assert {line["status"] for line in answered} == {200, 422}
    written = {str(path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for secret in SECRETS:
        assert secret not in metrics
        assert [name for name, content in written.items() if secret.encode() in content] == []
    assert _files(small_settings.data_dir) == before, "nothing is written beside the index"


def _files(folder: Path) -> set[str]:
    return {str(path) for path in folder.rglob("*") if path.is_file()}


def test_an_answer_carries_the_id_of_its_log_line(web: Running) -> None:
    given = "0123456789abcdef0123456789abcdef"
    answer = httpx.get(f"{web.url}/healthz", headers={"X-Request-ID": given}, trust_env=False)
    assert answer.headers["X-Request-ID"] == given
    made = httpx.get(f"{web.url}/healthz", headers={"X-Request-ID": "王小明 13912345678".encode()}, trust_env=False).headers["X-Request-ID"]
    assert len(made) == 32
    assert web.log.read_text().count(given) == 1


CLOSED = [
    "upload", "upload_progress", "file=/etc/passwd", "file/etc/passwd", "proxy=https://example.org", "run/predict", "call/predict", "info",
    "component_server", "token", "monitoring",
]  # fmt: skip


@pytest.mark.parametrize("route", CLOSED)
@pytest.mark.parametrize("prefix", ["/gradio_api/", "/"])
def test_what_the_chat_does_not_use_of_gradio_is_closed(served: "servers.Running", route: str, prefix: str) -> None:
    for method in ("GET", "POST"):
        answer = httpx.request(method, f"{served.url.rstrip('/')}{prefix}{route}", timeout=20, trust_env=False)
        assert answer.status_code in {404, 405}
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
