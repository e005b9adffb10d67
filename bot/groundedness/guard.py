"""The check of one sentence against the passage that it cites: contacts, numbers, names, polarity and meaning, in this order.

A quote passes as it stands. What is worded anew passes only where each fact of it stands in the passage and one of its sentences means
the same. When in doubt it does not pass: a sentence that is missing hurts less than one that is wrong.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from langchain_core.documents import Document

from bot.embeddings import Vectors
from bot.generation.base import Draft
from bot.glossary import Glossary
from bot.groundedness.names import unnamed
from bot.groundedness.polarity import is_turned
from bot.groundedness.quantities import Quantity, quantities
from bot.groundedness.reach import reaches, without_reaches
from bot.passages import language_of
from bot.schema import Language
from bot.store import Index
from bot.text import detect_language, normalize, split_sentences, tokenize

# How near in meaning the nearest sentence must be, by cosine where the model knows the language, and how many of the words must stand in
# the passage. Chosen on the development split of the paraphrases and on damage done to development sentences.
_NEAR: dict[Language, float] = {"en": 0.62, "zh": 0.55}
_FAR: dict[Language, float] = {"en": 0.42, "zh": 0.36}
_SHARE_OF_WORDS: dict[Language, float] = {"en": 0.25, "zh": 0.22}
# A sentence of the passage that shares this much of its words with the text, and is nearer by this much than those that have its figures,
# is the one that was meant: the figures were changed.
_SAME_SENTENCE, _NEARER = 0.70, 0.10
# The sentence with most of its words tells what a text may have turned, where it shares this much with it.
_ALIKE = 0.35
# Between the two distances, this share of the words of the nearest sentence itself must be there.
_SHARE_OF_SENTENCE: dict[Language, float] = {"en": 0.30, "zh": 0.28}

# Where one writes the first, another writes the second of these: character pairs tell no more than that they differ.
_SAME_WORDS = {
    "立即": "马上", "立刻": "马上", "赶快": "马上", "致电": "打给", "拨打": "打", "拨": "打", "警方": "警察", "公安机关": "警察", "告知": "告诉",
    "切勿": "不要", "款项": "钱", "款": "钱", "资金": "钱", "索要": "要", "要求": "要", "网页": "网站", "页面": "网站", "装成": "假扮", "假装": "假扮",
    "冒充": "假扮", "伪装": "假扮", "号码": "电话", "伪造": "造假", "真的": "真正的", "让": "叫", "请": "叫", "让你": "叫你", "处理": "办",
    "查看": "看", "看看": "看", "获利": "赚", "骗取": "骗", "提示": "警告", "截住": "拦住", "删除": "删掉", "离开": "走开",
}  # fmt: skip
_OTHER_WORDS = re.compile("|".join(sorted(_SAME_WORDS, key=len, reverse=True)))

Encode = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True)
class Finding:
    """Whether a text is supported, why not where it is not, and the sentence of the passage that is nearest to it."""

    supported: bool
    reason: str = ""
    sentence: int = -1


class Guard:
    """Checks sentences against the passages that they cite. Without `encode` it judges meaning by words alone."""

    def __init__(
        self,
        encode: Encode | None = None,
        languages: Sequence[str] = (),
        glossary: Glossary | None = None,
        vectors_of: Callable[[str], Vectors | None] | None = None,
        stands: Callable[[str], bool] = lambda text: False,
    ) -> None:
        """`stands` tells whether a text is a sentence of any passage, word for word."""
        self._stands = stands
        self._encode = encode
        self._vectors_of = vectors_of
        self._languages = languages
        self._glossary = glossary or Glossary([])

    def check(self, text: str, passage: Document) -> Finding:
        """Whether the passage supports the text; quotes of whole sentences always are supported."""
        sentences: list[str] = passage.metadata["sentences"]
        if text in sentences:
            return Finding(True, sentence=sentences.index(text))
        if self._stands(text):
            return Finding(False, "the words of another passage")
        language = detect_language(text)
        parts = [part.strip() for part in split_sentences(text, language)]
        if parts and all(part in sentences for part in parts):
            return Finding(True, sentence=sentences.index(parts[0]))
        if language != language_of(passage):
            return Finding(False, "another language than the passage")
        if unnamed(text, _told(passage), language):
            return Finding(False, "a name that the passage does not have")
        stating = [place for place, sentence in enumerate(sentences) if _states_facts_of(text, sentence, language)]
        if not stating:
            return Finding(False, "a figure, number or address that no sentence of the passage has")
        return self._meaning(text, passage, stating, language)

    def _meaning(self, text: str, passage: Document, stating: Sequence[int], language: Language) -> Finding:
        """Whether one of the sentences that have the facts of the text says the same."""
        sentences: list[str] = passage.metadata["sentences"]
        nearness = self._nearness(text, passage, language)
        place = max(stating, key=lambda n: nearness[n])
        words = _words(text)
        if self._is_meant_elsewhere(words, sentences, stating, nearness):
            return Finding(False, "other figures than the sentence that says the same", place)
        likeness = {n: _dice(words, _words(sentences[n])) for n in stating}
        likest = max(likeness, key=lambda n: likeness[n])
        meant = {place, likest} if likeness[likest] >= _ALIKE else {place}
        if any(is_turned(text, sentences[n], language) for n in meant):
            return Finding(False, "says the opposite", place)
        here = words & {word for sentence in sentences for word in _words(sentence)}
        if words and len(here) < _SHARE_OF_WORDS[language] * len(words):
            return Finding(False, "its words do not stand in the passage", place)
        if nearness[place] >= _NEAR[language]:
            return Finding(True, sentence=place)
        own = _words(sentences[place])
        shared = len(words & own) / max(1, min(len(words), len(own)))
        enough = nearness[place] >= _FAR[language] and shared >= _SHARE_OF_SENTENCE[language]
        return Finding(enough, "" if enough else "no sentence means the same", place)

    @staticmethod
    def _is_meant_elsewhere(words: set[str], sentences: Sequence[str], stating: Sequence[int], nearness: Sequence[float]) -> bool:
        """Whether a sentence that lacks the figures of the text is plainly the one that it was made from."""
        nearest = max(range(len(sentences)), key=lambda n: nearness[n])
        margin = nearness[nearest] - max(nearness[n] for n in stating)
        return nearest not in stating and margin >= _NEARER and _dice(words, _words(sentences[nearest])) >= _SAME_SENTENCE

    def _nearness(self, text: str, passage: Document, language: Language) -> list[float]:
        """How near each sentence is: by the embedding model, for Chinese over its English terms and by shared characters."""
        sentences: list[str] = passage.metadata["sentences"]
        words = _words(text)
        shares = [_dice(words, _words(sentence)) for sentence in sentences]
        if self._encode is None or (language not in self._languages and "en" not in self._languages):
            return shares
        if language in self._languages:
            known = self._vectors_of(str(passage.id)) if self._vectors_of else None
            vectors = known if known is not None else self._encode(sentences)
            return [float(cosine) for cosine in vectors @ self._encode([text])[0]]
        encoded = self._encode([self._glossary.to_english(one) or one for one in (text, *sentences)])
        cosines = encoded[1:] @ encoded[0]
        return [0.5 * float(cosine) + 0.5 * min(1.0, 2 * share) for cosine, share in zip(cosines, shares, strict=True)]


def _states_facts_of(text: str, stands: str, language: Language) -> bool:
    """Whether a sentence has every number, address and figure of a text."""
    addresses = {reach.value for reach in reaches(stands) if reach.kind == "address"}
    digits = re.sub(r"(?<=\d)[ -](?=\d)", "", unicodedata.normalize("NFKC", stands))
    for reach in reaches(text):
        standing = re.search(rf"(?<!\d){re.escape(reach.value)}(?!\d)", digits) if reach.kind == "number" else reach.value in addresses
        if not standing:
            return False
    told = quantities(without_reaches(text), language)
    return _all_stated(told, quantities(without_reaches(stands), language)) or _all_stated(told, quantities(stands, language))


def _all_stated(told: Sequence[Quantity], stated: Sequence[Quantity]) -> bool:
    """Whether each quantity is stated by one of its own: a year that stands once says nothing of two."""
    left = list(stated)
    for quantity in told:
        found = next((other for other in left if quantity.is_stated_by(other)), None)
        if found is None:
            return False
        left.remove(found)
    return True


def _told(passage: Document) -> str:
    """The passage with its title and heading, which name what it is about."""
    facts = passage.metadata
    return f"{facts['title']} {facts['section']} {' '.join(facts['aliases'])} {passage.page_content}"


def _words(text: str) -> set[str]:
    """The words by which texts are compared, with one word for those that mean the same."""
    return set(tokenize(_OTHER_WORDS.sub(lambda found: _SAME_WORDS[found[0]], normalize(text))))


def _dice(one: set[str], other: set[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def is_supported(draft: Draft) -> bool:
    """Whether the draft is the very sentence that it names, and that sentence stands in the passage."""
    sentences = draft.passage.metadata["sentences"]
    if not 0 <= draft.sentence < len(sentences):
        return False
    return draft.text == sentences[draft.sentence] and draft.text in draft.passage.page_content


def load_guard(index: Index, glossary: Glossary) -> Guard:
    """The guard for an index, with its encoder."""
    sentences = frozenset(sentence for passage in index.passages.values() for sentence in passage.metadata["sentences"])
    return Guard(
        lambda texts: index.encoder.encode(texts), index.manifest.languages, glossary, index.sentence_vectors, sentences.__contains__
    )
