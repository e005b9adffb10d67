"""The plain way, measured alike: LangChain's tutorial chain with its model in the serving process.

A program too: `python -m bot.bench.plain FOLDER build | again | ask QUESTION | time | serve PORT`.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bot.bench.figures import Figures, percentile
from bot.bench.processes import run_json, seconds_of, served
from bot.evals.baseline import RESULTS, fill_plainly, open_plainly
from bot.settings import Settings, load_settings

_PROGRAM = ("-m", "bot.bench.plain")
_STARTS = 3
_QUESTIONS_IN_PROCESS = 300


def measure(settings: Settings, questions: list[str], folder: Path, answers: int, tell: Callable[[str], None]) -> Figures:
    """The same figures as ours, of the plain way."""
    from bot.bench.ours import under_load

    environment = {"RINGWISE_SEEDS_DIR": str(settings.seeds_dir)}
    place = str(folder / "plain")
    tell("plain: building")
    figures = {"sync_s": seconds_of((*_PROGRAM, place, "build"), environment)}
    figures["resync_s"] = seconds_of((*_PROGRAM, str(folder / "again"), "build"), environment)  # the tutorial embeds everything again
    tell("plain: start")
    starts = [seconds_of((*_PROGRAM, place, "ask", questions[0]), environment) for _ in range(_STARTS)]
    figures["start_to_first_answer_s"] = statistics.median(starts)
    tell("plain: answers in process")
    figures |= run_json((*_PROGRAM, place, "time"), environment, json.dumps(questions[:_QUESTIONS_IN_PROCESS]))
    tell("plain: answers over HTTP")
    with served((*_PROGRAM, place, "serve"), environment, "/healthz") as server:
        figures["serve_ready_s"] = server.ready_s
        order = {"port": server.port, "path": "/answers", "questions": questions, "clients": 1, "count": _QUESTIONS_IN_PROCESS}
        figures["first_sentence_http_ms_p50"] = run_json(("-m", "bot.bench.load"), {}, json.dumps(order))["ms_p50"]
        figures |= under_load(server, "/answers", questions, min(answers, 2_000))
    figures["http_uncached_answers_per_s"] = figures["http_answers_per_s"]  # it has no cache
    return figures


def main(arguments: Sequence[str]) -> None:
    settings = load_settings()
    folder, what = Path(arguments[0]), arguments[1]
    chroma = open_plainly(settings, folder)
    if what == "build":
        fill_plainly(chroma, settings)
    elif what == "ask":
        print(chroma.similarity_search(arguments[2], k=RESULTS)[0].page_content)
    elif what == "time":
        _time(chroma, json.loads(sys.stdin.read()))
    elif what == "serve":
        _serve(chroma, int(arguments[2]))


def _time(chroma: Any, questions: list[str]) -> None:
    from bot.bench.ours import quantiles, timed

    begun = time.perf_counter()
    times = timed(lambda question: chroma.similarity_search(question, k=RESULTS), questions)
    rate = len(questions) / (time.perf_counter() - begun)
    encoded = timed(chroma.embeddings.embed_query, questions)
    print(json.dumps({"encode_ms_p50": percentile(encoded, 0.5), **quantiles(times), "faq_entries_per_s": rate}))


def _serve(chroma: Any, port: int) -> None:
    """FastAPI as its own tutorial has it: a plain function, which runs in a pool of threads."""
    import uvicorn
    from fastapi import FastAPI

    app = FastAPI()

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    @app.post("/answers")
    def answers(body: dict[str, str]) -> list[str]:
        return [found.page_content for found in chroma.similarity_search(body["question"], k=RESULTS)]

    uvicorn.run(app, port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main(sys.argv[1:])
