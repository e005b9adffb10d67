"""Everything that a message shows by itself: signs with their places, cues, links and numbers. Draws no conclusion."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from bot.schema import LANGUAGES, Language
from bot.signals.catalog import Cue, Sign, load_known_names, load_signs, load_vocabulary
from bot.signals.folding import Folded, fold
from bot.signals.links import Link, LinkReader
from bot.signals.negation import Spans, Standings
from bot.signals.numbers import Phone, find_phones
from bot.signals.patterns import Text, WordClasses, Wording, words_of
from bot.signals.turns import own_turns

# More marks of one sign say nothing more, and hostile texts repeat themselves.
_MOST_MARKS = 12
_MOST_CUES = 200
# In these a "not" belongs to the sign itself: "do not tell anyone", "you have not paid".
_OWN_DENIAL = {"press", "pose", "trace"}
_FRAMES = ("general", "deny", "excuse")
# What speaks for a sender only where he says it, and not the one whom he has called.
_SAID_BY_THE_OTHER = {"general", "against"}
_CLAIMS = {"claims-police", "claims-bank", "claims-firm"}
_CHINESE_REGIONS = {"", "CN", "HK", "TW", "MO", "SG"}
_OWN_LINKS = ("official", "named")
_LINK_SIGNS = {"imitation": "lookalike-address", "shortened": "shortened-link", "unknown": "link-in-message"}


_Found = tuple[str, int, int]


@dataclass(frozen=True)
class Mark:
    """Where a sign stands in the original message."""

    sign: str
    start: int
    end: int


@dataclass(frozen=True)
class Findings:
    """What stands in a message: `marks` speak to the reader, `warned` are denied or told of scams in general."""

    folded: Folded
    masked: str
    marks: tuple[Mark, ...]
    warned: tuple[Mark, ...]
    cues: Mapping[str, tuple[int, int]]
    links: tuple[Link, ...]
    phones: tuple[Phone, ...]

    @property
    def signs(self) -> frozenset[str]:
        return frozenset(mark.sign for mark in self.marks)


class SignFinder:
    """Reads messages with the signs and words of the seeds; built once, used by many threads."""

    def __init__(self, signs: Sequence[Sign], cues: Sequence[Cue], classes: Mapping[Language, WordClasses], links: LinkReader) -> None:
        self.signs = {sign.id: sign for sign in signs}
        self.cues = tuple(cues)
        self.says = {cue.id: cue.says for cue in cues if cue.says}
        self._links = links
        self._wordings = {
            (sign.id, language): Wording(sign.patterns[language], classes.get(language, {}), language)
            for sign in signs
            for language in LANGUAGES
            if sign.patterns.get(language)
        }
        self._unless = {
            (sign.id, language): Wording(sign.unless[language], classes.get(language, {}), language)
            for sign in signs
            for language in LANGUAGES
            if sign.unless.get(language)
        }
        self._cues_by_other = [cue.id for cue in cues if cue.role in _SAID_BY_THE_OTHER]
        self._cues = [(cue, _wordings_of(cue, classes)) for cue in cues]
        english = [wording for sign in signs for wording in sign.patterns.get("en", [])]
        self._known_words = words_of(english, classes.get("en", {})) | links.known_words

    def find(self, message: str, home: str = "") -> Findings:
        """Read a message; `home` is the region whose telephone numbers have no country code."""
        folded = fold(message, self._known_words)
        links = tuple(self._links.find(folded.text))
        phones = tuple(find_phones(folded.text, [(link.start, link.end) for link in links], home))
        masked = _masked(folded.text, links, phones)
        text = Text.of(masked)
        spoken = _spoken(masked)
        cues = {cue.id: spans for cue, wordings in self._cues if (spans := _spans(wordings, spoken, text, _MOST_CUES))}
        frames = {role: [span for cue, _ in self._cues if cue.role == role for span in cues.get(cue.id, ())] for role in _FRAMES}
        live, warned = self._marks(text, masked, frames)
        own = own_turns(masked)
        warned = [mark for mark in warned if not _within(mark[1:], own)]
        for cue in self._cues_by_other:
            cues[cue] = [span for span in cues.get(cue, ()) if not _within(span, own)]
        live = _without_own_links(live, links)
        # A sign that the seeds do not name has no words to be shown with.
        live += [trace for trace in self._traces(folded.text, links, phones, cues) if trace[0] in self.signs]
        return Findings(
            folded=folded,
            masked=masked,
            marks=tuple(Mark(sign, *folded.span(start, end)) for sign, start, end in live),
            warned=tuple(Mark(sign, *folded.span(start, end)) for sign, start, end in warned),
            cues={name: folded.span(*spans[0]) for name, spans in cues.items() if spans},
            links=links,
            phones=phones,
        )

    def _marks(self, text: Text, masked: str, frames: Mapping[str, Spans]) -> tuple[list[_Found], list[_Found]]:
        """The signs that speak to the reader, and those that are warned against.

        What holds a "not" of its own comes first: once "do not tell anyone" is a sign, its "not" denies nothing that follows.
        """
        live: list[_Found] = []
        warned: list[_Found] = []
        languages = _spoken(masked)
        standings = Standings(masked, frames["general"], frames["deny"], frames["excuse"])
        for own in (True, False):
            for (name, language), wording in self._wordings.items():
                if language in languages and (self.signs[name].role in _OWN_DENIAL) == own:
                    for start, end in self._fitting(wording, (name, language), text, standings):
                        stands = standings.of(start, end, own_denial=own) == "live"
                        (live if stands else warned).append((name, start, end))
            spoken = [(start, end) for _, start, end in live]
            standings = Standings(masked, frames["general"], frames["deny"], [*frames["excuse"], *spoken])
        return live, warned

    def _fitting(
        self, wording: Wording, key: tuple[str, Language], text: Text, standings: Standings
    ) -> list[tuple[int, int]]:
        """Where a wording stands, but for sentences in which it means something else."""
        spans = list(wording.spans(text, _MOST_MARKS))
        unless = self._unless.get(key)
        if not spans or unless is None:
            return spans
        elsewhere = {standings.sentence(start) for start, _ in unless.spans(text, _MOST_CUES)}
        return [span for span in spans if standings.sentence(span[0]) not in elsewhere]

    def _traces(
        self, text: str, links: Sequence[Link], phones: Sequence[Phone], cues: Mapping[str, Spans]
    ) -> Iterator[tuple[str, int, int]]:
        """The signs that addresses and numbers are by themselves."""
        for link in links:
            if link.is_app:
                yield "app-by-link", link.start, link.end
            if link.kind in _LINK_SIGNS and not (link.is_email and link.kind == "unknown"):
                yield _LINK_SIGNS[link.kind], link.start, link.end
        chinese = not text.isascii()
        for phone in phones:
            if phone.is_costly:
                yield "premium-number", phone.start, phone.end
            if chinese and phone.region not in _CHINESE_REGIONS and _CLAIMS & set(cues):
                yield "overseas-number", phone.start, phone.end


def load_finder(seeds: Path) -> SignFinder:
    """Read signs, wording and known names of a folder of seeds. Raises SourceErrors."""
    vocabulary = load_vocabulary(seeds / "wording.yaml")
    links = LinkReader(load_known_names(seeds / "known_names.yaml"))
    return SignFinder(load_signs(seeds / "signals.yaml"), vocabulary.cues, vocabulary.classes, links)


def _without_own_links(found: Sequence[_Found], links: Sequence[Link]) -> list[_Found]:
    """What was found, but for what is said of an address that is the sender's own: "log in at dbs.com.sg" is no sign."""
    own = [(link.start, link.end) for link in links if link.kind in _OWN_LINKS]
    return [mark for mark in found if not any(mark[1] <= start and end <= mark[2] for start, end in own)]


def _within(span: tuple[int, int], stretches: Spans) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in stretches)


def _spoken(text: str) -> Set[Language]:
    """The languages whose wordings can stand in a text: Chinese ones need a character that is not ASCII."""
    return {"en"} if text.isascii() else set(LANGUAGES)


def _wordings_of(cue: Cue, classes: Mapping[Language, WordClasses]) -> dict[Language, Wording]:
    spoken = [language for language in LANGUAGES if cue.wordings(language)]
    return {language: Wording(cue.wordings(language), classes.get(language, {}), language) for language in spoken}


def _spans(wordings: Mapping[Language, Wording], languages: Set[Language], text: Text, most: int) -> list[tuple[int, int]]:
    return [span for language, wording in wordings.items() if language in languages for span in wording.spans(text, most)]


def _masked(text: str, links: Sequence[Link], phones: Sequence[Phone]) -> str:
    """The text with addresses and numbers as words of the same length, so that their dots end no sentence: `linkxxx`."""
    letters = list(text)
    for found, word in ((links, "link"), (phones, "phone")):
        for item in found:
            size = item.end - item.start
            name = "email" if getattr(item, "is_email", False) else word
            letters[item.start : item.end] = (name + "x" * size)[:size]
    return "".join(letters)
