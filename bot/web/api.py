"""The web API, version 1: the same assistant, answers and contacts as the chat, for the widget and for other programs.

Its document is at `/api/docs`. What an answer is stands in `bot/schema.py`; who may call, in `access.py`.
"""

import datetime
from collections.abc import AsyncIterator, Iterator
from importlib import resources
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, Response, StreamingResponse
from fastapi.sse import format_sse_event
from pydantic import BaseModel

from bot.assistant import Assistant
from bot.audiences import links_for, verdict_for
from bot.errors import BotError
from bot.i18n import load_locale
from bot.message_checker import MessageChecker
from bot.schema import Answer, AnswerEvent, AnswerFinished, Contact, Language, PassagesFound, Reference, Verdict
from bot.settings import Settings
from bot.store import Store
from bot.web.access import Access, Caller
from bot.web.api_schema import (
    AnswerRequest,
    CheckRequest,
    ErrorBody,
    Feedback,
    PassageEvent,
    PassageFound,
    SentenceEvent,
    Thanks,
    TicketGiven,
    TicketRequest,
    Topic,
)
from bot.web.bodies import Bodies
from bot.web.error_responses import error_body, install_error_responses, internal_error
from bot.web.refusals import NotFound
from bot.web.sites import TICKET_LIFE_S, Sites
from bot.web.telemetry import Telemetry
from bot.web.workload import Workload

_REFUSALS = {403: "This caller may not.", 429: "Called too often; see Retry-After.", 503: "Not now; see Retry-After."}
_BODY_REFUSALS = {
    408: "The body came too slowly.", 413: "The body is too large.", 415: "The body is not JSON.", 422: "The body cannot be used.",
}  # fmt: skip
_EVENT_STREAM = "text/event-stream"
_STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # nginx would hold the sentences back
_DOCS_POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"


def create_api(
    settings: Settings,
    assistant: Assistant,
    checker: MessageChecker,
    store: Store,
    sites: Sites,
    access: Access,
    telemetry: Telemetry,
) -> FastAPI:
    """Build the application that is mounted under `/api`."""
    api = FastAPI(title="Ringwise", version="1", docs_url=None, redoc_url=None, openapi_url="/openapi.json")
    workload = Workload(settings.concurrency, settings.answer_timeout_s)
    install_error_responses(api)
    api.add_middleware(Bodies, max_kb=settings.max_body_kb)
    _add_docs(api)

    def admitted(request: Request) -> Caller:
        return access.admit(request)

    caller = Annotated[Caller, Depends(admitted)]

    @api.post(
        "/v1/answers",
        response_model=Answer,
        responses=_errors(_REFUSALS | _BODY_REFUSALS) | {200: {"model": Answer, "content": {_EVENT_STREAM: {}}}},
        summary="Answer a question, whole or as a stream of events",
    )
    async def answers(body: AnswerRequest, request: Request, caller: caller) -> Response:
        """With `Accept: text/event-stream`: the events `passages`, `sentence` (each), and last `answer` or `error`."""
        site = caller.site
        language = body.language or (site.language if site else None)
        region = body.region or (site.region if site else "")
        events = assistant.stream(body.question, body.history, region, language, caller.readers)
        if _EVENT_STREAM in request.headers.get("accept", ""):
            first = await _first(workload, events)  # an error before the first event still has its own status
            return StreamingResponse(_event_stream(request, workload, telemetry, first, events), 200, _STREAM_HEADERS, _EVENT_STREAM)
        async with workload.place():
            answer = await workload.once(lambda: _last(events))
        telemetry.answered(answer.status, answer.language)
        return Response(answer.model_dump_json(), 200, {"Cache-Control": "no-store"}, "application/json")

    @api.post("/v1/checks", responses=_errors(_REFUSALS | _BODY_REFUSALS))
    async def checks(body: CheckRequest, response: Response, caller: caller) -> Verdict:
        """The named signs of a scam in a message, what speaks against one, and what would settle it. Never "safe"."""
        language = body.language or (caller.site.language if caller.site else None)
        region = body.region or (caller.site.region if caller.site else "")
        async with workload.place():
            verdict = await workload.once(lambda: checker.check(body.message, language, region, body.answers))
        telemetry.checked(verdict.verdict, verdict.message_language)
        response.headers["Cache-Control"] = "no-store"
        return verdict_for(caller.readers.audience, verdict)

    @api.get("/v1/passages/{passage_id}", responses=_errors({404: "There is no such passage."} | _REFUSALS))
    def passage(passage_id: str, caller: caller) -> PassageFound:
        """The passage behind a citation."""
        found = store.current().passages.get(passage_id)
        if found is None:
            raise NotFound("no_passage", f"There is no passage {passage_id!r}.", "The sources may have changed; ask again.")
        facts = found.metadata
        told = [Reference.model_validate(reference) for reference in facts["references"].values()]
        url, references = links_for(caller.readers.audience, facts["url"], told)
        return PassageFound(
            id=passage_id, text=found.page_content, url=url, references=references,
            **{name: facts[name] for name in ("source_id", "title", "section", "sentences", "language", "publisher", "date")},
        )  # fmt: skip

    @api.get("/v1/contacts", responses=_errors({404: "There is no such region.", 422: "Cannot be used."} | _REFUSALS))
    def contacts(caller: caller, region: Annotated[str, Query(max_length=10)], language: Language = "en") -> list[Contact]:
        """Whom to ring in a region, from the reviewed directory."""
        book = assistant.book
        if region.upper() not in book.regions:
            raise NotFound("no_region", f"There is no region {region!r}.", f"Use one of: {', '.join(book.regions)}.")
        return [book.as_contact(entry, language) for entry in book.offered(region, today=datetime.date.today())]

    @api.get("/v1/topics", responses=_errors({422: "Cannot be used."} | _REFUSALS))
    def topics(caller: caller, language: Language = "en") -> list[Topic]:
        """The guides that one may ask about; those that the site keeps to, where it does."""
        guides: dict[str, Topic] = {}
        for found in assistant.passages_for(caller.readers):
            facts = found.metadata
            if facts["kind"] == "guide" and facts["language"] == language:
                names = {name: facts[name] for name in ("title", "scam_type", "audiences")}
                guides.setdefault(facts["source_id"], Topic(id=facts["source_id"], **names))
        return sorted(guides.values(), key=lambda topic: topic.title)

    @api.get("/v1/locales/{language}", responses=_errors({422: "There is no such language."}))
    def locale(language: Language) -> dict[str, str]:
        """The words of the interface."""
        return load_locale(language).words

    @api.post("/v1/tickets", responses=_errors(_REFUSALS | _BODY_REFUSALS))
    def tickets(body: TicketRequest, request: Request) -> TicketGiven:
        """A ticket for a page of a site; its calls carry it as X-Ringwise-Ticket."""
        ticket = access.admit_for_ticket(request, body.site)
        site = sites.named(body.site)
        welcome = getattr(site.welcome, site.language or "en") if site.welcome else ""
        return TicketGiven(
            ticket=ticket, expires_in_s=TICKET_LIFE_S, audience=site.audience, language=site.language, region=site.region, welcome=welcome
        )

    @api.post("/v1/feedback", responses=_errors(_REFUSALS | _BODY_REFUSALS))
    def feedback(body: Feedback, caller: caller) -> Thanks:
        """Count a thumb; nothing else of it is kept."""
        telemetry.thumb(helpful=body.helpful, reason=body.reason)
        return Thanks(counted=True)

    return api


def _errors(reasons: dict[int, str]) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": ErrorBody, "description": reason} for status, reason in sorted(reasons.items())}


async def _first(workload: Workload, events: Iterator[AnswerEvent]) -> AnswerEvent:
    async with workload.place():
        return await workload.once(lambda: next(events))


def _last(events: Iterator[AnswerEvent]) -> Answer:
    for event in events:
        if isinstance(event, AnswerFinished):
            return event.answer
    raise AssertionError("a stream ends with its answer")


async def _event_stream(
    request: Request, workload: Workload, telemetry: Telemetry, first: AnswerEvent, rest: Iterator[AnswerEvent]
) -> AsyncIterator[bytes]:
    """The events of an answer; an error after the first one is an event too, since the status has been sent."""
    yield _event(first)
    if isinstance(first, AnswerFinished):
        telemetry.answered(first.answer.status, first.answer.language)
        return
    try:
        async with workload.place():
            async for event in workload.each(rest):
                yield _event(event)
                if isinstance(event, AnswerFinished):
                    telemetry.answered(event.answer.status, event.answer.language)
    except Exception as error:
        told = error if isinstance(error, BotError) else internal_error(error)
        yield format_sse_event(event="error", data_str=ErrorBody.model_validate(error_body(request, told)).model_dump_json())


def _event(event: AnswerEvent) -> bytes:
    body: BaseModel
    if isinstance(event, AnswerFinished):
        name, body = "answer", event.answer
    elif isinstance(event, PassagesFound):
        name, body = "passages", PassageEvent(passage_ids=event.passage_ids)
    else:
        name = "sentence"
        body = SentenceEvent(text=event.sentence.text, citations=event.sentence.citations, new_citations=event.citations)
    return format_sse_event(event=name, data_str=body.model_dump_json())


def _add_docs(api: FastAPI) -> None:
    """The document as a page, with the files of a package instead of those of another host."""
    static = resources.files("fastapi_offline") / "static"
    own = resources.files("bot.web") / "api_docs"
    headers = {"Content-Security-Policy": _DOCS_POLICY}

    @api.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse((own / "index.html").read_text(encoding="utf-8"), headers=headers)

    @api.get("/docs/start.js", include_in_schema=False)
    def start() -> FileResponse:
        return FileResponse(str(own / "start.js"), headers=headers)

    @api.get("/docs/swagger-ui-bundle.js", include_in_schema=False)
    def script() -> FileResponse:
        return FileResponse(str(static / "swagger-ui-bundle.js"), headers=headers)

    @api.get("/docs/swagger-ui.css", include_in_schema=False)
    def style() -> FileResponse:
        return FileResponse(str(static / "swagger-ui.css"), headers=headers)
