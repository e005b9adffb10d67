"""The web application: FastAPI with the Gradio chat mounted, and the headers that every page carries."""

import os
import socket
import threading
from collections.abc import Awaitable, Callable

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read by gradio when it is imported
os.environ.setdefault("GRADIO_RUN_HISTORY", "False")  # else it offers to keep questions, in the browser or on the internet

import gradio as gr
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.middleware.cors import CORSMiddleware

from bot.assistant import Assistant
from bot.errors import Unavailable
from bot.message_checker import MessageChecker
from bot.settings import Settings
from bot.store import Store
from bot.web.access import Access
from bot.web.api import create_api
from bot.web.cors import SiteCors
from bot.web.error_responses import install_error_responses
from bot.web.limits import open_limits
from bot.web.sites import load_sites
from bot.web.telemetry import CONTENT_TYPE, Telemetry
from bot.web.ui import build_chat
from bot.web.widget_pages import add_widget

# Gradio starts from an inline script and compiles event code, so that both must be allowed; nothing comes from elsewhere.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'self'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


_START_S = 0.5  # the listener is bound already; this is for the loop behind it


def create_app(settings: Settings, assistant: Assistant, store: Store) -> FastAPI:
    """Build the whole application; nothing is loaded before the first question."""
    checker = MessageChecker(settings, store)
    app = create_service(settings, assistant, store, checker)
    page = build_chat(assistant, checker, settings)
    mounted: FastAPI = gr.mount_gradio_app(
        app, page.blocks, path="/", theme=page.theme, css=page.css, js=page.js, footer_links=[], show_error=False, ssr_mode=False
    )
    return mounted


def create_service(settings: Settings, assistant: Assistant, store: Store, checker: MessageChecker | None = None) -> FastAPI:
    """Build all but the chat: the API, what monitors ask, and the headers of every response."""
    app = FastAPI(title="Ringwise", docs_url=None, redoc_url=None, openapi_url=None)
    sites = load_sites(settings.seeds_dir, settings.secret)
    access = Access(settings, sites, open_limits(settings))
    telemetry = Telemetry()
    checker = checker or MessageChecker(settings, store)
    # Without a CORS middleware on the parent, Gradio reflects any Origin with credentials on a host that is not local.
    app.add_middleware(CORSMiddleware, allow_origins=[], allow_credentials=False)

    @app.middleware("http")
    async def add_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call_next(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    app.add_middleware(SiteCors, origins=sites.origins)
    install_error_responses(app)

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        """The process is alive."""
        return {"status": "ok"}

    @app.get("/readyz")
    def readyz() -> dict[str, str]:
        """It can answer: the index is there and can be read; else 503 with the reason."""
        return {"status": "ready", "index": store.current().manifest.name}

    @app.get("/metrics")
    def metrics(request: Request) -> Response:
        access.admit(request)
        return Response(telemetry.text(), media_type=CONTENT_TYPE)

    add_widget(app, sites)
    app.mount("/api", create_api(settings, assistant, checker, store, sites, access, telemetry))
    return app


def serve_forever(settings: Settings, store: Store, when_ready: Callable[[str], None] | None = None) -> None:
    """Serve until stopped; prints the address when it can answer. Raises Unavailable where the port is taken."""
    listener = _bind(settings)
    assistant = Assistant(settings, store)
    app = create_app(settings, assistant, store)
    assistant.warm_up()
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{settings.port}"
    print(f"Ringwise answers on {address} (Ctrl+C stops it)", flush=True)
    if when_ready:
        threading.Timer(_START_S, when_ready, [address]).start()
    config = uvicorn.Config(app, log_level="warning", access_log=False, forwarded_allow_ips=settings.trusted_proxies)
    uvicorn.Server(config).run(sockets=[listener])


def _bind(settings: Settings) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise Unavailable(
            "port_in_use", f"{settings.host}:{settings.port} cannot be used: {error.strerror}.", "Choose another one with --port."
        ) from error
    return listener
