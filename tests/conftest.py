"""What several tests share. Doubles live in `bot/testing.py`."""

import os
import shutil
import subprocess
import sys

import pytest
import small_corpus

from bot.assistant import Assistant
from bot.settings import Settings
from bot.store import open_store

# --- knowledge bases to ask: a small one, searched by words alone, and the shipped one, built once for the whole run ---


@pytest.fixture(scope="session")
def small_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a published index of `small_corpus`; read it, and leave it as it is."""
    folder = tmp_path_factory.mktemp("small")
    small_corpus.write_small_seeds(folder / "seeds")
    settings = small_corpus.small_settings(folder)
    small_corpus.publish(settings)
    return settings


@pytest.fixture
def small_assistant(small_settings: Settings) -> Assistant:
    return Assistant(small_settings, open_store(small_settings))


@pytest.fixture(scope="session")
def shipped_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of an index of the shipped seeds, built by `ringwise sync` in a process of its own (some minutes).

    RINGWISE_TEST_INDEX names a data folder whose copy is brought up to date instead, which saves these minutes while developing.
    """
    settings = Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("shipped") / "data")  # type: ignore[call-arg]
    if begun := os.environ.get("RINGWISE_TEST_INDEX"):
        shutil.copytree(begun, settings.data_dir)
    environment = {**os.environ, "RINGWISE_DATA_DIR": str(settings.data_dir)}
    command = [sys.executable, "-c", "from bot.cli import main; main(['sync'])"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr
    return settings
