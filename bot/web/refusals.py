"""Errors that only a server has: who may not call, too often, too much, too long, or not now. Knows no framework.

    BotError
    ├── Refused       this caller may not                         HTTP 403
    ├── TooMany       called too often; says when to come back    HTTP 429
    ├── TooLarge      the body is larger than the limit           HTTP 413
    ├── TooSlow       the body did not come in time               HTTP 408
    ├── WrongType     the body is not JSON                        HTTP 415
    ├── NotFound      there is no such thing                      HTTP 404
    └── Overloaded    more calls than can be worked on; or slow   HTTP 503 (an Unavailable)
"""

from bot.errors import BotError, InvalidInput, Unavailable


class Refused(BotError):
    pass


class TooMany(BotError):
    def __init__(self, retry_after_s: int) -> None:
        super().__init__("too_many", "Too many calls.", f"Try again in {retry_after_s} seconds.", seconds=retry_after_s)
        self.retry_after_s = retry_after_s


class TooLarge(BotError):
    def __init__(self, limit_kb: int) -> None:
        super().__init__("body_too_large", f"The body is larger than {limit_kb} KB.", "Send less.", limit=limit_kb)


class TooSlow(BotError):
    def __init__(self, timeout_s: float) -> None:
        seconds = f"{timeout_s:g}"
        super().__init__("body_too_slow", f"The body did not come within {seconds} seconds.", "Send it again.", seconds=seconds)


class WrongType(BotError):
    def __init__(self) -> None:
        super().__init__("wrong_type", "The body is not JSON.", "Send it with `Content-Type: application/json`.")


class NotFound(BotError):
    pass


class Overloaded(Unavailable):
    def __init__(self, code: str = "overloaded") -> None:
        super().__init__(code, "More is asked than can be answered now.", "Try again in a moment.")


def http_status(error: BotError) -> int:
    """The HTTP status of an error: the caller's fault is 4xx, ours is 5xx."""
    by_kind: tuple[tuple[type[BotError], int], ...] = (
        (Refused, 403), (NotFound, 404), (TooSlow, 408), (TooLarge, 413), (WrongType, 415), (InvalidInput, 422), (TooMany, 429),
        (Unavailable, 503),
    )  # fmt: skip
    return next((status for kind, status in by_kind if isinstance(error, kind)), 500)
