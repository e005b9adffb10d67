"""The two languages of a guide say the same: same guides, sections, front matter, numbers, months and sums of money."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from bot.contacts_in_text import Knows, without_contacts
from bot.errors import SourceProblem
from bot.schema import LANGUAGES, Language
from ingest.guides import Guide
from ingest.numbers import Numbers, numbers_in

_SAME_FACTS = ("scam_type", "regions", "audiences", "signals")


def check_pairs(guides: Iterable[Guide], knows: Knows) -> Iterator[SourceProblem]:
    by_id: defaultdict[str, dict[Language, Guide]] = defaultdict(dict)
    for guide in guides:
        by_id[guide.facts.id][guide.language] = guide
    for pair in by_id.values():
        if missing := [language for language in LANGUAGES if language not in pair]:
            only = next(iter(pair.values()))
            yield only.problem(f"has no counterpart in {missing[0]}.", f"Write guides/{missing[0]}/{only.facts.id}.md.")
        else:
            yield from _differences(pair, knows)


def _differences(pair: Mapping[Language, Guide], knows: Knows) -> Iterator[SourceProblem]:
    english, chinese = pair["en"], pair["zh"]
    for name in _SAME_FACTS:
        here, there = getattr(chinese.facts, name), getattr(english.facts, name)
        if here != there:
            yield chinese.problem(f"has `{name}: {here}`, the English guide `{name}: {there}`.", "Make them the same.")
    if english.section_ids != chinese.section_ids:
        reason = f"has the sections {', '.join(chinese.section_ids)}; the English guide {', '.join(english.section_ids)}."
        yield chinese.problem(reason, "Give both the same sections in the same order.")
    yield from _unmatched(english, chinese, knows)
    yield from _unmatched(chinese, english, knows)


def _unmatched(guide: Guide, other: Guide, knows: Knows) -> Iterator[SourceProblem]:
    """What stands in figures here and nowhere in the other language; whom to ring may differ."""
    there = _numbers_of(other)
    for block in guide.blocks():
        here = numbers_in(without_contacts(block.text, knows), guide.language)
        missing = [_shown(value) for value in sorted(here.figures - there.figures - there.words)]
        missing += [f"month {month}" for month in sorted(here.months - there.months)]
        missing += _other_currencies(here, there)
        if missing:
            mend = "Say it in both languages, in figures, or leave it out."
            yield guide.problem(f"{'; '.join(missing)}: not in the {other.language} guide.", mend, block)


def _other_currencies(here: Numbers, there: Numbers) -> list[str]:
    """Sums that the other language gives too, but in another currency; it may leave a currency out: "$5 to $10", "5到10美元"."""
    pairs = [(value, names, there.currencies.get(value)) for value, names in here.currencies.items()]
    return [f"{_shown(value)} {'/'.join(sorted(names))}" for value, names, found in pairs if found and not names & found]


def _shown(value: Decimal) -> str:
    """As a reader would search for it: 2025, but 46,400."""
    whole = value.normalize()
    return f"{whole:,f}" if whole >= 10_000 else f"{whole:f}"


def _numbers_of(guide: Guide) -> Numbers:
    each = [numbers_in(block.text, guide.language) for block in guide.blocks()]
    currencies: defaultdict[Decimal, frozenset[str]] = defaultdict(frozenset)
    for numbers in each:
        for value, names in numbers.currencies.items():
            currencies[value] |= names
    return Numbers(
        frozenset[Decimal]().union(*(numbers.figures for numbers in each)),
        frozenset[int]().union(*(numbers.months for numbers in each)),
        frozenset[Decimal]().union(*(numbers.words for numbers in each)),
        dict(currencies),
    )
