"""Personal data does not leave the machine; the numbers that a lesson needs do."""

import pytest

from bot.privacy import mask_personal_data


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("my name is Li Wei, card 6222 0212 3456 7890", "my name is [name], card [number]"),
        ("write to anna.b@example.org or +44 7700 900461", "write to [e-mail] or [number]"),
        ("我叫王小明，身份证11010519491231002X", "我叫[name]，身份证[number]"),
        ("他让我打 96110 转 5000 元", "他让我打 96110 转 5000 元"),
    ],
)
def test_numbers_names_and_addresses_are_masked(text, masked):
    assert mask_personal_data(text) == masked
