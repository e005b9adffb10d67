"""A checked message in pieces: where each named sign begins and ends, with links broken so that nobody can follow them.

Knows neither colours nor HTML.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from bot.schema import Signal

_SCHEME = re.compile(r"(?i)\bh(tt)(ps?://)")
_DOT_IN_HOST = re.compile(r"(?<=[A-Za-z0-9_-])\.(?=[A-Za-z0-9_-]*[A-Za-z])")


@dataclass(frozen=True)
class Piece:
    """A run of the message: `closes` and `opens` are the numbers of the signs that end or begin before it; `inside` if any covers it."""

    text: str
    closes: tuple[int, ...]
    opens: tuple[int, ...]
    inside: bool


def pieces(message: str, signals: Sequence[Signal]) -> list[Piece]:
    """Cut a message at its signs, numbered from 1 in their order; the last piece is empty and closes what is still open."""
    opens: defaultdict[int, list[int]] = defaultdict(list)
    closes: defaultdict[int, list[int]] = defaultdict(list)
    for number, signal in enumerate(signals, start=1):
        opens[signal.start].append(number)
        closes[signal.end].append(number)
    cuts = sorted({0, len(message), *opens, *closes})
    return [
        Piece(
            text=printable(message[start:end]),
            closes=tuple(closes.get(start, ())),
            opens=tuple(opens.get(start, ())),
            inside=any(signal.start <= start < signal.end for signal in signals),
        )
        for start, end in zip(cuts, [*cuts[1:], len(message)], strict=True)
    ]


def broken(text: str) -> str:
    """`broken("https://bank.top/x") == "hxxps://bank[.]top/x"`."""
    return _DOT_IN_HOST.sub("[.]", _SCHEME.sub(lambda found: "h" + "xx" + found.group(2), text))


def printable(text: str) -> str:
    """Without control and direction characters, which could rewrite what is shown; links broken."""
    return broken("".join(letter for letter in text if letter in "\n\t" or letter.isprintable()))
