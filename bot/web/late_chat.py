"""The Gradio chat, built beside the running server: importing Gradio takes seconds, and whoever asks through the API need not wait.

Of Gradio's own routes only those are open that the chat uses: there is nothing to upload, to fetch or to look into.
"""

import asyncio
import logging
import re
import traceback
from collections.abc import Callable

from fastapi import FastAPI
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from bot.errors import Unavailable
from bot.web.error_responses import error_response
from bot.web.paths import own_path
from bot.web.refusals import NotFound

_CLOSED = re.compile(
    r"(/gradio_api)?/(upload|upload_progress|file=|file/|proxy=|stream/|run/|api/|call/|component_server|process_recording|deep_link"
    r"|vibe-|undo-vibe|runs|run-history|monitoring|profiling|dev/|custom_component/|openapi\.json|info|login|logout|user|token)"
)
_TRIES, _PAUSE_S = 3, 0.5

log = logging.getLogger(__name__)


class LateChat:
    """ASGI application: waits for the chat, then is the chat. `start` and `stop` belong to the server's lifespan."""

    def __init__(self, build: Callable[[], FastAPI]) -> None:
        self._build = build
        self._ready: asyncio.Future[FastAPI] | None = None
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._ready = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._live(self._ready))

    async def stop(self) -> None:
        self._stop.set()
        if self._task:
            await self._task

    async def _live(self, ready: asyncio.Future[FastAPI]) -> None:
        """Build the chat and keep it alive until the server stops; its lifespan begins and ends in this one task."""
        app = await self._built()
        if app is None:
            ready.set_exception(Unavailable("chat_missing", "The chat could not be loaded.", "Look at the log; the API answers."))
            ready.exception()  # whoever asks for the page is told; nobody else need be
            return
        async with app.router.lifespan_context(app):
            ready.set_result(app)
            await self._stop.wait()

    async def _built(self) -> FastAPI | None:
        """The chat; tried again, since imports beside a running server can trip over each other (CPython issue 106176)."""
        for _ in range(_TRIES):
            try:
                return await asyncio.to_thread(_with_a_loop, self._build)
            except Exception as error:
                log.error("The chat could not be loaded (%s):\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
            await asyncio.sleep(_PAUSE_S)
        return None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _CLOSED.match(own_path(scope)):
            request = Request(scope, receive)
            await error_response(request, NotFound("not_found", "There is nothing here.", "See /."))(scope, receive, send)
            return
        if self._ready is None:
            await self.start()
        assert self._ready is not None
        app = await asyncio.shield(self._ready)
        await app(scope, receive, send)


def _with_a_loop(build: Callable[[], FastAPI]) -> FastAPI:
    """Build inside a running loop: without one, Gradio makes one for each of its locks and leaves it open."""

    async def built() -> FastAPI:
        return build()

    return asyncio.run(built())
