"""Every suite of `ringwise eval` over the shipped knowledge reaches what it must reach."""

import pytest

from bot.assistant import Assistant
from bot.evals.suites import SUITES
from bot.settings import Settings
from bot.store import open_store

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def assistant(shipped_settings: Settings) -> Assistant:
    return Assistant(shipped_settings, open_store(shipped_settings))


@pytest.mark.parametrize("suite", SUITES)
def test_no_figure_falls_below_its_floor_or_rises_above_its_ceiling(assistant: Assistant, shipped_settings: Settings, suite: str) -> None:
    report = SUITES[suite](assistant, shipped_settings)
    assert report.outcomes
    assert any(figure.floor is not None or figure.ceiling is not None for figure in report.figures)
    assert [f"{figure.group}: {figure.name} {figure.value:.3f}" for figure in report.missed] == []
