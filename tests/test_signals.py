"""Signs: found where they stand, through any disguise, and only where they speak to the reader."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.settings import load_settings
from bot.signals.catalog import KnownName, KnownNames, load_signs
from bot.signals.finder import Findings, SignFinder, load_finder
from bot.signals.folding import fold
from bot.signals.links import LinkReader
from bot.signals.numbers import find_phones
from bot.signals.patterns import Text, Wording
from bot.signals.turns import own_turns

SEEDS = load_settings().seeds_dir
WORDS = frozenset({"code", "password", "verify", "account"})
NAMES = KnownNames(
    names=[KnownName(names=["paypal"], domains=["paypal.com"]), KnownName(names=["dhl"], domains=["dhl.com"])],
    shorteners=["bit.ly"],
    cheap_endings=["top"],
)


@pytest.fixture(scope="module")
def finder() -> SignFinder:
    return load_finder(SEEDS)


# --- folding: one way to write each letter, with its place in the original ---


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("验 证 码", "验证码"), ("驗證碼", "验证码"), ("验\u200b证\u200d码", "验证码"), ("验.证*码", "验证码"), ("ＣＯＤＥ", "code"),
        ("c0de", "code"), ("pa$$w0rd", "password"), ("v e r i f y", "verify"), ("vеrify", "verify"), ("ve\u0301rify", "verify"),
        ("\u202everify\u202c", "verify"), ("𝐯𝐞𝐫𝐢𝐟𝐲", "verify"),
    ],
)  # fmt: skip
def test_a_disguise_is_undone(written: str, read: str) -> None:
    assert fold(written, WORDS).text == read


@pytest.mark.parametrize(("text", "kept"), [("Gate B4 at 10", "gate b4 at 10"), ("2024年3月5日", "2024年3月5日")])
def test_numbers_that_are_numbers_stay(text: str, kept: str) -> None:
    assert fold(text, WORDS).text == kept


@given(st.text(max_size=300))
@settings(max_examples=300, deadline=None)
def test_every_folded_letter_knows_its_place(text: str) -> None:
    folded = fold(text, WORDS)
    assert len(folded.places) == len(folded.text)
    assert list(folded.places) == sorted(folded.places)
    assert all(0 <= place < len(text) for place in folded.places)


# --- wordings: words in a row, with gaps, within one sentence ---


@pytest.mark.parametrize(
    ("wording", "text", "stands"),
    [
        ("{give} ..3 code", "please send me the code", True), ("{give} ..3 code", "please send it. the code is nice", False),
        ("{give} ..1 code", "send me all of the code", False), ("log ?in", "login or log in", True), ("tap here", "tap\nhere", True), ("cat", "category", False),
    ],
)  # fmt: skip
def test_an_english_wording_stands_within_one_sentence(wording: str, text: str, stands: bool) -> None:
    assert Wording([wording], {"give": ["send", "tell"]}, "en").search(Text.of(text)) is stands


@pytest.mark.parametrize(
    ("wording", "text", "stands"),
    [("把..4{code}发", "把你的验证码发我", True), ("把..4{code}发", "把门关上。验证码发我", False), ("{code}", "动态码", True)],
)
def test_a_chinese_wording_stands_within_one_sentence(wording: str, text: str, stands: bool) -> None:
    assert Wording([wording], {"code": ["验证码", "动态码"]}, "zh").search(Text.of(text)) is stands


def test_places_are_counted_in_characters_not_bytes() -> None:
    assert list(Wording(["验证码"], {}, "zh").spans(Text.of("é请报验证码"), 5)) == [(3, 6)]


# --- signs of the seeds ---

ASKED = [
    ("safe-account", "Move your savings to a safe account today.", "safe account"),
    ("safe-account", "请把存款转到安全账户。", "安全账户"),
    ("one-time-code", "Send me the code you just got.", "code"),
    ("one-time-code", "麻烦把收到的验 证 码发给我", "验 证 码"),
    ("one-time-code", "麻煩把收到的驗證碼發給我", "驗證碼"),
    ("secrecy", "Do not tell anyone about this call.", "Do not tell anyone"),
    ("secrecy", "这件事不要告诉家人。", "不要告诉家人"),
    ("gift-card-payment", "Buy three gift cards and send me the codes.", "gift cards"),
    ("screen-sharing", "请打开屏幕共享，我来指导您退款", "打开屏幕"),
    ("arrest-threat", "You will be arrested within the hour.", "arrested"),
    ("arrest-threat", "您名下的银行卡涉嫌洗钱。", "涉嫌洗钱"),
    ("card-held-to-phone", "把银行卡贴在手机背面", "手机"),
    ("guess-who", "Hello Gran, guess who this is!", "guess who"),
    ("guess-who", "叔叔，猜猜我是谁呀", "猜猜我是谁"),
    ("no-checking", "Please don't call the bank about it.", "don't call the bank"),
    ("no-checking", "请勿联系网点，银行内部有内鬼。", "内鬼"),
    ("paid-then-more", "After I paid he wanted another fee.", "paid"),
    ("paid-then-more", "钱转过去之后就把我拉黑了", "拉黑"),
    ("device-warning", "Your computer is infected with a virus.", "infected"),
    ("device-warning", "您的手机中了木马，请尽快处理", "木马"),
    ("you-send-first", "You send first, then I transfer.", "send first"),
    ("you-send-first", "先款后货，信得过再来", "先款后"),
    ("odd-way-to-pay", "Our card machine is down, sorry.", "card machine"),
    ("odd-way-to-pay", "这边只收礼品卡", "只收礼品卡"),
    ("health-miracle", "This gel cures knees in a week.", "cures knees"),
    ("health-miracle", "这一贴药到病除", "药到病除"),
]


@pytest.mark.parametrize(("sign", "message", "part"), ASKED)
def test_a_sign_is_found_where_it_stands(finder: SignFinder, sign: str, message: str, part: str) -> None:
    marks = [message[mark.start : mark.end] for mark in finder.find(message).marks if mark.sign == sign]
    assert any(part in text for text in marks), finder.find(message).signs


WARNED = [
    ("safe-account", "Never move money to a safe account."),
    ("safe-account", "If anyone asks you to move money to a safe account, hang up."),
    ("safe-account", "公安机关没有安全账户，凡是要求转到安全账户的都是诈骗。"),
    ("one-time-code", "Do not give the code to anyone, not even to us."),
    ("one-time-code", "验证码是 482913，切勿把验证码告诉他人。"),
    ("transfer-to-verify", "我们绝不会要求您转账验证资金。"),
    ("password-request", "Our staff will never ask you for your password."),
    ("screen-sharing", "骗子会让你共享屏幕，千万不要照做。"),
]


@pytest.mark.parametrize(("sign", "message"), WARNED)
def test_what_is_denied_or_told_of_scams_in_general_is_no_sign(finder: SignFinder, sign: str, message: str) -> None:
    assert sign not in finder.find(message).signs


STILL_ASKED = [
    ("safe-account", "Tell nobody and move your savings to a safe account."),
    ("one-time-code", "别担心，把验证码发给我就行。"),
    ("one-time-code", "如非本人操作，请回复验证码取消。"),
    ("money-request", "谨防诈骗！请马上转账5000元到下面的账户。"),
    ("callback-number", "If you did not place this order call 020 7946 0123."),
]


@pytest.mark.parametrize(("sign", "message"), STILL_ASKED)
def test_a_not_that_denies_something_else_hides_no_sign(finder: SignFinder, sign: str, message: str) -> None:
    assert sign in finder.find(message).signs


@pytest.mark.parametrize("message", ["Show the code to the driver when your parcel comes.", "请把取件码告诉快递员。"])
def test_a_code_for_the_courier_is_no_sign(finder: SignFinder, message: str) -> None:
    assert "one-time-code" not in finder.find(message).signs


@pytest.mark.parametrize(
    ("link", "found"), [("https://www.dbs.com.sg/login", False), ("https://dbs-login.example/login", True), ("https://quicksecure.example/a", True)]
)
def test_to_log_in_at_the_senders_own_address_is_no_sign(finder: SignFinder, link: str, found: bool) -> None:
    assert ("verify-by-link" in finder.find(f"DBS: please verify your details at {link}").signs) is found


@pytest.mark.parametrize(
    ("message", "own"),
    [
        ("caller: hello\nme: who is it?\ncaller: the bank", ["who is it?"]),
        ("a: your card is blocked\nb: is this a scam?\na: no", ["is this a scam?"]),
        ("来电方:您好\n接听方:是诈骗吧?\n来电方:不是", ["是诈骗吧?"]),
        ("subject: your bill\ndate: monday\nfrom: us", []),
        ("a: b", []),
    ],
)  # fmt: skip
def test_a_transcript_knows_what_the_person_says_who_was_called(message: str, own: list[str]) -> None:
    assert [message[start:end].strip() for start, end in own_turns(message)] == own


@pytest.mark.parametrize(
    ("doubt", "cue"),
    [("A: This is your bank, read me the code.\nB: {}\nA: No, sir.", "warns"), ("甲：我是银行的，把验证码报给我。\n乙：{}\n甲：您放心。", "warns")],
)
def test_a_doubt_of_the_person_who_was_called_does_not_speak_for_the_caller(finder: SignFinder, doubt: str, cue: str) -> None:
    said = "It's a scam, isn't it? That is a scam." if doubt.isascii() else "这肯定是诈骗吧？"
    assert cue not in finder.find(doubt.format(said)).cues
    assert cue in finder.find(said).cues


def test_every_sign_has_wording_or_is_found_by_the_code() -> None:
    bare = {sign.id for sign in load_signs(SEEDS / "signals.yaml") if not sign.patterns}
    assert bare == {"lookalike-address", "shortened-link", "link-in-message"}


def test_nearly_every_sign_is_worded_in_both_languages() -> None:
    lacking = {sign.id for sign in load_signs(SEEDS / "signals.yaml") if sign.patterns and set(sign.patterns) != {"en", "zh"}}
    assert lacking <= {"overseas-number"}


def test_seeds_without_signs_find_nothing(tmp_path: Path) -> None:
    assert load_finder(tmp_path).find("Send me the code 验证码").marks == ()


# --- links and numbers, taken apart as text ---

LINKS = [
    ("https://www.paypal.com/signin", "official"),
    ("hxxps://paypal[.]com/x", "official"),
    ("paypa1.com", "imitation"),
    ("paypal-login.top/verify", "imitation"),
    ("https://evil.example/paypal/login", "imitation"),
    ("paypal.com.evil.top/a", "imitation"),
    ("payapl.com", "imitation"),
    ("https://xn--pypal-4ve.com", "imitation"),
    ("http://203.0.113.9/login", "imitation"),
    ("https://evil.example:8443/a", "imitation"),
    ("bit.ly/3x", "shortened"),
    ("https://tax.service.gov.uk/refund", "official"),
    ("evil.example/x", "unknown"),
]


@pytest.mark.parametrize(("address", "kind"), LINKS)
def test_an_address_gives_itself_away(address: str, kind: str) -> None:
    assert [link.kind for link in LinkReader(NAMES).find(f"tap {address} now")] == [kind]
    assert [link.kind for link in LinkReader(NAMES).find(f"请点击{address} 办理")] == [kind]


def test_an_address_that_is_the_senders_own_name_is_named() -> None:
    (link,) = LinkReader(NAMES).find("oakfield school: pay at oakfieldschool.example/pay")
    assert link.kind == "named"


@pytest.mark.parametrize("text", ["call me.thanks a lot", "in 2.50 or 3.75", "e.g. this", "好的。明天见"])
def test_sentences_without_a_space_are_no_address(text: str) -> None:
    assert list(LinkReader(NAMES).find(text)) == []


def test_an_app_file_is_seen() -> None:
    (link,) = LinkReader(NAMES).find("https://files.example/bank.apk")
    assert link.is_app


@pytest.mark.parametrize(
    ("text", "region", "costly"),
    [("call 09061743389 now", "", True), ("ring +44 20 7946 0123", "GB", False), ("请拨打 +86 138 0013 8000", "CN", False)],
)
def test_a_number_gives_away_its_region_and_its_price(text: str, region: str, costly: bool) -> None:
    (phone,) = find_phones(text, [], "")
    assert (phone.region, phone.is_costly) == (region, costly)


@pytest.mark.parametrize("text", ["on 2024-06-06", "£1,249.00 was paid", "验证码 482913", "room 12"])
def test_dates_amounts_and_codes_are_no_telephone_numbers(text: str) -> None:
    assert list(find_phones(text, [], "")) == []


# --- hostile input ---

HOSTILE = [
    "a" * 10_000, "1" * 10_000, "验 " * 5_000, "a." * 5_000, "@" * 10_000, "http://" * 1_400, "do not " * 1_400, "\u202e" * 10_000,
    "send me the " * 800, "(" * 10_000, "-" * 10_000, "1-" * 5_000, "😀" * 10_000, "请把" * 5_000, "\n" * 10_000, "a0" * 5_000, "x@x." * 2_500,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=[f"{text[:6]!r}" for text in HOSTILE])
def test_ten_thousand_hostile_characters_take_under_a_tenth_of_a_second(finder: SignFinder, text: str) -> None:
    finder.find(text)  # the automata are built at first use
    fastest = min(_seconds(finder, text) for _ in range(3))
    assert fastest < 0.1


def _seconds(finder: SignFinder, text: str) -> float:
    start = time.perf_counter()
    finder.find(text)
    return time.perf_counter() - start


@given(st.text(alphabet=st.characters(), max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_without_an_error_and_marks_stand_in_it(finder: SignFinder, text: str) -> None:
    findings: Findings = finder.find(text)
    assert all(0 <= mark.start < mark.end <= len(text) for mark in (*findings.marks, *findings.warned))
