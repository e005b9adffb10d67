"""Fetching an address: what is followed, what is refused, and the limits; against a real server on loopback."""

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bot.settings import Settings
from ingest.fetch import MAX_REDIRECTS, FetchError, fetch

pytestmark = pytest.mark.server

PAGE = "<p>不要给陌生人转账。</p>".encode()


@dataclass
class Site:
    """A web server of one test: what it says at each path, and what it was asked."""

    port: int
    redirects: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


class Handler(BaseHTTPRequestHandler):
    site: Site

    def do_GET(self) -> None:
        self.site.asked.append(self.path)
        self.site.hosts.append(self.headers["Host"])
        name, _, rest = self.path[1:].partition("/")
        if self.path in self.site.redirects:
            self._send(302, b"", location=self.site.redirects[self.path])
        elif name == "status":
            self._send(int(rest), b"no")
        elif name == "bytes":
            self._send(200, b"x" * int(rest))
        elif name == "gzip":
            self._send(200, gzip.compress(b"x" * int(rest)), content_encoding="gzip")
        elif name == "round":
            self._send(302, b"", location=f"/round/{int(rest) + 1}")
        elif name == "slow":
            self._drip(float(rest))
        else:
            self._send(200, PAGE, content_type="text/html; charset=utf-8")

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for key, value in {"content_type": "text/plain", "content_length": str(len(body)), **headers}.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _drip(self, seconds: float) -> None:
        """A byte at a time, so that no single wait is long."""
        self.send_response(200)
        self.end_headers()
        until = time.monotonic() + seconds
        try:
            while time.monotonic() < until:
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:
            return  # the other side has had enough

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[Site]:
    class Here(Handler):
        pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Here)
    Here.site = Site(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield Here.site
    server.shutdown()
    server.server_close()
    thread.join()


def knobs(**values: object) -> Settings:
    facts = {"fetch_private": True, "fetch_timeout_s": 5.0, **values}
    return Settings(_env_file=None, **facts)  # type: ignore[call-arg, arg-type]


def refused(address: str, **values: object) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetch(address, knobs(**values))
    assert caught.value.mend
    return caught.value


def test_a_page_is_fetched_with_its_media_type(site: Site) -> None:
    fetched = fetch(site.url("/防骗"), knobs())
    assert (fetched.content, fetched.media_type) == (PAGE, "text/html")


def test_the_server_is_asked_by_the_name_in_the_address(site: Site) -> None:
    fetch(f"http://localhost:{site.port}/page", knobs())
    assert site.hosts == [f"localhost:{site.port}"]


def test_a_redirect_is_followed_and_its_end_is_told(site: Site) -> None:
    site.redirects = {"/old": "/middle", "/middle": site.url("/new.html")}
    assert fetch(site.url("/old"), knobs()).url == site.url("/new.html")


def test_too_many_redirects_are_refused(site: Site) -> None:
    assert f"more than {MAX_REDIRECTS} times" in refused(site.url("/round/0")).reason
    assert len(site.asked) == MAX_REDIRECTS + 1


@pytest.mark.parametrize("status", [204, 304, 403, 404, 500])
def test_any_status_but_200_is_refused_with_its_number(site: Site, status: int) -> None:
    assert f"status {status}" in refused(site.url(f"/status/{status}")).reason


@pytest.mark.parametrize("path", ["/bytes/20000", "/gzip/20000000"])
def test_a_page_over_the_size_limit_is_refused_packed_or_not(site: Site, path: str) -> None:
    error = refused(site.url(path), max_source_mb=0.01)
    assert error.reason == "is larger than 0.01 MB."
    assert "RINGWISE_MAX_SOURCE_MB" in error.mend


def test_a_page_that_never_ends_is_given_up_after_the_time_limit(site: Site) -> None:
    start = time.monotonic()
    assert "longer than 0.4 seconds" in refused(site.url("/slow/5"), fetch_timeout_s=0.4).reason
    assert time.monotonic() - start < 3


def test_a_server_that_says_nothing_is_given_up_after_the_time_limit() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        error = refused(f"http://127.0.0.1:{silent.getsockname()[1]}/", fetch_timeout_s=0.3)
    assert "RINGWISE_FETCH_TIMEOUT_S" in error.mend


def test_an_address_where_nobody_listens_cannot_be_reached() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert "cannot be reached" in refused(f"http://127.0.0.1:{port}/").reason


def test_a_host_that_does_not_exist_is_named() -> None:
    assert "cannot be found (no-such-host.invalid)" in refused("http://no-such-host.invalid/").reason


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "10.0.0.1", "192.168.1.1", "169.254.169.254", "[fe80::1]", "[fc00::1]"],
)
def test_an_address_that_is_not_public_is_refused_unasked(site: Site, host: str) -> None:
    error = refused(f"http://{host}:{site.port}/", fetch_private=False)
    assert "not a public address" in error.reason
    assert "RINGWISE_FETCH_PRIVATE" in error.mend
    assert site.asked == []


@pytest.mark.parametrize("host", ["127.0.0.2", "[::1]", "169.254.169.254"])
def test_a_redirect_to_an_address_that_is_not_public_is_refused(site: Site, host: str) -> None:
    site.redirects = {"/out": f"http://{host}:{site.port}/secret", "/in": "/page"}

    def stands_for_public(address: str) -> bool:
        return address == "127.0.0.1"

    assert fetch(site.url("/in"), knobs(fetch_private=False), stands_for_public).content == PAGE
    with pytest.raises(FetchError, match="not a public address"):
        fetch(site.url("/out"), knobs(fetch_private=False), stands_for_public)
    assert "/secret" not in site.asked


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://example.org/", "http://[::1"])
def test_a_redirect_to_what_is_no_web_address_is_refused(site: Site, target: str) -> None:
    site.redirects = {"/out": target}
    assert refused(site.url("/out"))
    assert site.asked == ["/out"]


@pytest.mark.parametrize("address", ["ftp://example.org/a.txt", "file:///etc/passwd", "javascript:alert(1)", "example.org", "", "http://"])
def test_what_is_not_http_is_refused(address: str) -> None:
    assert "not an http or https address" in refused(address).reason


@pytest.mark.parametrize("address", ["http://[::1", "http://a:b/", "http://例子\x00/"])
def test_what_is_no_address_at_all_is_refused(address: str) -> None:
    assert "not a web address" in refused(address).reason
