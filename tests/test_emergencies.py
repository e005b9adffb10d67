"""Kinds of emergency, told by the words of the shipped seeds; what is none must not be taken for one."""

import pytest

from bot.emergencies import Emergencies, load_emergencies
from bot.errors import SourceErrors
from bot.settings import load_settings
from ingest.guides import read_guides


@pytest.fixture(scope="module")
def emergencies() -> Emergencies:
    return load_emergencies(load_settings().seeds_dir)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I want to die, I lost everything", "suicide"), ("my husband says he would rather be dead", "suicide"),
        ("不想活了，钱都没了", "suicide"), ("我爸被骗了要跳樓", "suicide"), ("活着没意思", "suicide"), ("I can’t go on", "suicide"),
        ("I am in a compound in Myawaddy", "captive"), ("they took my passport and wont let me leave", "captive"),
        ("我被关在缅北园区", "captive"), ("護照被收走了，不讓我走", "captive"),
        ("they are at my door", "danger"), ("he has a knife", "danger"), ("门口有人说是警察要收钱", "danger"),
    ],
)  # fmt: skip
def test_a_life_in_danger_is_an_emergency_whatever_else_is_asked(emergencies: Emergencies, text: str, kind: str) -> None:
    found = emergencies.kind_of(text, certain=True)
    assert found is not None
    assert found.id == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I just transferred the money", "transfer"), ("我把验证码告诉他了", "one-time-code"), ("I told him the code from the text", "one-time-code"),
        ("I gave them my visa number and the 3 on the back", "card"), ("刚刚在假网站填了卡号", "card"), ("I sent bitcoin", "crypto"),
        ("助记词被骗走了", "crypto"), ("i scratched the gift cards and sent the numbers", "gift-card"), ("卡密發過去了", "gift-card"),
        ("I shared my screen with them", "remote-access"), ("他远程控制我的手机", "remote-access"),
        ("the courier took the gold", "cash-courier"), ("奶奶把金条交给上门的人了", "cash-courier"),
        ("they have my nudes", "intimate-pictures"), ("裸聊被录了视频", "intimate-pictures"), ("I typed my password", "password"),
        ("身份证照片发给他们了", "identity-document"), ("银行卡借给同学了", "lent-account"), ("I was scammed", "loss"), ("我被骗了", "loss"),
    ],
)  # fmt: skip
def test_what_was_given_away_is_told_by_its_words(emergencies: Emergencies, text: str, kind: str) -> None:
    found = emergencies.kind_of(text)
    assert found is not None
    assert found.id == kind


@pytest.mark.parametrize(
    "text",
    [
        "are they going to kill my account", "he took my life savings", "can I trust a call from the police?", "is my parcel being held",
        "they have my passport photo", "what is the compound in Myawaddy?", "how many victims think of suicide", "我想死你了",
        "客服打我电话说要退款", "被扣费了怎么办", "什么是缅北园区", "笑死我了", "快递员上门取件是真的吗",
    ],
)  # fmt: skip
def test_words_that_only_look_like_danger_are_none(emergencies: Emergencies, text: str) -> None:
    assert emergencies.kind_of(text, certain=True) is None


@pytest.mark.parametrize(
    "text",
    [
        "被骗了！", "刚才上当了，怎么办", "我被拉黑了，定金已经付了", "他说不给钱就发到家长群", "I paid and he blocked me, I sent 300",
    ],
)  # fmt: skip
def test_a_deed_with_what_was_given_away_tells_an_emergency(emergencies: Emergencies, text: str) -> None:
    assert emergencies.is_told_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "被骗了打什么电话报警", "怎么安慰被骗了的朋友", "96110可以打过去咨询吗", "收到黑钱卡被冻结，法律上我该负责吗",
        "屏幕共享以后骗子能干嘛 他们怎么把钱转走的", "What if I sent money to a scammer?",
    ],
)  # fmt: skip
def test_a_question_about_a_loss_tells_none(emergencies: Emergencies, text: str) -> None:
    assert not emergencies.is_told_in(text)


def test_what_is_most_pressing_comes_first(emergencies: Emergencies) -> None:
    both = emergencies.kind_of("I sent them money by transfer and now I want to die")
    assert both is not None
    assert both.id == "suicide"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_may_be_tapped_is_taken_for_what_it_says(emergencies: Emergencies, language: str) -> None:
    for kind in emergencies.kinds:
        if kind.choice:
            assert emergencies.kind_of(kind.choice.in_language(language)) == kind, kind.id  # type: ignore[arg-type]


def test_a_file_that_does_not_fit_is_named(tmp_path) -> None:
    (tmp_path / "emergencies.yaml").write_text("- {id: a}\n", encoding="utf-8")
    with pytest.raises(SourceErrors, match=r"emergencies\.yaml"):
        load_emergencies(tmp_path)


def test_seeds_without_the_file_know_no_emergency(tmp_path) -> None:
    assert load_emergencies(tmp_path).kind_of("I want to die") is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_steps_of_every_kind_stand_in_a_guide_of_each_language(emergencies: Emergencies, language: str) -> None:
    guides = {guide.facts.id: guide for guide in read_guides(load_settings().seeds_dir)[0] if guide.language == language}
    for kind in emergencies.kinds:
        assert set(kind.sections) <= set(guides[kind.guide].section_ids), kind.id


@pytest.mark.parametrize(
    "text",
    [
        "他让我把钱放进安全账户，我照做了", "那人说帮我退学费，我已经转过去了", "要我交保证金！我把银行卡租给一个学长了", "余额只剩三毛，刚按他说的点了转账",
        "電話那頭要我講密碼，我講了，網銀密碼也講了",
    ],
)  # fmt: skip
def test_what_was_asked_for_in_one_clause_does_not_hide_what_was_done_in_another(emergencies: Emergencies, text: str) -> None:
    assert emergencies.is_told_in(text)


@pytest.mark.parametrize("text", ["他们要五十万才肯放人", "我弟打来哭，说要三十万才放人", "求求你们帮我报警", "有人在楼下等我拿现金给他，已经到楼下了"])
def test_a_ransom_and_a_cry_for_the_police_are_emergencies(emergencies: Emergencies, text: str) -> None:
    assert emergencies.kind_of(text, certain=True)


@pytest.mark.parametrize("text", ["如果真的转账了，第一步做什么", "冒充老板让我转账"])
def test_what_is_supposed_or_asked_for_was_not_done(emergencies: Emergencies, text: str) -> None:
    assert emergencies.is_not_done(text)


@pytest.mark.parametrize("text", ["我转了账，要是追不回来呢", "I sent the money, what if it is gone", "钱转走了"])
def test_a_deed_told_beside_a_supposition_was_done(emergencies: Emergencies, text: str) -> None:
    assert not emergencies.is_not_done(text)
