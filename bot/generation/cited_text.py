"""Cut what a chat model writes, as it comes, into sentences with the numbers that they cite. Knows no passage and no model."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from bot.schema import Language
from bot.text import split_sentences

_OPENING, _CLOSING = r"\[【［", r"\]】］"
_MARK = rf"[{_OPENING}]\s*\d{{1,3}}(?:\s*[,，、]\s*\d{{1,3}})*\s*[{_CLOSING}]"
_END = r"[。．.!?！？…]+[”\"’」』）)*]*"
# One or more marks, and the end of the sentence where it stands behind them: "Hang up [1][2]."
_MARKS = re.compile(rf"(?P<marks>(?:[ \t\u3000]*{_MARK})+)(?P<end>[ \t]*{_END})?")
_ENDED = re.compile(rf"{_END}\s*$")
_PERHAPS_MARK = re.compile(rf"[{_OPENING}][\s\d,，、]*$")
_BULLET = re.compile(r"^\s*(?:#+\s+|>\s+|[-*•–·]\s+|\d{1,2}[.)）、]\s*(?!\d))")
_EMPHASIS = re.compile(r"\*+|__|`+")
_THOUGHT = ("<think>", "</think>")  # some open models show their thinking first


@dataclass(frozen=True)
class CitedSentence:
    """A sentence as written, without mark-up, and the numbers behind it; none where it cites nothing."""

    text: str
    marks: tuple[int, ...]

    @property
    def is_statement(self) -> bool:
        """Whether it claims anything: not a heading, an introduction such as "Here are the signs:", or a tail that was cut off."""
        return bool(self.marks or _ENDED.search(self.text))


class SentenceCutter:
    """Gives each sentence as soon as its marks are there and something follows; however the text is cut into pieces, the same ones."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._open = ""
        self._begun = False

    def feed(self, piece: str) -> list[CitedSentence]:
        self._open += piece
        if self._in_thought():
            return []
        *lines, self._open = self._open.split("\n")
        settled = _settled(self._open)
        lines.append(self._open[:settled])
        self._open = self._open[settled:]
        return [sentence for line in lines for sentence in _cut(line, self._language)]

    def close(self) -> list[CitedSentence]:
        """What was still open when the text ended."""
        return [] if self._in_thought() else list(_cut(self._open, self._language))

    def _in_thought(self) -> bool:
        """Whether the text is still, or may yet be found to be, within the thinking that stands before the first sentence."""
        begin, end = _THOUGHT
        start = self._open.lstrip()
        if self._begun or not (begin.startswith(start) or start.startswith(begin)):
            self._begun = True
        elif end in start:
            self._open = start.partition(end)[2]
            self._begun = True
        return not self._begun


def _settled(line: str) -> int:
    """The end of the last sentence of an unfinished line that nothing to come can change."""
    ends = [match.end() for match in _closing_marks(line) if _is_past(line[match.end() :].lstrip())]
    return ends[-1] if ends else 0


def _is_past(rest: str) -> bool:
    return bool(rest) and not _PERHAPS_MARK.match(rest)


def _closing_marks(line: str) -> Iterator[re.Match[str]]:
    """The marks that stand at the end of a sentence, not within one."""
    return (match for match in _MARKS.finditer(line) if match["end"] or _ENDED.search(line[: match.start()]))


def _cut(line: str, language: Language) -> Iterator[CitedSentence]:
    start = 0
    for end in [*(match.end() for match in _closing_marks(line)), len(line)]:
        yield from _sentences(line[start:end], language)
        start = end


def _sentences(segment: str, language: Language) -> Iterator[CitedSentence]:
    """The sentences of a text, each with the marks that stand in it or at its end."""
    clean, places, last = "", [], 0
    for match in _MARKS.finditer(segment):
        clean += segment[last : match.start()]
        places.append((len(clean), [int(number) for number in re.findall(r"\d+", match["marks"])]))
        clean += (match["end"] or "").strip()
        last = match.end()
    start = 0
    for sentence in split_sentences(clean + segment[last:], language):
        end = start + len(sentence)
        marks = dict.fromkeys(number for place, numbers in places if start < place <= end for number in numbers)
        text = _plain(sentence)
        if any(character.isalnum() for character in text):
            yield CitedSentence(text, tuple(marks))
        start = end


def _plain(text: str) -> str:
    """The sentence as people read it: no bullet, no emphasis, and no invisible character that could part the digits of a number."""
    seen = "".join(c if unicodedata.category(c)[0] != "C" else " " if c.isspace() else "" for c in text)
    return " ".join(_EMPHASIS.sub("", _BULLET.sub("", seen)).split())
