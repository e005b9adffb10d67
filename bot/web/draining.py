"""Stopping without breaking off an answer: from SIGTERM on, new requests get 503, those that are running may end. Knows no framework."""

import threading

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.web.error_responses import error_response
from bot.web.paths import own_path
from bot.web.refusals import Overloaded

# An open page holds this one for as long as it is open.
_ENDLESS = "/gradio_api/heartbeat/"


class Draining:
    """ASGI middleware that counts what is running, and turns away what comes after `begin`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._running = 0
        self._idle = threading.Event()
        self._idle.set()
        self.begun = False

    def begin(self) -> None:
        self.begun = True

    def wait(self, timeout_s: float) -> bool:
        """Wait until nothing is running; whether that came before the time was up."""
        return self._idle.wait(timeout_s)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or own_path(scope).startswith(_ENDLESS):
            await self._app(scope, receive, send)
        elif self.begun:
            request = Request(scope, receive)
            await error_response(request, Overloaded("stopping"))(scope, receive, send)
        else:
            await self._count(scope, receive, send)

    async def _count(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._running += 1
        self._idle.clear()
        try:
            await self._app(scope, receive, send)
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()
