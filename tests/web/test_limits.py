"""Limits shared by several servers: a real Redis on loopback, started and stopped by the tests."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import free_port

from bot.errors import SettingsError
from bot.web.limits import Limits
from bot.web.refusals import TooMany

pytestmark = pytest.mark.server
RULE = ("3/minute", "ticket:a pupil")


class Redis:
    """`redis-server` on a port of its own, which keeps nothing on disk."""

    def __init__(self, folder: Path) -> None:
        self._port = free_port()
        self.url = f"redis://127.0.0.1:{self._port}"
        options = ["--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
        self._process = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)

    def wait(self) -> None:
        import redis

        with redis.Redis(port=self._port) as client:
            for _ in range(100):
                try:
                    client.ping()
                except redis.exceptions.ConnectionError:
                    time.sleep(0.05)
                else:
                    return
        pytest.fail("redis-server did not start")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[Redis]:
    if shutil.which("redis-server") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("redis-server is not installed")
    server = Redis(tmp_path)
    server.wait()
    yield server
    server.stop()


def test_two_servers_count_the_same_caller_together(redis_server: Redis) -> None:
    one, other = Limits(redis_server.url, enabled=True), Limits(redis_server.url, enabled=True)
    one.check([RULE])
    other.check([RULE])
    one.check([RULE])
    with pytest.raises(TooMany) as refused:
        other.check([RULE])
    assert 1 <= refused.value.retry_after_s <= 60
    other.check([("3/minute", "ticket:another pupil")])


def test_a_redis_that_went_away_lets_calls_through_and_is_used_again(redis_server: Redis, caplog: pytest.LogCaptureFixture) -> None:
    limits = Limits(redis_server.url, enabled=True)
    limits.check([RULE])
    redis_server.stop()
    for _ in range(5):
        limits.check([RULE])
    assert "calls are let through" in caplog.text
    assert "a pupil" not in caplog.text


def test_counting_can_be_turned_off() -> None:
    limits = Limits("", enabled=False)
    for _ in range(10):
        limits.check([RULE])


def test_an_address_that_is_none_is_named() -> None:
    with pytest.raises(SettingsError, match="RINGWISE_LIMITS_URL=nonsense"):
        Limits("nonsense", enabled=True)
