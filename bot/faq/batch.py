"""A run: each question answered by the assistant, each entry written whole, and what is done noted, so that a killed run can go on.

The note (`.run.jsonl`) has a line for each question that is done. A run that goes on keeps the day of the one that was interrupted, so that
both end in the same folder.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from bot.assistant import Assistant
from bot.audiences import Readers
from bot.errors import InvalidInput, Unavailable
from bot.faq.changes import Sources
from bot.faq.folder import EntryFolder
from bot.faq.questions import FAQQuestion, LeftOut
from bot.schema import Answer, FAQEntry
from bot.text import normalize

_AHEAD = 4  # questions handed out for each job beyond those that are being answered

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Order:
    """For whom the entries are written, and on which day."""

    audience: str
    region: str
    today: str
    jobs: int = 1

    @property
    def readers(self) -> Readers:
        """Whom the assistant answers; it knows no older people and no teachers, who are given what the public is."""
        return Readers("teens") if self.audience == "teens" else Readers("children") if self.audience == "children" else Readers()


@dataclass(frozen=True)
class Done:
    """What became of a question: the id of its entry, or the reason why it has none."""

    question: str
    entry_id: str
    outcome: str


class Run:
    """The note of a run in a folder."""

    def __init__(self, folder: Path, questions: Sequence[FAQQuestion], order: Order, *, resume: bool) -> None:
        self._path = folder / ".run.jsonl"
        digest = hashlib.sha256(json.dumps([[asdict(q) for q in questions], order.audience, order.region]).encode()).hexdigest()
        head, self.done = self._read() if resume else ({}, [])
        if head and head["questions"] != digest:
            raise InvalidInput(
                "another_run", f"The run that was interrupted in {folder} had other questions.", "Start anew without --resume."
            )
        self.today: str = head.get("today", order.today)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lines = [{"questions": digest, "today": self.today}, *map(asdict, self.done)]
            self._path.write_text("".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines), encoding="utf-8")
            self._file = self._path.open("a", encoding="utf-8")
        except OSError as error:
            raise Unavailable(
                "unwritable", f"{folder} cannot be written: {error.strerror}.", "Choose another folder with --out."
            ) from error

    def _read(self) -> tuple[dict[str, str], list[Done]]:
        """What is noted; a last line that was cut off is not done."""
        try:
            lines = self._path.read_text(encoding="utf-8", errors="replace").split("\n")
        except FileNotFoundError:
            return {}, []
        rows: list[dict[str, Any]] = []
        for line in lines[:-1]:
            try:
                rows.append(json.loads(line))
            except ValueError:
                break
        return (rows[0], [Done(**row) for row in rows[1:]]) if rows else ({}, [])

    def note(self, done: Done) -> None:
        self._file.write(f"{json.dumps(asdict(done), ensure_ascii=False)}\n")
        self._file.flush()
        self.done.append(done)

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Close the note; without an error the run is over, and nothing is left to go on with."""
        self._file.close()
        if kind is None:
            self._path.unlink(missing_ok=True)


def answer_all(
    assistant: Assistant, questions: Sequence[FAQQuestion], folder: EntryFolder, run: Run, order: Order, progress: Progress
) -> list[LeftOut]:
    """Write an entry for every question that is not done; what was abstained from is returned with its reason."""
    sources = Sources(assistant.passages_for(order.readers), assistant.book)
    folder.sweep()
    begun = len(run.done)
    progress(begun, len(questions))
    for question, answer in _answers(assistant, questions[begun:], order):
        entry = entry_of(question, answer, _scam_type(assistant, answer), order, run.today)
        if answer.sentences:
            _keep_or_write(folder, entry, sources)
        run.note(Done(question.text, entry.id if answer.sentences else "", answer.status))
        progress(len(run.done), len(questions))
    return [
        LeftOut(question.text, done.outcome, question.line)
        for question, done in zip(questions, run.done, strict=True)
        if not done.entry_id
    ]


def _scam_type(assistant: Assistant, answer: Answer) -> str:
    """That of the guide which is cited first; empty for a guide about no scam in particular."""
    return assistant.passage(answer.citations[0].passage_id).metadata["scam_type"] or "" if answer.citations else ""


def _answers(assistant: Assistant, questions: Sequence[FAQQuestion], order: Order) -> Iterator[tuple[FAQQuestion, Answer]]:
    """The answers in the order of the questions, some worked on beside each other and never many waiting in memory."""

    def answer(question: FAQQuestion) -> Answer:
        if question.section:
            return assistant.answer_section(question.text, question.topic, question.section, question.language, order.readers)
        return assistant.answer(question.text, region=order.region, language=question.language, readers=order.readers)

    waiting = iter(questions)
    with ThreadPoolExecutor(order.jobs) as pool:
        begun = [(question, pool.submit(answer, question)) for question in islice(waiting, order.jobs * _AHEAD)]
        while begun:
            question, future = begun.pop(0)
            yield question, future.result()
            begun.extend((following, pool.submit(answer, following)) for following in islice(waiting, 1))


def _keep_or_write(folder: EntryFolder, entry: FAQEntry, sources: Sources) -> None:
    """Write a draft anew; leave what a person approved as it is, and mark it where its sources have changed."""
    before = folder.read(entry.id, entry.language)
    if before is None or before.status == "draft":
        same = before is not None and before.model_copy(update={"answered_on": entry.answered_on}) == entry
        if not same:
            folder.write(entry)
    elif before.status == "reviewed" and sources.needs_a_look(before):
        folder.write(sources.marked(before))


def entry_of(question: FAQQuestion, answer: Answer, scam_type: str, order: Order, today: str) -> FAQEntry:
    """The draft of an entry from an answer. Its id depends on the question and for whom it is, not on the answer."""
    first = next(iter(answer.citations), None)
    return FAQEntry(
        id=entry_id(question, order),
        question=question.text,
        language=answer.language,
        audience=order.audience,
        region=order.region,
        topic=first.source_id if first else "",
        topic_title=first.title if first else "",
        scam_type=scam_type,
        answered_on=today,
        generator=answer.generator,
        groundedness=answer.groundedness,
        text=text_of(answer),
        citations=answer.citations,
        contacts=answer.contacts,
    )


def entry_id(question: FAQQuestion, order: Order) -> str:
    parts = [question.language, order.audience, order.region, normalize(question.text)]
    return f"{question.topic or 'q'}-{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]}"


def text_of(answer: Answer) -> str:
    """An answer as the text of an entry: what is said first, the sentences as a list with their marks, quiet lines last."""
    lines = [answer.lead, ""] if answer.lead else []
    heading = ""
    for sentence in answer.sentences:
        if sentence.heading != heading:
            heading = sentence.heading
            lines += ["", f"## {heading}", ""]
        lines.append(f"- {sentence.text} {''.join(f'[{n}]' for n in sentence.citations)}")
    if answer.notice:
        lines += ["", answer.notice]
    return "\n".join(lines).strip()
