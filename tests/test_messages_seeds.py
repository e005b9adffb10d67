"""The example messages are well formed, told for every scam type in both languages, and split so that no near copy stands on both sides."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from bot.settings import load_settings
from bot.text import simplify
from ingest.guides import read_guides

SEEDS = load_settings().seeds_dir
FEWEST_PER_LABEL = 600
FEWEST_TEMPLATES = 350
FEWEST_PER_TYPE = 4
FEWEST_OPENERS = 60
FEWEST_CALLS = 70
MOST_PER_TEMPLATE = 2
# Templates that were written later, by others, to be learnt from; what is measured stayed as it was.
FOR_LEARNING = ("w3-", "w4-", "w5-")
# Two texts that share this much of their runs of five characters read as copies of each other.
NEAR_COPY = 0.6
RUN = 5
# RFC 2606 and RFC 5737: names and addresses that nobody can own.
RESERVED_HOST = re.compile(r"(^|\.)(example|example\.(com|org|net))$|^(192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3}$")
LINK_HOST = re.compile(r"https?://([^\s/:]+)|(?<![a-z0-9.-])((?:[a-z0-9-]+\.)+[a-z]{2,})(?![a-z0-9.]*@)", re.IGNORECASE)
FILE_NAME = re.compile(r"\.(apk|xlsx)$", re.IGNORECASE)
# Ofcom's and the NANPA's numbers for drama; the Chinese, and all others, are made plainly invalid by their noughts.
LONG_NUMBER = re.compile(r"(?<![\dA-Za-z*])\d(?:[ ()-]{0,2}\d){8,}(?!\d)")
FICTION_NUMBER = re.compile(
    r"^(02079460\d{3}|01614960\d{3}|07700900\d{3}|20255501\d\d|1380000\d{4}|400000\d{4}|0900000\d{3}|\d{1,3}0000\d{3})$"
)

Kind = Literal[
    "", "opener", "otp", "debit_alert", "delivery", "appointment", "court_service", "school_fee", "job_offer", "police_warning",
    "bank_warning", "marketing", "receipt", "travel", "utility", "family", "work", "government", "account_notice", "telecom",
]  # fmt: skip


class Message(BaseModel):
    """One example message, as a line of seeds/messages/*.jsonl."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: str = Field(pattern=r"^(scam|genuine)-(en|zh)-\d{3,4}$")
    text: str = Field(min_length=4, max_length=900)
    label: Literal["scam", "genuine"]
    hard: bool
    language: Literal["en", "zh"]
    channel: Literal["sms", "email", "chat", "call", "ad"]
    scam_type: str
    kind: Kind
    template: str = Field(min_length=1)
    split: Literal["dev", "test"]


def read_messages(path: Path) -> list[Message]:
    return [Message.model_validate_json(line) for line in path.read_text(encoding="utf-8").splitlines()]


SCAM = read_messages(SEEDS / "messages" / "scam.jsonl")
GENUINE = read_messages(SEEDS / "messages" / "genuine.jsonl")
EVERY = SCAM + GENUINE
SCAM_TYPES = {guide.facts.scam_type for guide in read_guides(SEEDS)[0] if guide.facts.scam_type}
LABELS = pytest.mark.parametrize("messages", [SCAM, GENUINE], ids=["scam", "genuine"])
LANGUAGES = pytest.mark.parametrize("language", ["en", "zh"])


def runs(text: str) -> frozenset[str]:
    plain = re.sub(r"\s+", " ", text.casefold())
    return frozenset(plain[start : start + RUN] for start in range(max(1, len(plain) - RUN + 1)))


def hosts(text: str) -> Iterator[str]:
    for match in LINK_HOST.finditer(text):
        host = next(part for part in match.groups() if part).lower().rstrip(".")
        if not FILE_NAME.search(host):
            yield host


def test_every_message_has_an_id_and_a_text_of_its_own():
    assert len({message.id for message in EVERY}) == len({message.text for message in EVERY}) == len(EVERY)


def test_each_file_holds_one_label_and_each_id_tells_it():
    assert {message.label for message in SCAM} == {"scam"}
    assert {message.label for message in GENUINE} == {"genuine"}
    assert all(message.id.startswith(f"{message.label}-{message.language}-") for message in EVERY)


@LABELS
def test_there_are_600_messages_of_350_templates_half_of_them_chinese(messages: list[Message]):
    assert len(messages) >= FEWEST_PER_LABEL
    assert len({message.template for message in messages}) >= FEWEST_TEMPLATES
    chinese = sum(message.language == "zh" for message in messages) / len(messages)
    assert 0.45 <= chinese <= 0.55


@LABELS
def test_one_chinese_message_in_ten_to_four_is_in_traditional_characters(messages: list[Message]):
    chinese = [message.text for message in messages if message.language == "zh"]
    assert 0.1 <= sum(simplify(text) != text for text in chinese) / len(chinese) <= 0.25


@LANGUAGES
def test_every_scam_type_is_told_four_times_and_measured_at_least_once(language: str):
    told = Counter(message.scam_type for message in SCAM if message.language == language)
    measured = {message.scam_type for message in SCAM if message.language == language and message.split == "test"}
    assert set(told) == SCAM_TYPES == measured
    assert min(told.values()) >= FEWEST_PER_TYPE


@LANGUAGES
def test_openers_ask_for_nothing_with_a_link(language: str):
    openers = [message for message in SCAM if message.kind == "opener" and message.language == language]
    assert len(openers) >= FEWEST_OPENERS
    assert [message.id for message in openers if list(hosts(message.text))] == []


@LANGUAGES
def test_scams_and_genuine_messages_come_by_the_same_channels(language: str):
    scam = Counter(message.channel for message in SCAM if message.language == language)
    genuine = Counter(message.channel for message in GENUINE if message.language == language)
    assert set(scam) == set(genuine)
    assert scam["call"] >= FEWEST_CALLS
    assert genuine["call"] >= scam["call"] / 3


def test_half_to_seven_in_ten_of_the_genuine_messages_are_hard_and_only_they_are():
    assert 0.5 <= sum(message.hard for message in GENUINE) / len(GENUINE) <= 0.7
    assert not any(message.hard for message in SCAM)


def test_a_kind_or_a_scam_type_is_told_on_its_own_side_only():
    assert {message.kind for message in SCAM} == {"", "opener"}
    assert not {message.kind for message in GENUINE} & {"", "opener"}
    assert not any(message.scam_type for message in GENUINE)


@LABELS
def test_a_template_stands_on_one_side_of_the_split_and_a_third_are_measured_but_for_those_to_learn_from_alone(messages: list[Message]):
    sides: defaultdict[str, set[str]] = defaultdict(set)
    for message in messages:
        sides[message.template].add(message.split)
    assert all(len(split) == 1 for split in sides.values())
    assert max(Counter(message.template for message in messages).values()) <= MOST_PER_TEMPLATE
    parted = {name: split for name, split in sides.items() if not name.startswith(FOR_LEARNING)}
    assert 0.3 <= sum(split == {"test"} for split in parted.values()) / len(parted) <= 0.37
    assert {split for name, found in sides.items() if name not in parted for split in found} <= {"dev"}


@LANGUAGES
def test_no_near_copy_stands_on_both_sides_of_the_split(language: str):
    told = [(message, runs(message.text)) for message in EVERY if message.language == language]
    learnt, measured = ([row for row in told if row[0].split == split] for split in ("dev", "test"))
    copies = [
        (one.id, other.id)
        for (one, these), (other, those) in product(learnt, measured)
        if len(these & those) >= NEAR_COPY * len(these | those)
    ]
    assert copies == []


def test_every_link_and_address_leads_nowhere():
    assert [(message.id, host) for message in EVERY for host in hosts(message.text) if not RESERVED_HOST.search(host)] == []


def test_every_long_telephone_number_belongs_to_nobody():
    living = [
        (message.id, number)
        for message in EVERY
        for number in LONG_NUMBER.findall(message.text)
        if not FICTION_NUMBER.search(re.sub(r"\D", "", number))
    ]
    assert living == []
