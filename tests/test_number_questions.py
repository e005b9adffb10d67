"""“Is this number real?”: what the directory says, and nothing more."""

import pytest

from bot.assistant import Assistant
from bot.contacts import ContactBook, load_contacts
from bot.i18n import load_locale
from bot.number_questions import message_asked, number_asked
from bot.settings import Settings, load_settings
from bot.store import open_store


@pytest.fixture(scope="module")
def book() -> ContactBook:
    return load_contacts(load_settings().seeds_dir / "contacts.yaml")


@pytest.mark.parametrize(
    ("question", "entry"),
    [("Is 1799 the real ScamShield number?", "sg-scamshield-1799"), ("is 159 a real number?", "gb-bank-159"), ("96110打来的是真的吗", "cn-antifraud-96110")],
)
def test_a_number_of_the_directory_is_found(book: ContactBook, question: str, entry: str) -> None:
    asked = number_asked(question, book)
    assert asked is not None
    assert asked.entry is not None
    assert asked.entry.id == entry


@pytest.mark.parametrize(
    ("question", "value"),
    [("Is 400-800-1234 the real number of my bank?", "400-800-1234"), ("400-800-1234是我银行的真电话吗？", "400-800-1234"),
     ("Is ic3-gov.com the FBI's page?", "ic3-gov.com"), ("这个网站bank-login.example是官网吗", "bank-login.example")],
)  # fmt: skip
def test_a_number_or_address_that_nobody_knows_has_no_entry(book: ContactBook, question: str, value: str) -> None:
    asked = number_asked(question, book)
    assert asked is not None
    assert (asked.value, asked.entry, asked.beware) == (value, None, "")


def test_an_imitation_is_named_as_one(book: ContactBook) -> None:
    asked = number_asked("Is 96ll0.cc the real site?", book)
    assert asked is not None
    assert asked.beware
    assert asked.beware_zh


@pytest.mark.parametrize(
    "question",
    ["Is it true that they solved 464,000 cases in 2022?", "he wants 50000 yuan, is it a scam?", "2022年破获46.4万起是真的吗", "what is 96110", "他要我转50000元是真的吗"],
)
def test_amounts_years_and_other_questions_are_not_about_a_number(book: ContactBook, question: str) -> None:
    assert number_asked(question, book) is None


@pytest.mark.slow
@pytest.mark.parametrize("question", ["Is 400-800-1234 the real number of my bank?", "400-800-1234是我银行的真电话吗？"])
def test_an_unknown_number_is_neither_confirmed_nor_repeated(shipped_settings: Settings, question: str) -> None:
    answer = Assistant(shipped_settings, open_store(shipped_settings)).answer(question)
    assert answer.lead
    assert "400" not in answer.lead + answer.text
    assert answer.sentences
    assert answer.citations[0].source_id == "common-warning-signs"


MESSAGES = {
    "Is this real? HSBC: your account is suspended, confirm your password at hsbc-secure-login.example": "verdict.strong_signs",
    "帮我看下这个信息是真的吗：您的快递已到，请点击 kd-sf.example 支付3元": "verdict.strong_signs",
    "Is flowers-by-ann.example a real site?": "number.unknown_address",
    "flowers-by-ann.example 是真的网站吗？": "number.unknown_address",
}


@pytest.mark.parametrize("question", MESSAGES)
def test_a_message_behind_the_question_is_judged_and_a_bare_address_is_not(shipped_settings: Settings, question: str) -> None:
    answer = Assistant(shipped_settings, open_store(shipped_settings)).answer(question)
    assert answer.lead == load_locale(answer.language).text(MESSAGES[question])


@pytest.mark.parametrize(
    ("question", "message"),
    [("Is it real: your parcel is held, pay here", "your parcel is held, pay here"), ("是真的吗？\n您的快递已到，请点击链接支付三元运费", "您的快递已到，请点击链接支付三元运费"),
     ("Is it real? Tell me", ""), ("Your parcel is held: pay at once or it goes back", ""), ("是真的吗？", "")],
)  # fmt: skip
def test_the_message_is_what_stands_behind_the_question(question: str, message: str) -> None:
    assert message_asked(question) == message
