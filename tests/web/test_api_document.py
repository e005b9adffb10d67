"""The API keeps to its own document, whatever is sent: schemathesis makes the calls, over a real connection."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import small_corpus
import uvicorn

from bot.assistant import Assistant
from bot.store import open_store
from bot.web.app import create_service

pytestmark = [pytest.mark.slow, pytest.mark.server]

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,negative_data_rejection"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("document")
    small_corpus.write_small_seeds(folder / "seeds")
    settings = small_corpus.small_settings(folder)
    small_corpus.publish(settings)
    # 413 is no status by which schemathesis knows a body to be refused, so that its long ones must come through to the 422.
    settings = settings.model_copy(update={"limits_enabled": False, "max_body_kb": 4_096})
    store = open_store(settings)
    server = uvicorn.Server(uvicorn.Config(create_service(settings, Assistant(settings, store), store), port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)


def test_every_response_is_one_that_the_document_names(address: str, tmp_path: Path) -> None:
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"{address}/api/openapi.json", "--checks", CHECKS, "--max-examples", "30",
        "--seed", "7", "--no-color", "--phases", "examples,coverage,fuzzing",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout[:4_000] + done.stdout[-2_000:] + done.stderr[-2_000:]
