"""The suite of the message checker: how many scams it names, how often it alarms for nothing, and how far its scores can be trusted.

The checker learns from the development split of seeds/messages; its figures on the test split hold for templates that it has not seen.
Two baselines stand beside it in the same run: one that calls everything a scam, and one that looks for plain keywords.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from bot.assistant import Assistant
from bot.evals.suite import Figure, Outcome, SuiteReport
from bot.judgement import Judgement
from bot.message_checker import MessageChecker
from bot.messages import Message, read_messages
from bot.settings import Settings
from bot.store import open_store
from bot.text import normalize
from bot.yaml_text import read_yaml

SUITE = "messages"
# What the checker is held to, on messages never seen.
NAMED_SCAMS, STRONG_SCAMS, FALSE_ALARMS, SPARED = 0.90, 0.70, 0.02, 0.0
# Kinds of genuine messages that must never be called scams.
NEVER_ALARMED = ("police_warning", "otp")
# By what they lead to.
OPENERS = {
    "romance": {"online-romance", "romance-baiting", "wrong-number", "nude-chat-blackmail"},
    "job": {"fake-job", "task-scam", "order-brushing", "scam-compound-job"},
    "investment": {"fake-investment", "celebrity-deepfake"},
}
BINS = 10


@dataclass(frozen=True)
class Judged:
    """A message and what the checker made of it."""

    message: Message
    verdict: str
    score: float
    signs: tuple[str, ...]

    @property
    def is_scam(self) -> bool:
        return self.message.label == "scam"

    @property
    def is_strong(self) -> bool:
        return self.verdict == "strong_signs"

    @property
    def is_named(self) -> bool:
        return self.verdict != "no_known_signs" and bool(self.signs)


def run(assistant: Assistant, settings: Settings) -> SuiteReport:
    """Judge every example; the figures hold for one language and split each."""
    checker = MessageChecker(settings, open_store(settings))
    judged = [judge(message, checker.judge) for message in read_messages(settings.seeds_dir)]
    keywords = read_keywords(settings.seeds_dir / "evals" / "messages" / "keywords.yaml")
    return SuiteReport(suite=SUITE, figures=list(figures(judged, keywords)), outcomes=[outcome(row) for row in judged])


def judge(message: Message, checker: Callable[[str], Judgement]) -> Judged:
    judgement = checker(message.text)
    return Judged(message, judgement.kind, judgement.score, tuple(mark.sign for mark in judgement.marks))


def read_keywords(path: Path) -> Mapping[str, list[str]]:
    return read_yaml(path, TypeAdapter(dict[str, list[str]])) if path.is_file() else {}


def figures(judged: Sequence[Judged], keywords: Mapping[str, list[str]]) -> Iterator[Figure]:
    """Every figure of the suite; the floors of the issue stand on the test split."""
    groups: defaultdict[tuple[str, str], list[Judged]] = defaultdict(list)
    for row in judged:
        groups[(row.message.language, row.message.split)].append(row)
    for (language, split), rows in sorted(groups.items()):
        yield from _main(f"{language} {split}", rows, tested=split == "test")
        yield from _baselines(f"{language} {split}", rows, keywords.get(language, []))
        yield from _openers(f"{language} {split}", rows)
        yield from _by(f"{language} {split}", rows, "channel")
        yield from _by(f"{language} {split}", rows, "scam_type")


def _main(group: str, rows: Sequence[Judged], *, tested: bool) -> Iterator[Figure]:
    scams = [row for row in rows if row.is_scam]
    hard = [row for row in rows if not row.is_scam and row.message.hard]
    easy = [row for row in rows if not row.is_scam and not row.message.hard]
    spared = [row for row in rows if row.message.kind in NEVER_ALARMED]
    yield _share(group, "scams named", scams, lambda row: row.is_named, floor=NAMED_SCAMS if tested else None)
    yield _share(group, "scams strong", scams, lambda row: row.is_strong, floor=STRONG_SCAMS if tested else None)
    yield _share(group, "hard genuine strong", hard, lambda row: row.is_strong, ceiling=FALSE_ALARMS if tested else None)
    yield _share(group, "easy genuine strong", easy, lambda row: row.is_strong)
    yield _share(group, "warnings and codes strong", spared, lambda row: row.is_strong, ceiling=SPARED if tested else None)
    yield _share(group, "cannot tell, scams", scams, lambda row: row.verdict == "cannot_tell")
    yield _share(group, "cannot tell, genuine", [*hard, *easy], lambda row: row.verdict == "cannot_tell")
    yield Figure(group=group, name="calibration error", value=calibration_error(rows), cases=len(rows))
    for low, count, mean, share in bins(rows):
        name = f"scams where the score is {low:.1f} to {low + 1 / BINS:.1f} (mean {mean:.2f})"
        yield Figure(group=group, name=name, value=share, cases=count)


def _baselines(group: str, rows: Sequence[Judged], words: Sequence[str]) -> Iterator[Figure]:
    def has_keyword(row: Judged) -> bool:
        text = normalize(row.message.text)
        return any(word in text for word in words)

    scams, genuine = [row for row in rows if row.is_scam], [row for row in rows if not row.is_scam]
    for name, calls in (("always scam", lambda row: True), ("keywords only", has_keyword)):
        yield _share(group, f"baseline {name}: scams caught", scams, calls)
        yield _share(group, f"baseline {name}: genuine called scams", genuine, calls)


def _openers(group: str, rows: Sequence[Judged]) -> Iterator[Figure]:
    """The first lines of romance, job and investment scams, which ask for nothing yet and bring no link."""
    for name, scam_types in OPENERS.items():
        part = [row for row in rows if row.message.kind == "opener" and row.message.scam_type in scam_types]
        if part:
            yield _share(f"{group} {name} openers", "scams named", part, lambda row: row.is_named)
            yield _share(f"{group} {name} openers", "scams strong", part, lambda row: row.is_strong)


def _by(group: str, rows: Sequence[Judged], field: str) -> Iterator[Figure]:
    """Recall by channel or scam type, and false alarms by channel."""
    parts: defaultdict[str, list[Judged]] = defaultdict(list)
    for row in rows:
        if name := str(getattr(row.message, field)):
            parts[name].append(row)
    for name, part in sorted(parts.items()):
        scams = [row for row in part if row.is_scam]
        genuine = [row for row in part if not row.is_scam]
        if scams:
            yield _share(f"{group} {name}", "scams named", scams, lambda row: row.is_named)
            yield _share(f"{group} {name}", "scams strong", scams, lambda row: row.is_strong)
        if genuine:
            yield _share(f"{group} {name}", "genuine strong", genuine, lambda row: row.is_strong)


def _share(
    group: str, name: str, rows: Sequence[Judged], holds: Callable[[Judged], bool], floor: float | None = None, ceiling: float | None = None
) -> Figure:
    value = sum(map(holds, rows)) / len(rows) if rows else 0.0
    bounds = {"floor": floor, "ceiling": ceiling} if rows else {}
    return Figure(group=group, name=name, value=value, cases=len(rows), **bounds)


def bins(rows: Sequence[Judged]) -> Iterator[tuple[float, int, float, float]]:
    """For each tenth of the score that has messages: where it starts, how many, their mean score, and the share of scams."""
    parts: defaultdict[int, list[Judged]] = defaultdict(list)
    for row in rows:
        parts[min(BINS - 1, int(row.score * BINS))].append(row)
    for number, part in sorted(parts.items()):
        mean = sum(row.score for row in part) / len(part)
        yield number / BINS, len(part), mean, sum(row.is_scam for row in part) / len(part)


def calibration_error(rows: Sequence[Judged]) -> float:
    """How far the scores are from the shares of scams, on average over messages (expected calibration error)."""
    return sum(count * abs(mean - share) for _, count, mean, share in bins(rows)) / len(rows) if rows else 0.0


def outcome(row: Judged) -> Outcome:
    message = row.message
    right = row.is_named if row.is_scam else not row.is_strong
    return Outcome(
        id=message.id,
        group=f"{message.language} {message.split} {message.scam_type or message.kind}",
        asked=message.text,
        expected=message.label,
        got=row.verdict,
        right=right,
        scores={"score": round(row.score, 4)},
    )
