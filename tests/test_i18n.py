"""The interface speaks English and Chinese alike: the same keys, the same gaps to fill, nothing left untranslated."""

import re
from string import Formatter
from typing import get_args

import pytest

from bot.i18n import load_locale
from bot.schema import LANGUAGES, Language
from bot.text import HAN, detect_language

KEYS = sorted({key for language in LANGUAGES for key in load_locale(language).words})


def _gaps(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name is not None}


def test_both_languages_have_the_same_keys_in_the_same_order() -> None:
    assert list(load_locale("en").words) == list(load_locale("zh").words)


@pytest.mark.parametrize("key", KEYS)
def test_both_languages_have_the_same_placeholders(key: str) -> None:
    assert _gaps(load_locale("en").words[key]) == _gaps(load_locale("zh").words[key])


@pytest.mark.parametrize("key", KEYS)
def test_every_text_is_in_its_own_language(key: str) -> None:
    assert load_locale("en").words[key].strip()
    assert re.search(f"[{HAN}]", load_locale("zh").words[key])
    assert not re.search(f"[{HAN}]", load_locale("en").words[key])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_example_questions_are_understood_in_the_language_that_they_stand_in(language: Language) -> None:
    examples = load_locale(language).texts("example")
    assert len(examples) >= 3
    assert {detect_language(example) for example in examples} == {language}


def test_gaps_are_filled() -> None:
    assert "2,000" in load_locale("en").text("error.question_too_long", limit="2,000")
    assert "2,000" in load_locale("zh").text("error.question_too_long", limit="2,000")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_fills_a_gap_is_not_read_as_a_gap_itself(language: Language) -> None:
    assert "{title}" in load_locale(language).text("follow_up.signs", title="{title}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_key_is_an_error(language: Language) -> None:
    with pytest.raises(KeyError):
        load_locale(language).text("没有")


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_those_under_a_prefix_in_the_order_of_the_file(language: Language) -> None:
    locale = load_locale(language)
    assert locale.texts("example") == [words for key, words in locale.words.items() if key.startswith("example.")]
    assert locale.texts("exampl") == []


def test_the_languages_are_those_of_the_schema() -> None:
    assert set(LANGUAGES) == set(get_args(Language)) == {"en", "zh"}
