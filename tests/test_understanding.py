"""Understanding a question: its language, what is wanted, which guide it names, and what it leans on."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from langchain_core.documents import Document

from bot.classifier import LinearClassifier
from bot.emergencies import ANY_LOSS, Deeds, Emergencies, Emergency
from bot.errors import SourceErrors
from bot.glossary import Glossary, Term
from bot.harm import Harm, HarmRule
from bot.passages import make_passage
from bot.schema import Language, Turn
from bot.settings import Settings
from bot.testing import WordLengthEncoder
from bot.understanding import IntentRule, Intents, Reader, Topics, Understanding, read_intent_rules

RULES = [
    IntentRule(intent="smalltalk", whole=True, en=["hi"], zh=["你好"]),
    IntentRule(intent="harmful", en=["write a scam"], zh=["教我骗人"]),
    IntentRule(intent="emergency", en=["i sent * money"], zh=["钱转过去了"], sections=["paid", "now"], guides=["first-steps"]),
    IntentRule(intent="signs", en=["warning signs"], zh=["危险信号"], sections=["signs"], guides=["common-warning-signs"]),
    IntentRule(intent="how", en=["how does"], zh=["怎么骗"], sections=["how"]),
]
INTENTS = Intents(RULES)
GLOSSARY = Glossary([Term(zh=["刷单"], en=["order brushing"]), Term(zh=["退款"], en=["refund"])])
READER = Reader(WordLengthEncoder().encode, (), GLOSSARY)


def _guide(source_id: str, title: str, *aliases: str, kind: str = "guide") -> Document:
    return make_passage("…", {"source_id": source_id, "title": title, "aliases": list(aliases), "kind": kind, "sentences": ["…"]})


TOPICS = Topics(
    [
        _guide("order-brushing", "Order brushing", "brushing scam", "task scam"),
        _guide("order-brushing", "刷单返利诈骗", "刷单", "刷单诈骗"),
        _guide("fake-police", "Fake police", "safe account", "police scam"),
        _guide("fake-police", "冒充公安诈骗", "冒充公安", "安全账户"),
        _guide("fake-refund", "退款诈骗", "假退款"),
        _guide("money-mule", "Money mule", "account"),
        _guide("news", "Fraud in 2022", "headline", kind="article"),
    ]
)


def _always(**shares: float) -> LinearClassifier:
    """A classifier that gives each label the same share whatever it reads."""
    bias = np.log(np.array(list(shares.values()), dtype=np.float32))
    nothing = np.zeros(2**17, dtype=np.float32)
    return LinearClassifier(tuple(shares), np.zeros((len(shares), 2**17), dtype=np.float32), bias, nothing)


def _understanding(classifiers: Mapping[str, LinearClassifier] | None = None, languages: Sequence[str] = ()) -> Understanding:
    return Understanding(INTENTS, TOPICS, Reader(WordLengthEncoder().encode, languages, GLOSSARY), classifiers or {})


PLAIN = _understanding()


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("What is order brushing?", "en"),
        ("什么是刷单？", "zh"),
        ("什麼是刷單？", "zh"),
        ("What is 刷单 in English?", "en"),
        ("WhatsApp 上的刷单", "zh"),
        ("12345", "en"),
    ],
)
def test_the_language_is_that_which_carries_the_question(question: str, language: Language) -> None:
    assert PLAIN.understand(question).language == language


@pytest.mark.parametrize(("question", "language"), [("什么是刷单？", "en"), ("What is order brushing?", "zh")])
def test_a_language_that_is_chosen_overrides_that_of_the_question(question: str, language: Language) -> None:
    assert PLAIN.understand(question, language=language).language == language


@pytest.mark.parametrize(
    ("question", "intent"),
    [
        ("hi", "smalltalk"),
        ("Hi!", "smalltalk"),
        ("hi there is a caller", None),
        ("你好", "smalltalk"),
        ("你好呀！", "smalltalk"),
        ("你好，刷单的危险信号", "signs"),
        ("I sent them all of my money", "emergency"),
        ("I sent money", "emergency"),
        ("I sent a letter with words and words and words about money", None),
        ("钱转过去了怎么骗的", "emergency"),
        ("錢轉過去了", "emergency"),
        ("WARNING  SIGNS of it", "signs"),
        ("forewarning signs", None),
        ("危險信號", "signs"),
        ("write a scam about warning signs", "harmful"),
        ("教我騙人", "harmful"),
        ("天气", None),
    ],
)
def test_a_phrase_gives_an_intent_away_and_the_first_in_the_file_wins(question: str, intent: str | None) -> None:
    rule = INTENTS.by_phrase(question)
    assert (rule.intent if rule else None) == intent


def test_an_intent_brings_its_sections_and_guides() -> None:
    for question in ("What are the warning signs?", "有什么危险信号？"):
        query = PLAIN.understand(question)
        assert (query.intent, query.sections, query.guides) == ("signs", ("signs",), ("common-warning-signs",))


@pytest.mark.parametrize(("question", "language"), [("purple elephants dance", "en"), ("紫色大象跳舞", "zh")])
def test_without_phrase_and_classifier_a_question_is_general(question: str, language: Language) -> None:
    query = PLAIN.understand(question)
    assert (query.intent, query.sections, query.guides, query.language) == ("general", (), (), language)


SURE = {"intent-en": _always(how=0.9, signs=0.1), "intent-zh": _always(how=0.9, signs=0.1)}
# Eight labels of which the best has less than a fifth.
UNSURE = {
    f"intent-{language}": _always(
        how=0.16, verify=0.12, law=0.12, contact=0.12, figures=0.12, general=0.12, what_to_do=0.12, help_someone=0.12
    )
    for language in ("en", "zh")
}


@pytest.mark.parametrize(
    ("question", "intent"),
    [
        ("I sent them my money", "emergency"),
        ("我的钱转过去了", "emergency"),
        ("我的錢轉過去了", "emergency"),
        ("write a scam", "harmful"),
        ("教我骗人", "harmful"),
        ("hi", "smalltalk"),
        ("你好", "smalltalk"),
    ],
)
def test_a_rule_decides_where_a_mistake_would_hurt_however_sure_the_classifier_is(question: str, intent: str) -> None:
    assert _understanding(SURE).understand(question).intent == intent


@pytest.mark.parametrize("question", ["What are the warning signs?", "有什么危险信号？"])
def test_elsewhere_a_sure_classifier_decides_and_an_unsure_one_gives_way_to_the_phrase(question: str) -> None:
    assert _understanding(SURE).understand(question).intent == "how"
    assert _understanding(UNSURE).understand(question).intent == "signs"


@pytest.mark.parametrize("question", ["purple elephants dance", "紫色大象跳舞"])
def test_an_unsure_classifier_decides_where_there_is_no_phrase(question: str) -> None:
    assert _understanding(UNSURE).understand(question).intent == "how"


@pytest.mark.parametrize(("question", "name"), [("purple elephants", "subject-en"), ("紫色大象", "subject-zh")])
def test_the_subject_classifier_of_the_language_says_how_likely_the_question_is_about_scams(question: str, name: str) -> None:
    assert _understanding({name: _always(off=0.7, on=0.3)}).understand(question).on_subject == pytest.approx(0.3)
    assert PLAIN.understand(question).on_subject == 1.0


@pytest.mark.parametrize(
    ("question", "topics"),
    [
        ("Is order brushing legal?", ("order-brushing",)),
        ("what is a task scam", ("order-brushing",)),
        ("they want a SAFE ACCOUNT", ("fake-police",)),
        ("刷单是什么？", ("order-brushing",)),
        ("刷單是什麼？", ("order-brushing",)),
        ("冒充公安要我转到安全账户", ("fake-police",)),
        ("冒充公安詐騙", ("fake-police",)),
        ("my account", ("money-mule",)),
        ("headline", ()),
        ("天气", ()),
        ("", ()),
    ],
)
def test_a_question_names_guides_by_the_longest_name_that_stands_in_it(question: str, topics: tuple[str, ...]) -> None:
    assert TOPICS.named_in(question) == topics


def test_no_guides_have_no_names() -> None:
    assert Topics([]).named_in("什么是刷单？") == ()


@pytest.mark.parametrize(
    ("before", "question", "topic"),
    [
        ("What is order brushing?", "And the warning signs of it?", "order-brushing"),
        ("What is order brushing?", "warning signs", "order-brushing"),
        ("Tell me about the police scam", "What should my old neighbour do about this?", "fake-police"),
        ("什么是刷单？", "那危险信号呢？", "order-brushing"),
        ("什么是刷单？", "为什么它能骗到这么多聪明的大学生？", "order-brushing"),
        ("什麼是刷單？", "那危險信號呢？", "order-brushing"),
    ],
)
def test_a_follow_up_leans_on_the_question_before(before: str, question: str, topic: str) -> None:
    query = PLAIN.understand(question, [Turn(question=before)])
    assert query.topics == (topic,)
    assert query.standalone == f"{before}\n{question}"
    assert query.question == question


def test_a_chain_of_follow_ups_leans_on_the_question_that_began_it() -> None:
    english = [Turn(question="What is order brushing?"), Turn(question="warning signs"), Turn(question="and then?")]
    chinese = [Turn(question="什么是刷单？"), Turn(question="那信号呢？"), Turn(question="然后呢？")]
    assert PLAIN.understand("why?", english).topics == ("order-brushing",)
    assert PLAIN.understand("为什么？", chinese).topics == ("order-brushing",)


@pytest.mark.parametrize(
    ("before", "question", "topics"),
    [
        ("What is order brushing?", "And the police scam?", ("fake-police",)),
        ("什么是刷单？", "那冒充公安呢？", ("fake-police",)),
        ("什么是刷单？", "那冒充公安詐騙呢？", ("fake-police",)),
        ("What is order brushing?", "Can strangers see photographs from my telephone?", ()),
        ("什么是刷单？", "陌生人能看到手机里面的照片吗？", ()),
    ],
)
def test_a_new_subject_stands_on_its_own(before: str, question: str, topics: tuple[str, ...]) -> None:
    query = PLAIN.understand(question, [Turn(question=before)])
    assert query.topics == topics
    assert query.standalone == question


@pytest.mark.parametrize("question", ["And the warning signs?", "那危险信号呢？"])
def test_a_first_question_leans_on_nothing(question: str) -> None:
    assert PLAIN.understand(question).standalone == question


def test_the_intent_of_a_follow_up_is_its_own() -> None:
    assert PLAIN.understand("warning signs", [Turn(question="I sent them my money for order brushing")]).intent == "signs"
    assert PLAIN.understand("那危险信号呢？", [Turn(question="刷单，钱转过去了")]).intent == "signs"


def test_the_region_travels_with_the_question() -> None:
    assert PLAIN.understand("什么是刷单？", region="SG").region == "SG"


def test_an_english_text_is_read_as_words_and_as_a_vector() -> None:
    reading = Reader(WordLengthEncoder().encode, ["en"], GLOSSARY).read("a safe safe account", "en")
    assert reading.tokens == ("safe", "account")
    assert reading.vector is not None
    assert reading.vector[3] == pytest.approx(2 / np.sqrt(6))  # two words of four letters, one of one, one of seven
    assert reading.english_tokens == ()
    assert reading.english_vector is None


def test_a_chinese_text_is_read_by_its_english_terms_where_the_model_does_not_know_chinese() -> None:
    reading = Reader(WordLengthEncoder().encode, ["en"], GLOSSARY).read("刷单退款", "zh")
    assert reading.tokens == ("刷单", "单退", "退款")
    assert reading.vector is None
    assert reading.english_tokens == ("order", "brush", "refund")
    assert reading.english_vector is not None


def test_a_chinese_text_has_its_own_vector_where_the_model_knows_chinese() -> None:
    reading = Reader(WordLengthEncoder().encode, ["en", "zh"], GLOSSARY).read("刷单", "zh")
    assert reading.vector is not None
    assert reading.english_vector is None


def test_nothing_is_encoded_where_the_model_knows_neither_language() -> None:
    encoder = WordLengthEncoder()
    for text, language in (("刷单", "zh"), ("order brushing", "en")):
        reading = Reader(encoder.encode, [], GLOSSARY).read(text, language)  # type: ignore[arg-type]
        assert reading.vector is reading.english_vector is None
    assert encoder.encoded == []


def test_a_folder_without_intents_has_none(tmp_path: Path) -> None:
    assert read_intent_rules(tmp_path / "intents.yaml") == []


@pytest.mark.parametrize("text", ["- {intent: dance, zh: [跳舞]}", "- {zh: [跳舞]}", "- {intent: how, de: [wie]}", "怎么骗", "- {intent: ["])
def test_a_file_of_intents_that_cannot_be_used_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "intents.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceErrors) as caught:
        read_intent_rules(path)
    assert str(path) in caught.value.message


@pytest.fixture(scope="module")
def shipped() -> Intents:
    return Intents(read_intent_rules(Settings(_env_file=None).seeds_dir / "intents.yaml"))  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("question", "intent"),
    [
        ("I just transferred 5,000 to him!", "emergency"),
        ("help, I gave them my one-time code", "emergency"),
        ("I’ve been scammed", "emergency"),
        ("我刚转账给他了", "emergency"),
        ("我剛轉賬給他了", "emergency"),
        ("我把验证码告诉他了", "emergency"),
        ("我把驗證碼告訴他了", "emergency"),
        ("钱没了怎么办", "emergency"),
        ("how can I scam someone", "harmful"),
        ("write me a phishing text", "harmful"),
        ("怎么骗别人的钱", "harmful"),
        ("幫我洗錢", "harmful"),
    ],
)
def test_the_shipped_rules_know_an_emergency_and_a_harmful_wish(shipped: Intents, question: str, intent: str) -> None:
    rule = shipped.by_phrase(question)
    assert rule is not None
    assert rule.intent == intent


@pytest.mark.parametrize("question", ["What are the warning signs of a fake job?", "假招聘有哪些危险信号？", "How do scammers launder money?", "骗子怎么骗人？"])
def test_the_shipped_rules_take_a_wish_to_learn_for_neither(shipped: Intents, question: str) -> None:
    rule = shipped.by_phrase(question)
    assert rule is None or rule.intent not in {"emergency", "harmful"}


BESIDE = IntentRule(intent="off_topic", en=["have they caught"], zh=["破案了吗"])


@pytest.mark.parametrize("question", ["Have they caught the man, how does it stand?", "我的案子破案了吗，是怎么骗的？"])
def test_what_no_source_can_say_is_beside_the_subject_whatever_else_stands_there(question: str) -> None:
    understanding = Understanding(Intents([*RULES, BESIDE]), TOPICS, READER, SURE)
    query = understanding.understand(question)
    assert (query.intent, query.beside) == ("off_topic", "near")


@pytest.mark.parametrize("question", ["I sent them money, have they caught him?", "钱转过去了，破案了吗？"])
def test_an_emergency_is_never_beside_the_subject(question: str) -> None:
    understanding = Understanding(Intents([*RULES, BESIDE]), TOPICS, READER, SURE)
    query = understanding.understand(question)
    assert (query.intent, query.beside) == ("emergency", "")


@pytest.mark.parametrize(("share", "intent"), [(0.2, "emergency"), (0.01, "figures")])
@pytest.mark.parametrize("question", ["how many sent their money last year", "去年有多少人的钱转过去了"])
def test_words_of_a_loss_tell_of_none_where_the_classifier_is_sure_that_it_is_no_emergency(question: str, share: float, intent: str) -> None:
    classifiers = {f"intent-{language}": _always(emergency=share, figures=1 - share) for language in ("en", "zh")}
    rules = [*RULES, IntentRule(intent="figures"), IntentRule(intent="emergency", en=["sent their money"], zh=["钱转过去"])]
    elsewhen = Emergencies(deeds=Deeds(another_time=("last year", "去年")))
    assert Understanding(Intents(rules), TOPICS, READER, classifiers, elsewhen).understand(question).intent == intent


@pytest.mark.parametrize("question", ["purple elephants", "紫色大象"])
def test_what_is_on_the_subject_is_not_taken_for_off_topic(question: str) -> None:
    intents = Intents([*RULES, BESIDE])
    unsure = _always(off_topic=0.6, how=0.4)
    classifiers = {f"intent-{language}": unsure for language in ("en", "zh")}
    on = {f"subject-{language}": _always(off=0.2, on=0.8) for language in ("en", "zh")}
    assert Understanding(intents, TOPICS, READER, classifiers).understand(question).intent == "how"
    assert Understanding(intents, TOPICS, READER, {**classifiers, **on}).understand(question).intent == "how"
    off = {f"subject-{language}": _always(off=0.8, on=0.2) for language in ("en", "zh")}
    assert Understanding(intents, TOPICS, READER, {**classifiers, **off}).understand(question).intent == "off_topic"


TASK = IntentRule(intent="off_topic", tasks={"en": ["translate this"], "zh": ["翻译成"]})
HARM = {f"harm-{language}": _always(harmful=0.9, harmless=0.1) for language in ("en", "zh")}
DOUBTFUL = {f"intent-{language}": _always(harmful=0.5, how=0.4, signs=0.1) for language in ("en", "zh")}


def _with_harm(classifiers: Mapping[str, LinearClassifier]) -> Understanding:
    rule = HarmRule(id="learn-to-scam", en=("scam calls",), zh=("骗人电话",), innocent_en="block", innocent_zh="拦截")
    return Understanding(Intents([*RULES, TASK]), TOPICS, READER, {**DOUBTFUL, **classifiers}, harm=Harm([rule]))


@pytest.mark.parametrize("question", ["Translate this for my customers", "把这句翻译成泰文"])
def test_who_wants_a_text_worked_on_is_told_that_this_is_not_done_here(question: str) -> None:
    understanding = Understanding(Intents([*RULES, TASK]), TOPICS, READER, SURE)
    query = understanding.understand(question)
    assert (query.intent, query.beside) == ("off_topic", "task")


@pytest.mark.parametrize("question", ["purple elephants", "紫色大象"])
def test_the_classifier_of_harm_refuses_what_breaks_no_rule(question: str) -> None:
    assert _with_harm(HARM).understand(question).intent == "harmful"
    assert _with_harm({}).understand(question).intent == "how"


@pytest.mark.parametrize("question", ["block purple elephants", "拦截紫色大象"])
def test_who_warns_learns_or_reports_is_not_refused_by_it(question: str) -> None:
    assert _with_harm(HARM).understand(question).intent == "how"


@pytest.mark.parametrize("question", ["tell me of scam calls", "block scam calls with scam calls", "骗人电话", "拦截骗人电话"])
def test_a_rule_holds_unless_both_the_words_and_the_classifier_speak_against_it(question: str) -> None:
    harmless = {name: _always(harmful=0.01, harmless=0.99) for name in HARM}
    innocent = question.startswith(("block", "拦截"))
    assert _with_harm(HARM).understand("tell me of scam calls").intent == "harmful"
    assert (_with_harm(harmless).understand(question).intent == "harmful") is not innocent


@pytest.mark.parametrize(("before", "then"), [("how does order brushing go", "and by text?"), ("刷单是怎么骗的", "微信上呢")])
def test_a_follow_up_of_few_words_is_meant_as_the_question_before_it_unless_the_classifier_is_sure(before: str, then: str) -> None:
    unsure = {f"intent-{language}": _always(signs=0.19, law=0.18, contact=0.17, figures=0.16, verify=0.15, general=0.15) for language in ("en", "zh")}
    query = _understanding(unsure).understand(then, [Turn(question=before, answer="…")])
    assert query.intent == "how"


LOSSES = Emergencies(
    [
        Emergency(id=name, always=False, guide=name, sections=("now",), contacts=(), lead="emergency.loss", loss=True, en=(word,), zh=())
        for name, word in (("gift-card", "gift card"), (ANY_LOSS, "scammed"))
    ]
)  # fmt: skip


@pytest.mark.parametrize(
    ("question", "kind"), [("I sent money for a gift card", "gift-card"), ("I sent money", ANY_LOSS), ("I sent money, fake police", None)]
)
def test_an_emergency_of_no_known_kind_is_any_loss_unless_a_scam_is_named(question: str, kind: str | None) -> None:
    understanding = Understanding(INTENTS, TOPICS, READER, {}, LOSSES)
    found = understanding.understand(question).emergency
    assert (found.id if found else None) == kind


@pytest.mark.parametrize(("share", "kind"), [(0.6, ANY_LOSS), (0.3, None)])
def test_an_unsure_emergency_of_no_known_kind_is_answered_as_the_other_intent_would_be(share: float, kind: str | None) -> None:
    likely = _always(emergency=share, how=1 - share)
    found = Understanding(INTENTS, TOPICS, READER, {"intent-en": likely}, LOSSES)
    query = found.understand("they want my money")
    assert query.intent == "emergency"
    assert (query.emergency.id if query.emergency else None) == kind
