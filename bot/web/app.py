"""The web application: FastAPI with the API and the widget, the Gradio chat beside them, and what every request passes through."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.middleware.cors import CORSMiddleware

from bot.assistant import Assistant
from bot.message_checker import MessageChecker
from bot.settings import Settings
from bot.store import Store
from bot.web.access import Access
from bot.web.api import create_api
from bot.web.cors import SiteCors
from bot.web.error_responses import install_error_responses
from bot.web.headers import SecurityHeaders
from bot.web.late_chat import LateChat
from bot.web.limits import open_limits
from bot.web.request_log import RequestLog
from bot.web.sites import load_sites
from bot.web.telemetry import CONTENT_TYPE, Telemetry
from bot.web.widget_pages import add_widget


def create_app(settings: Settings, assistant: Assistant, store: Store, checker: MessageChecker | None = None) -> FastAPI:
    """Build the whole application; the chat is loaded beside it, and nothing else before the first question."""
    checker = checker or MessageChecker(settings, store)

    def build() -> FastAPI:
        from bot.web.ui import mount_chat

        return mount_chat(assistant, checker, settings)

    chat = LateChat(build)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await chat.start()
        yield
        await chat.stop()

    app = create_service(settings, assistant, store, checker, lifespan)
    app.mount("/", chat)
    return app


def create_service(
    settings: Settings, assistant: Assistant, store: Store, checker: MessageChecker | None = None, lifespan: Any = None
) -> FastAPI:
    """Build all but the chat: the API, what monitors ask, and the headers of every response."""
    app = FastAPI(title="Ringwise", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    sites = load_sites(settings.seeds_dir, settings.secret)
    access = Access(settings, sites, open_limits(settings))
    telemetry = Telemetry()
    checker = checker or MessageChecker(settings, store)
    # Nobody else's page may read anything, but for the sites' own; Gradio would reflect any Origin.
    app.add_middleware(CORSMiddleware, allow_origins=[], allow_credentials=False)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(SiteCors, origins=sites.origins)
    app.add_middleware(RequestLog, observe=telemetry.called)
    install_error_responses(app)

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        """The process is alive."""
        return {"status": "ok"}

    @app.get("/readyz")
    def readyz() -> dict[str, str]:
        """It can answer: the index is there and can be read, and so is a Chroma server; else 503 with the reason."""
        index = store.current()
        store.check()
        return {"status": "ready", "index": index.name}

    @app.get("/metrics")
    def metrics(request: Request) -> Response:
        access.admit(request)
        return Response(telemetry.text(), media_type=CONTENT_TYPE)

    add_widget(app, sites)
    app.mount("/api", create_api(settings, assistant, checker, store, sites, access, telemetry))
    return app
