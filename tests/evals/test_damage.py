"""Damage: each way changes what it says it changes, and nothing where there is nothing to change."""

import random

import pytest

from bot.evals import damage


@pytest.fixture
def chance() -> random.Random:
    return random.Random(1)


@pytest.mark.parametrize(
    ("way", "text"),
    [(damage.changed_number, "There were 1,504 cases."), (damage.changed_number, "有1504起案件。"), (damage.changed_money, "It cost £50."),
     (damage.changed_money, "损失3万元。"), (damage.changed_year, "It began in 2024."), (damage.changed_year, "2024年开始。"),
     (damage.changed_date, "It ended on 3 July."), (damage.changed_date, "7月3日结束。"), (damage.wrongly_spelled_out, "损失50万元。")],
)  # fmt: skip
def test_one_thing_is_changed(way, text: str, chance: random.Random) -> None:
    damaged = way(text, chance)
    assert damaged
    assert damaged != text


@pytest.mark.parametrize("way", [damage.changed_number, damage.changed_money, damage.changed_year, damage.changed_date, damage.wrongly_spelled_out])
def test_where_there_is_nothing_to_change_nothing_comes(way, chance: random.Random) -> None:
    assert way("Hang up.", chance) == ""
    assert way("挂断电话。", chance) == ""


@pytest.mark.parametrize(
    ("text", "language", "turned"),
    [("Never pay.", "en", "Pay."), ("Do not pay.", "en", "Pay."), ("Ring your bank.", "en", "Do not ring your bank."), ("不要付钱。", "zh", "要付钱。"),
     ("马上报警。", "zh", "不要马上报警。"), ("价钱特别低。", "zh", ""), ("It is cheap.", "en", "")],
)  # fmt: skip
def test_do_is_turned_into_do_not_and_back(text: str, language, turned: str) -> None:
    assert damage.turned(text, language) == turned


def test_a_hotline_is_swapped_for_another(chance: random.Random) -> None:
    assert damage.with_other_number("Ring 110.", ["110", "999"], chance) == "Ring 999."
    assert damage.with_other_number("Ring 1101.", ["110", "999"], chance) == ""
