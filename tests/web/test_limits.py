"""Limits shared by several servers: a real Redis on loopback, started and stopped by the tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import servers
from servers import Running

from bot.errors import SettingsError
from bot.web.limits import Limits
from bot.web.refusals import TooMany

pytestmark = pytest.mark.server
RULE = ("3/minute", "ticket:a pupil")


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[Running]:
    if servers.program("redis-server") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("redis-server is not installed")
    with servers.redis(tmp_path) as running:
        yield running


def test_two_servers_count_the_same_caller_together(redis_server: Running) -> None:
    one, other = Limits(redis_server.url, enabled=True), Limits(redis_server.url, enabled=True)
    one.check([RULE])
    other.check([RULE])
    one.check([RULE])
    with pytest.raises(TooMany) as refused:
        other.check([RULE])
    assert 1 <= refused.value.retry_after_s <= 60
    other.check([("3/minute", "ticket:another pupil")])


def test_a_redis_that_went_away_lets_calls_through_and_is_used_again(redis_server: Running, caplog: pytest.LogCaptureFixture) -> None:
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
