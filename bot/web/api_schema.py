"""What the API takes, and what it gives beside answers and verdicts (those are in `bot/schema.py`)."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from bot.schema import Citation, Language, Reference, Turn

MAX_TURNS = 20
# What a visitor's page may keep of a conversation; the limit of a whole body holds beside it.
_MAX_CHARS = 20_000

Region = Annotated[str, Field(max_length=10, pattern=r"^[A-Za-z-]*$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class AnswerRequest(_Body):
    """A question with what was said before; the server keeps nothing between two of them."""

    question: Annotated[str, Field(max_length=_MAX_CHARS, examples=["How can I tell whether a call from the police is real?"])]
    history: Annotated[tuple[Turn, ...], Field(max_length=MAX_TURNS)] = ()
    language: Language | None = None
    region: Region = ""


class CheckRequest(_Body):
    """A message, or a call told in one's own words; `answers` are the tapped ones, question id to choice id."""

    message: Annotated[str, Field(max_length=_MAX_CHARS, examples=["Your parcel is held. Pay 1.99 at https://post-office.top"])]
    answers: Annotated[dict[str, str], Field(max_length=MAX_TURNS)] = {}
    language: Language | None = None
    region: Region = ""


class TicketRequest(_Body):
    site: Annotated[str, Field(max_length=60)]


class TicketGiven(BaseModel):
    """A ticket, how long it is good for, and how the site wants to look."""

    ticket: str
    expires_in_s: int
    audience: Literal["public", "teens", "children"]
    language: Language | None
    region: str
    welcome: str


class Feedback(_Body):
    """A thumb, and a reason from a list: no free text, so that nobody's words can be kept."""

    helpful: StrictBool
    reason: Literal["", "wrong", "unclear", "not_my_question", "too_long", "missing", "other"] = ""


class Thanks(BaseModel):
    counted: bool


class PassageFound(BaseModel):
    """A passage as a citation opens it."""

    id: str
    source_id: str
    title: str
    section: str
    text: str
    sentences: tuple[str, ...]
    language: Language
    publisher: str
    url: str
    date: str
    references: tuple[Reference, ...]


class Topic(BaseModel):
    """A guide that one may ask about."""

    id: str
    title: str
    scam_type: str
    audiences: tuple[str, ...]


class ErrorDetail(BaseModel):
    code: str
    message: str
    hint: str


class ErrorBody(BaseModel):
    """The one shape of every error."""

    error: ErrorDetail


class PassageEvent(BaseModel):
    passage_ids: tuple[str, ...]


class SentenceEvent(BaseModel):
    text: str
    citations: tuple[int, ...]
    new_citations: tuple[Citation, ...]
