"""The suite of intents: what counts as right, and which figures must hold."""

import re
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from bot.errors import SourceErrors
from bot.evals.intents import IntentCase, load_intent_cases, report
from bot.evals.off_topic import load_off_topic_cases
from bot.schema import LANGUAGES, Intent, Language
from bot.settings import Settings
from bot.text import normalize
from bot.understanding import read_intent_rules
from bot.yaml_text import read_yaml


def _case(question: str, intent: Intent, *also: Intent, language: Language = "en") -> IntentCase:
    return IntentCase(id=question, question=question, language=language, intent=intent, also=also, split="test")


def _values(cases: list[IntentCase], got: list[Intent]) -> dict[tuple[str, str], float]:
    return {(figure.group, figure.name): figure.value for figure in report(cases, got).figures}


def test_an_intent_that_is_equally_right_counts_as_right() -> None:
    cases = [_case("is haste a sign", "signs", "verify"), _case("how many", "figures"), _case("急是不是信号", "signs", "verify", language="zh")]
    values = _values(cases, ["verify", "law", "verify"])
    assert values["en test", "accuracy"] == 0.5
    assert values["zh test", "accuracy"] == 1.0


def test_a_missed_emergency_lowers_recall_and_a_false_one_precision() -> None:
    cases = [_case("I paid", "emergency"), _case("我付了", "emergency", language="zh"), _case("what is it", "general")]
    values = _values(cases, ["emergency", "how", "emergency"])
    assert values["en test", "emergency recall"] == 1.0
    assert values["en test", "emergency precision"] == 0.5
    assert values["zh test", "emergency recall"] == 0.0


def test_figures_below_what_was_promised_are_named() -> None:
    missed = report([_case("I paid", "emergency"), _case("我付了", "emergency", language="zh")], ["how", "emergency"]).missed
    assert {(figure.group, figure.name) for figure in missed} == {("en test", "accuracy"), ("en test", "emergency recall")}


def test_cases_are_read_in_the_order_of_the_files(tmp_path: Path) -> None:
    for name, question in (("zh", "怎么骗"), ("en", "how")):
        text = f"- {{id: a, question: {question}, language: {name}, intent: how, split: test}}"
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    assert [case.question for case in load_intent_cases(tmp_path)] == ["how", "怎么骗"]


@pytest.mark.parametrize("text", ["- {id: a, question: 跳舞, language: zh, intent: dance, split: test}", "- {question: hi}"])
def test_a_file_of_cases_that_cannot_be_used_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "en.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SourceErrors, match=r"en\.yaml"):
        load_intent_cases(tmp_path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_question_is_both_learnt_from_and_measured_on(language: Language) -> None:
    seeds = Settings(_env_file=None).seeds_dir  # type: ignore[call-arg]
    learnt = {_bare(text) for rule in read_intent_rules(seeds / "intents.yaml") for text in rule.examples.get(language, [])}
    for name in ("on_topic.yaml", "off_topic.yaml"):
        learnt |= {_bare(text) for text in read_yaml(seeds / name, TypeAdapter(dict[str, list[str]]))[language]}
    held = [case.question for case in load_intent_cases(seeds / "evals" / "intents")]
    held += [case.question for case in load_off_topic_cases(seeds)]
    assert [question for question in held if _bare(question) in learnt] == []


def _bare(text: str) -> str:
    return re.sub(r"\W+", "", normalize(text))
