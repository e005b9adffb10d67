"""A verdict as HTML for the web chat: the message with its signs numbered in place, for and against, what to do, and the sources.

Everything from a visitor or a source is escaped; links of a message are shown broken and cannot be clicked.
"""

from collections.abc import Sequence
from html import escape

from bot.i18n import Locale, load_locale, shown_date
from bot.marking import Piece, pieces
from bot.schema import Citation, Signal, Verdict, VerdictKind
from bot.web.render import contact_list, link_to, marked_passage, words

# A letter beside the words, for those who see no colour; in every font.
_SHAPES: dict[VerdictKind, str] = {"strong_signs": "!", "cannot_tell": "?", "no_known_signs": "i"}


def verdict_view(verdict: Verdict, message: str) -> str:
    """The whole verdict; what to do stands before what to learn."""
    locale = load_locale(verdict.language)
    urgent = f'<p class="rw-now"><strong>{words(locale, "verdict.emergency")}</strong></p>' if verdict.emergency else ""
    parts = [
        f'<h2><span class="rw-shape" aria-hidden="true">{_SHAPES[verdict.verdict]}</span> {escape(verdict.headline)}</h2>',
        urgent,
        _list("verdict.advice", verdict.advice, locale, "ol"),
        contact_list(verdict.contacts, locale),
        _message(message, verdict, locale) if verdict.signals else "",
        _sides(verdict, locale),
        _list("verdict.settle_it", verdict.settle_it, locale),
        _list("verdict.similar", [scam.title for scam in verdict.scam_types], locale),
        _story(verdict, locale),
        _sources(verdict.citations, locale),
    ]
    return f'<section class="rw-verdict rw-{verdict.verdict}" lang="{verdict.language}">{"".join(parts)}</section>'


def _list(key: str, lines: Sequence[str], locale: Locale, tag: str = "ul") -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<h3>{words(locale, key)}</h3><{tag}>{items}</{tag}>" if items else ""


def _message(message: str, verdict: Verdict, locale: Locale) -> str:
    body = "".join(map(_piece, pieces(message, verdict.signals)))
    return f'<h3>{words(locale, "verdict.message")}</h3><blockquote lang="{verdict.message_language}" dir="auto">{body}</blockquote>'


def _piece(piece: Piece) -> str:
    text = escape(piece.text).replace("\n", "<br>")
    marks = "".join(f'<sup class="rw-sign">{number}</sup>' for number in piece.opens)
    return marks + (f"<mark>{text}</mark>" if piece.inside and text else text)


def _sides(verdict: Verdict, locale: Locale) -> str:
    """For and against, side by side."""
    for_it = "".join(_signal(signal) for signal in verdict.signals)
    against = "".join(f"<li>{escape(line)}</li>" for line in verdict.against)
    nothing = f"<li>{words(locale, 'verdict.nothing')}</li>"
    return (
        f'<div class="rw-sides"><div><h3>{words(locale, "verdict.for")}</h3><ol>{for_it or nothing}</ol></div>'
        f'<div><h3>{words(locale, "verdict.against")}</h3><ul>{against or nothing}</ul></div></div>'
    )


def _signal(signal: Signal) -> str:
    marks = "".join(f" [{n}]" for n in signal.citations)
    return f"<li><strong>{escape(signal.name)}</strong>: {escape(signal.why)}{marks}</li>"


def _story(verdict: Verdict, locale: Locale) -> str:
    if verdict.story is None:
        return ""
    say = [verdict.story.say] if verdict.story.say else []
    return (
        _list("verdict.reached", [verdict.story.reached], locale)
        + _list("verdict.next", verdict.story.next, locale)
        + _list("verdict.say", say, locale)
    )


def _sources(citations: Sequence[Citation], locale: Locale) -> str:
    """Each source behind one tap, with the sentence marked where it stands."""
    rows = "".join(_source(citation, locale) for citation in citations)
    return f"<h3>{words(locale, 'sources')}</h3>{rows}" if rows else ""


def _source(citation: Citation, locale: Locale) -> str:
    references = "".join(
        f"<li>{escape(r.publisher)}: {link_to(r.url, r.title) or escape(r.title)} ({escape(shown_date(r.date, locale))})</li>"
        for r in citation.references
    )
    based = f"<p>{words(locale, 'source.references')}</p><ul>{references}</ul>" if references else ""
    return (
        f"<details><summary>[{citation.n}] {escape(citation.title)}, {escape(citation.section)} "
        f"({escape(citation.publisher)}, {escape(shown_date(citation.date, locale))})</summary>{marked_passage(citation)}{based}</details>"
    )
