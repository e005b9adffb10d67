"""Time encoding and answering in one process: `python -m bot.bench.in_process`, questions as JSON on standard input."""

import json
import sys

from bot.assistant import Assistant
from bot.bench.figures import percentile
from bot.bench.ours import quantiles, timed
from bot.settings import load_settings
from bot.store import open_store


def main() -> None:
    questions: list[str] = json.loads(sys.stdin.read())
    settings = load_settings(cache_answers=0)
    assistant = Assistant(settings, open_store(settings))
    encoded = timed(lambda question: assistant.encode([question]), questions)
    answered = timed(assistant.answer, questions)
    print(json.dumps({"encode_ms_p50": percentile(encoded, 0.5), **quantiles(answered)}))


if __name__ == "__main__":
    main()
