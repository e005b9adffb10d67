"""Sentences and words, English and Chinese. Knows no topic, no index and no wording of the bot."""

import re
import unicodedata
from functools import cache
from typing import Any

import sentencex
import Stemmer
from opencc import OpenCC

from bot.schema import Language

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_HAN_RUN = re.compile(f"[{HAN}]+")
_LATIN_WORD = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)?")
_TOKEN = re.compile(rf"[{HAN}]+|\d+(?:[.,]\d+)*%?|[^\W\d_{HAN}]+(?:['’][^\W\d_{HAN}]+)?")
_CHINESE_END = re.compile(rf"[。！？!?]+[”’」』）)\]】]*|(?<=[{HAN}])\.(?=\s|$)")
_LIST_NUMBER = re.compile(r"\s*[(（]?(\d{1,3}|[A-Za-z])[.)）]\s+")
_OPENING, _CLOSING = "“「『（【", "”」』）】"

# Closed-class words: they carry grammar, not a subject, so that sharing them says nothing about two texts.
_ENGLISH_STOPWORDS = frozenset(
    """a an the and or but if so of to in on at by for from with about into over as than then is are was were be
    been being am do does did doing done have has had having can could will would shall should may might must not no
    i me my mine we us our you your yours he him his she her hers it its they them their this that these those there
    here what which who whom whose when where why how just also any some all more most very too s t d ll m re ve don
    doesn didn isn aren wasn won get got please tell know""".split()
)
_CHINESE_STOPWORDS = re.compile(
    "为什么|什么样|怎么办|怎么样|是不是|有没有|能不能|可不可以|会不会|要不要|什么|怎么|怎样|如何|多少|哪些|哪个|哪里|"
    "可以|应该|还是|但是|因为|所以|如果|一个|一下|一些|已经|"
    "[的了吗呢吧啊呀嘛是我你您他她它们这那个就也都很请和与及或在对把被给让着过得地]"
)


@cache
def _traditional_to_simplified() -> OpenCC:
    return OpenCC("t2s")


@cache
def _english_stemmer() -> Any:
    return Stemmer.Stemmer("english")


def simplify(text: str) -> str:
    """Return the text with traditional characters as simplified ones: `simplify("詐騙") == "诈骗"`."""
    return str(_traditional_to_simplified().convert(text)) if _HAN_RUN.search(text) else text


def normalize(text: str) -> str:
    """Return the text as it is compared: NFKC, simplified characters, lower case, single spaces."""
    folded = text if text.isascii() else simplify(unicodedata.normalize("NFKC", text)).replace("’", "'")
    return " ".join(folded.lower().split())


def detect_language(text: str) -> Language:
    """Chinese where Han characters carry the sentence, else English: `detect_language("What is 刷单 in English?") == "en"`."""
    han = sum(len(run) for run in _HAN_RUN.findall(text))
    words = [word.lower() for word in _LATIN_WORD.findall(text)]
    grammar = sum(word in _ENGLISH_STOPWORDS for word in words)
    # A Chinese word has about two characters; product names in Latin letters do not make a Chinese sentence English.
    return "zh" if han and not (grammar >= 2 and len(words) >= han / 2) else "en"


def split_sentences(text: str, language: Language) -> list[str]:
    """Cut a text into sentences that keep the white space behind them, so that joining them gives the text back.

    English ends come from sentencex (abbreviations, decimals, quotes); it has no rule for a digit after 。, so that
    Chinese ends are found here. A line break always ends a sentence.
    """
    return [sentence for line in text.splitlines(keepends=True) for sentence in _split_line(line, language)]


def _split_line(line: str, language: Language) -> list[str]:
    if language == "en":
        sentences = list(sentencex.segment("en", line))
        if "".join(sentences) == line:
            return _merge_blank(sentences)
    ends = [match.end() for match in _CHINESE_END.finditer(line) if not _inside_quote(line[: match.end()])]
    return _merge_blank([line[start:end] for start, end in zip([0, *ends], [*ends, len(line)], strict=True)])


def _inside_quote(text: str) -> bool:
    """Whether a quotation or bracket that was opened is still open: what a scammer says stays in one piece."""
    return any(text.count(opening) > text.count(closing) for opening, closing in zip(_OPENING, _CLOSING, strict=True))


def _merge_blank(pieces: list[str]) -> list[str]:
    """Join what is no sentence to its neighbour: spaces and closing quotes to the one before, "1. " and marks to the one behind."""
    merged: list[str] = []
    opening = ""
    for piece in pieces:
        if _LIST_NUMBER.fullmatch(opening + piece) or not (merged or _has_word(opening + piece)):
            opening += piece
        elif merged and not _has_word(piece):
            merged[-1] += opening + piece
            opening = ""
        else:
            merged.append(opening + piece)
            opening = ""
    if opening and merged:
        merged[-1] += opening
    elif opening:
        merged.append(opening)
    return merged


def _has_word(text: str) -> bool:
    return any(character.isalnum() for character in text)


def tokenize(text: str) -> list[str]:
    """Return what keyword search compares: English stems and numbers, and pairs of Chinese characters.

    Chinese has no spaces, and a word list would miss the field's slang; overlapping pairs find both. Function words of
    both languages are left out. `tokenize("Calls from 96110") == ["call", "96110"]`; `tokenize("刷单诈骗") == ["刷单", "单诈", "诈骗"]`.
    """
    tokens: list[str] = []
    for token in _TOKEN.findall(normalize(text)):
        if _HAN_RUN.match(token):
            for run in _CHINESE_STOPWORDS.split(token):
                tokens.extend(_pairs(run))
        elif token[0].isdigit():
            tokens.append(token.replace(",", ""))
        elif (word := token.split("'")[0]) and word not in _ENGLISH_STOPWORDS:
            tokens.append(str(_english_stemmer().stemWord(word)))
    return tokens


def _pairs(run: str) -> list[str]:
    return [run] if len(run) == 1 else [run[start : start + 2] for start in range(len(run) - 1)]
