"""The suite of the message checker: shares, calibration and baselines that a person can work out by hand."""

import json
from pathlib import Path

import pytest

from bot.errors import SourceErrors
from bot.evals.messages import Judged, calibration_error, figures, outcome
from bot.messages import Message, read_messages


def _row(label: str, verdict: str, score: float = 0.5, signs: tuple[str, ...] = ("x",), **facts: object) -> Judged:
    message = {
        "id": "m", "text": "请转账 now", "label": label, "language": "en", "channel": "sms", "template": "t", "split": "test", **facts,
    }  # fmt: skip
    return Judged(Message.model_validate(message), verdict, score, signs)


ROWS = [
    _row("scam", "strong_signs", 0.95, scam_type="hi-mum"),
    _row("scam", "cannot_tell", 0.55, scam_type="hi-mum"),
    _row("scam", "cannot_tell", 0.55, ()),
    _row("scam", "no_known_signs", 0.05, ()),
    _row("genuine", "strong_signs", 0.95, hard=True, kind="otp"),
    _row("genuine", "no_known_signs", 0.05, (), hard=True),
    _row("genuine", "no_known_signs", 0.05, ()),
]


def _value(name: str, group: str = "en test") -> float:
    return next(figure.value for figure in figures(ROWS, {"en": ["转账"]}) if (figure.group, figure.name) == (group, name))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("scams named", 0.5), ("scams strong", 0.25), ("hard genuine strong", 0.5), ("easy genuine strong", 0.0),
        ("warnings and codes strong", 1.0), ("cannot tell, scams", 0.5), ("baseline always scam: genuine called scams", 1.0),
        ("baseline keywords only: scams caught", 1.0),
    ],
)  # fmt: skip
def test_shares_are_those_of_the_messages(name: str, value: float) -> None:
    assert _value(name) == pytest.approx(value)


def test_a_scam_type_and_a_channel_have_rows_of_their_own() -> None:
    assert _value("scams strong", "en test hi-mum") == 0.5
    assert _value("genuine strong", "en test sms") == pytest.approx(1 / 3)


def test_openers_have_rows_of_their_own_by_what_they_lead_to() -> None:
    openers = [
        _row("scam", "strong_signs", kind="opener", scam_type="online-romance"),
        _row("scam", "no_known_signs", kind="opener", scam_type="wrong-number"),
        _row("scam", "cannot_tell", kind="opener", scam_type="task-scam"),
        _row("scam", "strong_signs", scam_type="online-romance"),
    ]
    shares = {(figure.group, figure.name): (figure.value, figure.cases) for figure in figures(openers, {}) if "openers" in figure.group}
    assert shares == {
        ("en test romance openers", "scams named"): (0.5, 2),
        ("en test romance openers", "scams strong"): (0.5, 2),
        ("en test job openers", "scams named"): (1.0, 1),
        ("en test job openers", "scams strong"): (0.0, 1),
    }


def test_the_floors_of_the_issue_stand_on_the_test_split_alone() -> None:
    dev = [_row("scam", "no_known_signs", split="dev")]
    assert all(figure.holds for figure in figures(dev, {}))
    assert not all(figure.holds for figure in figures(ROWS, {}))


def test_calibration_is_how_far_scores_are_from_shares() -> None:
    assert calibration_error([_row("scam", "strong_signs", 0.95), _row("genuine", "strong_signs", 0.95)]) == pytest.approx(0.45)
    assert calibration_error([]) == 0.0


def test_an_outcome_tells_whether_it_was_right() -> None:
    assert [outcome(row).right for row in ROWS] == [True, True, False, False, False, True, True]


def test_a_line_that_is_no_message_is_named(tmp_path: Path) -> None:
    (tmp_path / "messages").mkdir()
    (tmp_path / "messages" / "scam.jsonl").write_text(json.dumps({"id": "坏"}) + "\n", encoding="utf-8")
    with pytest.raises(SourceErrors, match=r"scam\.jsonl:1"):
        read_messages(tmp_path)


def test_seeds_without_messages_have_none(tmp_path: Path) -> None:
    assert read_messages(tmp_path) == []
