"""The last gate: no number and no address that nobody vouches for."""

import pytest
from langchain_core.documents import Document

from bot.contact_gate import ContactGate
from bot.contacts import load_contacts
from bot.passages import make_passage
from bot.settings import load_settings


@pytest.fixture(scope="module")
def gate() -> ContactGate:
    return ContactGate(load_contacts(load_settings().seeds_dir / "contacts.yaml"))


def _passage(url: str, *references: str) -> Document:
    cited = {str(n): {"publisher": "P", "title": "T", "url": link, "date": "2026"} for n, link in enumerate(references)}
    return make_passage("…", {"url": url, "references": cited})


@pytest.mark.parametrize(
    "text",
    ["Ring 96110.", "请拨打96110。", "Report it at ic3.gov.", "In the UK ring 159.", "They lost 464,000 yuan in 2022.", "2022年破案46.4万起。",
     "It took 120 days.", "One in 3 is 65 years old."],
)  # fmt: skip
def test_known_contacts_and_mere_figures_pass(gate: ContactGate, text: str) -> None:
    assert gate.lets_through(text)


@pytest.mark.parametrize(
    ("text", "unknown"),
    [("Ring 400-123-4567 now.", "400-123-4567"), ("请拨打400-123-4567。", "400-123-4567"), ("Call +44 20 7946 0000.", "+44 20 7946 0000"),
     ("Log in at secure-bank.example now.", "secure-bank.example"), ("登录 https://anquan-zhanghu.example/login 。", "anquan-zhanghu.example"),
     ("Go to ic3.gov.evil.example.", "ic3.gov.evil.example")],
)  # fmt: skip
def test_a_contact_that_nobody_vouches_for_is_stopped(gate: ContactGate, text: str, unknown: str) -> None:
    assert gate.unknown_in(text) == [unknown]


def test_a_link_of_the_cited_source_passes_and_only_with_that_source(gate: ContactGate) -> None:
    text = "See www.example.org/report."
    assert gate.lets_through(text, _passage("https://example.org/page"))
    assert gate.lets_through(text, _passage("", "https://www.example.org/other"))
    assert not gate.lets_through(text, _passage("https://example.com/"))
