"""The questions of a FAQ: from `seeds/faq_topics.yaml` for every guide, or from a file of one's own (TXT, CSV, JSONL) of any quality.

What cannot be asked (empty, unreadable, too long) is left out with its line and the reason, and stops nothing.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langchain_core.documents import Document
from pydantic import BaseModel, ConfigDict, TypeAdapter

from bot.errors import InvalidInput
from bot.i18n import language_named
from bot.passages import language_of
from bot.schema import LANGUAGES, Language
from bot.text import detect_language
from bot.yaml_text import read_yaml

FAQAudience = str
AUDIENCES = ("public", "teens", "children", "older", "teachers")
_COLUMNS = ("question", "questions", "问题", "提问")
_UNREADABLE = "\ufffd"


@dataclass(frozen=True)
class FAQQuestion:
    """A question to be answered; `topic` and `section` are the part of a guide that it was made for, `line` where it stands in a file."""

    text: str
    language: Language
    topic: str = ""
    section: str = ""
    line: int = 0


@dataclass(frozen=True)
class LeftOut:
    """A question that has no entry, and why: a key of the locale under `faq.left_out`."""

    question: str
    reason: str
    line: int = 0
    detail: str = ""


class _Topics(BaseModel):
    """Wordings by language and section; `others` is for sections that a guide shares with no other; {title} and {section} are filled in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    questions: dict[Language, dict[str, str]]
    others: dict[Language, str]
    leave_out: tuple[str, ...] = ()

    def worded(self, facts: Mapping[str, Any]) -> str:
        wordings = self.questions.get(facts["language"], {})
        wording = wordings.get(facts["section_id"]) or self.others[facts["language"]]
        return wording.format(title=facts["title"], section=facts["section"])

    def place(self, language: Language, section: str) -> int:
        """Where a section stands among the questions about its guide: in the order of the file, the others last."""
        order = list(self.questions.get(language, {}))
        return order.index(section) if section in order else len(order)


def questions_of_guides(
    file: Path, passages: Iterable[Document], languages: Sequence[Language], audience: FAQAudience
) -> list[FAQQuestion]:
    """What people ask of every guide that an audience is given: one question for each section of the guide. Raises SourceErrors."""
    topics = read_yaml(file, TypeAdapter(_Topics))
    found: dict[FAQQuestion, tuple[int, str, int, str]] = {}
    for passage in passages:
        facts = passage.metadata
        wanted = audience == "public" or audience in facts["audiences"]
        language = language_of(passage)
        if facts["kind"] == "guide" and wanted and language in languages and facts["source_id"] not in topics.leave_out:
            question = FAQQuestion(topics.worded(facts), language, facts["source_id"], facts["section_id"])
            found[question] = (languages.index(language), facts["source_id"], topics.place(language, facts["section_id"]), facts["section"])
    return sorted(found, key=found.__getitem__)


def read_questions(file: Path, *, column: str = "", most_chars: int) -> tuple[list[FAQQuestion], list[LeftOut]]:
    """The questions of a file, and what of it cannot be asked. Raises InvalidInput where the file cannot be read at all."""
    try:
        text = _decoded(file.read_bytes())
    except OSError as error:
        raise InvalidInput("no_file", f"{file} cannot be read: {error.strerror}.", "Check the path.") from error
    readers = {".csv": lambda: _of_csv(text, column, file), ".jsonl": lambda: _of_jsonl(text)}
    rows = readers.get(file.suffix.lower(), lambda: enumerate(text.splitlines(), start=1))()
    questions, left_out = [], []
    for line, said in rows:
        asked = " ".join(said.split())
        if reason := _why_not(asked, most_chars):
            left_out.append(LeftOut(asked[:80], reason, line))
        else:
            questions.append(FAQQuestion(asked, detect_language(asked), line=line))
    return questions, left_out


def _decoded(content: bytes) -> str:
    """UTF-8, or line by line what Chinese spreadsheets write (GB 18030); what is neither is marked as unreadable."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "".join(map(_decoded_line, content.splitlines(keepends=True)))


def _decoded_line(line: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    return line.decode("utf-8", errors="replace")


def _of_csv(text: str, column: str, file: Path) -> Iterator[tuple[int, str]]:
    csv.field_size_limit(1_000_000)
    rows = csv.reader(io.StringIO(text.replace("\0", ""), newline=""))
    try:
        header = [name.strip() for name in next(rows, [])]
        wanted = column or next((name for name in header if name.lower() in _COLUMNS), "")
        if wanted not in header:
            raise InvalidInput(
                "no_column",
                f"{file} has no column {column or 'question'!r}; it has: {', '.join(header) or 'none'}.",
                "Name the column of the questions with --column.",
            )
        place = header.index(wanted)
        for row in rows:
            yield rows.line_num, row[place] if place < len(row) else ""
    except csv.Error as error:
        raise InvalidInput("invalid_csv", f"{file}:{rows.line_num}: is not CSV ({error}).", "Mend the line.") from error


def _of_jsonl(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.split("\n"), start=1):
        try:
            row = json.loads(line) if line.strip() else {}
        except (ValueError, RecursionError):
            row = {}
        said = row.get("question") if isinstance(row, Mapping) else None
        yield number, said if isinstance(said, str) else ""


def _why_not(text: str, most_chars: int) -> str:
    if not text:
        return "empty"
    if _UNREADABLE in text:
        return "unreadable"
    if len(text) > most_chars:
        return "too_long"
    return "" if any(letter.isalpha() for letter in text) else "no_words"


def languages_named(text: str) -> list[Language]:
    """`languages_named("zh, en") == ["en", "zh"]`. Raises InvalidInput."""
    named = {language_named(part.strip()) for part in text.split(",") if part.strip()}
    return [language for language in LANGUAGES if language in named]
