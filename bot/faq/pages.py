"""What is published of a FAQ: the entries of one language by topic, with the places in which they stand and their sources told once.

Knows no file format: `formats.py` writes it.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.faq.folder import lines_of
from bot.i18n import Locale, load_locale
from bot.schema import Citation, Contact, FAQEntry, Language, Reference

# Two columns of a sheet in the handout's usual size, measured on the shipped guides; a Chinese letter is as wide as two others.
_LETTERS_A_SHEET = 2_700


@dataclass(frozen=True)
class Source:
    """A source of an entry, with the numbers of the sentences that rest on it; `anchors` are those that it is the first source of."""

    numbers: tuple[int, ...]
    anchors: tuple[int, ...]
    publisher: str
    title: str
    url: str
    date: str


@dataclass(frozen=True)
class Item:
    """An entry as it is published."""

    entry: FAQEntry

    @property
    def lines(self) -> list[tuple[str, str, tuple[int, ...]]]:
        """The lines of the answer as (kind, words, citation numbers); kind is `heading`, `item` or `paragraph`."""
        return list(lines_of(self.entry.text))

    @property
    def plain(self) -> str:
        """The words of the answer alone, a line each."""
        return "\n".join(words for _, words, _ in self.lines)

    @cached_property
    def sources(self) -> list[Source]:
        """Every source once, in the order in which the sentences need them."""
        numbers: dict[Reference, list[int]] = {}
        for citation in self.entry.citations:
            for reference in citation.references or (_itself(citation),):
                numbers.setdefault(reference, []).append(citation.n)
        told: set[int] = set()
        sources = []
        for reference, cited in numbers.items():
            anchors = tuple(n for n in cited if n not in told)
            told.update(anchors)
            sources.append(
                Source(tuple(cited), anchors, reference.publisher, reference.title, _link(reference.url), reference.date)
            )
        return sources


@dataclass(frozen=True)
class Topic:
    """The entries about one guide."""

    id: str
    title: str
    items: tuple[Item, ...]

    def short(self, question: str) -> str:
        """A question under the heading of its topic, which it need not name again."""
        rest = question.removeprefix(self.title).lstrip(":： ")
        return rest[:1].upper() + rest[1:] if rest else question

    @property
    def is_long(self) -> bool:
        """Whether it fills more than one sheet of A4 in letters of the usual size."""
        letters = sum(len(item.plain) * (2 if item.entry.language == "zh" else 1) for item in self.items)
        return letters > _LETTERS_A_SHEET

    @property
    def publications(self) -> list[str]:
        """What the topic rests on, each publisher once with the dates of what was read."""
        dates: dict[str, list[str]] = {}
        for item in self.items:
            for source in item.sources:
                known = dates.setdefault(source.publisher, [])
                if source.date not in (*known, "undated"):
                    known.append(source.date)
        return [f"{publisher} ({', '.join(sorted(known))})" if known else publisher for publisher, known in dates.items()]


@dataclass(frozen=True)
class FAQPage:
    """All that is published in one language for one audience."""

    language: Language
    audience: str
    contacts: tuple[Contact, ...]
    topics: tuple[Topic, ...]

    @property
    def locale(self) -> Locale:
        return load_locale(self.language)

    @property
    def items(self) -> Iterator[Item]:
        return (item for topic in self.topics for item in topic.items)

    @property
    def structured(self) -> str:
        """The page as schema.org's FAQPage in JSON-LD, safe inside of a script element."""
        questions = [
            {
                "@type": "Question",
                "name": item.entry.question,
                "acceptedAnswer": {"@type": "Answer", "text": item.plain},
            }
            for item in self.items
        ]
        page = {"@context": "https://schema.org", "@type": "FAQPage", "inLanguage": self.language, "mainEntity": questions}
        return json.dumps(page, ensure_ascii=False).replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def page_of(entries: Sequence[FAQEntry], language: Language, audience: str, contacts: Sequence[Contact]) -> FAQPage:
    """The page of these entries in their order; a topic stands where its first entry does."""
    topics: dict[str, list[FAQEntry]] = {}
    for entry in entries:
        if entry.language == language:
            topics.setdefault(entry.topic, []).append(entry)
    return FAQPage(
        language,
        audience,
        tuple(contacts),
        tuple(Topic(name, rows[0].topic_title, tuple(Item(row) for row in rows)) for name, rows in topics.items()),
    )


def _itself(citation: Citation) -> Reference:
    """A citation of a text that rests on nothing else, such as an article."""
    return Reference(publisher=citation.publisher, title=citation.title, url=citation.url, date=citation.date)


def _link(url: str) -> str:
    return url if url.startswith(("http://", "https://")) else ""
