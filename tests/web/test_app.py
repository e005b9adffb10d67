"""The web application without a browser: headers, foreign pages, and what a taken port says."""

import socket

import httpx
import pytest

from bot.errors import Unavailable
from bot.settings import Settings
from bot.store import open_store
from bot.web.serving import serve_forever

pytestmark = [pytest.mark.server, pytest.mark.slow]

FOREIGN = {"Origin": "https://elsewhere.example", "Host": "ringwise.example"}


@pytest.fixture
def client(served):
    with httpx.Client(base_url=served.url, trust_env=False, timeout=20) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/healthz", "/config", "/no-such-page"])
def test_every_response_says_what_a_browser_may_do_with_it(client, path):
    headers = client.get(path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["connect-src"] == "'self'"
    assert policy["object-src"] == "'none'"
    assert policy["frame-ancestors"] == "'self'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_the_policy_names_no_other_host(client):
    assert "http" not in client.get("/").headers["Content-Security-Policy"]


def test_a_monitor_is_told_that_the_server_is_up(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("path", ["/", "/healthz", "/config"])
def test_a_foreign_page_is_given_no_access(client, path):
    headers = client.get(path, headers=FOREIGN).headers
    assert "access-control-allow-origin" not in headers
    assert "access-control-allow-credentials" not in headers


def test_a_foreign_page_may_not_ask_in_a_visitors_name(client):
    asks = {**FOREIGN, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    answer = client.options("/gradio_api/queue/join", headers=asks)
    assert answer.status_code >= 400
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/gradio_api/runs", "/gradio_api/run-history/records"])
def test_no_machinery_is_on_show(client, path):
    assert client.get(path).status_code == 404


def test_no_endpoint_of_the_page_is_offered_as_an_api(client):
    assert client.get("/gradio_api/info").status_code == 404
    config = client.get("/config").json()
    assert config["dependencies"]
    assert not any(call["api_visibility"] == "public" for call in config["dependencies"])


def test_no_cookie_is_set(client):
    assert "set-cookie" not in client.get("/").headers


def test_a_taken_port_is_named_with_the_way_out(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        settings = Settings(_env_file=None, data_dir=tmp_path, port=port)
        with pytest.raises(Unavailable) as refused:
            serve_forever(settings, open_store(settings))
    assert f"127.0.0.1:{port}" in refused.value.message
    assert "--port" in refused.value.hint
