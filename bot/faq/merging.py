"""Near-duplicates among questions, by meaning: the first of several wordings is answered, the others are listed.

Two questions are one where they use the same telling words, name the same figures and deny the same things; in English they must also lie
close together for the embedding model, which alone takes "Is it real?" and "Is it fake?" for one. Chinese goes by words and characters,
since the model knows English only. What is missed costs a repeated entry; what is merged wrongly would lose a question, so that the
bounds are strict.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.embeddings import Vectors
from bot.faq.questions import FAQQuestion
from bot.text import normalize, tokenize

# Chosen on wordings of one question and of two, written down in the tests.
_SAME_MEANING = 0.92
_SAME_WORDS = 0.6
_SAME_WORDS_ALONE = 0.7
_SAME_LETTERS = 0.65
# How an open question is asked in Chinese denies nothing.
_OPEN = re.compile(r"是不是|能不能|可不可以|要不要|会不会|有没有|该不该|对不对")
_FIGURE = re.compile(r"\d+")
_DENIES = re.compile(r"\b(?:not|never|no|cannot|without)\b|n't\b|[不没未别勿无]")

Encode = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True)
class _Wording:
    """What of a question is compared."""

    words: frozenset[str]
    letters: frozenset[str]
    figures: tuple[str, ...]
    denials: tuple[str, ...]
    vector: Vectors | None

    def says_the_same(self, other: "_Wording") -> bool:
        if (self.figures, self.denials) != (other.figures, other.denials):
            return False
        if self.vector is not None and other.vector is not None:
            return _overlap(self.words, other.words) >= _SAME_WORDS and float(self.vector @ other.vector) >= _SAME_MEANING
        alike = _overlap(self.words, other.words) >= _SAME_WORDS_ALONE
        return alike and _overlap(self.letters, other.letters) >= _SAME_LETTERS


def merge(questions: Sequence[FAQQuestion], encode: Encode, knows: Callable[[str], bool]) -> tuple[list[FAQQuestion], dict[int, int]]:
    """The questions that are answered, and for each of the others (by its place) the place of the one that it repeats.

    Questions made from guides differ by their guide and section, and are never merged with each other.
    """
    kept: list[int] = []
    repeats: dict[int, int] = {}
    by_word: dict[tuple[str, str], list[int]] = {}
    wordings: dict[int, _Wording] = {}
    for place, question in enumerate(questions):
        if not question.topic:
            wording = wordings[place] = _wording(question, encode if knows(question.language) else None)
            near = {other for word in wording.words for other in by_word.get((question.language, word), ())}
            first = next((other for other in sorted(near) if wording.says_the_same(wordings[other])), None)
            if first is not None:
                repeats[place] = first
                del wordings[place]
                continue
            for word in wording.words:
                by_word.setdefault((question.language, word), []).append(place)
        kept.append(place)
    return [questions[place] for place in kept], repeats


def _wording(question: FAQQuestion, encode: Encode | None) -> _Wording:
    plain = _OPEN.sub("", normalize(question.text))
    return _Wording(
        frozenset(tokenize(question.text)),
        frozenset(letter for letter in plain if letter.isalnum()),
        tuple(sorted(_FIGURE.findall(plain))),
        tuple(sorted(_DENIES.findall(plain))),
        encode([question.text])[0] if encode else None,
    )


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0
