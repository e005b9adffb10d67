"""The files of the widget, and its pages: the manual with a demonstration, the form for a frame, and what it does with data.

The words that the widget shows before the first question are served as a module, so that nothing is asked of the API until a visitor asks.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from html import escape
from importlib import resources
from typing import Annotated

from fastapi import FastAPI, Query, Request
from fastapi.responses import HTMLResponse, Response

from bot.i18n import load_locale
from bot.schema import LANGUAGES, Language
from bot.web.refusals import NotFound
from bot.web.sites import Sites

_SCRIPT = "text/javascript; charset=utf-8"
_STYLE = "text/css; charset=utf-8"
_FRESH_S = 3600  # a page that pins a hash must see a new file soon after its snippet is renewed
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-src 'self'; frame-ancestors {ancestors}"
)
_WORDS = (
    "language.name", "title", "about", "privacy", "question.label", "question.placeholder", "ask", "stop", "stopped", "thinking",
    "answer.done", "source.open", "source.passage", "source.undated", "source.references", "source.link", "source.close", "contacts",
    "contact.checked", "emergency.given", "emergency.where", "emergency.more_places", "emergency.button", "follow_ups",
    "example.scammed", "error.internal", "check.caution",
    "verdict.advice", "verdict.against", "verdict.emergency", "verdict.for", "verdict.message", "verdict.next",
    "verdict.reached", "verdict.say", "verdict.settle_it", "verdict.similar",
)  # fmt: skip
_DEMO_SITE = "demo"


def add_widget(app: FastAPI, sites: Sites) -> None:
    """Serve the widget below `/widget`."""
    files = _files()

    @app.get("/widget/v1/{name}", include_in_schema=False)
    def file(name: str) -> Response:
        if name not in files:
            raise NotFound("not_found", f"There is no file {name!r}.", "See /widget/.")
        kind = _STYLE if name.endswith(".css") else _SCRIPT
        headers = {"Cache-Control": f"public, max-age={_FRESH_S}", "Cross-Origin-Resource-Policy": "cross-origin"}
        return Response(files[name], media_type=kind, headers=headers)

    @app.get("/widget/", include_in_schema=False)
    def manual(request: Request, language: Language = "en") -> HTMLResponse:
        origin = f"{request.url.scheme}://{request.headers.get('host', '')}"
        prefix = request.scope.get("root_path", "")
        return _page(language, "manual", _manual(language, origin, prefix, integrity(files["ringwise.js"])))

    @app.get("/widget/privacy", include_in_schema=False)
    def privacy(language: Language = "en") -> HTMLResponse:
        return _page(language, "privacy", _privacy(language))

    @app.get("/widget/frame", include_in_schema=False)
    def frame(site: Annotated[str, Query(max_length=60)], language: Language | None = None) -> HTMLResponse:
        known = sites.named(site)
        shown: Language = language or known.language or "en"
        chat = _element(site, shown, known.region, welcome=getattr(known.welcome, shown) if known.welcome else "")
        return _page(shown, "frame", chat, " ".join(known.origins) or "'none'")


def integrity(content: bytes) -> str:
    """The hash of a file as a page writes it into `integrity`."""
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def widget_words() -> Mapping[Language, Mapping[str, str]]:
    """The words of the widget, in every language."""
    return {
        language: {key: text for key, text in load_locale(language).words.items() if key in _WORDS or key.startswith("widget.")}
        for language in LANGUAGES
    }


def _files() -> dict[str, bytes]:
    folder = resources.files("bot.web") / "widget"
    files = {file.name: file.read_bytes() for file in folder.iterdir() if file.name.endswith((".js", ".css"))}
    files["words.js"] = f"export default {json.dumps(widget_words(), ensure_ascii=False, separators=(',', ':'))};\n".encode()
    return files


def _page(language: Language, name: str, body: str, ancestors: str = "'none'") -> HTMLResponse:
    """A page; its addresses are relative, so that it also works below a path prefix."""
    title = escape(load_locale(language).text(f"widget_page.{name}"))
    page = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<title>{title}</title><link rel="stylesheet" href="v1/page.css">'
        f'<script type="module" src="v1/ringwise.js"></script></head><body><main><h1>{title}</h1>{body}</main></body></html>'
    )
    return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY.format(ancestors=ancestors), "Cache-Control": "no-cache"})


def _element(site: str, language: Language, region: str = "", mode: str = "inline", welcome: str = "") -> str:
    where = f' region="{escape(region)}"' if region else ""
    greeting = f' welcome="{escape(welcome)}"' if welcome else ""
    return f'<ringwise-chat site="{escape(site)}" language="{language}"{where} mode="{mode}"{greeting}></ringwise-chat>'


def _manual(language: Language, origin: str, prefix: str, hash_: str) -> str:
    host = origin + prefix
    words = load_locale(language)
    script = f'<script type="module" src="{host}/widget/v1/ringwise.js"\n  integrity="{hash_}" crossorigin="anonymous"></script>\n'
    snippet = script + (
        f'<ringwise-chat site="KEY" language="{language}" region="CN" theme="auto" mode="button">\n'
        f'  <a href="{host}/">{words.text("widget.open")}</a>\n</ringwise-chat>'
    )
    address = f"{host}/widget/frame?site=KEY&language={language}"
    frame = f'<iframe src="{address}" title="{words.text("title")}" width="400" height="640"></iframe>'
    rule = f"script-src {origin}; connect-src {origin}"  # with a path it would mean that one file
    return "".join([
        _other_language(language, "./"),
        f"<p>{escape(words.text('widget_page.intro'))}</p>", _sample(words.text("widget_page.snippet"), snippet),
        f"<p>{escape(words.text('widget_page.integrity'))}</p>", _sample(words.text("widget_page.policy"), rule),
        _sample(words.text("widget_page.iframe"), frame),
        f"<p>{escape(words.text('widget_page.theming'))}</p>",
        f'<p><a href="privacy?language={language}">{escape(words.text("widget_page.privacy"))}</a></p>',
        f"<h2>{escape(words.text('widget_page.demo'))}</h2>", _element(_DEMO_SITE, language),
    ])  # fmt: skip


def _sample(heading: str, code: str) -> str:
    return f'<h2>{escape(heading)}</h2><pre tabindex="0" aria-label="{escape(heading)}"><code>{escape(code)}</code></pre>'


def _privacy(language: Language) -> str:
    points = "".join(f"<li>{_linked(text)}</li>" for text in load_locale(language).texts("widget_privacy"))
    return f"{_other_language(language, 'privacy')}<ul>{points}</ul>"


def _linked(text: str) -> str:
    """A sentence, with the address in angle brackets at its end as its source."""
    words, _, address = text.partition(" <")
    if not address:
        return escape(words)
    url = escape(address.rstrip(">"))
    return f'{escape(words)} <a href="{url}" rel="noreferrer">{escape(url.split("/")[2])}</a>'


def _other_language(language: Language, path: str) -> str:
    other: Language = "zh" if language == "en" else "en"
    return f'<p><a lang="{other}" href="{path}?language={other}">{escape(load_locale(other).text("language.name"))}</a></p>'
