"""The reviewed directory of `seeds/contacts.yaml`: whom to ring, where, checked when. Knows no question and no clock.

What is not in the file is never offered: no number is completed, translated or guessed. Entries that may be wrong (low
confidence, or checked too long ago) stay in the file for whoever reviews it, and are not offered to visitors.
"""

import datetime
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import SourceErrors, SourceProblem
from bot.schema import Contact, ContactKind, Language
from bot.text import normalize
from bot.yaml_text import load_yaml

# Numbers change hands; after a year without a check an entry is no longer offered.
MAX_AGE_DAYS = 365

_NUMBER = re.compile(r"[+#*(]?\d[\d\s().*#/-]*")
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_MEND = "Mend the entry."

Text = Annotated[str, Field(min_length=1)]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Words(_Row):
    """The same words in both languages."""

    en: Text
    zh: Text

    def in_language(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


class RegionNames(Words):
    """A region's name, and what else people say when they mean it: `said` words, cities, telephone prefixes."""

    said: tuple[Text, ...] = ()


class ContactEntry(_Row):
    """One number or address. `verified_on` is the day, month or year for which the source itself vouches."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    region: Text
    kind: ContactKind
    value: Text
    label: Words
    hours: Words | None
    note: Words | None
    never: tuple[Words, ...]
    source: Text
    also: tuple[Text, ...]
    checked_on: datetime.date
    verified_on: Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")] | None
    confidence: Literal["high", "medium", "low"]

    def is_stale(self, days: int, today: datetime.date) -> bool:
        return (today - self.checked_on).days > days


class Lookalike(_Row):
    """A number or address that scammers use because it looks like a real one."""

    value: Text
    imitates: Text
    why: Words
    source: Text


class Retired(_Row):
    """A number or name that is out of use or misprinted somewhere, and must not be given out."""

    value: Text
    why: Words
    source: Text


class _Directory(_Row):
    regions: dict[str, RegionNames] = {}
    contacts: tuple[ContactEntry, ...] = ()
    lookalikes: tuple[Lookalike, ...] = ()
    do_not_use: tuple[Retired, ...] = ()


class ContactBook:
    """The directory, by region and by value."""

    def __init__(self, directory: _Directory | None = None) -> None:
        directory = directory or _Directory()
        self.regions: Mapping[str, RegionNames] = directory.regions
        self.lookalikes: Sequence[Lookalike] = directory.lookalikes
        self.do_not_use: Sequence[Retired] = directory.do_not_use
        self._region_names = [
            (normalize(name), code) for code, names in directory.regions.items() for name in (names.en, names.zh, *names.said)
        ]
        self._entries = directory.contacts
        self._known = {_comparable(entry.value) for entry in directory.contacts}
        self._lookalikes = {_comparable(row.value): row for row in directory.lookalikes}
        self._retired = {_comparable(row.value): row for row in directory.do_not_use}

    def region_in(self, text: str) -> str:
        """The region that a text names, by its longest name found; empty where it names none."""
        return max(((len(name), code) for name, code in self._named_in(text)), default=(0, ""))[1]

    def regions_in(self, text: str) -> frozenset[str]:
        """Every region that a text names."""
        return frozenset(code for _, code in self._named_in(text))

    def _named_in(self, text: str) -> list[tuple[str, str]]:
        """The names of regions that stand in a text, each with its region: Chinese anywhere, anything else as whole words."""
        said = normalize(text)
        return [(name, code) for name, code in self._region_names if name in said and (not name.isascii() or _is_a_word_of(name, said))]

    def all(self, region: str | None = None) -> tuple[ContactEntry, ...]:
        """Every entry, or every one of a region, in the order of the file; an unknown region has none."""
        return tuple(entry for entry in self._entries if region is None or entry.region == region.upper())

    def offered(
        self, region: str | None = None, kinds: Collection[ContactKind] | None = None, *, today: datetime.date
    ) -> tuple[ContactEntry, ...]:
        """The entries that a visitor may be given: without those of low confidence or not checked for a year."""
        return tuple(
            entry
            for entry in self.all(region)
            if entry.confidence != "low"
            and not entry.is_stale(MAX_AGE_DAYS, today)
            and (kinds is None or entry.kind in kinds)
        )

    def stale(self, days: int, today: datetime.date) -> tuple[ContactEntry, ...]:
        """The entries that were last checked more than this many days ago."""
        return tuple(entry for entry in self._entries if entry.is_stale(days, today))

    def knows(self, value: str) -> bool:
        """Whether a number (by its digits) or an address (by its host) is in the directory.

        `knows("96-110")` and `knows("https://www.ic3.gov/Home")` hold; `knows("ic3.gov.example.com")` does not.
        """
        return _comparable(value) in self._known

    def lookalike(self, value: str) -> Lookalike | None:
        """The known imitation that a number or address is, compared in the same way."""
        return self._lookalikes.get(_comparable(value))

    def retired(self, value: str) -> Retired | None:
        """Why a number or name must not be given out, where that is known."""
        return self._retired.get(_comparable(value))

    def entry_of(self, value: str) -> ContactEntry | None:
        """The entry with this number or address, compared in the same way; the first, where several places share it."""
        sought = _comparable(value)
        return next((entry for entry in self._entries if _comparable(entry.value) == sought and entry.confidence != "low"), None)

    @staticmethod
    def as_contact(entry: ContactEntry, language: Language) -> Contact:
        """The entry as a visitor sees it; `source` stays the key in bibliography.yaml."""
        return Contact(
            region=entry.region,
            kind=entry.kind,
            value=entry.value,
            label=entry.label.in_language(language),
            hours=entry.hours.in_language(language) if entry.hours else "",
            note=entry.note.in_language(language) if entry.note else "",
            never=tuple(words.in_language(language) for words in entry.never),
            checked_on=entry.checked_on.isoformat(),
            source=entry.source,
        )


def _is_a_word_of(name: str, text: str) -> bool:
    return re.search(rf"(?<![\w+]){re.escape(name)}(?!\w)", text) is not None or name[0] == "+"


def _comparable(value: str) -> str:
    """A number as `#` and its digits, an address as its host without `www.`, anything else as it is.

    The host is the one that a browser would open: `http://evil.example\\@ic3.gov` is not ic3.gov.
    """
    text = unicodedata.normalize("NFKC", value).strip().lower()
    if _NUMBER.fullmatch(text):
        return "#" + re.sub(r"\D", "", text)
    address = text.replace("\\", "/")
    try:
        host = urlsplit(address if address.startswith(("http://", "https://")) else f"//{address}").hostname or ""
    except ValueError:  # an address that no browser would open either
        return text
    host = host.rstrip(".").removeprefix("www.")
    return host if _HOST.fullmatch(host) else text


def load_contacts(path: Path) -> ContactBook:
    """Read the directory; a folder of seeds without one has no contacts. Raises SourceErrors with every bad entry."""
    if not path.is_file():
        return ContactBook()
    try:
        text = path.read_text(encoding="utf-8")
        data = load_yaml(text) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SourceErrors([SourceProblem(str(path), f"is not valid YAML ({error}).", "Mend the file.")]) from error
    try:
        directory = _Directory.model_validate(data)
    except ValidationError as error:
        raise SourceErrors(_field_problems(path, text, data, error)) from error
    if problems := _entry_problems(path, text, directory):
        raise SourceErrors(problems)
    return ContactBook(directory)


def _field_problems(path: Path, text: str, data: Any, error: ValidationError) -> list[SourceProblem]:
    problems = []
    for item in error.errors():
        part, *rest = item["loc"] or ("",)
        field = ".".join(map(str, rest[1:] or rest))
        what = "is missing" if item["type"] == "missing" else f"is wrong: {item['msg']}"
        where = _name(data, part, rest[0]) if len(rest) > 1 else str(part)
        reason = f"{where}: the field `{field}` {what}."
        problems.append(SourceProblem(str(path), reason, _MEND, _line(text, item["loc"])))
    return problems


def _name(data: Any, part: Any, key: Any) -> str:
    """What to call an entry: its id, its value, or its place in the file."""
    row = data[part][key]
    known = row if isinstance(row, dict) and isinstance(key, int) else {}
    return str(known.get("id") or known.get("value") or f"{part}.{key}")


def _line(text: str, place: Sequence[int | str]) -> int | None:
    """The line of `("contacts", 3, …)`, from YAML's own marks: the last step of the place that is in the file."""
    node, line = yaml.compose(text, Loader=yaml.SafeLoader), None
    for step in place:
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
        elif isinstance(node, yaml.MappingNode):
            node = next((value for key, value in node.value if key.value == step), None)
        if node is None:
            break
        line = node.start_mark.line + 1
    return line


def _entry_problems(path: Path, text: str, directory: _Directory) -> list[SourceProblem]:
    """Ids that stand twice, and regions that the file does not name."""
    ids = Counter(entry.id for entry in directory.contacts)
    problems = []
    for place, entry in enumerate(directory.contacts):
        line = _line(text, ("contacts", place)) if ids[entry.id] > 1 or entry.region not in directory.regions else None
        if ids[entry.id] > 1:
            problems.append(SourceProblem(str(path), f"the id {entry.id} stands {ids[entry.id]} times.", _MEND, line))
        if entry.region not in directory.regions:
            reason = f"{entry.id}: the region {entry.region} is not under `regions`."
            problems.append(SourceProblem(str(path), reason, f"Use one of: {', '.join(directory.regions)}.", line))
    return problems
