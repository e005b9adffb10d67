"""A server from its start to its end: binds, answers, takes up new indexes, and stops without breaking off an answer."""

import ctypes
import itertools
import logging
import resource
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

import uvicorn

from bot.assistant import Assistant
from bot.errors import BotError, Unavailable
from bot.message_checker import MessageChecker
from bot.settings import Settings
from bot.store import Index, Store
from bot.web.app import create_app
from bot.web.draining import Draining
from bot.web.request_log import log_as

_START_S = 0.5  # the listener is bound already; this is for the loop behind it
_LOOK_EVERY_S = 1.0
_TRIM_EVERY = 10
_M_ARENA_MAX = -8  # glibc's malloc.h
# Both together stay below the ten seconds after which most supervisors kill.
_DRAIN_S, _GRACE_S = 8, 1

log = logging.getLogger(__name__)


def serve_forever(settings: Settings, store: Store, when_ready: Callable[[str], None] | None = None) -> None:
    """Serve until stopped; prints the address when it can answer. Raises Unavailable where the port is taken."""
    listener = _bind(settings)
    log_as(settings.log_format)
    _allow_many_connections()
    _share_memory_between_threads()
    assistant = Assistant(settings, store)
    checker = assistant.checker
    follower = Follower(store, assistant, checker)
    follower.look()
    draining = Draining(create_app(settings, assistant, store, checker))
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{settings.port}"
    print(f"Ringwise answers on {address} (Ctrl+C stops it)", flush=True)
    if when_ready:
        threading.Timer(_START_S, when_ready, [address]).start()
    follower.start()
    config = uvicorn.Config(
        draining, log_config=None, log_level="warning", access_log=False, forwarded_allow_ips=settings.trusted_proxies,
        root_path=settings.root_path, timeout_graceful_shutdown=_GRACE_S, lifespan="on",
    )  # fmt: skip
    try:
        _Server(config, draining).run(sockets=[listener])
    finally:
        follower.stop()


class _Server(uvicorn.Server):
    """Ends when what is running has ended, or after a while; a second signal ends it at once."""

    def __init__(self, config: uvicorn.Config, draining: Draining) -> None:
        super().__init__(config)
        self._draining = draining

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._draining.begun:
            super().handle_exit(sig, frame)
            return
        self._draining.begin()
        threading.Thread(target=self._end, args=(sig, frame), daemon=True).start()

    def _end(self, sig: int, frame: FrameType | None) -> None:
        if not self._draining.wait(_DRAIN_S):
            log.warning("Stopping, though some requests have not ended.")
        super().handle_exit(sig, frame)


class Follower:
    """Looks for a newer index in a thread of its own, and has it ready before the first visitor is answered from it."""

    def __init__(self, store: Store, assistant: Assistant, checker: MessageChecker) -> None:
        self._store = store
        self._assistant = assistant
        self._checker = checker
        self._stopped = threading.Event()
        self._trouble = ""

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()

    def look(self) -> None:
        """Take up a newer index if there is one; trouble is logged once, and the index in use stays in use."""
        try:
            self._store.follow(self._prepare)
            self._trouble = ""
        except BotError as error:
            if error.message != self._trouble:
                log.warning("%s %s", error.message, error.hint)
            self._trouble = error.message

    def _prepare(self, index: Index) -> None:
        self._assistant.prepare(index)
        self._checker.prepare(index)

    def _run(self) -> None:
        for second in itertools.count():
            if self._stopped.wait(_LOOK_EVERY_S):
                return
            try:
                self.look()
                self._assistant.forget()
                if second % _TRIM_EVERY == 0:
                    _give_back_memory()
            except Exception as error:
                log.error("Looking for a new index failed with %s.", type(error).__name__)


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


def _share_memory_between_threads() -> None:
    """glibc gives threads heaps of their own that only grow; one is enough where Python lets one thread run at a time anyway."""
    with suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def _give_back_memory() -> None:
    """What was freed goes back to the system: loading leaves a tenth of the memory behind unused."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _allow_many_connections() -> None:
    """A connection is an open file, and the usual soft limit of 1,024 is soon reached by idle ones."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(hard, 65_536) if hard != resource.RLIM_INFINITY else 65_536
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
