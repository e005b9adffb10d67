"""The last gate before a visitor: no telephone number and no address that is not in the directory or a link of a cited source.

It asks nothing about where a sentence comes from, so that it holds for every generator. Amounts, years and counts are no numbers to ring.
"""

from urllib.parse import urlsplit

from langchain_core.documents import Document

from bot.contacts import ContactBook
from bot.contacts_in_text import telephone_numbers, web_addresses


class ContactGate:
    """Lets a text through whose every contact is known."""

    def __init__(self, book: ContactBook) -> None:
        self._book = book

    def lets_through(self, text: str, passage: Document | None = None) -> bool:
        """Whether every number is in the directory, and every address there or of a source on which the passage rests."""
        return not self.unknown_in(text, passage)

    def unknown_in(self, text: str, passage: Document | None = None) -> list[str]:
        """The numbers and addresses of a text that nothing vouches for, as they stand in it."""
        numbers = [m.group() for m in telephone_numbers(text, self._book.knows) if not self._book.knows(m.group())]
        addresses = [m.group(1) for m in web_addresses(text)]
        hosts = _hosts(passage) if passage and addresses else set()
        unknown = [host for host in addresses if host.lower().removeprefix("www.") not in hosts and not self._book.knows(host)]
        return [*numbers, *unknown]


def _hosts(passage: Document) -> set[str]:
    """The hosts of a passage's source and references, and the domains that they are part of."""
    urls = [passage.metadata["url"], *(reference["url"] for reference in passage.metadata["references"].values())]
    found: set[str] = set()
    for url in urls:
        names = (urlsplit(url).hostname or "").split(".")
        found.update(".".join(names[start:]) for start in range(len(names) - 1))
    return found
