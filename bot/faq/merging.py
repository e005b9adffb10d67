"""Near-duplicates among questions, by meaning: the first of several wordings is answered, the others are listed.

English by the embedding model and the words, Chinese by its English terms and its character pairs, since the model knows English only.
"""

from collections.abc import Callable, Sequence

import numpy as np

from bot.embeddings import Vectors
from bot.faq.questions import FAQQuestion
from bot.text import tokenize

# Two questions are one from here on. Chosen on pairs of wordings of the development questions of seeds/evals: those of one
# question lie above, those of two sections of a guide below.
_SAME_MEANING = 0.92
_SAME_WORDS = 0.85

Encode = Callable[[Sequence[str]], Vectors]


def merge(questions: Sequence[FAQQuestion], encode: Encode, knows: Callable[[str], bool]) -> tuple[list[FAQQuestion], dict[int, int]]:
    """The questions that are answered, and for each of the others (by its place) the place of the one that it repeats."""
    kept: list[int] = []
    repeats: dict[int, int] = {}
    seen: dict[tuple[str, ...], int] = {}
    rows: dict[str, list[int]] = {}
    vectors: dict[str, list[Vectors]] = {}
    for place, question in enumerate(questions):
        words = tuple(sorted(set(tokenize(question.text))))
        key = (question.language, *words)
        first = seen.get(key)
        if first is None and not question.topic:
            first = _nearest(question, questions, rows, vectors, encode, meaning=knows(question.language))
        elif first is None and knows(question.language):
            vectors.setdefault(question.language, []).append(encode([question.text])[0])
        if first is None:
            kept.append(place)
            seen[key] = place
            rows.setdefault(question.language, []).append(place)
        else:
            repeats[place] = first
    return [questions[place] for place in kept], repeats


def _nearest(
    question: FAQQuestion,
    questions: Sequence[FAQQuestion],
    rows: dict[str, list[int]],
    vectors: dict[str, list[Vectors]],
    encode: Encode,
    *,
    meaning: bool,
) -> int | None:
    """The place of an earlier question of the same meaning; where there is none, its vector is kept for those to come."""
    places = rows.get(question.language, [])
    if not meaning:
        words = set(tokenize(question.text))
        for place in places:
            others = set(tokenize(questions[place].text))
            if words and len(words & others) / len(words | others) >= _SAME_WORDS:
                return place
        return None
    vector = encode([question.text])[0]
    known = vectors.setdefault(question.language, [])
    if known:
        cosines = np.array(known) @ vector
        best = int(cosines.argmax())
        if cosines[best] >= _SAME_MEANING:
            return places[best]
    known.append(vector)
    return None
