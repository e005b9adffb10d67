"""Requests that are refused: to scam, to evade, for other people's data, to take the bot over. Patterns in `seeds/harm.yaml`.

Patterns decide, not a classifier: whoever answers for the bot must be able to read why it refused. They are tried on the text as it stands
and under each disguise that it may wear.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from bot.disguise import undisguised
from bot.phrase_patterns import NOTHING
from bot.text import normalize
from bot.yaml_text import read_yaml

# What stands in quotation marks, or behind "message:", is what somebody pasted.
_PASTED = re.compile(
    r"[“\"「『][^”\"」』]{4,}[”\"」』]|(?:^|\s)'[^']{8,}'|(?:says|message|text|sms|短信|消息|微信|邮件|写着|说)\s*[:：]\s*\n.*", re.DOTALL
)
# Who wants a pasted text worked on asks for it to be written.
_WORKS_ON = re.compile(
    r"\b(?:translate|rewrite|improve|polish|correct|shorten|finish|complete|continue|make|put|variations|write|start your reply)\b"
    r"|翻译|翻成|润色|改写|改得|改一下|缩短|续写|写完|补全|把这|十条|扮演|开头",
)
_SENTENCE = re.compile(r"(?<=[.!?。！？;；\n])\s*")


class HarmRule(BaseModel):
    """One kind of request: patterns in each language, and what takes a match back."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    en: tuple[str, ...]
    zh: tuple[str, ...]
    innocent_en: str
    innocent_zh: str


@dataclass(frozen=True)
class _Compiled:
    """A rule; a reading without a letter of a language is not searched for that language's patterns."""

    id: str
    english: re.Pattern[str]
    han: re.Pattern[str]
    innocent: re.Pattern[str]

    def is_broken_by(self, sentence: str) -> bool:
        harmful = (sentence.islower() and self.english.search(sentence)) or (not sentence.isascii() and self.han.search(sentence))
        return bool(harmful) and not self.innocent.search(sentence)


class Harm:
    """Tells whether a question asks for something that is refused."""

    def __init__(self, rules: Sequence[HarmRule] = ()) -> None:
        self._rules = [
            _Compiled(rule.id, _any_of(rule.en), _any_of(rule.zh), re.compile(f"{rule.innocent_en}|{rule.innocent_zh}")) for rule in rules
        ]

    def kind_of(self, question: str) -> str:
        """The id of the rule that a question breaks, else empty. Sentence by sentence, so that a long innocent text hides nothing."""
        for reading in undisguised(self._own_words(question)):
            for sentence in dict.fromkeys((reading, *_SENTENCE.split(reading))):
                for rule in self._rules:
                    if rule.is_broken_by(sentence):
                        return rule.id
        return ""

    def is_innocent(self, question: str) -> bool:
        """Whether a question has the words of one who warns, learns or reports; then only a rule may refuse it."""
        said = normalize(question)
        return any(rule.innocent.search(said) for rule in self._rules)

    def _own_words(self, question: str) -> str:
        """The question without what it pastes, unless it wants that worked on."""
        own = _PASTED.sub(" ", question)
        return question if _WORKS_ON.search(normalize(own)) or not own.strip() else own


def _any_of(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns) or NOTHING)


def load_harm(seeds: Path) -> Harm:
    """Read `harm.yaml`; a folder of seeds without it refuses nothing by rule. Raises SourceErrors."""
    path = seeds / "harm.yaml"
    return Harm(read_yaml(path, TypeAdapter(list[HarmRule])) if path.is_file() else [])
