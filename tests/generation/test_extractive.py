"""What every generator keeps to, and how the extractive one chooses and orders the sentences of an answer."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import small_corpus
from langchain_core.documents import Document

from bot.classifier import counts_of
from bot.generation.base import Generator
from bot.generation.budget import Budget
from bot.generation.chat_model import ChatModelGenerator
from bot.generation.extractive import ExtractiveGenerator
from bot.generation.facts import asks_yes_or_no
from bot.generation.places import Places
from bot.groundedness import Guard, is_supported
from bot.passages import make_passage
from bot.prompts import load_prompt
from bot.retrieval.hybrid import Found
from bot.schema import LANGUAGES, Intent, Language
from bot.settings import Settings
from bot.store import Index, open_store
from bot.testing import ScriptedModel, WordLengthEncoder
from bot.text import detect_language, split_sentences, tokenize
from bot.understanding import Query, Reading

NOTHING = Found(passages=(), fact_passages=(), similarity=0.0, coverage=0.0)


def _query(
    question: str, intent: Intent = "general", sections: Sequence[str] = (), english: str = "", guides: Sequence[str] = ()
) -> Query:
    """A question as understanding would hand it over, read by its words alone."""
    reading = Reading(tuple(tokenize(question)), None, tuple(tokenize(english)), None, counts_of(question))
    return Query(
        question=question, standalone=question, language=detect_language(question), intent=intent, reading=reading,
        sections=tuple(sections), guides=tuple(guides),
    )  # fmt: skip


def _passage(
    *sentences: str, source_id: str = "guide", section_id: str = "what", kind: str = "guide", part: int = 1, language: Language = "en"
) -> Document:
    metadata = {
        "source_id": source_id, "kind": kind, "language": language, "publisher": "P", "url": "", "licence": "", "origin": source_id,
        "title": "标题" if language == "zh" else "Title", "date": "2026-11-01", "scam_type": "", "regions": [], "aliases": [],
        "asked_as": [], "section": section_id, "section_id": section_id, "part": part, "sentences": list(sentences),
        "sentence_references": [[] for _ in sentences], "references": {},
    }  # fmt: skip
    return make_passage(("" if language == "zh" else " ").join(sentences), metadata)


@pytest.fixture
def index_of(tmp_path: Path) -> Callable[..., Index]:
    """Publish exactly these passages and open them."""

    def publish(*passages: Document) -> Index:
        store = open_store(small_corpus.small_settings(tmp_path))
        store.publish(passages, WordLengthEncoder(), seeds_digest="")
        return store.current()

    return publish


def _found(*passages: Document) -> Found:
    return Found(passages=passages, fact_passages=(), similarity=0.5, coverage=0.5)


def _regions_in(text: str) -> frozenset[str]:
    return frozenset(code for code, names in {"GB": ("the UK", "英国"), "SG": ("Singapore", "新加坡")}.items() if any(n in text for n in names))


def _texts(index: Index, query: Query, *passages: Document) -> list[str]:
    return [draft.text for draft in ExtractiveGenerator(index).write(query, _found(*passages))]


# --- the conformance suite: every generator passes it ---


def _chat_model(*replies: Any) -> Callable[[Index, Settings], Generator]:
    def build(index: Index, settings: Settings) -> Generator:
        prompt = load_prompt("answer", settings.prompts_dir)
        budget = Budget(retry_wait_s=0.01)
        return ChatModelGenerator(ScriptedModel(replies=list(replies)), prompt, Guard(), ExtractiveGenerator(index), "test:model", budget)

    return build


def _copied(prompt: str) -> Iterator[str]:
    """The first sentence of each passage that the prompt shows, with the number of its passage; then the first one again."""
    passages = re.findall(r"^\[(\d+)\].*\n(.+)$", prompt, re.MULTILINE)
    language = detect_language(passages[0][1])
    for number, text in [*passages, passages[0]]:
        yield f"{split_sentences(text, language)[0]} [{number}] "


GENERATORS: dict[str, Callable[[Index, Settings], Generator]] = {
    "extractive": lambda index, settings: ExtractiveGenerator(index),
    "a chat model that copies": _chat_model(_copied),
    "a chat model that invents": _chat_model(["Ring 400 123 4567. [1] 警察会打这个电话。[2] Pay at once. [99]"]),
    "a chat model that cites nothing": _chat_model(["警察绝不会要你转账。"]),
    "a chat model that says nothing": _chat_model([]),
    "a chat model that is down": _chat_model([ConnectionError()]),
}
QUERIES = [
    _query("What are the warning signs of a fake police call?", "signs", ["signs"]),
    _query("冒充公安有哪些危险信号？", "signs", ["signs"]),
    _query("冒充公安有哪些危險信號？", "signs", ["signs"]),
    _query("How many cases did police solve in 2022?", "figures"),
    _query("2022年公安破获多少起案件？", "figures", english="police solved cases 2022"),
    _query("What is order brushing?", "general", ["what", "signs"]),
    _query("钱转过去了怎么办", "emergency", ["paid", "now"]),
    _query("qwertz", "law"),
]


@pytest.fixture
def small_index(small_settings: Settings) -> Index:
    return open_store(small_settings).current()


@pytest.fixture(params=GENERATORS)
def generator(request: pytest.FixtureRequest, small_index: Index, small_settings: Settings) -> Generator:
    return GENERATORS[request.param](small_index, small_settings)


def _all_of(index: Index, language: str) -> Found:
    return _found(*(p for p in index.passages.values() if p.metadata["language"] == language))


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.question)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_draft_is_a_sentence_of_its_passage_character_for_character(
    generator: Generator, small_index: Index, query: Query, language: str
) -> None:
    drafts = list(generator.write(query, _all_of(small_index, language)))
    assert drafts or query.intent != "signs"
    for draft in drafts:
        passage = small_index.passages[str(draft.passage.id)]
        assert draft.text == passage.metadata["sentences"][draft.sentence]
        assert draft.text in passage.page_content
        assert is_supported(draft)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.question)
def test_no_sentence_is_given_twice(generator: Generator, small_index: Index, query: Query) -> None:
    drafts = [(draft.passage.id, draft.sentence) for draft in generator.write(query, _all_of(small_index, query.language))]
    assert len(set(drafts)) == len(drafts)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.question)
def test_where_nothing_was_found_nothing_is_written(generator: Generator, query: Query) -> None:
    assert list(generator.write(query, NOTHING)) == []


def test_a_generator_has_a_name_and_says_who_chose_each_sentence(generator: Generator, small_index: Index) -> None:
    assert generator.name
    for query in QUERIES:
        assert {draft.writer for draft in generator.write(query, _all_of(small_index, query.language))} <= {generator.name, "extractive"}


# --- the extractive one ---


@pytest.mark.parametrize(
    ("query", "language", "sentences"),
    [
        (_query("fake police", "signs", ["signs"]), "en", [
            "An officer asks you to move money to a safe account.", "An officer shows you an arrest warrant in a chat.",
            "You are told to tell nobody.", "Hang up.", "Ring the police station on a number that you looked up yourself.",
        ]),
        (_query("fake police", "emergency", ["paid", "now"]), "en", [
            "Ring 110 and your bank at once.", "Hang up.", "Ring 96110 from another telephone.",
        ]),
        (_query("冒充公安", "emergency", ["paid", "now"]), "zh", ["马上拨打110，并联系银行。", "挂断电话。", "换一部电话拨打96110。"]),
        (_query("冒充公安", "what_to_do", ["now", "paid"]), "zh", ["挂断电话。", "换一部电话拨打96110。", "马上拨打110，并联系银行。"]),
    ],
    ids=lambda value: getattr(value, "question", None),
)  # fmt: skip
def test_the_sections_of_the_intent_are_given_in_its_order_and_in_theirs(
    small_index: Index, query: Query, language: str, sentences: list[str]
) -> None:
    first = next(
        p for p in small_index.passages.values()
        if (p.metadata["source_id"], p.metadata["language"], p.metadata["section_id"]) == ("fake-police", language, "figures")
    )  # fmt: skip
    assert _texts(small_index, query, first) == sentences


def test_the_parts_of_a_long_section_are_given_in_order(index_of: Callable[..., Index]) -> None:
    last = _passage("三号步骤。", section_id="how", part=3, language="zh")
    middle = _passage("两只老虎。", section_id="how", part=2, language="zh")
    first = _passage("一条短信。", section_id="how", part=1, language="zh")
    assert _texts(index_of(last, middle, first), _query("怎么骗", "how", ["how"]), last) == ["一条短信。", "两只老虎。", "三号步骤。"]


def test_a_guide_without_the_section_answers_with_the_sentences_that_fit_best(index_of: Callable[..., Index]) -> None:
    english, chinese = _passage("Dogs bark.", "Police ask for savings."), _passage("狗会叫。", "公安要你转存款。", language="zh")
    index = index_of(english, chinese)
    assert _texts(index, _query("police savings", "how", ["how"]), english) == ["Police ask for savings."]
    assert _texts(index, _query("公安要存款", "how", ["how"]), chinese) == ["公安要你转存款。"]


@pytest.mark.parametrize(
    ("language", "older", "newer", "question"),
    [
        ("en", "In 2021 police solved 441,000 fraud cases.", "In 2022 police solved 464,000 fraud cases.", "How many fraud cases in {}?"),
        ("zh", "2021年，公安破获诈骗案件44.1万起。", "2022年，公安破获诈骗案件46.4万起。", "{}年公安破获多少起诈骗案件？"),
    ],
)
def test_the_year_of_the_question_decides_between_sentences_alike(
    index_of: Callable[..., Index], language: Language, older: str, newer: str, question: str
) -> None:
    passage = _passage(older, newer, kind="article", language=language, section_id="")
    index = index_of(passage)
    assert _texts(index, _query(question.format(2021), "figures"), passage) == [older]
    assert _texts(index, _query(question.format(2022), "figures"), passage) == [newer]


@pytest.mark.parametrize(
    ("language", "sentence", "question"),
    [("en", "Police solved 464,000 fraud cases.", "fraud cases solved"), ("zh", "公安破获诈骗案件46.4万起。", "破获诈骗案件")],
)
def test_a_fact_is_taken_from_the_article_rather_than_from_a_guide_and_said_once(
    index_of: Callable[..., Index], language: Language, sentence: str, question: str
) -> None:
    guide = _passage(sentence, source_id="guide", language=language)
    article = _passage(sentence, source_id="news", kind="article", language=language, section_id="")
    drafts = list(ExtractiveGenerator(index_of(guide, article)).write(_query(question, "figures"), _found(guide, article)))
    assert [draft.passage.metadata["source_id"] for draft in drafts] == ["news"]


def test_a_fact_is_quoted_in_the_language_of_the_question_where_it_stands_in_both(index_of: Callable[..., Index]) -> None:
    english = _passage("Police solved 464,000 fraud cases.", source_id="en", kind="article", section_id="")
    chinese = _passage("公安破获诈骗案件46.4万起。", source_id="zh", kind="article", section_id="", language="zh")
    index = index_of(english, chinese)
    query = _query("破获诈骗案件", "figures", english="police solved fraud cases")
    assert _texts(index, query, english, chinese)[0] == "公安破获诈骗案件46.4万起。"
    assert _texts(index, query, english) == ["Police solved 464,000 fraud cases."]


@pytest.mark.parametrize(
    ("language", "claim", "truth", "question"),
    [
        ("en", "Your savings go to a safe account.", "A safe account for savings is a lie.", "safe account savings"),
        ("zh", "你的存款要转到安全账户。", "存款的安全账户是谎话。", "安全账户存款"),
    ],
)
def test_what_a_scammer_says_is_not_quoted_alone_as_a_fact(
    index_of: Callable[..., Index], language: Language, claim: str, truth: str, question: str
) -> None:
    story = _passage(claim, section_id="how", language=language)
    fact = _passage(truth, section_id="what", language=language)
    assert _texts(index_of(story, fact), _query(question), story, fact)[0] == truth


@pytest.mark.parametrize(
    ("language", "sentences", "question"),
    [
        ("en", ["Hang up and ring the bank.", "Hang up, and ring the bank!", "Tell a friend."], "now"),
        ("zh", ["挂断电话，联系银行。", "挂断电话，再联系银行！", "告诉朋友。"], "现在"),
    ],
)
def test_a_sentence_that_says_hardly_more_than_one_before_it_is_left_out(
    index_of: Callable[..., Index], language: Language, sentences: list[str], question: str
) -> None:
    passage = _passage(*sentences, section_id="now", language=language)
    assert _texts(index_of(passage), _query(question, "what_to_do", ["now"]), passage) == [sentences[0], sentences[2]]


# Words that share nothing, so that no sentence repeats another.
_NUMBERED = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split()


def test_an_english_answer_has_at_most_eight_sentences_and_about_120_words(index_of: Callable[..., Index]) -> None:
    query = _query("now", "what_to_do", ["now"])
    short = _passage(*(f"Keep {word}." for word in _NUMBERED), section_id="now")
    assert _texts(index_of(short), query, short) == [f"Keep {word}." for word in _NUMBERED[:8]]
    long = [" ".join(f"{word}{letter}" for letter in "abcdefghijklmnopqrstuvwxyzabcdefghijklmn") + "." for word in _NUMBERED]
    fits = _passage(*long, section_id="now", source_id="long")
    assert _texts(index_of(fits), query, fits) == long[:3]  # forty words each


def test_a_chinese_answer_has_about_220_characters(index_of: Callable[..., Index]) -> None:
    sentences = ["".join(chr(0x4E00 + 100 * row + place) for place in range(100)) + "。" for row in range(4)]
    passage = _passage(*sentences, section_id="now", language="zh")
    assert _texts(index_of(passage), _query("现在", "what_to_do", ["now"]), passage) == sentences[:2]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_first_sentence_over_the_budget_is_given_whole(index_of: Callable[..., Index], language: Language) -> None:
    endless = "字词" * 200 + "。" if language == "zh" else " ".join(f"word{n}" for n in range(200)) + "."
    passage = _passage(endless, "短。" if language == "zh" else "Short.", section_id="now", language=language)
    question = "现在" if language == "zh" else "now"
    assert _texts(index_of(passage), _query(question, "what_to_do", ["now"]), passage) == [endless]


def test_who_asks_whom_to_ring_is_answered_from_the_guide_that_says_so(index_of: Callable[..., Index]) -> None:
    guide = _passage("反诈专线是96110。", source_id="how-to-report", language="zh")
    other = _passage("骗子说客服专线是12345。", source_id="fake-customer-service", language="zh")
    query = _query("反诈专线打什么电话", "contact", guides=["how-to-report"])
    assert _texts(index_of(guide, other), query, other) == ["反诈专线是96110。"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_guide_that_has_the_section_asked_for_answers_before_a_nearer_one_without_it(
    index_of: Callable[..., Index], language: Language
) -> None:
    nearer = _passage("What it is.", source_id="overview", language=language)
    signs = _passage("A first sign.", "A second sign.", source_id="guide", section_id="signs", language=language)
    index = index_of(nearer, signs)
    question = "which signs" if language == "en" else "有哪些信号"
    assert _texts(index, _query(question, "signs", ["signs"]), nearer, signs) == ["A first sign.", "A second sign."]


def test_a_rule_settles_a_question_rather_than_what_a_scam_is_or_a_figure(index_of: Callable[..., Index]) -> None:
    passage = _passage("假警察诈骗是指有人假扮警察叫你转账。", "警察绝不会叫你转账。", language="zh")
    figures = _passage("2024年警察说不少人转账。", section_id="figures", language="zh")
    texts = _texts(index_of(passage, figures), _query("警察会叫我转账吗", "verify", ["check"]), passage, figures)
    assert texts[0] == "警察绝不会叫你转账。"


def test_real_is_not_the_first_word_to_who_asks_whether_something_is_real(index_of: Callable[..., Index]) -> None:
    passage = _passage("真的：银行不会叫你转到安全账户。", "没有安全账户，安全账户不是真的，绝不要信。", language="zh")
    assert _texts(index_of(passage), _query("安全账户是真的吗", "verify", ["check"]), passage)[0].startswith("没有安全账户")


def test_whether_something_is_allowed_is_settled_by_the_law_though_it_was_not_found(index_of: Callable[..., Index]) -> None:
    found = _passage("借银行卡的人多是学生，没有收入。", language="zh")
    law = _passage("把银行卡借给朋友是违法的。", source_id="law", language="zh")
    query = _query("银行卡借给朋友违法吗", "law", guides=["law"])
    assert _texts(index_of(found, law), query, found)[0] == "把银行卡借给朋友是违法的。"


@pytest.mark.parametrize("question", ["怎么核实电话是真的", "如何看出邮件是不是真的，有什么办法"])
def test_how_to_find_out_is_not_a_question_of_yes_or_no_unless_it_also_asks_whether(question: str) -> None:
    assert asks_yes_or_no(question, "zh") is ("是不是" in question)


# --- places ---

PLACES = {
    "en": ("Keep your receipts.", "In the UK, ring 159.", "In Singapore, ring 1799.", "Whom do I ring?"),
    "zh": ("票据都要留好。", "在英国，打159。", "在新加坡，打1799。", "该打给谁？"),
}  # fmt: skip


@pytest.fixture(params=LANGUAGES)
def reporting(request: pytest.FixtureRequest, index_of: Callable[..., Index]) -> tuple[ExtractiveGenerator, Found, str, tuple[str, ...]]:
    """A guide on reporting: one passage of no place, one of two places; the question, and the sentences."""
    language: Language = request.param
    general, british, singaporean, question = PLACES[language]
    first = _passage(general, source_id="how-to-report", language=language)
    second = _passage(british, singaporean, source_id="how-to-report", section_id="uk-singapore", part=2, language=language)
    generator = ExtractiveGenerator(index_of(first, second), Places(_regions_in))
    return generator, _found(first, second), question, (general, british, singaporean)


@pytest.mark.parametrize(("region", "place"), [("GB", 1), ("SG", 2)])
def test_whom_to_ring_is_told_of_the_place_and_of_no_other(
    reporting: tuple[ExtractiveGenerator, Found, str, tuple[str, ...]], region: str, place: int
) -> None:
    generator, found, question, said = reporting
    query = replace(_query(question, "contact", guides=["how-to-report"]), region=region)
    assert [draft.text for draft in generator.write(query, found)] == [said[place]]


def test_where_the_place_is_unknown_no_numbers_of_several_places_are_told(
    reporting: tuple[ExtractiveGenerator, Found, str, tuple[str, ...]]
) -> None:
    generator, found, question, said = reporting
    assert [draft.text for draft in generator.write(_query(question, "contact", guides=["how-to-report"]), found)] == [said[0]]


def test_a_place_in_the_question_counts_for_more_than_where_the_visitor_is(
    reporting: tuple[ExtractiveGenerator, Found, str, tuple[str, ...]]
) -> None:
    generator, found, question, said = reporting
    query = replace(_query(f"{question} (Singapore)", "contact", guides=["how-to-report"]), region="GB")
    assert [draft.text for draft in generator.write(query, found)] == [said[2]]


def test_a_section_is_told_without_what_holds_elsewhere_and_whole_where_nothing_holds(index_of: Callable[..., Index]) -> None:
    general, british, singaporean, _ = PLACES["en"]
    passage = _passage(general, british, singaporean, section_id="now")
    generator = ExtractiveGenerator(index_of(passage), Places(_regions_in))
    query = _query("what now", "what_to_do", ["now"])
    assert [draft.text for draft in generator.write(query, _found(passage))] == [general, british, singaporean]
    assert [draft.text for draft in generator.write(replace(query, region="SG"), _found(passage))] == [general, singaporean]
    foreign = _passage(british, section_id="now", source_id="foreign")
    generator = ExtractiveGenerator(index_of(foreign), Places(_regions_in))
    assert [draft.text for draft in generator.write(replace(query, region="SG"), _found(foreign))] == [british]
