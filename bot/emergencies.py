"""Kinds of emergency: someone speaks of suicide, is held, is in danger, or has given something away. Data in `seeds/emergencies.yaml`.

Words decide, not a classifier: a mistake would hurt, and whoever answers for the bot must be able to read why it took a question so.
"""

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from bot.contacts import Words
from bot.phrase_patterns import english_pattern, han_pattern
from bot.schema import ContactKind, Language
from bot.text import normalize
from bot.yaml_text import read_yaml


class Emergency(BaseModel):
    """A kind: the words that tell it, where its steps stand, and whom to ring first.

    `choice`: what a person taps to say what was given away; it is asked as it stands.
    `always`: its words make a question an emergency, whatever else it asks.
    `loss`: money or data is gone, so that a second scam may follow.
    `anywhere`: its steps hold wherever the person is, also those that name a place.
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
    choice: Words | None = None
    en: tuple[str, ...]
    zh: tuple[str, ...]
    excepted: tuple[str, ...] = ()


class Emergencies:
    """The kinds of the seeds, most pressing first."""

    def __init__(self, kinds: Sequence[Emergency]) -> None:
        self.kinds = tuple(kinds)
        self._patterns = [
            (kind, english_pattern(kind.en), han_pattern(kind.zh), [normalize(phrase) for phrase in kind.excepted]) for kind in kinds
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

    def choices(self, language: Language) -> list[str]:
        """What may be tapped to say what was given away, most usual first (the reverse of most pressing)."""
        return [kind.choice.in_language(language) for kind in reversed(self.kinds) if kind.choice]


def load_emergencies(seeds: Path) -> Emergencies:
    """Read `emergencies.yaml`; a folder of seeds without it knows none. Raises SourceErrors."""
    path = seeds / "emergencies.yaml"
    return Emergencies(read_yaml(path, TypeAdapter(list[Emergency])) if path.is_file() else [])
