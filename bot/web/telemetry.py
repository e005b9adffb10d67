"""Counts and durations for Prometheus. No text of anyone, no address, no ticket: only what kind of call, how it ended, how long it took."""

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_API = "/api"


class Telemetry:
    """The counters of one application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._calls = Counter("ringwise_calls", "Calls of the API.", ["route", "status"], registry=self._registry)
        self._seconds = Histogram("ringwise_call_seconds", "Time until the response began.", ["route"], registry=self._registry)
        self._answers = Counter("ringwise_answers", "Answers given.", ["status", "language"], registry=self._registry)
        self._checks = Counter("ringwise_checks", "Messages checked.", ["verdict", "language"], registry=self._registry)
        self._feedback = Counter("ringwise_feedback", "Thumbs of visitors.", ["helpful", "reason"], registry=self._registry)

    def called(self, route: str, status: int, seconds: float) -> None:
        """Count a call of the API, under the pattern of its route, never under its path."""
        if route.startswith(_API):
            name = route.removeprefix(_API)
            self._calls.labels(name, str(status)).inc()
            self._seconds.labels(name).observe(seconds)

    def answered(self, status: str, language: str) -> None:
        self._answers.labels(status, language).inc()

    def checked(self, verdict: str, language: str) -> None:
        self._checks.labels(verdict, language).inc()

    def thumb(self, *, helpful: bool, reason: str) -> None:
        self._feedback.labels(str(helpful).lower(), reason or "none").inc()

    def text(self) -> bytes:
        return generate_latest(self._registry)
