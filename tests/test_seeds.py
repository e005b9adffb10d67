"""The shipped knowledge is in order, complete, and written for everyone."""

from pathlib import Path

import pytest
import textstat

from bot.contacts import load_contacts
from bot.settings import load_settings
from bot.signals.catalog import load_signs
from ingest.checks import check_seeds
from ingest.guides import Guide, read_guides

SEEDS = load_settings().seeds_dir
GUIDES, UNREADABLE = read_guides(SEEDS)
# Flesch-Kincaid grade 7 is read at the age of 12.
HIGHEST_GRADE = 7.0


def test_the_seeds_pass_every_check():
    facts = Path(__file__).parents[2] / "shared" / "facts"
    day = max(guide.facts.updated for guide in GUIDES)  # age alone shall not break a build; `ringwise sync --check` tells of it
    assert [str(problem) for problem in check_seeds(SEEDS, today=day, facts=facts)] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_there_are_at_least_80_guides_in_each_language(language):
    assert not UNREADABLE
    assert sum(guide.language == language for guide in GUIDES) >= 80


def test_there_are_at_least_69_scam_types_with_aliases_as_people_say_them():
    types = [guide for guide in GUIDES if guide.facts.scam_type and guide.language == "zh"]
    assert len(types) >= 69
    said = {alias for guide in GUIDES for alias in guide.facts.aliases}
    assert {"刷单", "杀猪盘", "安全账户", "pig butchering"} <= {alias.lower() for alias in said}


def test_contacts_cover_31_regions_and_each_has_someone_to_ring():
    book = load_contacts(SEEDS / "contacts.yaml")
    assert len(book.regions) >= 31
    assert all(book.all(region) for region in book.regions)


def test_there_are_at_least_60_named_signs_in_both_languages():
    signs = load_signs(SEEDS / "signals.yaml")
    assert len(signs) >= 60
    assert all(sign.name.en and sign.name.zh and sign.why.en and sign.why.zh for sign in signs)


@pytest.mark.parametrize("guide", [g for g in GUIDES if g.language == "en"], ids=lambda guide: guide.facts.id)
def test_an_english_guide_is_read_at_the_age_of_12(guide: Guide):
    text = "\n".join(block.text if block.text.endswith((".", "?", "!", '"')) else f"{block.text}." for block in guide.blocks())
    reader = getattr(textstat, "textstat", textstat)
    assert reader.flesch_kincaid_grade(text) <= HIGHEST_GRADE


def test_the_seed_article_is_kept_as_it_was_given():
    kept = SEEDS / "articles" / "000_0172bb7b802cefc3.txt"
    given = Path(__file__).parents[2] / "shared" / "seed-article" / kept.name
    assert "464,000 cases" in kept.read_text(encoding="utf-8")
    if given.is_file():
        assert kept.read_bytes() == given.read_bytes()
