"""Personal data does not leave the machine; the numbers that a lesson needs do."""

import re
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.privacy import mask_personal_data

# --- numbers ---


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("card 6222 0212 3456 7890", "card [number]"),
        ("call +44 7700 900461", "call [number]"),
        ("+86 138-0013-8000, (852) 2345 6789 or (415) 555-0132", "[number], [number] or [number]"),
        ("身份证11010519491231002X", "身份证[number]"),
        ("身份证号是11010519491231002x的人", "身份证号是[number]的人"),
        ("银行账号 6222-0000-1111-2222-333，开户行北京", "银行账号 [number]，开户行北京"),
        ("我的手机１３８００１３８０００", "我的手机[number]"),
        ("我的電話一三八零零一三八零零零", "我的電話[number]"),
        ("it is one three eight double zero one three", "it is [number]"),
        ("NINO QQ 12 34 56 C, SSN 123-45-6789", "NINO [number], SSN [number]"),
        ("passport E12345678, HKID A123456(7), NRIC S1234567D", "passport [number], HKID [number], NRIC [number]"),
        ("護照號碼K12345678", "護照號碼[number]"),
        ("sort code 20-00-00, IBAN GB29 NWBK 6016 1331 9268 19", "sort code [number], IBAN [number]"),
        ("138\u200b0013\u200b8000", "[number]"),
    ],
)
def test_numbers_of_people_are_masked_however_they_are_written(text: str, masked: str) -> None:
    assert mask_personal_data(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "他让我打 96110 转 5000 元",
        "call 110 or 999, or 96110 to ask",
        "我被骗了20万元，2024年5月6日转的",
        "on 2023-07-30 I lost 1,234,567 yuan and 50000.50 dollars",
        "骗子要我交 12,000.00 元",
        "how many cases in 2022-2023, more than 464,000?",
        "一千二百三十四万五千元",
        "RMB500000 or USD 100000",
        "",
    ],
)
def test_public_numbers_years_and_amounts_stay(text: str) -> None:
    assert mask_personal_data(text) == text


WORDS = st.sampled_from(["", "call ", "my card ", "我的卡号", "電話：", "a"])


@given(before=st.text(max_size=20), digits=st.text("0123456789０１５٣७", min_size=7, max_size=25), after=st.text(max_size=20))
def test_no_seven_digits_in_a_row_leave_the_machine(before: str, digits: str, after: str) -> None:
    assert not re.search(r"\d{7}", mask_personal_data(f"{before}{digits}{after}"))
    assert not re.search(r"\d{7}", mask_personal_data(f"我的号码是{digits}，怎么办"))


@given(st.lists(st.text("0123456789", min_size=1, max_size=5), min_size=3, max_size=8), st.sampled_from(" -–\u00a0\u3000\u200b·"), WORDS)
def test_no_seven_digits_leave_the_machine_with_gaps_between_them(groups: list[str], gap: str, word: str) -> None:
    number = gap.join(groups)
    assume(len("".join(groups)) >= 7 and not re.match(r"(19|20)\d\d[-–](0?[1-9]|1[0-2]|(19|20)\d\d)", number))
    kept = re.sub(r"\D", "", mask_personal_data(f"{word}{number}，请问"))
    assert len(kept) < 7


@given(st.emails())
def test_no_address_of_e_mail_leaves_the_machine(address: str) -> None:
    assert "@" not in mask_personal_data(f"write to {address}")
    assert "@" not in mask_personal_data(f"发到{address}吧")


# --- names, addresses, secrets ---


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("my name is Li Wei, card 6222 0212 3456 7890", "my name is [name], card [number]"),
        ("My name's bob smith and i paid", "My name's [name] and i paid"),
        ("my name is 王小明.", "my name is [name]."),
        ("I'm called Tom. They rang.", "I'm called [name]. They rang."),
        ("this is Anna Bell speaking", "this is [name] speaking"),
        ("I am Mary Jane Smith", "I am [name]"),
        ("我叫王小明，身份证11010519491231002X", "我叫[name]，身份证[number]"),
        ("我是王小明，被骗了", "我是[name]，被骗了"),
        ("我係陳大文，收到電話", "我係[name]，收到電話"),
        ("本人姓名：张三。", "本人姓名：[name]。"),
        ("我的名字是李雷", "我的名字是[name]"),
        ("我姓王，怎么办", "我姓[name]，怎么办"),
        ("我叫阿卜杜拉·买买提，被骗了", "我叫[name]，被骗了"),
    ],
)
def test_who_says_their_name_is_not_named(text: str, masked: str) -> None:
    assert mask_personal_data(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "my name is on an arrest warrant",
        "I am German and this is my first time",
        "this is a scam",
        "我是高中生，收到短信",
        "我是被骗的人，怎么办",
        "我係學生，點算",
        "我叫他不要转账",
        "我的名字被盗用了",
    ],
)
def test_what_is_no_name_stays(text: str) -> None:
    assert mask_personal_data(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("write to anna.b@example.org", "write to [e-mail]"),
        ("邮箱是anna.b@example.org", "邮箱是[e-mail]"),
        ("I live at 12 Baker Street, London NW1 6XE", "I live at [address], London [address]"),
        ("地址：北京市朝阳区建国路88号3号楼502室", "地址：[address]"),
        ("the code is 482913", "the code is [secret]"),
        ("驗證碼是482913，密码：abc12345", "驗證碼是[secret]，密码：[secret]"),
    ],
)
def test_addresses_and_secrets_are_masked(text: str, masked: str) -> None:
    assert mask_personal_data(text) == masked


@pytest.mark.parametrize("text", ["what is a one-time code?", "what happens on this street?", "我在街道办上班", "验证码诈骗是什么？"])
def test_speaking_of_addresses_and_secrets_is_no_address_and_no_secret(text: str) -> None:
    assert mask_personal_data(text) == text


@given(st.text(max_size=60))
def test_masking_twice_masks_no_more(text: str) -> None:
    once = mask_personal_data(text)
    assert mask_personal_data(once) == once


@pytest.mark.parametrize("piece", ["1", "1 ", "a", "我", "zero ", "A1", "a@", "路", "0.", "1,", "我叫", "name: ", "GB29 ", "11 A ", "2023-01-"])
def test_a_text_of_any_kind_is_masked_at_once(piece: str) -> None:
    began = time.perf_counter()
    mask_personal_data((piece * 2_000)[:2_000])
    assert time.perf_counter() - began < 1
