"""Each check of the seeds lets sound knowledge pass and names what is wrong, with file, line, reason and mend."""

import datetime
from pathlib import Path

import pytest

from bot.contacts_in_text import telephone_numbers
from bot.errors import SourceProblem
from ingest.checks import check_seeds
from ingest.numbers import numbers_in

TODAY = datetime.date(2026, 11, 23)
EN, ZH = "guides/en/fake-police.md", "guides/zh/fake-police.md"

GUIDE = """\
---
id: fake-police
title: {title}
scam_type: fake-police
aliases: [{title}]
regions: [ALL]
audiences: [public]
signals: [safe-account]
updated: 2026-11-01
---
{body}"""
ENGLISH = """\
## What it is
- Fake police frighten you into sending money. [mps22]

## How it works
1. A caller says that your card is part of a crime. [mps22]
2. The fake officer wants all your money in one account. [mps22]

## Warning signs
- The caller wants money in a "safe account". [mps22]
- An arrest order comes by chat. [mps22]
- You must keep the case secret. [mps22]
- The caller forbids you to hang up. [mps22]
- The caller wants your screen. [mps22]

## What to do now
- Hang up. [mps22]

## If you have already paid or shared something
- In mainland China, ring 96110, or 110. [mps22]

## How to check
- In Singapore, see gov.sg; in the US, ic3.gov. [sgpolice]

## Figures
- Singapore lost S$1.1 billion to twelve gangs in May 2025, and 46,400 cases cost ¥3.5 million. [sgpolice]
"""
CHINESE = """\
## 这是什么
- 假警察吓唬你，骗你转钱。 [mps22]

## 怎么骗
1. 来电说你的卡涉案。 [mps22]
2. 假警察要你把钱集中到一张卡。 [mps22]

## 危险信号
- 对方要你转到“安全账户”。 [mps22]
- 逮捕令用聊天软件发来。 [mps22]
- 对方要你保密。 [mps22]
- 对方不准你挂电话。 [mps22]
- 对方要看你的屏幕。 [mps22]

## 现在怎么做
- 挂断电话。 [mps22]

## 已经付款或泄露信息
- 在中国大陆，打110。 [mps22]

## 怎么核实
- 在新加坡看 gov.sg，在美国看 ic3.gov。 [sgpolice]

## 数据
- 2025年5月，新加坡被12个团伙骗走11亿新元，4.64万起案件损失350万日元。 [sgpolice]
"""
ENTRY = "{{publisher: P, title: T, url: '{url}', date: '2025', tier: A, language: en, checked_on: '2026-11-01'}}\n"
CONTACT = (
    "- {{id: {id}, region: CN, kind: antifraud, value: '{value}', label: {{en: L, zh: 线}}, hours: null, note: null, never: [], "
    "source: mps22, also: [], checked_on: '2026-11-01', verified_on: null, confidence: high}}\n"
)
FILES = {
    EN: GUIDE.format(title="Fake police", body=ENGLISH),
    ZH: GUIDE.format(title="假警察", body=CHINESE),
    "bibliography.yaml": f"mps22: {ENTRY.format(url='https://www.mps.gov.cn/n1')}sgpolice: {ENTRY.format(url='https://police.gov.sg/n2')}",
    "contacts.yaml": (
        "regions: {CN: {en: China, zh: 中国}}\ncontacts:\n"
        + "".join(CONTACT.format(id=f"c{n}", value=value) for n, value in enumerate(["96110", "110", "0300 123 2040", "https://www.ic3.gov"]))
        + "lookalikes: [{value: 96ll0.cc, imitates: '96110', why: {en: W, zh: 因}, source: mps22}]\n"
        "do_not_use: [{value: '155260', why: {en: W, zh: 因}, source: mps22}]\n"
    ),
    "signals.yaml": (
        "- id: safe-account\n  name: {en: Safe account, zh: 安全账户}\n  why: {en: None exists., zh: 没有这种账户。}\n"
        "  scam_types: [fake-police]\n  guide: fake-police\n  weight: 3\n  references: [mps22]\n"
    ),
    "intents.yaml": "- {intent: signs, guides: [fake-police], en: [warning signs], zh: [危险信号]}\n",
    "glossary.yaml": "- {zh: [骗局], en: [scam]}\n",
    "evals/guides.yaml": "- {id: a, question: 怎么办, language: zh, answerable: true, sources: [fake-police], sections: [now], split: dev}\n",
    "articles/news.txt": "In Myanmar, criminal groups often lure people from other lands with a promise of high salaries.\n记者冒着生命危险调查了一百二十天。\n",
    "sources.yaml": "sources:\n- {path: guides/en/*.md, kind: guide, publisher: R, language: en, licence: L}\n",
}


class Seeds:
    """A folder of sound seeds that a test spoils in one place."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def change(self, name: str, old: str, new: str) -> "Seeds":
        text = (self.folder / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))
        return self

    def line(self, name: str, part: str) -> int:
        lines = (self.folder / name).read_text(encoding="utf-8").splitlines()
        return next(number for number, line in enumerate(lines, start=1) if part in line)

    def problems(self, today: datetime.date = TODAY, facts: Path | None = None) -> list[SourceProblem]:
        return check_seeds(self.folder, today, facts)

    def only_problem(self) -> SourceProblem:
        problems = self.problems()
        assert len(problems) == 1, [str(problem) for problem in problems]
        return problems[0]


@pytest.fixture
def seeds(tmp_path: Path) -> Seeds:
    return Seeds(tmp_path / "seeds")


def test_sound_seeds_have_no_problem(seeds: Seeds) -> None:
    assert [str(problem) for problem in seeds.problems()] == []


def test_a_problem_says_file_line_reason_and_mend(seeds: Seeds) -> None:
    problem = seeds.change(ZH, "- 挂断电话。 [mps22]", "- 挂断电话。").only_problem()
    line = seeds.line(ZH, "挂断电话")
    assert str(problem) == f"{seeds.folder / ZH}:{line}: “挂断电话。” has no source. End it with [key] or [key, key]."


# --- files that can be read ---


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        (ZH, "audiences: [public]", "readers: [public]", "has front matter that does not fit (audiences: Field required; readers:"),
        (EN, "updated: 2026-11-01", "updated: soon", "has front matter that does not fit (updated:"),
        (EN, "id: fake-police\ntitle", "id: other\ntitle", "has the id other."),
        (ZH, "---\nid", "--\nid", "has front matter that does not fit"),
        ("sources.yaml", "kind: guide", "kind: book", "the field `kind` is wrong"),
        ("bibliography.yaml", "tier: A, ", "", "entry mps22 has a wrong or missing field: tier."),
        ("contacts.yaml", "confidence: high", "confidence: sure", "c0: the field `confidence` is wrong"),
        ("signals.yaml", "weight: 3", "weight: 9", "the sign safe-account has a wrong field `weight`"),
        ("signals.yaml", "zh: 没有这种账户。", "zh: ''", "the sign safe-account has a wrong field `why.zh`"),
        ("signals.yaml", "- id: safe-account", "id: safe-account\nx:", "is not"),
        ("glossary.yaml", "en: [scam]", "fr: [arnaque]", "cannot be used"),
        ("intents.yaml", "intent: signs", "intent: gossip", "cannot be used"),
        ("evals/guides.yaml", "language: zh", "language: 中文", "cannot be used"),
    ],
)
def test_a_file_that_does_not_fit_is_named(seeds: Seeds, name: str, old: str, new: str, reason: str) -> None:
    problems = seeds.change(name, old, new).problems()
    assert any(reason in problem.reason and Path(problem.where).name == Path(name).name for problem in problems), problems


def test_a_file_that_cannot_be_read_hides_what_hangs_on_it(seeds: Seeds) -> None:
    seeds.change("bibliography.yaml", "tier: A, ", "").change(ZH, "- 挂断电话。 [mps22]", "- 挂断电话。")
    assert {Path(problem.where).name for problem in seeds.problems()} == {"bibliography.yaml"}


# --- one guide ---


def test_a_section_that_is_missing_or_out_of_order_is_named(seeds: Seeds) -> None:
    seeds.change(ZH, "## 怎么核实", "## 怎么分辨 {#how-to-tell}").change(EN, "## How to check", "## How to tell {#how-to-tell}")
    problems = seeds.problems()
    assert [problem.reason for problem in problems] == ["does not have the sections of a guide about a scam."] * 2
    assert "危险信号 · 现在怎么做" in problems[1].mend


def test_a_heading_without_an_id_is_named(seeds: Seeds) -> None:
    for name in (EN, ZH):
        seeds.change(name, "scam_type: fake-police", "scam_type: null")
    seeds.change("signals.yaml", "scam_types: [fake-police]", "scam_types: [other]")
    problems = seeds.change(ZH, "## 数据", "## 数字").problems()
    assert any("the heading “数字” has no id." in problem.reason for problem in problems)


@pytest.mark.parametrize("count", [4, 9])
def test_a_guide_about_a_scam_has_five_to_eight_warning_signs(seeds: Seeds, count: int) -> None:
    sign = "- 对方要看你的屏幕。 [mps22]\n"
    signs = "- 对方不准你挂电话。 [mps22]\n" + sign
    changed = sign if count == 4 else signs + "".join(f"- 对方要看你的屏幕{'啊' * n}。 [mps22]\n" for n in range(1, 5))
    assert seeds.change(ZH, signs, changed).only_problem().reason == f"has {count} warning signs."


def test_a_stage_without_a_number_is_named(seeds: Seeds) -> None:
    problem = seeds.change(ZH, "2. 假警察要你", "\n- 假警察要你").only_problem()
    assert problem.reason == "a stage of the scam is not numbered."
    assert problem.line == seeds.line(ZH, "假警察要你把钱集中")


def test_a_guide_is_to_be_checked_again_after_a_year(seeds: Seeds) -> None:
    year_later = datetime.date(2027, 11, 1)
    assert seeds.problems(year_later) == []
    problems = seeds.problems(year_later + datetime.timedelta(days=1))
    assert [problem.reason for problem in problems] == ["was last updated on 2026-11-01, more than a year ago."] * 2


# --- two languages ---


@pytest.mark.parametrize(("kept", "lost"), [(EN, ZH), (ZH, EN)])
def test_a_guide_in_one_language_only_is_named(seeds: Seeds, kept: str, lost: str) -> None:
    (seeds.folder / lost).unlink()
    seeds.change("sources.yaml", "guides/en/*.md", Path(kept).as_posix())
    problem = seeds.only_problem()
    assert problem.where == str(seeds.folder / kept)
    assert problem.mend == f"Write {lost}."


def test_sections_differ_between_the_languages(seeds: Seeds) -> None:
    problems = seeds.change(ZH, "## 怎么核实", "## 怎么分辨 {#how-to-tell}").problems()
    assert any("how-to-tell, figures; the English guide" in problem.reason for problem in problems)


@pytest.mark.parametrize(("old", "new"), [("regions: [ALL]", "regions: [CN]"), ("audiences: [public]", "audiences: [teens]")])
def test_front_matter_differs_between_the_languages(seeds: Seeds, old: str, new: str) -> None:
    assert seeds.change(ZH, old, new).only_problem().mend == "Make them the same."


@pytest.mark.parametrize(
    ("name", "old", "new", "missing"),
    [
        (ZH, "11亿新元", "12亿新元", ["1,100,000,000", "1,200,000,000"]),
        (ZH, "4.64万起", "4.6万起", ["46,400", "46,000"]),
        (EN, "¥3.5 million", "¥3.5 billion", ["3,500,000,000", "3,500,000"]),
        (EN, "46,400 cases", "46,401 cases", ["46,401", "46,400"]),
        (ZH, "2025年", "2024年", ["2025", "2024"]),
        (ZH, "5月", "6月", ["month 5", "month 6"]),
        (EN, "in May 2025", "in March 2025", ["month 3", "month 5"]),
        (ZH, "12个团伙", "13个团伙", ["13"]),
    ],
)
def test_a_number_or_month_of_one_language_is_missing_in_the_other(
    seeds: Seeds, name: str, old: str, new: str, missing: list[str]
) -> None:
    reasons = " ".join(problem.reason for problem in seeds.change(name, old, new).problems())
    assert all(f"{value}: not in" in reasons or f"{value}; " in reasons for value in missing), reasons


def test_a_sum_in_another_currency_is_named(seeds: Seeds) -> None:
    reasons = [problem.reason for problem in seeds.change(ZH, "11亿新元", "11亿美元").problems()]
    assert reasons == ["1,100,000,000 SGD: not in the zh guide.", "1,100,000,000 USD: not in the en guide."]


def test_the_missing_number_is_named_with_its_line(seeds: Seeds) -> None:
    problem = seeds.change(EN, "46,400 cases", "46,400 cases of 77").only_problem()
    assert problem.line == seeds.line(EN, "46,400 cases")


def test_whom_to_ring_may_differ_between_the_languages(seeds: Seeds) -> None:
    seeds.change(ZH, "打110。", "打110，咨询96110，也可以打0300 123 2040，看 www.ic3.gov/2024。")
    assert seeds.problems() == []


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("464,000 cases", "46.4万起案件"),
        ("$12.5 billion", "125亿美元"),
        ("S$913.1 million", "9.131亿新元"),
        ("NT$2.52 billion", "25.2亿新台币"),
        ("HK$7.39 billion", "73.9亿港元"),
        ("328.8 billion yuan", "3288亿元"),
        ("£629.3 million", "6.293亿英镑"),
        ("over 10 million people", "1000多万人"),
        ("2 trillion won", "2万亿韩元"),
        ("on 4 December 2025", "2025年12月4日"),
        ("January to November 2025", "2025年1至11月"),
        ("You may ask in May.", "5月可以问。"),
        ("May 2024 was worse.", "2024年5月更糟。"),
        ("36.4%", "36.4%"),
    ],
)
def test_figures_are_the_same_in_both_ways_of_writing(english: str, chinese: str) -> None:
    here, there = numbers_in(english, "en"), numbers_in(chinese, "zh")
    assert (here.figures, here.months) == (there.figures, there.months)
    assert here.currencies == there.currencies


@pytest.mark.parametrize(("english", "chinese"), [("three days", "3天"), ("24 hours, twelve days", "24小时，12天"), ("a call", "1个电话")])
def test_small_numbers_may_be_words(english: str, chinese: str) -> None:
    here, there = numbers_in(english, "en"), numbers_in(chinese, "zh")
    assert there.figures <= here.figures | here.words


# --- names and keys ---


@pytest.mark.parametrize(
    ("name", "old", "new", "user"),
    [
        (ZH, "- 挂断电话。 [mps22]", "- 挂断电话。 [mps22, mps99]", "“挂断电话。” cites [mps99]"),
        ("signals.yaml", "references: [mps22]", "references: [mps99]", "the sign safe-account cites [mps99]"),
        ("contacts.yaml", "id: c1, region: CN, kind: antifraud, value: '110', label: {en: L, zh: 线}, hours: null, note: null, never: [], source: mps22",
         "id: c1, region: CN, kind: antifraud, value: '110', label: {en: L, zh: 线}, hours: null, note: null, never: [], source: mps99", "the contact c1 cites [mps99]"),
        ("contacts.yaml", "also: []", "also: [mps99]", "the contact c0 cites [mps99]"),
        ("contacts.yaml", "imitates: '96110', why: {en: W, zh: 因}, source: mps22", "imitates: '96110', why: {en: W, zh: 因}, source: mps99", "96ll0.cc cites [mps99]"),
        ("contacts.yaml", "value: '155260', why: {en: W, zh: 因}, source: mps22", "value: '155260', why: {en: W, zh: 因}, source: mps99", "155260 cites [mps99]"),
    ],
)  # fmt: skip
def test_a_key_that_the_bibliography_does_not_have_is_named(seeds: Seeds, name: str, old: str, new: str, user: str) -> None:
    problems = seeds.change(name, old, new).problems()
    assert any(problem.reason.startswith(user) and Path(problem.where).name == Path(name).name for problem in problems), problems


def test_a_key_that_nothing_cites_is_named_with_its_line(seeds: Seeds) -> None:
    seeds.write("bibliography.yaml", f"{FILES['bibliography.yaml']}unused: {ENTRY.format(url='https://example.org/')}")
    problem = seeds.only_problem()
    assert problem.reason == "nothing cites [unused]."
    assert problem.line == seeds.line("bibliography.yaml", "unused")


@pytest.mark.parametrize("address", ["https://www.mps.gov.cn/{MESSAGE-SETTINGS}", "www.mps.gov.cn", "https://mps gov cn/", "https://www.mps.gov.cn/<id>"])
def test_a_source_with_an_address_that_nobody_can_open_is_named(seeds: Seeds, address: str) -> None:
    problem = seeds.change("bibliography.yaml", "https://www.mps.gov.cn/n1", address).only_problem()
    assert problem.reason == f"[mps22] has the address {address}, which nobody can open."


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        (ZH, "signals: [safe-account]", "signals: [secrecy]", "names the sign secrecy, which signals.yaml does not have."),
        ("signals.yaml", "scam_types: [fake-police]", "scam_types: [fake-boss]", "the sign safe-account names the scam type fake-boss, which no guide has."),
        ("signals.yaml", "guide: fake-police", "guide: fake-boss", "the sign safe-account names the guide fake-boss, which no guide has."),
        ("intents.yaml", "guides: [fake-police]", "guides: [fake-boss]", "the intent signs names the guide fake-boss, which no guide has."),
        ("signals.yaml", FILES["signals.yaml"], FILES["signals.yaml"] * 2, "the id safe-account stands 2 times."),
    ],
)
def test_a_name_that_stands_nowhere_else_is_named(seeds: Seeds, name: str, old: str, new: str, reason: str) -> None:
    assert reason in [problem.reason for problem in seeds.change(name, old, new).problems()]


# --- telephone numbers and addresses ---


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        (EN, "ring 96110, or 110.", "ring 96110, or 112.", "the telephone number 112 is not in contacts.yaml."),
        (ZH, "打110。", "打113。", "the telephone number 113 is not in contacts.yaml."),
        (ZH, "打110。", "打0300 123 2041。", "the telephone number 0300 123 2041 is not in contacts.yaml."),
        (EN, "Hang up.", "Write to +86-10-12308.", "the telephone number +86-10-12308 is not in contacts.yaml."),
        (EN, "Hang up.", "The hotline is 155260.", "the telephone number 155260 is not in contacts.yaml."),
        (EN, "Hang up.", "Visit https://mps-safe.example/login now.", "the web address mps-safe.example is neither"),
        (ZH, "挂断电话。", "请看 96ll0.cc。", "the web address 96ll0.cc is neither"),
        (EN, "ic3.gov", "ic3.gov.example.com", "the web address ic3.gov.example.com is neither"),
        (EN, "gov.sg", "fire.gov.sg", "the web address fire.gov.sg is neither"),
    ],
)
def test_a_number_or_address_that_no_register_has_is_named(seeds: Seeds, name: str, old: str, new: str, reason: str) -> None:
    problems = seeds.change(name, old, new).problems()
    assert any(problem.reason.startswith(reason) and problem.line for problem in problems), problems


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ring 96110.", ["96110"]),
        ("Ring 96110, then 0300 123 2040.", ["0300 123 2040", "96110"]),
        ("Ring 0300 123 2040, or 999: both help.", ["0300 123 2040", "999"]),
        ("打96110，或者打110。", ["96110", "110"]),
        ("举报：英国打0300 123 2040，澳门打8800 7777。", ["0300 123 2040", "8800 7777"]),
        ("Police took 939 calls in 2024 and 2025, and lost $5,000.", []),
        ("2025年1月至11月有939宗电话骗案，损失770万元，每宗772英镑。", []),
        ("An unknown caller from +222 rings once.", []),
        ("诈骗电话500次、短信5,000条就够得上犯罪。", []),
        ("Between 2020-2025 and on 2025-12-04 the call line grew by 12.5%.", []),
    ],
)
def test_numbers_to_ring_are_told_from_counts_years_and_sums(text: str, found: list[str]) -> None:
    assert [match.group() for match in telephone_numbers(text, lambda value: False)] == found


def test_a_known_number_is_one_even_where_it_looks_like_a_count() -> None:
    assert [match.group() for match in telephone_numbers("Call 110 straight away.", lambda value: value == "110")] == ["110"]


# --- our own words ---


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (EN, "- Hang up. [mps22]", "- In Myanmar, criminal groups often lure people from other lands with a promise of high salaries. [mps22]"),
        (EN, "- Hang up. [mps22]", "- Criminal groups often lure people from other lands with the promise of high salaries! [mps22]"),
        (ZH, "- 挂断电话。 [mps22]", "- 记者冒着生命危险，調查了一百二十天！ [mps22]"),
    ],
)
def test_a_line_that_is_nearly_one_of_an_article_is_named(seeds: Seeds, name: str, old: str, new: str) -> None:
    problem = seeds.change(name, old, new).only_problem()
    assert "is nearly a copy of" in problem.reason
    assert "news.txt" in problem.reason
    assert problem.line == seeds.line(name, new)


def test_a_line_that_tells_the_same_in_other_words_is_no_copy(seeds: Seeds) -> None:
    seeds.change(EN, "- Hang up. [mps22]", "- Gangs in Myanmar draw people in with talk of good pay. [mps22]")
    seeds.change(ZH, "- 挂断电话。 [mps22]", "- 几位记者卧底查了很久。 [mps22]")
    assert seeds.problems() == []


def test_notes_of_facts_are_not_copied_where_they_are_at_hand(seeds: Seeds, tmp_path: Path) -> None:
    facts = tmp_path / "facts"
    facts.mkdir()
    (facts / "types.md").write_text("- 假警察吓唬你，骗你转钱。 [MPS22]\n- The caller wants money in a \"safe account\" [MPS22]\n", encoding="utf-8")
    assert seeds.problems() == []
    where = [(Path(problem.where).parent.name, problem.reason) for problem in seeds.problems(facts=facts)]
    assert [language for language, _ in where] == ["en", "zh"]
    assert all("types.md" in reason for _, reason in where)
