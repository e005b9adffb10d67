"""No telephone number or web address in a guide that the directory or the bibliography does not have."""

from collections.abc import Collection, Iterable, Iterator
from urllib.parse import urlsplit

from bot.bibliography import Bibliography
from bot.contacts import ContactBook
from bot.contacts_in_text import telephone_numbers, web_addresses
from bot.errors import SourceProblem
from ingest.guides import Guide
from ingest.loaders import Block


def check_contacts(guides: Iterable[Guide], book: ContactBook, bibliography: Bibliography) -> Iterator[SourceProblem]:
    hosts = _hosts_and_parents(bibliography)
    for guide in guides:
        for block in guide.blocks():
            yield from _unknown_numbers(guide, block, book)
            yield from _unknown_addresses(guide, block, book, hosts)


def _hosts_and_parents(bibliography: Bibliography) -> frozenset[str]:
    """The hosts of the sources and the domains that they are part of: police.gov.sg stands for gov.sg too."""
    found: set[str] = set()
    for entry in bibliography.values():
        names = (urlsplit(entry.url).hostname or "").split(".")
        found.update(".".join(names[start:]) for start in range(len(names) - 1))
    return frozenset(found)


def _unknown_numbers(guide: Guide, block: Block, book: ContactBook) -> Iterator[SourceProblem]:
    for match in telephone_numbers(block.text, book.knows):
        if not book.knows(match.group()):
            reason = f"the telephone number {match.group()} is not in contacts.yaml."
            yield guide.problem(reason, "Add it there with its source, or leave it out.", block)


def _unknown_addresses(
    guide: Guide, block: Block, book: ContactBook, hosts: Collection[str]
) -> Iterator[SourceProblem]:
    for match in web_addresses(block.text):
        host = match.group(1).lower().removeprefix("www.")
        if host not in hosts and not book.knows(host):
            reason = f"the web address {host} is neither in contacts.yaml nor in bibliography.yaml."
            yield guide.problem(reason, "Add it there with its source, or leave it out.", block)
