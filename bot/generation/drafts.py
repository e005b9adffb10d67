"""Lists of drafts: whole passages, without repeats, within the length of a short answer."""

import re
from collections.abc import Iterable, Iterator, Sequence

from langchain_core.documents import Document

from bot.generation.base import EXTRACTIVE, Draft
from bot.passages import language_of, words_of_sentence
from bot.schema import Language
from bot.text import HAN, tokenize

# An answer is short first: about 120 English words or 200 Chinese characters.
_BUDGET: dict[Language, int] = {"en": 120, "zh": 220}
_MOST_SENTENCES = 8
# Two sentences of which one has this share of the other's words say the same.
_REPEATED = 0.85


def whole(passage: Document) -> list[Draft]:
    """Every sentence of a passage, in its order."""
    return [Draft(text, passage, place) for place, text in enumerate(passage.metadata["sentences"])]


def without_repeats(drafts: Iterable[Draft]) -> Iterator[Draft]:
    """Leave out a sentence that says hardly more than one before it."""
    said: list[frozenset[str]] = []
    for draft in drafts:
        words = words_of_sentence(draft.text) if draft.writer == EXTRACTIVE else frozenset(tokenize(draft.text))
        if not any(len(words & before) >= _REPEATED * min(len(words), len(before)) for before in said if words and before):
            said.append(words)
            yield draft


def within_budget(drafts: Iterable[Draft], reserved: Sequence[Draft] = (), share: float = 1.0) -> Iterator[Draft]:
    """As many as a short answer holds, or as this share of one does, at least one; room is left for those that are reserved."""
    used = sum(_share(draft) for draft in reserved)
    count = len(reserved)
    first = True
    for draft in drafts:
        if not first and (used + _share(draft) > share or count >= share * _MOST_SENTENCES):
            return
        first = False
        used += _share(draft)
        count += 1
        yield draft


def _share(draft: Draft) -> float:
    language = language_of(draft.passage)
    return _length(draft.text, language) / _BUDGET[language]


def _length(text: str, language: Language) -> int:
    """Words in English, characters in Chinese."""
    return len(re.findall(rf"[{HAN}]|\w", text)) if language == "zh" else len(text.split())
