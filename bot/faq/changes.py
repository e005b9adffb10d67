"""What has become of the sources of an entry: which of its passages do not stand in the index any more, and how they differ."""

import difflib
from collections.abc import Iterable

from langchain_core.documents import Document

from bot.contacts import ContactBook
from bot.schema import Citation, FAQEntry

_Place = tuple[str, str, str]


class Sources:
    """The passages of the index in use, by source, language and section."""

    def __init__(self, passages: Iterable[Document], book: ContactBook) -> None:
        self._book = book
        self._by_place: dict[_Place, list[Document]] = {}
        for passage in passages:
            facts = passage.metadata
            self._by_place.setdefault((facts["source_id"], facts["language"], facts["section"]), []).append(passage)

    def changed(self, entry: FAQEntry) -> list[Citation]:
        """The citations whose passage is not in the index word for word; one for each passage."""
        gone = {citation.passage_id: citation for citation in entry.citations if citation.passage not in self._texts(citation)}
        return list(gone.values())

    def withdrawn(self, entry: FAQEntry) -> list[str]:
        """The numbers and addresses of an entry that the directory does not have any more."""
        return [contact.value for contact in entry.contacts if not self._book.knows(contact.value)]

    def needs_a_look(self, entry: FAQEntry) -> bool:
        return entry.status == "needs_review" or bool(self.changed(entry) or self.withdrawn(entry))

    def marked(self, entry: FAQEntry) -> FAQEntry:
        """An entry that a person approved, to be looked at again: its text untouched, its passages as they are now, the difference told."""
        changed = {citation.passage_id: self._now(citation) for citation in self.changed(entry)}
        told = [self._difference(citation) for citation in self.changed(entry)]
        told += [f"- {value}\n" for value in self.withdrawn(entry)]
        citations = tuple(changed.get(citation.passage_id, citation) for citation in entry.citations)
        same_quotes = tuple(
            now.model_copy(update={"n": old.n, "quote": old.quote, "references": old.references})
            for now, old in zip(citations, entry.citations, strict=True)
        )
        contacts = tuple(contact for contact in entry.contacts if self._book.knows(contact.value))
        return entry.model_copy(
            update={"status": "needs_review", "difference": "".join(told), "citations": same_quotes, "contacts": contacts}
        )

    def _texts(self, citation: Citation) -> list[str]:
        found = self._by_place.get((citation.source_id, citation.language, citation.section), [])
        return [passage.page_content for passage in found] or [""]

    def _now(self, citation: Citation) -> Citation:
        """The citation on the passage that is most like its old one; on none where the whole section is gone."""
        best = max(self._texts(citation), key=lambda text: difflib.SequenceMatcher(None, citation.passage, text).quick_ratio())
        return citation.model_copy(update={"passage": best})

    def _difference(self, citation: Citation) -> str:
        lines = difflib.unified_diff(
            citation.passage.splitlines(keepends=True),
            self._now(citation).passage.splitlines(keepends=True),
            f"{citation.source_id}: {citation.section} ({citation.language})",
            "now",
            lineterm="\n",
        )
        return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
