"""The message checker: strong signs, cannot tell or no known signs, never "safe"; each with reasons, a way to find out and the guides behind it."""

import json
import shutil
import time
from pathlib import Path

import pytest
import small_corpus
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.assistant import Assistant
from bot.errors import InvalidInput
from bot.i18n import load_locale
from bot.judgement import KNOWN_WORDING
from bot.message_checker import MessageChecker
from bot.schema import LANGUAGES, Language, Turn, Verdict
from bot.settings import Settings, load_settings
from bot.store import open_store

SHIPPED = load_settings().seeds_dir
COPIED = ("signals.yaml", "wording.yaml", "known_names.yaml", "settling.yaml", "contacts.yaml")

POLICE_EN = (
    "This is Officer Lee of the police. Your name is linked to money laundering and there is a warrant. Do not tell anyone. "
    "Move your savings to a safe account today."
)
POLICE_ZH = "我是公安局的王警官，您名下的银行卡涉嫌洗钱。案件保密，不要告诉家人。请马上把存款转到安全账户接受资金清查。"
CODE_EN = "482913 is your code to log in. Do not share it with anyone."
CODE_ZH = "【汇川银行】验证码 482913，5分钟内有效，切勿告诉他人。"
WARNING_EN = "Police warning: scammers pretend to be officers and ask you to move money to a safe account. Hang up and ring 110."
WARNING_ZH = "警方提醒：凡是自称公检法，要求转账到安全账户的，都是诈骗。谨防上当。"
PLAIN = ["See you at six, bring the dog", "晚上回来吃饭吗？"]


def _settings(folder: Path, *, messages: int = 0) -> Settings:
    """The small knowledge base with the shipped signs, and with so many of the shipped messages of each file to learn from."""
    small_corpus.write_small_seeds(folder / "seeds")
    for name in COPIED:
        shutil.copy(SHIPPED / name, folder / "seeds" / name)
    if messages:
        (folder / "seeds" / "messages").mkdir()
        for name in ("scam", "genuine"):
            lines = (SHIPPED / "messages" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
            by_language = [[line for line in lines if json.loads(line)["language"] == language][:messages] for language in LANGUAGES]
            rows = "\n".join(line for part in by_language for line in part)
            (folder / "seeds" / "messages" / f"{name}.jsonl").write_text(rows, encoding="utf-8")
    chosen = small_corpus.small_settings(folder)
    small_corpus.publish(chosen)
    return chosen


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> MessageChecker:
    """A checker that has learnt from 150 messages of each kind and language."""
    chosen = _settings(tmp_path_factory.mktemp("taught"), messages=150)
    return MessageChecker(chosen, open_store(chosen))


@pytest.fixture(scope="module")
def untaught(tmp_path_factory: pytest.TempPathFactory) -> MessageChecker:
    """A checker without messages to learn from: the signs speak for themselves."""
    chosen = _settings(tmp_path_factory.mktemp("untaught"))
    return MessageChecker(chosen, open_store(chosen))


# --- the three verdicts ---


@pytest.mark.parametrize("message", [POLICE_EN, POLICE_ZH])
def test_the_story_of_a_false_officer_has_strong_signs(checker: MessageChecker, untaught: MessageChecker, message: str) -> None:
    for one in (checker, untaught):
        verdict = one.check(message)
        assert verdict.verdict == "strong_signs"
        assert {"safe-account", "secrecy", "arrest-threat"} <= {signal.id for signal in verdict.signals}


@pytest.mark.parametrize("message", [CODE_EN, CODE_ZH, WARNING_EN, WARNING_ZH])
def test_a_code_or_a_warning_that_asks_for_nothing_is_never_called_strong(checker: MessageChecker, message: str) -> None:
    verdict = checker.check(message)
    assert verdict.verdict != "strong_signs"
    assert verdict.against


@pytest.mark.parametrize("message", PLAIN)
def test_a_plain_message_has_no_known_signs_and_is_still_not_called_safe(checker: MessageChecker, message: str) -> None:
    verdict = checker.check(message)
    assert (verdict.verdict, verdict.signals, verdict.scam_types) == ("no_known_signs", (), ())
    assert verdict.questions


@pytest.mark.parametrize("message", [POLICE_ZH + "谨防诈骗，反诈中心提醒您。", POLICE_EN + " Beware of scams."])
def test_a_scam_that_warns_of_scams_stays_one(checker: MessageChecker, message: str) -> None:
    assert checker.check(message).verdict == "strong_signs"


@pytest.mark.parametrize(
    "message",
    ["Geico: your payment is due today. Update your card details at geico.example/pay or call 0161 496 0222.", "【城南水务】您的水费38元今日到期，逾期停水，请登录 csw.example 缴纳。"],
)
def test_a_message_that_leads_to_the_senders_own_address_alone_is_never_called_strong(checker: MessageChecker, message: str) -> None:
    assert checker.check(message).verdict != "strong_signs"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_verdict_says_safe(language: Language) -> None:
    words = [text.lower() for key, text in load_locale(language).words.items() if key.startswith(("verdict.", "signal.", "against.", "story."))]
    assert not any("safe" in text or "安全" in text or "放心" in text for text in words)


# --- what it says ---


@pytest.mark.parametrize("message", [POLICE_EN, POLICE_ZH])
def test_each_sign_is_quoted_from_its_place_with_its_reason_and_source(checker: MessageChecker, message: str) -> None:
    verdict = checker.check(message)
    known = {citation.n for citation in verdict.citations}
    for signal in verdict.signals:
        assert message[signal.start : signal.end] == signal.text
        assert signal.name
        assert signal.why
        assert set(signal.citations) <= known
    assert next(signal for signal in verdict.signals if signal.id == "safe-account").citations


@pytest.mark.parametrize("message", [POLICE_EN, POLICE_ZH])
def test_every_sentence_of_advice_is_a_guides_own_with_its_mark(checker: MessageChecker, message: str) -> None:
    verdict = checker.check(message)
    quotes = {f"[{citation.n}]": citation.quote for citation in verdict.citations}
    for sentence in (*verdict.advice, *verdict.settle_it):
        mark = sentence[sentence.rindex("[") :]
        assert sentence.startswith(quotes[mark])
        assert quotes[mark] in next(citation.passage for citation in verdict.citations if f"[{citation.n}]" == mark)


@pytest.mark.parametrize(("message", "language"), [(POLICE_EN, "zh"), (POLICE_ZH, "en")])
def test_the_verdict_is_in_the_language_asked_for(checker: MessageChecker, message: str, language: Language) -> None:
    verdict = checker.check(message, language)
    assert (verdict.language, verdict.message_language == language) == (language, False)
    assert verdict.headline == load_locale(language).text("verdict.strong_signs")
    assert {citation.language for citation in verdict.citations} == {language}


@pytest.mark.parametrize(
    "message",
    ["A policeman rang me. He said to move my savings to a safe account and I transferred 5,000.", "警察打来叫我转到安全账户，我已经转了五万元给他。"],
)
def test_who_has_paid_gets_the_first_steps_first(checker: MessageChecker, message: str) -> None:
    verdict = checker.check(message, region="CN")
    assert verdict.emergency
    assert "110" in verdict.advice[0]
    assert verdict.contacts[0].kind == "emergency"


@pytest.mark.parametrize("message", ["He said he was from the court. My name is in a money laundering case.", "对方说他是法院的，我名下的卡涉嫌洗钱。"])
def test_a_call_told_in_ones_own_words_shows_the_stage_and_what_comes_next(checker: MessageChecker, message: str) -> None:
    story = checker.check(message, answers={"hurried": "yes"}).story
    assert story is not None
    assert story.next
    assert story.say


def test_contacts_come_from_the_directory_alone(checker: MessageChecker) -> None:
    verdict = checker.check(POLICE_EN + " Ring me on +86 138 0013 8000.", region="CN")
    assert verdict.contacts
    assert "138" not in "".join(contact.value for contact in verdict.contacts)
    assert checker.check("hello there").contacts == ()


# --- settling a doubt by tapping ---

DOUBTFUL = ["Please pay the deposit to my account today, see you soon", "请今天把定金转到我的账户，回头见"]


@pytest.mark.parametrize("message", DOUBTFUL)
def test_a_doubtful_message_comes_with_two_or_three_questions(untaught: MessageChecker, message: str) -> None:
    verdict = untaught.check(message)
    assert verdict.verdict == "cannot_tell"
    assert 2 <= len(verdict.questions) <= 3
    assert all(len(question.choices) >= 2 for question in verdict.questions)


@pytest.mark.parametrize("message", DOUBTFUL)
def test_answers_move_the_verdict_and_are_not_asked_again(untaught: MessageChecker, message: str) -> None:
    before = untaught.check(message)
    worse = untaught.check(message, answers={"checked": "denied", "asks": "yes"})
    better = untaught.check(message, answers={"checked": "confirmed", "expected": "yes"})
    assert better.score < before.score < worse.score
    assert worse.verdict == "strong_signs"
    assert "checked" not in {question.id for question in worse.questions}


@pytest.mark.parametrize("message", [POLICE_EN, POLICE_ZH])
def test_no_answer_makes_strong_signs_vanish(checker: MessageChecker, message: str) -> None:
    assert checker.check(message, answers={"checked": "confirmed", "asks": "no", "expected": "yes"}).verdict != "no_known_signs"


@pytest.mark.parametrize(("answers", "code"), [({"never": "yes"}, "unknown_question"), ({"asks": "也许"}, "unknown_choice")])
def test_an_unknown_answer_is_told(checker: MessageChecker, answers: dict[str, str], code: str) -> None:
    with pytest.raises(InvalidInput) as error:
        checker.check("你好", answers=answers)
    assert error.value.code == code


NEW_NUMBERS = ["妈，我换新号码了，这是我的新手机号，存一下。", "爸，我换号了，以后打这个", "Hi Mum, this is my new number, please save it.", "Hi, this is Anna. I have a new number."]


@pytest.mark.parametrize("message", NEW_NUMBERS)
def test_a_new_number_for_which_nothing_is_asked_is_never_a_strong_sign(shipped_settings: Settings, message: str) -> None:
    checker = MessageChecker(shipped_settings, open_store(shipped_settings))
    assert checker.judge(message).kind != "strong_signs"


# --- pasted into the chat instead of a question ---

PASTED = "- {intent: check_message, en: [your name, you the money], zh: [您名下, 打扰了]}\n"


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """An assistant that knows a pasted message by a phrase."""
    folder = tmp_path_factory.mktemp("chat")
    chosen = _settings(folder)
    intents = folder / "seeds" / "intents.yaml"
    intents.write_text(PASTED + intents.read_text(encoding="utf-8"), encoding="utf-8")
    return Assistant(chosen, open_store(chosen))


@pytest.mark.parametrize(("message", "sign"), [(POLICE_EN, 'Money to a "safe account"'), (POLICE_ZH, "转到“安全账户”")])
def test_a_message_pasted_into_the_chat_is_answered_with_its_verdict(chat: Assistant, message: str, sign: str) -> None:
    answer = chat.answer(message)
    words = load_locale(answer.language)
    assert (answer.intent, answer.status, answer.lead) == ("check_message", "answered", words.text("verdict.strong_signs"))
    headings = list(dict.fromkeys(sentence.heading for sentence in answer.sentences))
    assert any(sign in heading for heading in headings)
    assert headings[-2:] == [words.text("verdict.advice"), words.text("verdict.settle_it")]
    assert words.text("verdict.more") in answer.notice
    quotes = {citation.n: citation.quote for citation in answer.citations}
    assert all(sentence.text == quotes[sentence.citations[0]] for sentence in answer.sentences)


@pytest.mark.parametrize(("message", "leaning"), [(POLICE_EN, "and by text?"), (POLICE_ZH, "然后呢")])
def test_a_question_that_leans_on_a_pasted_message_is_not_checked_itself(chat: Assistant, message: str, leaning: str) -> None:
    headlines = {load_locale(language).text(f"verdict.{kind}") for language in LANGUAGES for kind in ("no_known_signs", "few_words")}
    assert chat.answer(leaning, [Turn(question=message)]).lead not in headlines


@pytest.mark.parametrize(("message", "language"), [("Can you check a message for me?", "en"), ("帮我看一下", "zh")])
def test_a_few_words_without_a_sign_are_answered_by_asking_for_the_whole_message(tmp_path: Path, message: str, language: Language) -> None:
    chosen = _settings(tmp_path)
    store = open_store(chosen)
    told = MessageChecker(chosen, store).told(message, store.current(), language)
    assert told.headline == load_locale(language).text("verdict.few_words")


# --- input ---


@pytest.mark.parametrize(("message", "code"), [("", "empty_message"), (" \n\u3000", "empty_message"), ("长" * 10_001, "message_too_long")])
def test_a_message_that_cannot_be_taken_is_told(checker: MessageChecker, message: str, code: str) -> None:
    with pytest.raises(InvalidInput) as error:
        checker.check(message)
    assert error.value.code == code
    assert f"error.{code}" in load_locale("en").words


def test_a_message_of_the_greatest_length_is_judged_quickly(checker: MessageChecker) -> None:
    message = (POLICE_ZH * 300)[:10_000]
    checker.check(message)
    start = time.perf_counter()
    checker.check(message)
    assert time.perf_counter() - start < 1.0


@given(st.text(alphabet=st.characters(), min_size=1, max_size=300).filter(lambda text: text.strip()))
@settings(max_examples=150, deadline=None)
def test_any_text_is_judged_without_an_error(checker: MessageChecker, text: str) -> None:
    verdict: Verdict = checker.check(text)
    assert 0 <= verdict.score <= 1
    assert all(signal.text for signal in verdict.signals)


# Pieces of which hostile texts are made: bidirectional and control characters, emoji, half of a pair, what nearly fits a wording.
PIECES = [
    "\u202e", "\u2066", "\u200b", "\x00", "\x1b[2J", "\ud83d", "😀", "👩‍👩‍👧‍👦", "é" * 3, "ﷺ", "a" * 40, "1" * 40, "(" * 20, "a.", "x@", "http://", "@a.b",
    "send me the ", "do not ", "never tell ", "验 ", "请把", "验证码", "不要", "，", "\n", "\t", "0", "-", "hxxp[:]//a[.]top/", "+44 20 ", "{link}", "\\",
]  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(PIECES), st.integers(1, 3_000)), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_long_hostile_texts_are_judged_without_an_error(checker: MessageChecker, parts: list[tuple[str, int]]) -> None:
    text = "".join(piece * times for piece, times in parts)[:10_000]
    if text.strip():
        assert 0 <= checker.judge(text).score <= 1


@pytest.mark.parametrize(
    "message",
    [
        "G-482913 is your verification code.", "Alder Bank: 417 902 is your code to pay £83.20 to GREENS LTD. Not you? Ring the number on your card.",
        "【汇川银行】验证码482913，用于支付83.20元，请勿告诉他人，如非本人操作请致电卡背面电话。",
    ],
)  # fmt: skip
def test_a_code_is_known_by_its_digits_and_is_never_called_strong(checker: MessageChecker, message: str) -> None:
    verdict = checker.check(message)
    assert verdict.verdict != "strong_signs"
    assert any("code" in words or "验证码" in words for words in verdict.against)


@pytest.mark.parametrize("message", ["Dear, I dreamt of us and our house by the sea, it will be ours soon my queen", "亲爱的，昨晚又梦到我们的家，很快就能实现"])
def test_strong_signs_have_a_name(checker: MessageChecker, message: str) -> None:
    verdict = checker.check(message)
    assert verdict.verdict == "no_known_signs" or verdict.signals
    assert all(signal.name for signal in verdict.signals if signal.id == KNOWN_WORDING)


@pytest.mark.parametrize("message", ["Your parcel is held. Pay 1.99 at https://post-office.top", "拨打 +1 900 555 0100，打开 http://1.2.3.4:99/x 付款"])
def test_a_link_or_number_whose_sign_the_seeds_do_not_name_is_no_sign(tmp_path: Path, message: str) -> None:
    small_corpus.write_small_seeds(tmp_path / "seeds")
    chosen = small_corpus.small_settings(tmp_path)
    small_corpus.publish(chosen)
    verdict = MessageChecker(chosen, open_store(chosen)).check(message)
    assert (verdict.verdict, verdict.signals) == ("no_known_signs", ())
