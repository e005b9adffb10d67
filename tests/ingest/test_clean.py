"""What is cleaned away on the way in, and what is never taken for furniture."""

from pathlib import Path

import pytest

from ingest.clean import clean_sections
from ingest.loaders import Block, Loaded, Section, load

SEEDS = Path(__file__).parents[2] / "seeds"
ARTICLE = SEEDS / "articles" / "000_0172bb7b802cefc3.txt"
GIVEN = Path(__file__).parents[3] / "shared" / "seed-article" / ARTICLE.name
TITLE = "Political and legal organ of CPC vows to crack down on telecommunications fraud, internet gambling"


def cleaned(*lines: str, title: str = "News", publisher: str = "The Daily Example") -> list[str]:
    section = Section("", "", tuple(Block(line) for line in lines))
    return [block.text for part in clean_sections([section], title=title, publisher=publisher) for block in part.blocks]


def seed_article() -> Loaded:
    return load(ARTICLE.read_bytes(), ".txt")


def test_the_seed_article_begins_with_its_first_sentence_and_ends_with_its_last() -> None:
    [section] = clean_sections(seed_article().sections, title=TITLE, publisher="Global Times")
    assert section.blocks[0].text.startswith("China will severely crack down on telecommunications fraud")
    assert section.blocks[-1].text.endswith("involved in telecommunications fraud, the report said.")


def test_caption_dateline_and_masthead_of_the_seed_article_are_gone_and_nothing_else() -> None:
    before = [block.text for block in seed_article().sections[0].blocks]
    after = [block.text for block in clean_sections(seed_article().sections, title=TITLE, publisher="Global Times")[0].blocks]
    gone = [text for text in before if " ".join(text.split()) not in after]
    assert [text[:24] for text in gone] == [TITLE[:24], "Published: Jul 30, 2023 ", "A police volunteer instr", "A police volunteer instr", "Global Times"]


@pytest.mark.skipif(not GIVEN.is_file(), reason="The article as given is not on this machine.")
def test_the_file_of_the_seed_article_is_as_given_byte_for_byte() -> None:
    assert ARTICLE.read_bytes() == GIVEN.read_bytes()


@pytest.mark.parametrize(
    "line",
    [
        "Published: Jul 30, 2023 11:38 PM",
        "发布时间：2023-07-30 23:38",
        "来源：环球时报",
        "Photo: IC",
        "A student on May 16, 2023. Photo: VCG",
        "民警在学校讲课。图/新华社",
        "（图片：新华社）",
        "THE DAILY EXAMPLE",
        "《News》",
        "———",
        "　",
    ],
)
def test_furniture_is_taken_away(line: str) -> None:
    assert cleaned(line, "不要转账。") == ["不要转账。"]


@pytest.mark.parametrize(
    "line",
    [
        'The fake police show you a uniform on video, or a warrant with your photo: "Look, your arrest order."',
        'The caller wants the numbers or a photo: "Read me the back of the card."',
        "Do not send a photo: they will use it.",
        "假领导发来一张伪造的转账截图：“钱已经打给你了，你帮我转过去。”",
        "他们的意图：骗走你的钱。",
        "来源：骗子从哪里得到你的号码？他们买来的。",
        "The news is out.",
    ],
)
def test_a_sentence_is_never_taken_for_furniture(line: str) -> None:
    assert cleaned(line) == [line]


def test_a_line_that_comes_again_is_kept_once() -> None:
    assert cleaned("Hang up.", "不要转账。", "Hang up.", "不要转账") == ["Hang up.", "不要转账。"]


def test_a_block_becomes_one_line_with_single_spaces() -> None:
    assert cleaned("Hang\u00a0 up\n at   once.", "　不要转账。 ") == ["Hang up at once.", "不要转账。"]


def test_characters_that_nobody_sees_are_gone() -> None:
    assert cleaned("Ha\u00adng\u200b u\u202ep\ud800.", "不要\x00转\ufeff账。") == ["Hang up.", "不要转账。"]


def test_a_section_without_text_is_left_out() -> None:
    sections = [Section("图", "", (Block("图片：新华社"),)), Section("正文", "", (Block("不要转账。"),))]
    assert [section.title for section in clean_sections(sections, title="News", publisher="P")] == ["正文"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_line_of_a_shipped_guide_is_lost(language: str) -> None:
    for path in sorted((SEEDS / "guides" / language).glob("*.md")):
        loaded = load(path.read_bytes(), ".md")
        kept = clean_sections(loaded.sections, title=loaded.front_matter["title"], publisher="Ringwise")
        count = sum(len(section.blocks) for section in loaded.sections)
        assert sum(len(section.blocks) for section in kept) == count, path.name
