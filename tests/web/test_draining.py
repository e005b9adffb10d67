"""What a server waits for when it stops."""

import asyncio

import pytest
from loops import run_apart
from starlette.types import Receive, Scope, Send

from bot.web.draining import Draining


@pytest.mark.parametrize("prefix", ["", "/ringwise"])
@pytest.mark.parametrize(("path", "waits"), [("/api/v1/answers", True), ("/gradio_api/heartbeat/abc", False)])
def test_an_answer_is_waited_for_and_a_page_that_is_merely_open_is_not(prefix: str, path: str, waits: bool) -> None:
    async def scenario() -> bool:
        running, ended = asyncio.Event(), asyncio.Event()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            running.set()
            await ended.wait()

        async def nothing(*_: object) -> None:
            pass

        draining = Draining(app)
        scope = {"type": "http", "path": prefix + path, "root_path": prefix}
        call = asyncio.create_task(draining(scope, nothing, nothing))  # type: ignore[arg-type]
        await running.wait()
        idle = draining.wait(0)
        ended.set()
        await call
        return not idle

    assert run_apart(scenario) == waits
