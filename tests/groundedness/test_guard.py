"""The guard: what a passage supports passes, what it does not is caught, with the reason. Here without a model, by words alone."""

import pytest
from langchain_core.documents import Document

from bot.groundedness import Guard
from bot.groundedness.names import unnamed
from bot.groundedness.polarity import is_turned
from bot.groundedness.quantities import quantities
from bot.groundedness.reach import reaches
from bot.passages import make_passage
from bot.schema import Language

SENTENCES: dict[str, list[str]] = {
    "en": [
        "Never move your money to a safe account.", "In 2024, police in Singapore counted 1,504 such cases.", "Ring your bank on the number on your card.",
        "Victims lost about $3 million within 48 hours.", "In mainland China ring 96110, or see ic3.gov.",
    ],
    "zh": ["绝不要把钱转到安全账户。", "2024年，新加坡警方接报1504起。", "打银行卡背面的客服电话。", "受害人在48小时内损失了约3万元。", "在中国内地打96110，或者看ic3.gov。"],
}  # fmt: skip


def passage(language: str) -> Document:
    facts = {"title": "Safe account", "section": "Figures", "aliases": [], "sentences": SENTENCES[language], "language": language}
    return make_passage(" ".join(SENTENCES[language]), facts)


@pytest.fixture(scope="module")
def guard() -> Guard:
    return Guard()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_sentence_of_the_passage_passes_and_names_its_place(guard: Guard, language: str) -> None:
    for place, sentence in enumerate(SENTENCES[language]):
        assert guard.check(sentence, passage(language)).supported
        assert guard.check(sentence, passage(language)).sentence == place


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "Never move your money to a safe account. Ring your bank on the number on your card."), ("zh", "绝不要把钱转到安全账户。打银行卡背面的客服电话。")],
)
def test_sentences_of_the_passage_joined_pass(guard: Guard, language: str, text: str) -> None:
    assert guard.check(text, passage(language)).supported


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "You should never move money to a safe account."), ("en", "Police in Singapore counted 1,504 cases in 2024."),
        ("en", "Ring the bank on the number that is on your card."), ("zh", "绝不要把你的钱转到“安全账户”。"),
        ("zh", "新加坡警方2024年接报1,504起。"), ("zh", "请打银行卡背面印的客服电话。"), ("zh", "受害人48小时内损失约三万元。"),
        ("en", "See ic3.gov or ring 96110, if you are in mainland China."), ("zh", "在中国内地拨打96110，或看ic3.gov。"),
    ],
)  # fmt: skip
def test_a_fair_rewording_passes(guard: Guard, language: str, text: str) -> None:
    assert guard.check(text, passage(language)).supported, guard.check(text, passage(language)).reason


@pytest.mark.parametrize(
    ("language", "text", "reason"),
    [
        ("en", "In 2024, police in Singapore counted 1,604 such cases.", "figure"), ("en", "In 2023, police in Singapore counted 1,504 such cases.", "figure"),
        ("en", "Victims lost about $5 million within 48 hours.", "figure"), ("en", "In mainland China ring 96112, or see ic3.gov.", "figure"),
        ("en", "In mainland China ring 96110, or see ic3-help.com.", "figure"), ("en", "Move your money to a safe account.", "opposite"),
        ("en", "According to the Bureau of Phone Safety, never move your money to a safe account.", "name"),
        ("en", "Scammers choose their victims from lists bought from supermarkets.", "words"),
        ("zh", "2024年，新加坡警方接报1604起。", "figure"), ("zh", "2023年，新加坡警方接报1504起。", "figure"), ("zh", "受害人在48小时内损失了约3000元。", "figure"),
        ("zh", "在中国内地打96112，或者看ic3.gov。", "figure"), ("zh", "把钱转到安全账户。", "opposite"),
        ("zh", "国家通讯安全总署提醒：绝不要把钱转到安全账户。", "name"), ("zh", "一说正在录音，骗子就不敢再打来。", ""),
    ],
)  # fmt: skip
def test_what_the_passage_does_not_say_is_caught(guard: Guard, language: str, text: str, reason: str) -> None:
    finding = guard.check(text, passage(language))
    assert not finding.supported
    assert reason in finding.reason


def test_a_text_in_another_language_than_its_passage_is_caught(guard: Guard) -> None:
    assert not guard.check("绝不要把钱转到安全账户。", passage("en")).supported
    assert not guard.check("Never move your money to a safe account.", passage("zh")).supported


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [("en", "It lost 35,000 yuan.", "It lost 35 thousand yuan."), ("en", "Wait 24 hours.", "Wait one day."), ("zh", "损失3.5万元", "损失三万五千元"), ("zh", "损失三万五元", "损失35000元")],
)
def test_a_quantity_is_the_same_however_it_is_written(language: Language, one: str, other: str) -> None:
    [first], [second] = quantities(one, language), quantities(other, language)
    assert first.is_stated_by(second)


@pytest.mark.parametrize(
    ("language", "text", "sentence", "turned"),
    [
        ("en", "Pay the fee.", "Never pay the fee.", True), ("en", "Do not ring your bank.", "Ring your bank.", True),
        ("en", "Refuse to pay the fee.", "Do not pay the fee.", False), ("en", "You must never pay.", "Do not pay.", False),
        ("zh", "要付钱。", "不要付钱。", True), ("zh", "不要报警。", "马上报警。", True), ("zh", "别付钱。", "千万不要付钱。", False), ("zh", "不同的银行", "各家银行", False),
    ],
)  # fmt: skip
def test_the_opposite_is_told_from_the_same_said_otherwise(language: Language, text: str, sentence: str, turned: bool) -> None:
    assert is_turned(text, sentence, language) is turned


@pytest.mark.parametrize("text", ["可拨0300 123 2040，向警方报案。", "Ring 0300 123 2040, then tell the police.", "报案，0300 123 2040。"])
def test_a_number_is_read_whole_though_a_comma_stands_beside_it(text: str) -> None:
    assert [reach.value for reach in reaches(text)] == ["03001232040"]


def test_a_people_is_named_where_its_country_is() -> None:
    assert unnamed("The Chinese consulate in Perth said so.", "China's consulate in Perth said so.", "en") == []
    assert unnamed("The Chinese consulate in Perth said so.", "The consulate in Perth said so.", "en") == ["Chinese"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("立即致电警方，别的都等等。", "马上打给警察，别的都等等。"), ("出借、出租都违法，借给朋友也不行。", "借出、租出都是违法的，借给朋友也一样。")],
)
def test_other_words_for_the_same_do_not_turn_a_sentence(guard: Guard, text: str, sentence: str) -> None:
    facts = {"title": "报案", "section": "现在怎么做", "aliases": [], "sentences": [sentence], "language": "zh"}
    assert guard.check(text, make_passage(sentence, facts)).supported
