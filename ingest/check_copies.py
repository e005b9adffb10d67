"""Guides are our own words: no item of one is a copy, or nearly one, of a line of a text that we only quote or learnt from."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.errors import SourceProblem
from bot.text import normalize
from ingest.guides import Guide

# Runs of four words (or Chinese characters) survive small changes of wording; two texts on one subject share few of them.
_SHINGLE = 4
_NEARLY_EQUAL = 0.6
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")
_REFERENCES = re.compile(r"\[[^\[\]]*\]")
_SENTENCE_END = re.compile(r"(?<=[.。;；|])\s*")

Shingles = frozenset[tuple[str, ...]]


@dataclass(frozen=True)
class _Line:
    where: str
    text: str
    shingles: Shingles


class Originals:
    """The sentences of texts that must not be copied, found by the shingles that they hold."""

    def __init__(self, files: Iterable[Path]) -> None:
        lines = (line for file in files for line in _lines_of(file))
        self._lines = [line for line in lines if line.shingles]
        self._holders: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
        for number, line in enumerate(self._lines):
            for shingle in line.shingles:
                self._holders[shingle].append(number)

    def nearest(self, text: str) -> _Line | None:
        """The sentence that the text copies most closely, if it holds most of either; else None."""
        shingles = _shingles(text)
        shared = Counter(number for shingle in shingles for number in self._holders.get(shingle, ()))
        best, score = None, _NEARLY_EQUAL
        for number, count in shared.items():
            line = self._lines[number]
            share = count / min(len(shingles), len(line.shingles))
            if share >= score and (count >= _SHINGLE or shingles == line.shingles):
                best, score = line, share
        return best


def check_copies(guides: Iterable[Guide], originals: Originals) -> Iterator[SourceProblem]:
    for guide in guides:
        for block in guide.blocks():
            if line := originals.nearest(block.text):
                reason = f"“{block.text[:60]}” is nearly a copy of “{line.text[:60]}” in {line.where}."
                yield guide.problem(reason, "Say it in our own words.", block)


def _lines_of(file: Path) -> Iterator[_Line]:
    for line in file.read_text(encoding="utf-8-sig").splitlines():
        for sentence in _SENTENCE_END.split(line):
            yield _Line(file.name, sentence.strip(), _shingles(sentence))


def _shingles(text: str) -> Shingles:
    words = _WORD.findall(normalize(_REFERENCES.sub("", text)))
    return frozenset(tuple(words[start : start + _SHINGLE]) for start in range(len(words) - _SHINGLE + 1))
