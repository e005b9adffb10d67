"""The suites of `ringwise eval`, by name. Another suite is a module with `run`, and a line here."""

from collections.abc import Callable

from bot.assistant import Assistant
from bot.evals import abuse, answers, follow_ups, guard, intents, messages, off_topic, retrieval
from bot.evals.suite import SuiteReport
from bot.settings import Settings

SUITES: dict[str, Callable[[Assistant, Settings], SuiteReport]] = {
    "retrieval": retrieval.run,
    "intents": intents.run,
    "off-topic": off_topic.run,
    "answers": answers.run,
    "guard": guard.run,
    "abuse": abuse.run,
    "follow-ups": follow_ups.run,
    "messages": messages.run,
}
