"""The nouns that cross a boundary: what an answer is made of, and how it looks as JSON.

One serialiser for the command line, the API, the chat and the FAQ: `model_dump(mode="json")` of these classes.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

Intent = Literal[
    "signs", "how", "what_to_do", "emergency", "verify", "contact", "figures", "law", "check_message",
    "help_someone", "smalltalk", "harmful", "off_topic", "general",
]  # fmt: skip
Status = Literal["answered", "emergency", "abstained", "refused", "smalltalk"]
Audience = Literal["public", "teens", "children"]
FAQStatus = Literal["draft", "reviewed", "needs_review"]
ContactKind = Literal["emergency", "antifraud", "report_online", "bank", "child", "consular", "rescue", "support"]


class Noun(BaseModel):
    """A frozen value: built once, compared by content."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Turn(Noun):
    """One earlier exchange; the history of a chat travels with the request as a list of these."""

    question: str
    answer: str = ""


class Reference(Noun):
    """An entry of the bibliography: what a guide's sentence rests on."""

    publisher: str
    title: str
    url: str
    date: str


class Citation(Noun):
    """The passage behind [n] and the sentence of it that is quoted, character for character."""

    n: int = Field(ge=1)
    passage_id: str
    source_id: str
    title: str
    section: str
    quote: str
    passage: str
    language: Language
    publisher: str
    url: str
    date: str
    references: tuple[Reference, ...] = ()


class Sentence(Noun):
    """A sentence as shown, with the numbers of the citations that support it, under a heading where the answer has several parts."""

    text: str
    citations: tuple[int, ...]
    heading: str = ""


class Contact(Noun):
    """Whom to ring; only ever from the reviewed directory."""

    region: str
    kind: ContactKind
    value: str
    label: str
    hours: str = ""
    note: str = ""
    never: tuple[str, ...] = ()
    checked_on: str
    source: str


class Choice(Noun):
    """Something to tap in answer to us: what it says, and the question that it asks. `kind` tells what it settles."""

    kind: Literal["given", "region", "more"]
    label: str
    question: str


class Answer(Noun):
    """What every door gives back: chat, command line, API, FAQ and evals.

    `lead` and `notice` are words of ours, before and behind the sentences; they claim nothing about the world.
    """

    question: str
    language: Language
    intent: Intent
    status: Status
    text: str
    lead: str = ""
    notice: str = ""
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    contacts: tuple[Contact, ...] = ()
    choices: tuple[Choice, ...] = ()
    follow_ups: tuple[str, ...] = ()
    generator: str = "extractive"
    groundedness: float = Field(default=1.0, ge=0.0, le=1.0)


VerdictKind = Literal["strong_signs", "cannot_tell", "no_known_signs"]


class Signal(Noun):
    """A warning sign and where it stands in the message, counted in characters: `message[start:end] == text`."""

    id: str
    name: str
    start: int = Field(ge=0)
    end: int
    text: str
    why: str
    citations: tuple[int, ...] = ()


class SimilarScam(Noun):
    """A kind of scam that the message resembles, by the id and title of its guide; `similarity` from 0 to 1."""

    id: str
    title: str
    similarity: float


class SettlingChoice(Noun):
    """An answer that can be tapped."""

    id: str
    text: str


class Question(Noun):
    """A question that helps to settle a doubtful message."""

    id: str
    text: str
    choices: tuple[SettlingChoice, ...]


class Story(Noun):
    """How far a scam of this kind has come, what usually follows, and a sentence with which to end a call.

    The sentences carry the marks of their citations: `The caller passes you on. [3]`.
    """

    reached: str
    next: tuple[str, ...]
    say: str = ""


class Verdict(Noun):
    """What the message checker gives back. It never says that a message is safe.

    `against`, `settle_it` and `advice` are sentences in the answer's language, with the marks of their citations where they are quoted;
    `score` is the calibrated probability of a scam, `questions` are those whose answers would settle the matter.
    """

    message_language: Language
    language: Language
    verdict: VerdictKind
    score: float = Field(ge=0.0, le=1.0)
    headline: str
    emergency: bool = False
    signals: tuple[Signal, ...] = ()
    against: tuple[str, ...] = ()
    settle_it: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    scam_types: tuple[SimilarScam, ...] = ()
    story: Story | None = None
    citations: tuple[Citation, ...] = ()
    contacts: tuple[Contact, ...] = ()
    advice: tuple[str, ...] = ()


class FAQEntry(Noun):
    """A question of a FAQ with its answer, as a person reviews and publishes it.

    `text` is Markdown: a list of sentences with the marks of their citations, under `## ` headings where there are several parts.
    `difference` tells what has changed in the sources since the text was approved, as a unified diff.
    """

    id: str
    question: str
    language: Language
    audience: str
    region: str = ""
    topic: str = ""
    topic_title: str = ""
    scam_type: str = ""
    status: FAQStatus = "draft"
    reviewer: str = ""
    reviewed_on: str = ""
    answered_on: str
    generator: str
    groundedness: float
    text: str
    citations: tuple[Citation, ...]
    contacts: tuple[Contact, ...] = ()
    difference: str = ""


class PassagesFound(Noun):
    """First event of an answer: the sources that it will draw on."""

    kind: Literal["passages"] = "passages"
    passage_ids: tuple[str, ...]


class SentenceWritten(Noun):
    """One sentence that may be shown, and the citations that are new with it."""

    kind: Literal["sentence"] = "sentence"
    sentence: Sentence
    citations: tuple[Citation, ...]


class AnswerFinished(Noun):
    """Last event: the whole answer."""

    kind: Literal["answer"] = "answer"
    answer: Answer


AnswerEvent = PassagesFound | SentenceWritten | AnswerFinished
