"""What a body of the API may be: JSON, no larger than a limit and not nested without end. Refused before anything reads it."""

import json
import re
from collections.abc import Iterator

import anyio
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.errors import BotError, InvalidInput
from bot.web.error_responses import error_response
from bot.web.refusals import TooLarge, TooSlow, WrongType

_MAX_DEPTH = 20
_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)


class Bodies:
    """ASGI middleware in front of the API."""

    def __init__(self, app: ASGIApp, max_kb: int, timeout_s: float = 10.0) -> None:
        self._app = app
        self._max_kb = max_kb
        self._timeout_s = timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in {"POST", "PUT", "PATCH"}:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            with anyio.fail_after(self._timeout_s):
                body = await self._read(request)
        except TimeoutError:
            await error_response(request, TooSlow(self._timeout_s))(scope, receive, send)
            return
        except ClientDisconnect:
            return
        except BotError as error:
            await error_response(request, error)(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)

    async def _read(self, request: Request) -> bytes:
        kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if kind != "application/json":
            raise WrongType()
        limit = self._max_kb * 1024
        length = request.headers.get("content-length", "")
        if length.isdigit() and int(length) > limit:
            raise TooLarge(self._max_kb)
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise TooLarge(self._max_kb)
        if any(depth > _MAX_DEPTH for depth in _depths(body)):
            raise InvalidInput("too_deep", f"The body is nested deeper than {_MAX_DEPTH}.", "Send it flatter.")
        try:
            json.loads(body)
        except ValueError as error:
            raise InvalidInput("invalid_request", "The body is not JSON.", "See /api/docs.", parts="body") from error
        return body


def _depths(body: bytes) -> Iterator[int]:
    """How deep each opening bracket outside of strings stands."""
    depth = 0
    for found in _BRACKETS.finditer(body):
        if found[0] in b"[{":
            depth += 1
            yield depth
        elif found[0] in b"]}":
            depth -= 1


def _replay(body: bytes, receive: Receive) -> Receive:
    """Give the body that was read once more, then what follows, such as the news that the client has gone."""
    sent = False

    async def again() -> Message:
        nonlocal sent
        if not sent:
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return again
