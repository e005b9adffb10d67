"""The suite of what must be turned away: which answers count as that, and which figures must hold."""

from pathlib import Path

from bot.evals.off_topic import Kind, OffTopicCase, load_off_topic_cases, report
from bot.schema import Answer, Language, Status


def _case(kind: Kind, language: Language = "en") -> OffTopicCase:
    return OffTopicCase(id=kind, question="天气" if language == "zh" else "rain", language=language, kind=kind, split="test")


def _answer(status: Status) -> Answer:
    return Answer(question="?", language="en", intent="general", status=status, text="…")


def _values(cases: list[OffTopicCase], statuses: list[Status]) -> dict[tuple[str, str], float]:
    figures = report(cases, [_answer(status) for status in statuses]).figures
    return {(figure.group, figure.name): figure.value for figure in figures}


def test_what_is_neither_answered_nor_an_emergency_is_turned_away() -> None:
    cases = [_case("off"), _case("off"), _case("near"), _case("near"), _case("unanswerable", "zh")]
    values = _values(cases, ["abstained", "smalltalk", "answered", "emergency", "refused"])
    assert values["en test", "turned away"] == 0.5
    assert values["en test", "turned away of off"] == 1.0
    assert values["en test", "turned away of near"] == 0.0
    assert values["zh test", "turned away"] == 1.0


def test_an_answerable_question_that_is_turned_away_is_lost() -> None:
    values = _values([_case("on"), _case("on"), _case("on", "zh")], ["abstained", "answered", "emergency"])
    assert values["en test", "on topic lost"] == 0.5
    assert values["zh test", "on topic lost"] == 0.0


def test_figures_beyond_what_was_promised_are_named() -> None:
    answers = [_answer("abstained"), _answer("answered")]
    missed = report([_case("on"), _case("off", "zh")], answers).missed
    assert {(figure.group, figure.name) for figure in missed} == {("en test", "on topic lost"), ("zh test", "turned away")}


def test_retrieval_questions_are_taken_or_turned_away_by_whether_the_sources_answer_them(tmp_path: Path) -> None:
    folder = tmp_path / "evals" / "off_topic"
    folder.mkdir(parents=True)
    (folder / "zh.yaml").write_text("- {id: z, question: 天气, language: zh, kind: off, split: test}", encoding="utf-8")
    rest = "language: en, sources: [], sections: [], split: dev"
    lines = [f"- {{id: a, question: what is it, answerable: true, {rest}}}", f"- {{id: b, question: rain, answerable: false, {rest}}}"]
    (tmp_path / "evals" / "a.yaml").write_text("\n".join(lines), encoding="utf-8")
    assert [(case.id, case.kind) for case in load_off_topic_cases(tmp_path)] == [("z", "off"), ("a", "on"), ("b", "unanswerable")]
