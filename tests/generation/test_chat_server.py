"""The way to a chat model over a real server: `transformers serve`, OpenAI-compatible, with tiny models made here."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import small_corpus
from servers import free_port
from tiny_model import make_tiny_model

from bot.assistant import Assistant
from bot.generation.chat_model import ChatModelGenerator
from bot.generation.extractive import ExtractiveGenerator
from bot.generation.loading import load_generator
from bot.groundedness import Guard
from bot.i18n import load_locale
from bot.prompts import load_prompt
from bot.schema import SentenceWritten
from bot.settings import Settings
from bot.store import open_store
from bot.testing import ScriptedModel

pytestmark = [pytest.mark.server, pytest.mark.slow]

NOTICE = "notice.chat_model_unavailable"
ARTICLE = next((Path(__file__).resolve().parents[2] / "seeds/articles").glob("*.txt")).read_text(encoding="utf-8")
QUESTIONS = {
    "What are the warning signs of a fake police call?": [
        "You are told to tell nobody.", "Ring 400 123 4567 to check.", "An officer shows you an arrest warrant in a chat.",
    ],
    "冒充公安诈骗有哪些危险信号？": ["对方要你不告诉任何人。", "请打400 123 4567核实。", "警察在聊天里给你看逮捕令。"],
}  # fmt: skip
ASK = "from bot.cli import main; main(['ask', *__import__('sys').argv[1:]])"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that loads whatever model a call names, and knows no way to fetch one."""
    port = free_port()
    home = tmp_path_factory.mktemp("server")
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HOME": str(home), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    with (home / "log").open("w") as log, subprocess.Popen(command, env=environment, stdout=log, stderr=log) as process:
        try:
            _wait_for(process, f"http://127.0.0.1:{port}/health", home / "log")
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_for(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    for _ in range(240):
        try:
            if httpx.get(address, timeout=1).is_success:
                return
        except httpx.TransportError:
            assert process.poll() is None, log.read_text()
        time.sleep(0.5)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="module")
def noisy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("noisy"), ARTICLE)


def _settings(settings: Settings, address: str, model: Path | str) -> Settings:
    values = {"chat_model": f"openai:{model}", "chat_base_url": address, "chat_timeout_s": 60.0, "chat_max_tokens": 200}
    return settings.model_copy(update=values)


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_model_that_writes_noise_costs_the_visitor_nothing_but_a_quiet_line(
    small_settings: Settings, server: str, noisy: Path, question: str
) -> None:
    quoted = Assistant(small_settings, open_store(small_settings)).answer(question)
    answer = Assistant(_settings(small_settings, server, noisy), open_store(small_settings)).answer(question)
    assert answer == quoted.model_copy(update={"notice": load_locale(quoted.language).text(NOTICE)})


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_a_model_writes_over_the_wire_is_shown_where_it_is_supported(
    small_settings: Settings, server: str, tmp_path: Path, question: str
) -> None:
    first, invented, second = QUESTIONS[question]
    model = make_tiny_model(tmp_path, ARTICLE, _prompt_of(small_settings, question), f"{first} [1] {invented} [1] {second} [1]")
    *events, last = Assistant(_settings(small_settings, server, model), open_store(small_settings)).stream(question)
    assert [event.sentence.text for event in events if isinstance(event, SentenceWritten)] == [first, second]
    assert (last.answer.generator, last.answer.notice) == (f"openai:{model}", "")  # type: ignore[union-attr]


def _prompt_of(settings: Settings, question: str) -> list[str]:
    """The messages that a model is sent for a question."""
    listening = ScriptedModel(replies=[["NONE"]])
    assistant = Assistant(settings, open_store(settings))
    query = assistant.understand(question)
    generator = ChatModelGenerator(
        listening, load_prompt("answer", settings.prompts_dir), Guard(), ExtractiveGenerator(open_store(settings).current()), "listening"
    )
    list(generator.write(query, assistant.search(query)))
    (heard,) = listening.prompts
    return heard


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_server_that_does_not_know_the_model_or_is_not_there_is_answered_without(
    small_settings: Settings, server: str, question: str
) -> None:
    for address, model in [(server, "no/such-model"), (f"http://127.0.0.1:{free_port()}/v1", "any")]:
        answer = Assistant(_settings(small_settings, address, model), open_store(small_settings)).answer(question)
        assert answer.generator == "extractive"
        assert answer.sentences
        assert answer.notice == load_locale(answer.language).text(NOTICE)


def test_no_key_and_no_word_of_the_visitor_is_written_down_or_sent_to_anyone_but_the_model(
    small_settings: Settings, server: str, noisy: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as tracer:
        environment = {
            **os.environ, **small_corpus.environment(small_settings), "RINGWISE_CHAT_MODEL": f"openai:{noisy}",
            "RINGWISE_CHAT_BASE_URL": server, "RINGWISE_CHAT_TIMEOUT_S": "60", "OPENAI_API_KEY": "sk-secret", "LANGSMITH_TRACING": "true",
            "LANGSMITH_API_KEY": "ls-secret", "LANGSMITH_ENDPOINT": f"http://127.0.0.1:{tracer.getsockname()[1]}",
        }  # fmt: skip
        for question in QUESTIONS:
            command = [sys.executable, "-c", ASK, question]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False)
            assert done.returncode == 0, done.stderr
            assert not any(secret in done.stderr for secret in (question, "sk-secret", "ls-secret", "Traceback"))
            assert "sk-secret" not in done.stdout
        tracer.settimeout(0.5)
        with pytest.raises(TimeoutError):
            tracer.accept()


def test_the_generator_is_named_after_the_model(small_settings: Settings, server: str) -> None:
    settings = _settings(small_settings, server, "模型/tiny")
    assert load_generator(settings, open_store(small_settings).current(), Guard()).name == "openai:模型/tiny"
