"""What a web address gives away, taken apart as text. Nothing is ever opened, resolved or asked of anyone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Literal

from tldextract import TLDExtract

from bot.signals.catalog import KnownNames

LinkKind = Literal["official", "named", "unknown", "shortened", "imitation"]

_SCHEME = r"(?:(?:https?|hxxps?|ftp)(?::|\[:\])//?|www\.)"
_DOT = r"(?:\.|\[\.\]|\(\.\)|\[dot\]|\(dot\))"
_LINK = re.compile(
    rf"{_SCHEME}[!#-&(-;=?-\[\]-~]{{3,300}}"
    rf"|(?<![\w@.\-])(?:[a-z0-9](?:[a-z0-9\-]{{0,62}}){_DOT}){{1,5}}[a-z]{{2,20}}(?::\d{{2,5}})?(?:[/?][!#-&(-;=?-\[\]-~]{{0,300}})?(?![\w@-])"
    r"|(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d{2,5})?(?:/[!#-&(-;=?-~]{0,300})?(?![\w.])",
    re.ASCII,
)
_EMAIL = re.compile(r"(?<![\w.+\-])[\w.+\-]{1,64}@((?:[\w\-]{1,63}\.){1,4}[a-z]{2,20})(?![\w-])", re.ASCII)
_HOST = re.compile(r"^(?:[a-z+]+:/{0,2})?(?:[^/@?#]*@)?([^/:?#]+)(?::(\d+))?([^\s]*)$")
_NUMERIC = re.compile(r"^(?:\d{1,3}(?:\.\d{1,3}){3}|0x[0-9a-f]+|\d{8,10})$")
_USUAL_PORTS = {"80", "443"}
_APP_FILE = re.compile(r"\.(?:apk|ipa|exe|msi|dmg|mobileconfig|scr|bat)(?:$|[?#])")
# Words that are also endings: "call me.click the" is two sentences, not an address, unless something follows.
_COMMON_ENDINGS = frozenset("com net org co io cn uk us ca au sg hk tw gov edu top xyz icu vip cc info biz app me example test".split())
_OFFICES = re.compile(r"(?:^|\.)(?:gov|mil|edu|gob|gouv|govt|police|nhs)(?:\.[a-z]{2})?$|\.ac\.[a-z]{2}$")
# Shorter names are only taken for an imitation as a whole part: "ups" stands in "groups".
_SHORTEST_INSIDE, _SHORTEST_MISSPELT = 5, 6
_DIGITS_AS_LETTERS = str.maketrans("013457", "oleast")
_SHORTEST_NAME = 3
# A message says who it is from early on.
_NAMES_WITHIN = 1_000
_MOST_LINKS = 20


@dataclass(frozen=True)
class Link:
    """A web or e-mail address in a folded text and what it is; `imitates` is the known name, where it has one.

    `named`: the domain is nothing but a name that the message gives itself, as in "Oakfield School … oakfieldschool.example".
    """

    start: int
    end: int
    host: str
    kind: LinkKind
    imitates: str = ""
    is_email: bool = False
    is_app: bool = False
    is_odd: bool = False
    is_cheap: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether the address has neither a cheap ending nor a name put together with hyphens."""
        return not self.is_cheap and "-" not in self.host


class LinkReader:
    """Finds the addresses of a text and says what each gives away."""

    def __init__(self, known: KnownNames) -> None:
        self._extract = TLDExtract(suffix_list_urls=(), cache_dir=None)
        self._official = {domain for entry in known.names for domain in entry.domains}
        self._names = sorted({name for entry in known.names for name in entry.names}, key=len, reverse=True)
        self._shorteners = frozenset(known.shorteners)
        self._cheap = frozenset(known.cheap_endings)
        self._bait = frozenset(known.bait_words)

    @cached_property
    def known_words(self) -> frozenset[str]:
        return frozenset(self._names)

    def find(self, text: str) -> Iterator[Link]:
        """The addresses in a folded text, the first twenty, in the order in which they stand."""
        names = _names_in(_LINK.sub(" ", _EMAIL.sub(" ", text)))
        emails = [self._email(match, names) for match in islice(_EMAIL.finditer(text), _MOST_LINKS)]
        taken = [(link.start, link.end) for link in emails]
        links = (self._link(match, names) for match in _LINK.finditer(text) if not _within(match.span(), taken))
        web = islice((link for link in links if link), _MOST_LINKS)
        found = sorted([*emails, *web], key=lambda link: link.start)
        yield from found[:_MOST_LINKS]

    def _email(self, match: re.Match[str], names: frozenset[str]) -> Link:
        kind, imitates, cheap = self._judge(match.group(1), "", names)
        return Link(*match.span(), match.group(1), kind, imitates, is_email=True, is_cheap=cheap)

    def _link(self, match: re.Match[str], names: frozenset[str]) -> Link | None:
        written = match.group().rstrip(".,:;!?)'\"]-")
        address = re.sub(_DOT, ".", written).replace("[:]", ":")
        parts = _HOST.match(address)
        if not parts:
            return None
        host, port, path = parts.group(1).strip("."), parts.group(2) or "", parts.group(3) or ""
        plain = re.match(_SCHEME, written) is None
        if plain and not _looks_meant(host, path, port):
            return None
        kind, imitates, cheap = self._judge(host.removeprefix("www."), path, names)
        odd = bool(_NUMERIC.match(host)) or "xn--" in host or (port != "" and port not in _USUAL_PORTS) or "@" in address.split("/")[2:3]
        if odd:
            kind = "imitation" if kind != "official" else kind
        end = match.start() + len(written)
        return Link(match.start(), end, host, kind, imitates, is_app=bool(_APP_FILE.search(path)), is_odd=odd, is_cheap=cheap)

    def _judge(self, host: str, path: str, names: frozenset[str]) -> tuple[LinkKind, str, bool]:
        parts = self._extract(host)
        domain = f"{parts.domain}.{parts.suffix}" if parts.suffix else host
        if domain in self._shorteners:
            return "shortened", "", False
        if domain in self._official or parts.suffix in self._official or _OFFICES.search(host):
            return "official", "", False
        ending = host.rsplit(".", 1)[-1]
        imitates = self._imitated(f"{parts.subdomain}.{parts.domain}") or self._imitated_in_path(path)
        if imitates:
            return "imitation", imitates, ending in self._cheap
        label = parts.domain if parts.suffix else host.split(".")[-2] if "." in host else host
        named = len(label) >= _SHORTEST_NAME and label.replace("-", "") in names and ending not in self._cheap
        kind: LinkKind = "named" if named else "imitation" if self._is_bait(label, cheap=ending in self._cheap) else "unknown"
        return kind, "", ending in self._cheap

    def _is_bait(self, label: str, *, cheap: bool) -> bool:
        """Whether a domain is put together of words that sound official: `secure-verify.net`."""
        parts = [part for part in re.split(r"[-_\d]+", label) if part]
        return len(parts) > 1 and sum(part in self._bait for part in parts) >= (1 if cheap else 2)

    def _imitated(self, labels: str) -> str:
        pieces = [piece for piece in re.split(r"[.\-_]", labels) if piece]
        joined = re.sub(r"[.\-_]", "", labels)
        for name in self._names:
            if name in pieces or (len(name) >= _SHORTEST_INSIDE and (name in joined or name in joined.translate(_DIGITS_AS_LETTERS))):
                return name
            if len(name) >= _SHORTEST_MISSPELT and any(_is_misspelt(piece, name) for piece in pieces):
                return name
        return ""

    def _imitated_in_path(self, path: str) -> str:
        pieces = set(re.split(r"[^a-z0-9]+", path[:200]))
        return next((name for name in self._names if len(name) >= _SHORTEST_INSIDE and name in pieces), "")


def _looks_meant(host: str, path: str, port: str) -> bool:
    """Whether a host without http:// is an address and not two sentences without a space."""
    labels = host.split(".")
    if _NUMERIC.match(host):
        return all(int(label) < 256 for label in labels) and (bool(path or port) or labels[0] not in "0123")
    return labels[-1] in _COMMON_ENDINGS or bool(path or port) or "-" in host


def _names_in(text: str) -> frozenset[str]:
    """The words of the beginning of a text, alone and two or three run together: what a sender may call itself."""
    words = re.findall(r"[a-z0-9&']+", text[:_NAMES_WITHIN])
    plain = [re.sub(r"[&']", "", word) for word in words]
    return frozenset("".join(plain[n : n + size]) for size in (1, 2, 3) for n in range(len(plain) - size + 1))


def _within(span: tuple[int, int], taken: list[tuple[int, int]]) -> bool:
    return any(start <= span[0] < end or start < span[1] <= end for start, end in taken)


def _is_misspelt(word: str, name: str) -> bool:
    """Whether one letter of a name was changed, left out, added or swapped with its neighbour."""
    if word == name or abs(len(word) - len(name)) > 1:
        return False
    head = 0
    while head < min(len(word), len(name)) and word[head] == name[head]:
        head += 1
    rest_word, rest_name = word[head:], name[head:]
    swapped = rest_word[:2] == rest_name[1::-1] and rest_word[2:] == rest_name[2:]
    return swapped or rest_word[1:] == rest_name[1:] or rest_word[1:] == rest_name or rest_word == rest_name[1:]
