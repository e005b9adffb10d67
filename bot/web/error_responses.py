"""Every error of the API in one shape, `{"error": {"code", "message", "hint"}}`, in the language of the caller.

Nothing internal stands in any of them: an error that is not ours becomes `internal`, and the log says where it failed, not with what words.
"""

import logging
import traceback

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.errors import BotError, InvalidInput, Unavailable
from bot.i18n import load_locale
from bot.schema import Language
from bot.web.refusals import NotFound, TooMany, http_status

_RETRY_AFTER_S = 2  # after an overload or a fault of ours

log = logging.getLogger(__name__)


def install_error_responses(app: FastAPI) -> None:
    """Answer every error of the application in our shape."""
    app.add_exception_handler(BotError, _bot_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unexpected)


def error_body(request: Request, error: BotError) -> dict[str, dict[str, str]]:
    """The error as JSON: in the caller's language where the interface has words for it, else as we raised it."""
    locale = load_locale(_language(request))
    key = f"error.{error.code}"
    if key not in locale.words:
        return error.as_dict()
    hint = locale.words.get(f"{key}.hint", error.hint)
    return {"error": {"code": error.code, "message": locale.text(key, **error.values), "hint": hint}}


def error_response(request: Request, error: BotError) -> Response:
    headers = {}
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.retry_after_s)
    elif isinstance(error, Unavailable):
        headers["Retry-After"] = str(_RETRY_AFTER_S)
    return JSONResponse(error_body(request, error), http_status(error), headers)


def internal_error(error: BaseException) -> BotError:
    """What a caller is told of a fault of ours; the place of the fault goes to the log, without a visitor's words."""
    log.error("A call failed with %s:\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
    return BotError("internal", "Something went wrong on our side.", "Try again.")


def _language(request: Request) -> Language:
    return "zh" if request.headers.get("accept-language", "").lower().startswith("zh") else "en"


def _bot_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, BotError)
    return error_response(request, error)


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    places = sorted({".".join(str(part) for part in item["loc"][1:]) or "body" for item in error.errors()})
    parts = ", ".join(places)
    return error_response(request, InvalidInput("invalid_request", f"These parts cannot be used: {parts}.", "See /api/docs.", parts=parts))


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return error_response(request, NotFound("not_found", f"There is nothing at {request.url.path}.", "See /api/docs."))
    response = JSONResponse(
        {"error": {"code": "http_error", "message": str(error.detail), "hint": "See /api/docs."}}, error.status_code, error.headers
    )
    return response


def _unexpected(request: Request, error: Exception) -> Response:
    return error_response(request, internal_error(error))
