"""Answers as HTML for the web chat. Everything from a visitor or a source is escaped here; links are http(s) only."""

from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby

from pydantic import BaseModel, ConfigDict

from bot.errors import BotError
from bot.i18n import Locale, load_locale, shown_date
from bot.schema import Answer, Choice, Citation, Contact, Language, Sentence

_ORDERED = {"how", "emergency"}
_MOST_OF_REFUSED = 200  # characters
_PLACES = 6  # shown at once; the others behind one more tap


class Exchange(BaseModel):
    """One question and what has been shown of its answer so far; the page holds these and sends them along."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)  # an error is logged, a visitor's words are not

    question: str
    language: Language
    sentences: list[Sentence] = []
    citations: list[Citation] = []
    answer: Answer | None = None
    error: str = ""
    stopped: bool = False


def transcript(exchanges: Sequence[Exchange], language: Language, *, working: bool = False) -> str:
    """The conversation; example questions where there is none yet."""
    locale = load_locale(language)
    if not exchanges:
        return _examples(locale)
    last = len(exchanges) - 1
    parts = [_exchange(n, exchange, locale, working and n == last) for n, exchange in enumerate(exchanges)]
    return f'<div class="rw-log">{"".join(parts)}</div>'


def sources(exchanges: Sequence[Exchange], language: Language) -> str:
    """Every citation of the conversation as a card; the script shows the one that was chosen."""
    locale = load_locale(language)
    cards = "".join(
        _card(number, citation, locale) for number, exchange in enumerate(exchanges) for citation in exchange.citations
    )
    return (
        f'<section class="rw-sources" aria-label="{words(locale, "sources")}"><h2>{words(locale, "sources")}</h2>'
        f'<p class="rw-none">{words(locale, "sources.none")}</p>{cards}</section>'
    )


def header(language: Language) -> str:
    locale = load_locale(language)
    return (
        f'<header class="rw-header" lang="{language}"><h1>{words(locale, "title")}</h1>'
        f"<p><strong>{words(locale, 'subtitle')}</strong> {words(locale, 'about')} {words(locale, 'privacy')}</p>"
        f'<p><button type="button" class="rw-chip rw-emergency" data-ask="{words(locale, "example.scammed")}">'
        f'{words(locale, "emergency.button")}</button></p></header>'
    )


def plain_text(exchange: Exchange) -> str:
    """What a screen reader is told when an answer is complete."""
    if exchange.error:
        return exchange.error
    return exchange.answer.text if exchange.answer else ""


def error_text(error: BotError, language: Language) -> str:
    """What a visitor is told of an error, in the page's language."""
    locale = load_locale(language)
    key = f"error.{error.code}"
    return locale.text(key, **error.values) if key in locale.words else locale.text("error.internal")


def words(locale: Locale, key: str, **values: object) -> str:
    return escape(locale.text(key, **values))


def _examples(locale: Locale) -> str:
    return (
        f'<div class="rw-examples"><h2>{words(locale, "examples")}</h2>{_questions(locale.texts("example"), locale.language)}</div>'
    )


def _questions(questions: Iterable[str], language: Language) -> str:
    return _chips([Choice(kind="more", label=question, question=question) for question in questions], language)


def _chips(choices: Iterable[Choice], language: Language) -> str:
    buttons = (f'<button type="button" class="rw-chip" data-ask="{escape(c.question)}">{escape(c.label)}</button>' for c in choices)
    return f'<div class="rw-chips" lang="{language}">{"".join(buttons)}</div>'


def _exchange(number: int, exchange: Exchange, locale: Locale, working: bool) -> str:
    asked = _shortened(exchange.question) if exchange.error else exchange.question
    question = f'<div class="rw-question"><h3 class="rw-who">{words(locale, "you")}</h3><p>{escape(asked)}</p></div>'
    return f'<article class="rw-exchange">{question}{_reply(number, exchange, locale, working)}</article>'


def _shortened(question: str) -> str:
    """The start of a question that could not be answered: it stays whole in the box, and the reason must not be pushed off the screen."""
    return question if len(question) <= _MOST_OF_REFUSED else f"{question[:_MOST_OF_REFUSED]}…"


def _reply(number: int, exchange: Exchange, locale: Locale, working: bool) -> str:
    answer = exchange.answer
    who = f'<h3 class="rw-who">{words(locale, "bot")}</h3>'
    if exchange.error:
        return f'<div class="rw-answer rw-error" role="alert">{who}<p>{escape(exchange.error)}</p></div>'
    urgent = answer is not None and answer.status == "emergency"
    contacts = contact_list(answer.contacts, locale) if answer else ""
    body = _sentences(number, exchange, locale)
    body = contacts + body if urgent else body + contacts
    if answer and answer.lead:
        body = f'<p class="rw-now"><strong>{escape(answer.lead)}</strong></p>{body}'
    if answer and not exchange.sentences:
        body = f"<p>{escape(answer.text)}</p>"
    if answer and answer.notice:
        body += f'<p class="rw-notice">{escape(answer.notice)}</p>'
    if not answer:
        state = "stopped" if exchange.stopped else "thinking"
        body += f'<p class="rw-notice">{words(locale, state)}</p>' if working or exchange.stopped else ""
    tail = ""
    if answer:
        copy = f'<button type="button" class="rw-copy" data-done="{words(locale, "copied")}">{words(locale, "copy")}</button>'
        tail = (copy if exchange.sentences else "") + _choices(answer, load_locale(answer.language))
        if answer.follow_ups:
            tail += f'<p class="rw-label">{words(locale, "follow_ups")}</p>{_questions(answer.follow_ups, answer.language)}'
    return f'<div class="rw-answer">{who}<div class="rw-text" lang="{exchange.language}">{body}</div>{tail}</div>'


def _sentences(number: int, exchange: Exchange, locale: Locale) -> str:
    if not exchange.sentences:
        return ""
    ordered = exchange.answer is not None and exchange.answer.intent in _ORDERED
    tag = "ol" if ordered else "ul"
    parts = [
        (f"<h4>{escape(heading)}</h4>" if heading else "") + f"<{tag}>{_items(number, list(sentences), exchange, locale)}</{tag}>"
        for heading, sentences in groupby(exchange.sentences, key=lambda sentence: sentence.heading)
    ]
    return "".join(parts)


def _items(number: int, sentences: Sequence[Sentence], exchange: Exchange, locale: Locale) -> str:
    languages = {citation.n: citation.language for citation in exchange.citations}
    items = []
    for sentence in sentences:
        marks = "".join(_mark(number, n, locale) for n in sentence.citations)
        language = languages.get(sentence.citations[0], exchange.language) if sentence.citations else exchange.language
        items.append(f'<li lang="{language}">{escape(sentence.text)}{marks}</li>')
    return "".join(items)


def _choices(answer: Answer, locale: Locale) -> str:
    """What may be tapped in answer to us: what was given away, where the person is (the likeliest places at once), more."""
    of_kind = {kind: [choice for choice in answer.choices if choice.kind == kind] for kind in ("given", "region", "more")}
    parts = []
    if of_kind["given"]:
        parts.append(f'<p class="rw-label">{words(locale, "emergency.given")}</p>{_chips(of_kind["given"], locale.language)}')
    if places := of_kind["region"]:
        rest = _chips(places[_PLACES:], locale.language)
        others = f'<details><summary>{words(locale, "emergency.more_places")}</summary>{rest}</details>'
        parts.append(f'<p class="rw-label">{words(locale, "emergency.where")}</p>{_chips(places[:_PLACES], locale.language)}{others}')
    return "".join(parts) + (_chips(of_kind["more"], locale.language) if of_kind["more"] else "")


def contact_list(contacts: Sequence[Contact], locale: Locale) -> str:
    """Whom to ring, as links that a telephone dials; web addresses of the directory are links as well."""
    rows = "".join(
        f"<li><strong>{_dial(contact.value)}</strong> {escape(contact.label)}"
        f"{f' ({escape(contact.hours)})' if contact.hours else ''}. {words(locale, 'contact.checked', day=contact.checked_on)}</li>"
        for contact in contacts
    )
    if not rows:
        return ""
    return f'<div class="rw-contacts"><h4>{words(locale, "contacts")}</h4><ul>{rows}</ul></div>'


def _dial(value: str) -> str:
    if value.startswith(("http://", "https://")):
        return link_to(value, value)
    digits = "".join(sign for sign in value if sign.isdigit() or sign in "+#*")
    return f'<a href="tel:{escape(digits)}">{escape(value)}</a>' if digits else escape(value)


def _mark(exchange: int, number: int, locale: Locale) -> str:
    label = words(locale, "source.open", n=number)
    return f' <button type="button" class="rw-cite" data-cite="{exchange}-{number}" aria-label="{label}">[{number}]</button>'


def _card(exchange: int, citation: Citation, locale: Locale) -> str:
    title = f'<h3 tabindex="-1"><span class="rw-n">[{citation.n}]</span> {escape(citation.title)}</h3>'
    rows = [(locale.text("source.section"), escape(citation.section))] if citation.section else []
    rows.append((locale.text("source.publisher"), escape(citation.publisher)))
    rows.append((locale.text("source.date"), escape(shown_date(citation.date, locale))))
    facts = "".join(f"<div><dt>{escape(name)}</dt><dd>{value}</dd></div>" for name, value in rows)
    origin = link_to(citation.url, locale.text("source.link"))
    references = "".join(
        f"<li>{escape(r.publisher)}: {link_to(r.url, r.title) or escape(r.title)} ({escape(shown_date(r.date, locale))})</li>"
        for r in citation.references
    )
    based = f"<h4>{words(locale, 'source.references')}</h4><ul>{references}</ul>" if references else ""
    close = f'<button type="button" class="rw-close" aria-label="{words(locale, "source.close")}">×</button>'
    return (
        f'<article class="rw-card" id="rw-card-{exchange}-{citation.n}" hidden>{close}{title}<dl>{facts}</dl>'
        f"{f'<p>{origin}</p>' if origin else ''}<h4>{words(locale, 'source.passage')}</h4>{marked_passage(citation)}{based}</article>"
    )


def marked_passage(citation: Citation) -> str:
    """The passage as paragraphs, with the quoted sentence marked where it stands."""
    before, found, after = citation.passage.partition(citation.quote)
    marked = f"{escape(before)}<mark>{escape(found)}</mark>{escape(after)}" if found else escape(citation.passage)
    return f'<blockquote lang="{citation.language}">{marked.replace(chr(10), "<br>")}</blockquote>'


def link_to(url: str, text: str) -> str:
    if not url.startswith(("https://", "http://")):
        return ""
    return f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer nofollow">{escape(text)}</a>'
