"""Kinds of emergency: someone speaks of suicide, is held, is in danger, or has given something away. Data in `seeds/emergencies.yaml`.

Words decide, not a classifier: a mistake would hurt, and whoever answers for the bot must be able to read why it took a question so.
Only where other words say that the loss is long past, others' or none, and the intents' classifier is sure of it, are they not believed.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from bot.contacts import Words
from bot.phrase_patterns import NOTHING, english_pattern, han_pattern
from bot.schema import ContactKind, Language
from bot.text import normalize
from bot.yaml_text import read_yaml

# Of normalised text, in which full-width marks have become those of ASCII.
_CLAUSE = re.compile(r"(?<=[。,!?;])")
# The kind that asks what was given away.
ANY_LOSS = "loss"


class Steps(BaseModel):
    """Where the steps of an emergency stand, what is said first, and whether the warning of the next scam follows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    guide: str
    sections: tuple[str, ...]
    lead: str
    loss: bool = False


class Emergency(BaseModel):
    """A kind: the words that tell it, where its steps stand, and whom to ring first.

    `choice`: what a person taps to say what was given away; it is asked as it stands.
    `always`: its words make a question an emergency, whatever else it asks.
    `loss`: money or data is gone, so that a second scam may follow.
    `anywhere`: its steps hold wherever the person is, also those that name a place.
    `young`: it is one where a child or teen asks, on a page made for them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    always: bool
    guide: str
    sections: tuple[str, ...]
    contacts: tuple[ContactKind, ...]
    lead: str
    loss: bool
    anywhere: bool = False
    young: bool = False
    choice: Words | None = None
    en: tuple[str, ...]
    zh: tuple[str, ...]
    excepted: tuple[str, ...] = ()


class Deeds(BaseModel):
    """What says that something has been given away: English subjects and verbs, states, Chinese patterns, and what takes it back.

    `excepted` takes back the whole text, `withheld` the clause in which it stands; `another_time` are patterns beside which the deed may
    be long past, others', nearly one or only supposed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    subjects: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    zh: tuple[str, ...] = ()
    excepted: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    another_time: tuple[str, ...] = ()

    def pattern(self) -> re.Pattern[str]:
        def one_of(words: Sequence[str]) -> str:
            return "|".join(map(re.escape, words)) or NOTHING

        lately = r"(?:(?:just|already|also|now|then|even|only|\w+ly) )*"
        begun = rf"(?:(?:^|[.,;:!?] *)|\b(?:{one_of(self.subjects)})(?:'ve|'d| have| has| had)? ){lately}"
        english = rf"{begun}(?:{one_of(self.verbs)})\b(?! (?:me|us)\b)|\b(?:{one_of(self.states)})\b"
        return re.compile("|".join([english, *self.zh]))


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    deeds: Deeds = Deeds()
    kinds: tuple[Emergency, ...] = ()


class Emergencies:
    """The kinds of the seeds, most pressing first."""

    def __init__(self, kinds: Sequence[Emergency] = (), deeds: Deeds | None = None, *, young: bool = False) -> None:
        self._all = tuple(kinds)
        kinds = self.kinds = tuple(kind for kind in kinds if young or not kind.young)
        deeds = self._told = deeds or Deeds()
        self._deeds = deeds.pattern()
        self._no_deeds = [normalize(phrase) for phrase in deeds.excepted]
        self._withheld = han_pattern(deeds.withheld)
        self._another_time = re.compile("|".join(deeds.another_time) or NOTHING)
        self._patterns = [
            (kind, english_pattern(kind.en, plural=True), han_pattern(kind.zh), [normalize(phrase) for phrase in kind.excepted])
            for kind in kinds
        ]

    def kind_of(self, text: str, *, certain: bool = False) -> Emergency | None:
        """The most pressing kind whose words stand in a text; with `certain`, only one that is an emergency whatever else is asked."""
        said = normalize(text)
        for kind, english, han, excepted in self._patterns:
            if certain and not kind.always:
                continue
            if (english.search(said) or han.search(said)) and not any(phrase in said for phrase in excepted):
                return kind
        return None

    @property
    def any_loss(self) -> Emergency | None:
        """The kind that holds whatever was lost, where the seeds have it."""
        return next((kind for kind in self.kinds if kind.id == ANY_LOSS), None)

    def is_told_in(self, text: str) -> bool:
        """Whether a text tells an emergency: a life in danger, or a deed together with what was given away."""
        if self.kind_of(text, certain=True):
            return True
        said = normalize(text)
        if self._supposes(said):
            return False
        done = self._done(said)
        return bool(self._deeds.search(done)) and self.kind_of(done) is not None

    def is_not_done(self, text: str) -> bool:
        """Whether the words of a kind stand only where something is supposed, asked for or said not to have been done.

        Told of Chinese alone: in English "should I" and "what if" stand beside what was done, often in one clause with it.
        """
        said = normalize(text)
        if said.isascii():
            return False
        supposed = self._supposes(said) and not self._deeds.search(_without(said, self._supposes))
        return supposed or (self.kind_of(said) is not None and self.kind_of(self._done(said)) is None)

    def may_be_of_another_time(self, text: str) -> bool:
        """Whether its words say that a loss is long past, others', nearly one, or supposed."""
        return bool(self._another_time.search(normalize(text)))

    def _supposes(self, said: str) -> bool:
        return any(phrase in said for phrase in self._no_deeds)

    def _done(self, said: str) -> str:
        return _without(said, self._withheld.search)

    def for_the_young(self, steps: Mapping[str, Steps]) -> "Emergencies":
        """With the kinds that are emergencies where a child or teen asks, and by kind the steps that were written for them."""
        kinds = [kind.model_copy(update=dict(steps[kind.id])) if kind.id in steps else kind for kind in self._all]
        return Emergencies(kinds, self._told, young=True)

    def choices(self, language: Language) -> list[str]:
        """What may be tapped to say what was given away, most usual first (the reverse of most pressing)."""
        return [kind.choice.in_language(language) for kind in reversed(self.kinds) if kind.choice]


def _without(said: str, left_out: Callable[[str], object]) -> str:
    """The clauses of a text but those that are left out."""
    return " ".join(clause for clause in _CLAUSE.split(said) if not left_out(clause))


def load_emergencies(seeds: Path) -> Emergencies:
    """Read `emergencies.yaml`; a folder of seeds without it knows none. Raises SourceErrors."""
    path = seeds / "emergencies.yaml"
    if not path.is_file():
        return Emergencies()
    file = read_yaml(path, TypeAdapter(_File))
    return Emergencies(file.kinds, file.deeds)
