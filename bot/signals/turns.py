"""Who speaks in a transcript: the stretches that the person says who was called or written to. Knows no sign.

"Is this not a scam?" from the one who is called says nothing of the caller, and must not speak for him.
"""

import re
from collections.abc import Iterator, Sequence

_NAME = r"[^\W\d_][^\s:\[\]()【】「」,，。]{0,11}(?: [^\s:\[\]()【】「」,，。]{1,10})?"
_LABEL = re.compile(rf"(?:^|\n|(?<=[.!?。]) ?)[ \[【(「]*({_NAME})[ \]】)」]*: *")
# How a transcript calls the person whose telephone it is; else it is the second to speak, since who calls speaks first.
_OWN = re.compile(
    r"^(?:me|i|myself|user|victim|callee|receiver|recipient|answerer|我|本人|自己|接听方|接听者|接线人|被叫|受害人|事主|用户)$"
)
_FEWEST_TURNS, _MOST_TURNS, _MOST_SPEAKERS = 3, 200, 3


def own_turns(text: str) -> Sequence[tuple[int, int]]:
    """What the person who was called says in a folded transcript; nothing where it is none."""
    found = [(match.group(1), match.start(), match.end()) for match in _LABEL.finditer(text)]
    speakers = list(dict.fromkeys(name for name, _, _ in found))
    several = max(_FEWEST_TURNS, len(speakers) + 1) <= len(found) <= _MOST_TURNS
    if not several or not 2 <= len(speakers) <= _MOST_SPEAKERS:
        return ()
    own = next((name for name in speakers if _OWN.match(name)), speakers[1])
    return tuple(_spoken_by(own, found, len(text)))


def _spoken_by(own: str, found: Sequence[tuple[str, int, int]], length: int) -> Iterator[tuple[int, int]]:
    ends = [start for _, start, _ in found[1:]] + [length]
    for (name, _, begin), end in zip(found, ends, strict=True):
        if name == own:
            yield begin, end
