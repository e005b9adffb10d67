"""Single sentences that fit a question best: for a fact, wherever it stands, and for the one that settles a yes-or-no question."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

import numpy as np
from langchain_core.documents import Document

from bot.generation.base import Draft
from bot.generation.drafts import whole
from bot.passages import language_of, words_of_sentence
from bot.retrieval.hybrid import Found
from bot.schema import Language
from bot.store import Index
from bot.text import normalize
from bot.understanding import Query

_MOST_FACTS = 4
# A sentence that fits the question much worse than the best one is left out.
_SHARE_OF_BEST = 0.72
_WEIGHT_OF_MEANING = 0.5
# A sentence without the years or numbers of the question is about another year or case.
_OTHER_NUMBER = 0.25
# A fact is quoted from the text that reported it rather than from a guide that repeats it, in the language of the question
# where it stands in both, and not from what a scammer says or does: alone, that would read as if it were so.
_ORIGINAL = 0.12
_FOREIGN = 0.5
_STORY = 0.25
_STORY_SECTIONS = {"how", "signs"}
# A sentence settles a question where it fits this well, and says what always or never is so. Chosen on the development split.
_SETTLES: dict[Language, float] = {"en": 0.38, "zh": 0.36}

_YES_NO = {
    "en": re.compile(
        r"(?:^|[.!?,;:] *)(?:so |and |but |ok |then )?(?:is|are|am|was|were|do|does|did|can|could|will|would|should|has|have|may|must|isn't"
        r"|aren't|don't|doesn't|can't|won't|shouldn't)\b(?!.*\b(?:what|how|which|who|where|when)\b)|\btrue that\b|\bis it true\b"
    ),
    "zh": re.compile(
        r"吗|是不是|会不会|能不能|可不可以|要不要|该不该|有没有|是否|对不对|犯不犯"
        r"|^(?!.*(?:怎么|如何|怎样|咋|什么|哪)).*(?:真的假的|是真的)"
    ),
}
_SETTLED = {
    "en": re.compile(r"\b(?:never|no|not|nobody|none|nothing|cannot|only|always|illegal|crime|faked)\b"),
    "zh": re.compile(r"绝|不|没有|从来|都是|就是|只有|一律|凡是|违法|犯罪|诈骗|骗子|骗局"),
}

# "Should I …?" is settled by what to do, "Do they …?" by what is so.
_ASKS_FOR_ADVICE = re.compile(r"\b(?:should|shall|must|have to|need to)\b|该不该|要不要|应不应该|应该")
_ADVICE_SECTIONS = {"now", "paid", "what-not-to-do", "first-day", "first-week", "what-to-say"}
_OTHER_KIND = 0.12
_NAMED = 0.1
# A rule settles better than what a scam is; a figure settles nothing, nor does "Real: …" where the question is whether it is real.
_RULES = {
    "en": re.compile(
        r"\bnever\b|\bno (?:real|one)\b|\bnobody\b|\bthere is no\b|\bagainst the law\b|\billegal\b|\bcrime\b|\bproves? nothing\b"
        r"|\b(?:always|is|are) (?:a )?(?:scams?|fraud|fakes?)\b|\bcan (?:be faked|fake|copy)\b|\bmay still be\b|\bonly\b.*\bproof\b"
    ),
    "zh": re.compile(
        r"绝不|不会(?!用|上)|都没有|没有任何|违法|犯法|犯罪|不代表|不能(?:当|证明|算)|不算证明|可以造假|可以改号|也可能是|就是骗"
        r"|都是骗|本来就是|凡是|一律|不用你花钱"
    ),
}
# Of whether something is allowed, what the law says is a rule too.
_LAWS = {
    "en": re.compile(r"\bagainst the law\b|\billegal\b|\bcrimes?\b|\bprison\b|\boffences?\b|\blaw\b"),
    "zh": re.compile(r"违法|犯法|犯罪|坐牢|刑|不准|不得|法规定"),
}
# The guides whose rules hold for every scam, and how many of the best passages name the others.
_OF_ALL_SCAMS, _GUIDES_MEANT = ("common-warning-signs", "real-or-fake"), 4
_OF_ANOTHER = 0.5  # what a rule of another guide is worth
_SAYS_REAL = re.compile(r"真的：|Real: ")
_RULE: dict[Language, float] = {"en": 0.05, "zh": 0.12}
_NO_RULE = 0.2

Weights = Mapping[str, float]


def asks_yes_or_no(question: str, language: Language) -> bool:
    """`asks_yes_or_no("Do the police ever ask for a transfer?", "en")`; not "How do the police ask?"."""
    return bool(_YES_NO[language].search(normalize(question)))


class Facts:
    """Scores the sentences of passages against a question."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def best(self, query: Query, passages: Iterable[Document]) -> list[Draft]:
        """The few best sentences, best first; of passages without any that fits, the one that fits least badly."""
        scored = sorted(self._scored(query, passages), key=lambda item: item[0], reverse=True)
        if not scored:
            return []
        least = max(_SHARE_OF_BEST * scored[0][0], 0.0)
        return [scored[0][1], *(draft for score, draft in scored[1:_MOST_FACTS] if score >= least)]

    def settling(self, query: Query, found: Found) -> list[Draft]:
        """The sentence that settles a yes-or-no question, where one does."""
        if not asks_yes_or_no(query.question, query.language):
            return []
        language = query.language
        passages = {str(p.id): p for p in (*found.passages, *found.fact_passages, *self._laws(query)) if language_of(p) == language}
        advice = bool(_ASKS_FOR_ADVICE.search(normalize(query.question)))
        meant = {*query.topics, *_OF_ALL_SCAMS, *(str(p.metadata["source_id"]) for p in found.passages[:_GUIDES_MEANT])}
        scored = [
            (score + _settles_as(draft, query, advice, meant), draft)
            for score, draft in self._scored(query, passages.values())
            if _says(_SETTLED[language], draft.text)
        ]
        score, draft = max(scored, key=lambda item: item[0], default=(0.0, None))
        return [draft] if draft and score >= _SETTLES[language] else []

    def _laws(self, query: Query) -> list[Document]:
        """For who asks what is allowed: the guides to the law, whatever else was found."""
        guides = query.guides if query.intent == "law" else ()
        return [self._index.passages[key] for guide in guides for key in self._index.by_source.get((guide, query.language), ())]

    def _scored(self, query: Query, passages: Iterable[Document]) -> Iterator[tuple[float, Draft]]:
        own = self._index.keyword.rarities(query.reading.tokens)
        english = self._index.keyword.rarities(query.reading.english_tokens)
        for passage in passages:
            for draft, score in zip(whole(passage), self._scores(passage, query, own, english), strict=True):
                yield float(score) + _bonus(passage, query), draft

    def _scores(self, passage: Document, query: Query, own: Weights, english: Weights) -> Sequence[float]:
        """How well each sentence fits: its share of the question's words, and its nearness in meaning where the model knows.

        `own` and `english` weigh the words of the question and of its English terms.
        """
        heading_words = words_of_sentence(f"{passage.metadata['title']} {passage.metadata['section']}")
        reading = query.reading
        foreign = language_of(passage) != query.language
        weights = english if foreign else own
        total = sum(weights.values()) or 1.0
        numbers = {token for token in weights if token[0].isdigit()}
        words = []
        for sentence in passage.metadata["sentences"]:
            present = words_of_sentence(sentence)
            other = _OTHER_NUMBER if numbers and not numbers & present else 0.0
            shared = sum(weight for token, weight in weights.items() if token in present)
            headed = heading_words - present
            framed = sum(weight for token, weight in weights.items() if token in headed)
            words.append((shared + 0.5 * framed) / total - 2 * other)
        vectors = self._index.sentence_vectors(str(passage.id))
        vector = reading.english_vector if foreign else reading.vector
        if vectors is None and reading.english_vector is not None:  # a guide says in English what it says in Chinese
            vectors, vector = self._index.twin_vectors(str(passage.id), "en"), reading.english_vector
        if vectors is None or vector is None:
            return words
        meaning = np.asarray(vectors @ vector)
        return [(1 - _WEIGHT_OF_MEANING) * w + _WEIGHT_OF_MEANING * float(m) for w, m in zip(words, meaning, strict=True)]


@lru_cache(maxsize=20_000)
def _says(pattern: re.Pattern[str], sentence: str) -> bool:
    """Whether a pattern stands in a sentence of a passage. Never asked of a visitor's words, since it keeps what it was asked."""
    return bool(pattern.search(normalize(sentence)))


def _settles_as(draft: Draft, query: Query, advice: bool, meant: Collection[str]) -> float:
    """What speaks for this sentence as the one that settles: it is of a guide that is meant, says what is so or what to do, and a rule."""
    facts = draft.passage.metadata
    own = _NAMED if facts["source_id"] in query.topics else 0.0
    own -= _OTHER_KIND if (facts["section_id"] in _ADVICE_SECTIONS) != advice else 0.0
    own -= _NO_RULE if facts["section_id"] == "figures" or _SAYS_REAL.match(draft.text) else 0.0
    rule = _says(_RULES[query.language], draft.text) or (query.intent == "law" and _says(_LAWS[query.language], draft.text))
    return own + (_RULE[query.language] * (1.0 if facts["source_id"] in meant else _OF_ANOTHER) if rule else 0.0)


def _bonus(passage: Document, query: Query) -> float:
    """What speaks for or against quoting a fact from this passage, beside how well its sentences fit."""
    facts = passage.metadata
    bonus = _ORIGINAL if facts["kind"] != "guide" else 0.0
    bonus -= _FOREIGN if language_of(passage) != query.language else 0.0
    return bonus - (_STORY if facts["section_id"] in _STORY_SECTIONS else 0.0)
