"""The glossary turns a Chinese question into the English terms that it is searched for."""

from pathlib import Path

import pytest

from bot.errors import SourceErrors
from bot.glossary import Glossary, Term, load_glossary
from bot.settings import Settings

GLOSSARY = Glossary(
    [
        Term(zh=["诈骗"], en=["scam", "fraud"]),
        Term(zh=["电信诈骗", "电诈"], en=["telecom fraud"]),
        Term(zh=["破获"], en=["solved"]),
        Term(zh=["案件"], en=["cases"]),
        Term(zh=["骗案"], en=["fraud", "cases"]),
    ]
)


@pytest.mark.parametrize(
    ("question", "english"),
    [
        ("电信诈骗", "telecom fraud"),
        ("电诈", "telecom fraud"),
        ("诈骗", "scam fraud"),
        ("网络诈骗案件", "scam fraud cases"),
        ("電信詐騙", "telecom fraud"),
        ("破獲案件", "solved cases"),
    ],
)
def test_the_longest_term_wins_in_either_script(question: str, english: str) -> None:
    assert GLOSSARY.to_english(question) == english


def test_digits_and_latin_words_stay_where_they_stood() -> None:
    assert GLOSSARY.to_english("2022年破获多少案件") == "2022 solved cases"
    assert GLOSSARY.to_english("WhatsApp诈骗") == "whatsapp scam fraud"
    assert GLOSSARY.to_english("诈骗 WhatsApp") == "scam fraud whatsapp"
    assert GLOSSARY.to_english("拨打96110") == "96110"
    assert GLOSSARY.to_english("９６１１０") == "96110"


def test_a_term_is_given_once_however_often_it_is_said() -> None:
    assert GLOSSARY.to_english("诈骗，骗案，诈骗") == "scam fraud cases"


@pytest.mark.parametrize("question", ["", "今天天气怎么样？", "。！？"])
def test_a_question_without_a_known_term_gives_nothing(question: str) -> None:
    assert GLOSSARY.to_english(question) == ""


def test_an_empty_glossary_knows_digits_only() -> None:
    assert Glossary([]).to_english("2022年诈骗") == "2022"


def test_a_folder_without_a_glossary_has_an_empty_one(tmp_path: Path) -> None:
    assert load_glossary(tmp_path / "glossary.yaml").to_english("诈骗") == ""


@pytest.mark.parametrize("text", ["- {zh: [诈骗]}", "- {zh: 诈骗, en: [scam]}", "- {zh: [诈骗], en: [scam], de: [Betrug]}", "诈骗", "- {zh: ["])
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "glossary.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceErrors) as caught:
        load_glossary(path)
    assert str(path) in caught.value.message


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "glossary.yaml"
    path.write_bytes("- {zh: [刷单返利], en: [order brushing]}".encode("gbk"))
    with pytest.raises(SourceErrors, match=r"glossary\.yaml"):
        load_glossary(path)


@pytest.mark.parametrize(("question", "word"), [("2022年破获了多少起电信诈骗案？", "solved"), ("河南电視台的調查", "Henan")])
def test_the_shipped_glossary_leads_from_chinese_questions_to_the_seed_article(question: str, word: str) -> None:
    english = load_glossary(Settings(_env_file=None).seeds_dir / "glossary.yaml").to_english(question)  # type: ignore[call-arg]
    assert word.lower() in english.lower()
