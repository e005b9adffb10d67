"""Which pages of other origins may read our responses: those of the sites may call the API, any page may load the widget's files.

Never with credentials. The chat itself stays closed to all of them.
"""

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.web.access import KEY_HEADER, TICKET_HEADER
from bot.web.paths import own_path

API, WIDGET = "/api/", "/widget/"
_PREFLIGHT_S = 600


class SiteCors:
    """ASGI middleware that answers cross-origin calls by path."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self._app = app
        allowed = ["Content-Type", "Accept-Language", TICKET_HEADER, KEY_HEADER]
        self._api = CORSMiddleware(
            app, allow_origins=origins, allow_methods=["GET", "POST"], allow_headers=allowed, expose_headers=["Retry-After"],
            max_age=_PREFLIGHT_S,
        )  # fmt: skip
        self._widget = CORSMiddleware(app, allow_origins=["*"], allow_methods=["GET"])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = "" if scope["type"] == "lifespan" else own_path(scope)
        app = self._api if path.startswith(API) else self._widget if path.startswith(WIDGET) else self._app
        await app(scope, receive, send)
