"""Which of the sentences that a chat model writes may be shown: those that a passage they cite supports, each once."""

from collections.abc import Sequence

from langchain_core.documents import Document

from bot.errors import ChatModelFailed
from bot.generation.base import Draft
from bot.generation.cited_text import CitedSentence
from bot.generation.repeats import Said
from bot.groundedness import Guard
from bot.schema import Language
from bot.text import detect_language

# A model that has written so much without one sentence that stands in the sources, or that mostly repeats itself, will not mend.
_HOPELESS = 6
_MOST_REPEATS = 3


class Sieve:
    """Judges the sentences of one answer as they come; `passages` are those the model was given, in the order of their numbers."""

    def __init__(self, guard: Guard, passages: Sequence[Document], language: Language, writer: str) -> None:
        self._guard = guard
        self._passages = passages
        self._language = language
        self._writer = writer
        self._said = Said()
        self._repeats = 0
        self.written = 0
        self.kept = 0

    @property
    def enough(self) -> bool:
        """Whether at least half of what was written may be shown."""
        return self.kept > 0 and 2 * self.kept >= self.written

    def draft(self, sentence: CitedSentence) -> Draft | None:
        """The draft of a sentence that may be shown, else None. Raises ChatModelFailed where the answer is past mending."""
        if not sentence.is_statement:
            return None
        draft = self._supported(sentence)
        if draft is None or self._said.add(draft.text):
            self.written += 1
            self.kept += draft is not None
        else:
            draft = None
            self._repeats += 1
        if self._repeats > max(_MOST_REPEATS, self.kept):
            raise ChatModelFailed("it repeats itself")
        if self.written >= _HOPELESS and not self.kept:
            raise ChatModelFailed("nothing that it writes stands in the passages that it cites")
        return draft

    def _supported(self, sentence: CitedSentence) -> Draft | None:
        if detect_language(sentence.text) != self._language:
            return None
        for mark in sentence.marks:
            if 1 <= mark <= len(self._passages):
                finding = self._guard.check(sentence.text, self._passages[mark - 1])
                if finding.supported:
                    return Draft(sentence.text, self._passages[mark - 1], finding.sentence, self._writer)
        return None
