"""One line for each request: id, route, method, status, times. Never a text, a query, an address or a ticket of anyone.

The id is the caller's `X-Request-ID` where that is no more than an id, such as nginx makes one, and goes back to the caller.
"""

import json
import logging
import re
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ID = re.compile(r"[0-9a-f-]{16,36}")
_FIELDS = ("request_id", "route", "method", "status", "first_byte_ms", "ms")

log = logging.getLogger("ringwise.requests")

Observe = Callable[[str, int, float], None]


class RequestLog:
    """ASGI middleware; `observe` is told route, status and the seconds until the response began, for counting."""

    def __init__(self, app: ASGIApp, observe: Observe) -> None:
        self._app = app
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        request_id = _request_id(Headers(scope=scope))
        status, first_byte = 500, 0.0

        async def watched(message: Message) -> None:
            nonlocal status, first_byte
            if message["type"] == "http.response.start":
                status, first_byte = message["status"], time.perf_counter() - begun
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            first_byte = first_byte or time.perf_counter() - begun
            route = route_of(scope)
            self._observe(route, status, first_byte)
            if log.isEnabledFor(logging.INFO):
                facts = (request_id, route, scope["method"], status, _ms(first_byte), _ms(time.perf_counter() - begun))
                log.info("request", extra=dict(zip(_FIELDS, facts, strict=True)))


def route_of(scope: Scope) -> str:
    """The pattern of the route that answered, never the path, which a visitor may have written: `/api/v1/passages/{passage_id}`."""
    pattern = getattr(scope.get("route"), "path", "")
    if not pattern:
        return "none"
    prefix = scope.get("root_path", "")  # that of a proxy, and within a mounted application its own
    return f"{prefix.removeprefix(scope.get('app_root_path', prefix))}{pattern}"


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if _ID.fullmatch(given) else uuid.uuid4().hex


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)


class JsonLines(logging.Formatter):
    """A log record as a line of JSON; of an error its place, not its words, which may be a visitor's."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name in _FIELDS if (value := getattr(record, name, None)) is not None}
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["place"] = _place(record)
        return json.dumps(line, ensure_ascii=False)


def _place(record: logging.LogRecord) -> str:
    trace = record.exc_info[2] if record.exc_info else None
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""


def log_as(kind: str) -> None:
    """Set how a server logs: `json` lines, `text`, or `auto`: text on a terminal, JSON lines elsewhere."""
    if kind == "json" or (kind == "auto" and not sys.stderr.isatty()):
        handler = logging.StreamHandler()
        handler.setFormatter(JsonLines())
        logging.root.handlers = [handler]
        handler.addFilter(lambda record: record.levelno >= logging.WARNING or record.name == log.name)
        log.setLevel(logging.INFO)
