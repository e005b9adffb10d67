"""Settings: the environment, then .env, then a default that works offline; a wrong value names its variable."""

import re
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings import ENV_PREFIX, Settings, load_settings, settings_table


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable and no .env of the machine that runs the tests."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"{ENV_PREFIX}{name.upper()}", raising=False)


def test_the_defaults_need_no_key_and_no_network() -> None:
    settings = load_settings()
    assert settings.embedding_model == "all-MiniLM-L6-v2"
    assert settings.host == "127.0.0.1"
    assert settings.max_question_chars == 2_000
    assert not settings.fetch_private
    assert (settings.seeds_dir / "sources.yaml").is_file()


def test_a_variable_overrides_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RINGWISE_PORT", "8080")
    monkeypatch.setenv("RINGWISE_LANGUAGE", "zh")
    monkeypatch.setenv("RINGWISE_DATA_DIR", "数据")
    settings = load_settings()
    assert (settings.port, settings.language, settings.data_dir) == (8080, "zh", Path("数据"))


def test_a_line_in_dotenv_overrides_the_default_and_a_variable_overrides_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("RINGWISE_PORT=8080\nRINGWISE_REGION=CN\nRINGWISE_DATA_DIR=数据\n", encoding="utf-8")
    monkeypatch.setenv("RINGWISE_REGION", "SG")
    settings = load_settings()
    assert (settings.port, settings.region, settings.data_dir) == (8080, "SG", Path("数据"))


def test_what_is_said_on_the_command_line_overrides_all_and_nothing_said_overrides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RINGWISE_PORT", "8080")
    assert load_settings(port=9090, host=None).port == 9090
    assert load_settings(port=None, host=None).port == 8080


@pytest.mark.parametrize("path", ["/ringwise", "/ringwise/", "ringwise"])
def test_a_path_prefix_may_be_written_with_or_without_slashes(path: str) -> None:
    assert load_settings(root_path=path).root_path == "/ringwise"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("RINGWISE_PORT", "八千"),
        ("RINGWISE_PORT", "70000"),
        ("RINGWISE_RESULTS", "0"),
        ("RINGWISE_LANGUAGE", "tlh"),
        ("RINGWISE_FETCH_PRIVATE", "也许"),
        ("RINGWISE_MAX_SOURCE_MB", "-1"),
        ("RINGWISE_MAX_QUESTION_CHARS", "many"),
    ],
)
def test_a_value_that_cannot_be_used_names_its_variable_and_the_next_step(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert f"{variable}: " in caught.value.message
    assert ".env" in caught.value.hint
    assert caught.value.exit_status == 2


def test_all_wrong_values_are_named_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RINGWISE_PORT", "八千")
    monkeypatch.setenv("RINGWISE_RESULTS", "0")
    with pytest.raises(SettingsError, match=r"RINGWISE_(PORT|RESULTS).*RINGWISE_(PORT|RESULTS)"):
        load_settings()


@pytest.mark.parametrize(("value", "languages"), [("en", ["en"]), ("en, zh", ["en", "zh"]), ("zh,", ["zh"]), ("", [])])
def test_the_languages_of_the_embedding_model_are_read_by_comma(value: str, languages: list[str]) -> None:
    assert load_settings(embedding_languages=value).known_languages == languages


def test_an_empty_variable_for_the_language_means_that_of_the_question(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RINGWISE_LANGUAGE", "")
    assert load_settings().language is None


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_each_setting_is_described_in_one_sentence_of_one_line(name: str) -> None:
    described = Settings.model_fields[name].description or ""
    assert re.fullmatch(r"[A-Z][^\n|]+\.", described)


def test_the_table_has_a_row_for_each_setting_with_its_variable() -> None:
    rows = settings_table().splitlines()[2:]
    assert [row.split("`")[1] for row in rows] == [f"{ENV_PREFIX}{name.upper()}" for name in Settings.model_fields]


def test_the_table_names_no_folder_of_the_machine_that_made_it() -> None:
    assert str(Path(__file__).resolve().parents[1]) not in settings_table()
