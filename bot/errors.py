"""Every error that Ringwise raises on purpose.

    BotError
    ├── InvalidInput        a bad call or bad input: mend the request         exit status 2, HTTP 422
    │   ├── SourceErrors    one or more sources cannot be read
    │   └── SettingsError   a setting has a value that cannot be used
    └── Unavailable         it cannot be done now                             exit status 1, HTTP 503
        ├── IndexMissing    nothing has been ingested yet
        ├── IndexDamaged    the published index cannot be read
        └── ChatModelFailed a chat model gave no usable answer; never seen by a visitor, who is answered extractively

Each carries a code for machines, a message that says what happened with the value, and a hint that says the next step.
Messages on the command line are English; what a visitor sees comes from `locales/` under the key `error.<code>`.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class BotError(Exception):
    """The root: what happened, what to do next, and a stable code."""

    exit_status = 1

    def __init__(self, code: str, message: str, hint: str = "", **values: object) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.values = values

    def as_dict(self) -> dict[str, dict[str, str]]:
        return {"error": {"code": self.code, "message": self.message, "hint": self.hint}}


class InvalidInput(BotError):
    exit_status = 2


class SettingsError(InvalidInput):
    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__("invalid_settings", message, hint)


@dataclass(frozen=True)
class SourceProblem:
    """Why one source cannot be used: where, what, and how to mend it."""

    where: str
    reason: str
    mend: str
    line: int | None = None

    def __str__(self) -> str:
        place = self.where if self.line is None else f"{self.where}:{self.line}"
        return f"{place}: {self.reason} {self.mend}"


class SourceErrors(InvalidInput):
    """All problems of one run together; nothing has been changed when this is raised."""

    def __init__(self, problems: Sequence[SourceProblem]) -> None:
        lines = "\n".join(f"  {problem}" for problem in problems)
        count = f"{len(problems)} source{'s' if len(problems) != 1 else ''}"
        super().__init__(
            "invalid_sources",
            f"{count} cannot be used:\n{lines}",
            "Nothing was changed. Mend the lines above and run `ringwise sync` again.",
        )
        self.problems = tuple(problems)


class Unavailable(BotError):
    pass


class IndexMissing(Unavailable):
    def __init__(self) -> None:
        super().__init__("index_missing", "The knowledge base is empty.", "Run `ringwise sync`.")


class IndexDamaged(Unavailable):
    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            "index_damaged", f"The index {name} cannot be read: {reason}", "Run `ringwise sync --rebuild` to build it anew."
        )


class ChatModelFailed(Unavailable):
    """Its message is logged, so that it holds neither a visitor's words nor the model's."""

    def __init__(self, reason: str) -> None:
        super().__init__("chat_model_failed", f"The chat model gave no usable answer: {reason}.")
