"""Prompts are files that fit their variables."""

import pytest

from bot.errors import SettingsError
from bot.prompts import load_prompt
from bot.settings import load_settings


def test_every_shipped_prompt_loads_and_takes_its_variables():
    folder = load_settings().prompts_dir
    names = [path.stem for path in folder.glob("*.yaml")]
    assert names
    for name in names:
        assert load_prompt(name, folder).input_variables


@pytest.mark.parametrize(
    ("language", "question", "passages"),
    [("English", "What is brushing?", "[1] Brushing\nBrushing is illegal."), ("中文", "什么是刷单？", "[1] 刷单\n刷单是违法的。")],
)
def test_the_answer_prompt_shows_the_question_the_passages_and_the_language(language, question, passages):
    prompt = load_prompt("answer", load_settings().prompts_dir)
    system, human = prompt.format_messages(language=language, question=question, passages=passages)
    assert f"Write in {language}" in system.text
    assert question in human.text
    assert passages in human.text


@pytest.mark.parametrize("missing", ["language", "passages", "question"])
def test_a_prompt_of_ones_own_that_leaves_out_what_it_needs_is_named(tmp_path, missing):
    variables = {"language", "passages", "question"}
    human = " ".join(f"{{{name}}}" for name in variables - {missing})
    text = f"description: d\nvariables: [{', '.join(variables)}]\nsystem: 说中文\nhuman: '{human}'\n"
    (tmp_path / "answer.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=missing):
        load_prompt("answer", tmp_path)


@pytest.mark.parametrize(
    ("human", "named"), [("{question}", "sentences"), ("{question} {sentences} {who}", "who")]
)
def test_a_variable_that_is_missing_or_unknown_is_named(tmp_path, human, named):
    text = f"description: d\nvariables: [question, sentences]\nsystem: s\nhuman: '{human}'\n"
    (tmp_path / "answer.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=named):
        load_prompt("answer", tmp_path)


def test_a_missing_prompt_says_where_it_was_looked_for(tmp_path):
    with pytest.raises(SettingsError, match=r"nothing\.yaml"):
        load_prompt("nothing", tmp_path)
