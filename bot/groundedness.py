"""Is a sentence supported by what it cites? The last gate before a visitor sees it.

Extractive sentences must stand in the cited passage character for character.
"""

from bot.generation.base import Draft


def is_supported(draft: Draft) -> bool:
    """Whether the draft is the very sentence that it names, and that sentence stands in the passage."""
    sentences = draft.passage.metadata["sentences"]
    if not 0 <= draft.sentence < len(sentences):
        return False
    return draft.text == sentences[draft.sentence] and draft.text in draft.passage.page_content
