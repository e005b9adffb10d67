"""How often one may call: by ticket, then by address, then by site, through the library `limits`, in memory or in Redis.

A whole school shares one address, and so the ceiling of an address is that of a school; one visitor's is that of a ticket.
"""

import logging
import math
import time
from collections.abc import Iterable

from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from bot.errors import SettingsError
from bot.settings import Settings
from bot.web.refusals import TooMany

log = logging.getLogger(__name__)

Rule = tuple[str, str]  # a limit such as "30/minute", and whom it counts


class Limits:
    """Counts calls. Where Redis cannot be reached, calls are let through, and the log says so: an answer matters more."""

    def __init__(self, url: str, *, enabled: bool) -> None:
        self._enabled = enabled
        try:
            # Wrapping turns a driver's own errors into one kind, whatever the store.
            storage = storage_from_string(url or "memory://", wrap_exceptions=True)
        except Exception as error:  # a bad address is reported by each driver in its own way
            raise SettingsError(f"RINGWISE_LIMITS_URL={url} cannot be used: {error}", "Write redis://host:6379.") from error
        self._limiter = MovingWindowRateLimiter(storage)
        self._parsed: dict[str, RateLimitItem] = {}

    def check(self, rules: Iterable[Rule]) -> None:
        """Count a call. Raises TooMany, with the seconds to wait, at the first rule that is used up."""
        if not self._enabled:
            return
        for text, whom in rules:
            item = self._parsed.setdefault(text, parse(text))
            try:
                if not self._limiter.hit(item, whom):
                    reset = self._limiter.get_window_stats(item, whom).reset_time
                    raise TooMany(max(1, math.ceil(reset - time.time())))
            except StorageError as error:
                log.warning("The limits cannot be counted (%s); calls are let through.", type(error.storage_error).__name__)


def open_limits(settings: Settings) -> Limits:
    return Limits(settings.limits_url, enabled=settings.limits_enabled)
