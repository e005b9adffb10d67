"""The hybrid retriever: words and meaning together, in the language of the question, lifted to the section that is asked for."""

from collections.abc import Callable
from pathlib import Path

import pytest
import small_corpus
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from bot.glossary import Glossary, Term
from bot.retrieval.hybrid import Found, HybridRetriever
from bot.retrieval.langchain_retriever import LangChainRetriever
from bot.schema import Language
from bot.settings import Settings
from bot.store import Index, open_store
from bot.testing import WordLengthEncoder
from bot.understanding import Intents, Reader, Topics, Understanding, read_intent_rules

GLOSSARY = Glossary([Term(zh=["河南"], en=["Henan"]), Term(zh=["记者"], en=["reporters"]), Term(zh=["卧底"], en=["undercover"])])


def _retriever(index: Index, seeds: Path, results: int = 8) -> HybridRetriever:
    intents = Intents(read_intent_rules(seeds / "intents.yaml"))
    reader = Reader(WordLengthEncoder().encode, index.manifest.languages, GLOSSARY)
    understanding = Understanding(intents, Topics(index.passages.values()), reader, {})
    return HybridRetriever(index=index, understanding=understanding, results=results)


@pytest.fixture(scope="module", params=["", "en", "en,zh"], ids=["by words", "by English vectors", "by vectors of both"])
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The small corpus, published for an embedding model that knows neither, one or both of its languages."""
    folder = tmp_path_factory.mktemp("hybrid")
    small_corpus.write_small_seeds(folder / "seeds")
    settings = small_corpus.small_settings(folder, embedding_languages=request.param)
    small_corpus.publish(settings)
    return settings


@pytest.fixture(scope="module")
def retriever(settings: Settings) -> HybridRetriever:
    return _retriever(open_store(settings).current(), settings.seeds_dir)


Ask = Callable[..., Found]


@pytest.fixture(scope="module")
def find(retriever: HybridRetriever) -> Ask:
    return lambda question: retriever.find(retriever.understanding.understand(question))


def _facts(passage: Document, *names: str) -> tuple[str, ...]:
    return tuple(passage.metadata[name] for name in names)


def test_it_is_a_retriever_as_langchain_knows_it(retriever: HybridRetriever, find: Ask) -> None:
    as_langchain = LangChainRetriever(hybrid=retriever)
    assert isinstance(as_langchain, BaseRetriever)
    for question in ("What are the warning signs of a fake police call?", "冒充公安有哪些危险信号？"):
        assert as_langchain.invoke(question) == list(find(question).passages)


@pytest.mark.parametrize(
    ("question", "source", "section", "language"),
    [
        ("What are the warning signs of a fake police call?", "fake-police", "signs", "en"),
        ("What should I do about order brushing?", "order-brushing", "now", "en"),
        ("冒充公安有哪些危险信号？", "fake-police", "signs", "zh"),
        ("冒充公安有哪些危險信號？", "fake-police", "signs", "zh"),
        ("刷单怎么办？", "order-brushing", "now", "zh"),
    ],
)
def test_the_section_that_is_asked_for_of_the_guide_that_is_named_comes_first(
    find: Ask, question: str, source: str, section: str, language: Language
) -> None:
    assert _facts(find(question).passages[0], "source_id", "section_id", "language") == (source, section, language)


@pytest.mark.parametrize(
    ("question", "source"),
    [("they pay me for liking videos", "order-brushing"), ("自称警察的人要我转移存款", "fake-police"), ("自稱警察的人要我轉移存款", "fake-police")],
)
def test_a_guide_is_found_by_the_words_in_which_people_tell_what_happened(find: Ask, question: str, source: str) -> None:
    assert find(question).passages[0].metadata["source_id"] == source


@pytest.mark.parametrize(("question", "source"), [("Fake police call: tell me more", "fake-police"), ("说说刷单返利诈骗", "order-brushing")])
def test_a_whole_title_in_the_question_names_its_guide_beyond_doubt(find: Ask, question: str, source: str) -> None:
    assert find(question).passages[0].metadata["source_id"] == source


def test_an_english_question_finds_english_passages_only(find: Ask) -> None:
    for question in ("What is a safe account?", "Henan reporters", "order brushing 2023"):
        found = find(question)
        assert {p.metadata["language"] for p in (*found.passages, *found.fact_passages)} == {"en"}


def test_a_chinese_question_finds_a_source_that_exists_in_english_only(find: Ask) -> None:
    found = find("河南记者卧底")
    assert "news" in [p.metadata["source_id"] for p in found.passages]
    assert "news" in [p.metadata["source_id"] for p in found.fact_passages]


def test_a_chinese_question_is_given_no_english_passage_of_a_guide_that_exists_in_chinese(find: Ask) -> None:
    for question in ("冒充公安有哪些危险信号？", "河南记者卧底", "刷单"):
        found = find(question)
        english = {p.metadata["source_id"] for p in (*found.passages, *found.fact_passages) if p.metadata["language"] == "en"}
        assert english <= {"news"}


def test_a_fact_is_looked_for_in_every_source(find: Ask) -> None:
    texts = [p.page_content for p in find("How many fraud cases were solved in 2022?").fact_passages]
    assert "464,000" in texts[0]


@pytest.mark.parametrize("question", ["What is a safe account?", "什么是安全账户？", "Henan reporters 2022", "河南记者", "xyzzy", "量子力学"])
def test_no_passage_is_given_twice_and_the_figures_lie_between_0_and_1(find: Ask, question: str) -> None:
    found = find(question)
    for passages in (found.passages, found.fact_passages):
        ids = [passage.id for passage in passages]
        assert len(set(ids)) == len(ids)
    assert len(found.passages) <= 8
    assert 0 <= found.coverage <= 1
    assert -1e-6 <= found.similarity <= 1 + 1e-6


@pytest.mark.parametrize("question", ["order brushing job", "刷单返利"])
def test_a_question_whose_words_all_stand_in_the_guide_is_covered_whole(find: Ask, question: str) -> None:
    assert find(question).coverage == pytest.approx(1)


@pytest.mark.parametrize(("half", "whole"), [("brushing zeppelin", "brushing"), ("刷单，量子", "刷单")])
def test_words_that_no_guide_has_lower_the_coverage(find: Ask, half: str, whole: str) -> None:
    assert 0 < find(half).coverage < find(whole).coverage


def test_more_than_one_guide_is_offered_where_several_fit(find: Ask) -> None:
    for question in ("Who pays the police for orders and savings?", "警察让我刷单转存款"):
        assert {"fake-police", "order-brushing"} <= {p.metadata["source_id"] for p in find(question).passages}


@pytest.mark.parametrize("question", ["What is a safe account?", "什么是安全账户？"])
def test_the_number_of_passages_is_a_setting(settings: Settings, question: str) -> None:
    index = open_store(settings).current()
    one = _retriever(index, settings.seeds_dir, results=1)
    assert len(one.find(one.understanding.understand(question)).passages) == 1


@pytest.mark.parametrize("question", ["What is a safe account?", "什么是安全账户？"])
def test_finding_is_the_same_each_time(find: Ask, question: str) -> None:
    assert find(question) == find(question)


def test_the_nearest_text_in_meaning_has_a_similarity_of_one(tmp_path: Path) -> None:
    small_corpus.write_small_seeds(tmp_path / "seeds")
    settings = small_corpus.small_settings(tmp_path, embedding_languages="en,zh")
    retriever = _retriever(small_corpus.publish(settings).current(), settings.seeds_dir)
    for phrase in ("they pay me for liking videos", "自称警察的人要我转移存款"):
        assert retriever.find(retriever.understanding.understand(phrase)).similarity == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("question", ["What is a safe account?", "什么是安全账户？"])
def test_an_empty_index_gives_nothing(tmp_path: Path, question: str) -> None:
    small_corpus.write_small_seeds(tmp_path / "seeds")
    settings = small_corpus.small_settings(tmp_path)
    store = open_store(settings)
    store.publish([], WordLengthEncoder(), seeds_digest="")
    retriever = _retriever(store.current(), settings.seeds_dir)
    found = retriever.find(retriever.understanding.understand(question))
    assert found == Found(passages=(), fact_passages=(), similarity=0.0, coverage=0.0)
