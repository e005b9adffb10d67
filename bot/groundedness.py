"""Is a sentence supported by what it cites? The last gate before a visitor sees it.

Extractive sentences must stand in the cited passage character for character.
"""

from dataclasses import dataclass

from langchain_core.documents import Document

from bot.generation.base import Draft


@dataclass(frozen=True)
class Finding:
    """Whether a text is supported, why not where it is not, and the sentence of the passage that is nearest to it."""

    supported: bool
    reason: str = ""
    sentence: int = -1


class Guard:
    """Checks sentences against the passages that they cite."""

    def check(self, text: str, passage: Document) -> Finding:
        """Whether the passage supports the text; quotes of whole sentences always are."""
        sentences = passage.metadata["sentences"]
        if text in sentences:
            return Finding(True, sentence=sentences.index(text))
        return Finding(False, "not a sentence of the passage")


def is_supported(draft: Draft) -> bool:
    """Whether the draft is the very sentence that it names, and that sentence stands in the passage."""
    sentences = draft.passage.metadata["sentences"]
    if not 0 <= draft.sentence < len(sentences):
        return False
    return draft.text == sentences[draft.sentence] and draft.text in draft.passage.page_content
