"""Whether a stretch of a message is asked of the reader, or denied, or told of scams in general.

"Never transfer to a safe account" and "if anyone asks for the code, hang up" warn; "if you do not pay, …" does not deny.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Literal

Standing = Literal["live", "warned"]
Spans = Sequence[tuple[int, int]]

_SENTENCE_END = re.compile(r"(?<!\d)\.(?=\s|$)|[!?。;\n]+")
_NEW_CLAUSE = re.compile(
    r"[!?。;:\n]|\.\s|, ?(?:please|you|we|i|and|send|pay|call|click|or|otherwise)\b|\b(?:but|just|then|unless|until|except|so)\b"
    r"|\band (?:move|send|transfer|pay|call|ring|reply|give|buy|go|stay|keep|open|put|withdraw|bring|follow|let|you|we|i|he|she|they)\b"
)
_NEW_CHINESE_CLAUSE = re.compile(r"[!?。;:\n,]|但|否则|不然|所以|就要|才能|才可")
# How far a "never" reaches, in characters: about ten English words, and a Chinese clause.
_REACH = {True: 26, False: 60}


class Standings:
    """The sentences of one folded text, and what is denied or spoken of in general in it."""

    def __init__(self, text: str, general: Spans, denied: Spans, excused: Spans) -> None:
        self._text = text
        self._ends = [match.end() for match in _SENTENCE_END.finditer(text)]
        self._general = {self.sentence(start) for start, _ in general}
        self._denied = [span for span in denied if not any(start < span[1] and span[0] < end for start, end in excused)]

    def sentence(self, place: int) -> int:
        """The number of the sentence in which a place stands."""
        return bisect_right(self._ends, place)

    def of(self, start: int, end: int, *, own_denial: bool) -> Standing:
        """The standing of a stretch; `own_denial` where a "not" inside it belongs to it, as in "do not tell anyone"."""
        if self.sentence(start) in self._general:
            return "warned"
        last = start if own_denial else end
        return "warned" if any(self._reaches(span, start, last) for span in self._denied) else "live"

    def _reaches(self, denial: tuple[int, int], start: int, last: int) -> bool:
        if denial[0] >= last:
            return False
        if denial[0] >= start:
            return True
        between = self._text[denial[1] : start]
        chinese = not self._text[denial[0] : denial[1]].isascii()
        new_clause = _NEW_CHINESE_CLAUSE if chinese else _NEW_CLAUSE
        return len(between) <= _REACH[chinese] and not new_clause.search(between)
