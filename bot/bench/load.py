"""Ask a server over HTTP with many clients at once: `python -m bot.bench.load`, an order as JSON on standard input, figures as JSON.

A program of its own, so that its work is not the server's; `http.client`, because a weightier client would need the cores itself.
"""

import http.client
import itertools
import json
import sys
import threading
import time
from typing import Any

from pydantic import BaseModel

from bot.bench.figures import percentile


class Order(BaseModel):
    """`stream` waits for the first sentence of an event stream and times that; else for whole answers."""

    port: int
    path: str
    questions: list[str]
    clients: int
    count: int
    stream: bool = False


def run(order: Order) -> dict[str, float]:
    """Rate in answers a second, failed answers, and times in milliseconds."""
    turn = itertools.count()
    times: list[float] = []
    failed: list[int] = []

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", order.port, timeout=60)
        while (number := next(turn)) < order.count:
            question = order.questions[number % len(order.questions)]
            try:
                times.append(_ask(connection, order, question))
            except (OSError, http.client.HTTPException, ValueError):
                failed.append(number)
                connection.close()
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(order.clients)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begun
    return {
        "per_s": len(times) / seconds, "failed": len(failed), "ms_p50": percentile(times, 0.5), "ms_p99": percentile(times, 0.99),
    }  # fmt: skip


def _ask(connection: http.client.HTTPConnection, order: Order, question: str) -> float:
    """Milliseconds until the answer is there, or its first sentence; ValueError where it is none."""
    headers = {"Content-Type": "application/json", "Accept": "text/event-stream" if order.stream else "application/json"}
    begun = time.perf_counter()
    connection.request("POST", order.path, json.dumps({"question": question}), headers)
    answer = connection.getresponse()
    if answer.status != 200:
        raise ValueError(answer.status)
    if order.stream:
        while line := answer.readline():
            if line.startswith((b"event: sentence", b"event: answer")):
                break
        milliseconds = (time.perf_counter() - begun) * 1000
        answer.read()
        return milliseconds
    answer.read()
    return (time.perf_counter() - begun) * 1000


def main() -> None:
    order: Any = json.loads(sys.stdin.read())
    print(json.dumps(run(Order.model_validate(order))))


if __name__ == "__main__":
    main()
