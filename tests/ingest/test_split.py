"""Passages: whole sentences under one heading, none longer than the embedding model reads."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.documents import Document

from bot.embeddings import Encoder, load_embeddings
from bot.passages import searchable_text
from bot.schema import Language
from bot.settings import Settings
from bot.testing import WordLengthEncoder
from ingest.loaders import Block, LoadError, Section, load
from ingest.split import split_sections

SEEDS = Path(__file__).parents[2] / "seeds"
WORDS = WordLengthEncoder()
# A long sentence of clauses: 18 × 6 words.
CLAUSES = [f"clause {number} has six words here," for number in range(18)]


def split(
    *blocks: str | Block, language: Language = "en", max_tokens: int = 256, title: str = "T", section: str = "S", encoder: Encoder = WORDS
) -> list[Document]:
    made = tuple(block if isinstance(block, Block) else Block(block) for block in blocks)
    return split_sections([Section(section, "", made)], facts(language, title), encoder.count_tokens, max_tokens)


def facts(language: Language, title: str = "T") -> dict[str, object]:
    return {"title": title, "language": language, "kind": "article", "references": {"k1": {}, "k2": {}}}


def sentences(passages: Sequence[Document]) -> list[str]:
    return [sentence for passage in passages for sentence in passage.metadata["sentences"]]


def test_a_short_section_is_one_passage_of_its_sentences() -> None:
    [passage] = split("Hang up. Ring 110.", "Tell a friend.")
    assert passage.metadata["sentences"] == ["Hang up.", "Ring 110.", "Tell a friend."]
    assert passage.page_content == "Hang up. Ring 110.\nTell a friend."


def test_chinese_sentences_stand_close_and_paragraphs_apart() -> None:
    [passage] = split("马上挂断。拨打110。", "告诉家人。", language="zh")
    assert passage.metadata["sentences"] == ["马上挂断。", "拨打110。", "告诉家人。"]
    assert passage.page_content == "马上挂断。拨打110。\n告诉家人。"


def test_each_section_has_passages_of_its_own() -> None:
    sections = [Section("What to do now", "", (Block("Hang up."),)), Section("怎么核实", "", (Block("拨打96110。"),))]
    passages = split_sections(sections, facts("en"), WORDS.count_tokens, 256)
    assert [(p.metadata["section"], p.metadata["section_id"]) for p in passages] == [("What to do now", "now"), ("怎么核实", "check")]


def test_a_long_section_is_cut_between_sentences_into_parts_of_about_one_length() -> None:
    passages = split(" ".join(f"Sentence number {n} has six words." for n in range(30)), max_tokens=100)
    assert sentences(passages) == [f"Sentence number {n} has six words." for n in range(30)]
    sizes = [len(passage.metadata["sentences"]) for passage in passages]
    assert len(sizes) == 3
    assert max(sizes) - min(sizes) <= 2


def test_each_sentence_keeps_its_references_and_a_passage_all_of_its_own() -> None:
    [passage] = split(Block("Hang up. Ring 110.", 1, ("k1",)), Block("不要转账。", 2, ("k2", "k1")))
    assert passage.metadata["sentence_references"] == [["k1"], ["k1"], ["k2", "k1"]]
    assert set(passage.metadata["references"]) == {"k1", "k2"}


def test_an_over_long_sentence_is_cut_at_its_clauses() -> None:
    pieces = sentences(split(" ".join(CLAUSES), max_tokens=70))
    assert len(pieces) == 2
    assert all(piece.endswith("here,") for piece in pieces)
    assert " ".join(pieces) == " ".join(CLAUSES)


def test_an_over_long_chinese_sentence_is_cut_at_its_clauses_and_nothing_is_added() -> None:
    sentence = "，".join(f"第 {number} 句说 WeChat 群里的人都是骗子" for number in range(40)) + "。"
    pieces = sentences(split(sentence, language="zh", max_tokens=80))
    assert len(pieces) > 1
    assert all(piece.endswith(("，", "。")) for piece in pieces)
    assert "".join(pieces) == sentence


def test_a_sentence_without_clauses_is_cut_between_words() -> None:
    sentence = " ".join(f"word{number}" for number in range(200))
    assert " ".join(sentences(split(sentence, max_tokens=80))) == sentence


@pytest.mark.parametrize("title", ["word " * 250, "很 长 的 标 题 " * 60])
def test_a_heading_that_leaves_no_room_for_text_is_a_problem(title: str) -> None:
    with pytest.raises(LoadError, match="too long"):
        split("Hang up.", section=title)


def test_the_same_text_gives_the_same_ids_and_another_text_others() -> None:
    ids = [passage.id for passage in split("不要转账。", language="zh")]
    assert ids == [passage.id for passage in split("不要转账。", language="zh")]
    assert ids != [passage.id for passage in split("不要转账！", language="zh")]
    assert ids != [passage.id for passage in split("不要转账。", language="zh", title="另一个标题")]


@given(text=st.text(alphabet="ab ,;.!“”，。；！？刷单骗 \n1", max_size=400), language=st.sampled_from(["en", "zh"]), room=st.integers(70, 100))
@settings(max_examples=150, deadline=None)
def test_whatever_the_text_every_sentence_stands_in_its_passage_and_no_character_is_lost(text: str, language: Language, room: int) -> None:
    passages = split(text, language=language, max_tokens=room)
    for passage in passages:
        assert all(sentence in passage.page_content for sentence in passage.metadata["sentences"])
        assert WORDS.count_tokens(searchable_text(passage)) <= room
    assert "".join("".join(sentences(passages)).split()) == "".join(text.split())


# --- with the word pieces of the real model ---


@pytest.fixture(scope="module")
def real() -> Encoder:
    return load_embeddings(Settings(_env_file=None))  # type: ignore[call-arg]


@pytest.mark.slow
@pytest.mark.parametrize("pattern", ["articles/*.txt", "guides/en/*.md", "guides/zh/*.md"])
def test_no_passage_of_the_shipped_sources_exceeds_what_the_model_reads(real: Encoder, pattern: str) -> None:
    language: Language = "zh" if "/zh/" in pattern else "en"
    for path in sorted(SEEDS.glob(pattern)):
        loaded = load(path.read_bytes(), path.suffix)
        title = str(loaded.front_matter.get("title", path.stem))
        sections = [Section(s.title, s.anchor, tuple(Block(block.text) for block in s.blocks)) for s in loaded.sections]
        passages = split_sections(sections, facts(language, title), real.count_tokens, real.max_tokens)
        assert max(real.count_tokens(searchable_text(passage)) for passage in passages) <= 256 == real.max_tokens


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "language"),
    [
        (" ".join(CLAUSES) * 20, "en"),
        ("antidisestablishmentarianism" * 200, "en"),
        ("https://example.org/?" + "a=b&" * 500, "en"),
        ("对方说你的名字牵涉洗钱案" * 100, "zh"),
        ("对方说：“你的名字牵涉洗钱案，马上转账。”" * 60, "zh"),
        ("刷单 scam 群 " * 300, "zh"),
    ],
)
def test_no_passage_of_an_odd_text_exceeds_what_the_model_reads(real: Encoder, text: str, language: Language) -> None:
    passages = split(text, language=language, encoder=real)
    assert max(real.count_tokens(searchable_text(passage)) for passage in passages) <= 256
