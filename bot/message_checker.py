"""The message checker: judge a message, then say it with the guides' own sentences -> Verdict.

It never says "safe": a message has strong warning signs, or we cannot tell, or no known signs were found. No link is opened and nothing is
kept. Everything that it says is quoted from a guide with its citation, or stands in the seeds or the locales.
"""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.citations import Numbering
from bot.contacts import ContactEntry, load_contacts
from bot.errors import InvalidInput
from bot.generation.base import Draft
from bot.guidance import Guidance, Place, quoted
from bot.i18n import load_locale
from bot.judgement import KNOWN_WORDING, Judge, Judgement
from bot.schema import Contact, ContactKind, Language, Signal, SimilarScam, Story, Verdict, VerdictKind
from bot.settings import Settings
from bot.settling import load_settling
from bot.signals.finder import Mark, load_finder
from bot.store import Index, Store
from bot.text import detect_language

_MOST_SENTENCES = 4
_MOST_CONTACTS = 4
_MOST_NEXT = 2
# In an answer of the chat, which is shorter than a verdict.
_MOST_TOLD_SIGNS, _MOST_TOLD_CHECKS = 4, 2
# "Can you check a message for me?" is no message yet.
_FEW_LETTERS: Mapping[Language, int] = {"en": 50, "zh": 20}
_KINDS: tuple[ContactKind, ...] = ("antifraud", "emergency", "report_online")
_EMERGENCY_KINDS: tuple[ContactKind, ...] = ("emergency", "bank", "antifraud")


@dataclass(frozen=True)
class ToldVerdict:
    """A verdict as an answer tells it: the headline is ours, the drafts are sentences of the guides under their headings."""

    kind: VerdictKind
    headline: str
    drafts: tuple[Draft, ...]


class MessageChecker:
    """Checks messages against the published index; takes up a new index as soon as one is published."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._finder = load_finder(settings.seeds_dir)
        self._judge = Judge(self._finder)
        self._settling = load_settling(settings.seeds_dir / "settling.yaml")
        self._book = load_contacts(settings.seeds_dir / "contacts.yaml")
        self._guidances: tuple[Guidance, ...] = ()

    def check(
        self, text: str, language: Language | None = None, region: str = "", answers: Mapping[str, str] | None = None
    ) -> Verdict:
        """Judge a message or a call told in one's own words; `answers` are the tapped ones, question id -> choice id.

        Raises InvalidInput for a message, question or answer that cannot be taken, Unavailable where there is no index.
        """
        message, answers = self._checked(text), answers or {}
        index, guidance = self._current()
        region = region or self._settings.region
        judgement = self._judge.judge(message, index.classifiers, region, self._settling.odds(answers))
        spoken = detect_language(message)
        return self._written(message, judgement, guidance, spoken, language or self._settings.language or spoken, region, answers)

    def told(self, text: str, index: Index, language: Language, region: str = "") -> ToldVerdict:
        """The verdict on a message that was pasted instead of a question, by the guides of an index that its readers are given."""
        judgement = self._judge.judge(self._checked(text), index.classifiers, region)
        few = judgement.kind == "no_known_signs" and len(text.strip()) <= _FEW_LETTERS[detect_language(text)]
        headline = load_locale(language).text("verdict.few_words" if few else f"verdict.{judgement.kind}")
        drafts: dict[str, Draft] = {}
        for draft in self._told(judgement, self.prepare(index), language):
            drafts.setdefault(draft.text, draft)
        return ToldVerdict(judgement.kind, headline, tuple(drafts.values()))

    def _told(self, judgement: Judgement, guidance: Guidance, language: Language) -> Iterator[Draft]:
        """Why the heaviest signs matter, each under its name; then what to do and how to find out."""
        locale = load_locale(language)
        guide = self._guide(judgement, guidance, language)
        named = [self._finder.signs[mark.sign] for mark in judgement.marks if mark.sign in self._finder.signs]
        reasons: dict[str, tuple[Place, list[str]]] = {}
        for sign in sorted(named, key=lambda sign: -sign.weight):
            if reason := guidance.reason(sign, language):
                reasons.setdefault(reason.text, (reason, []))[1].append(sign.name.in_language(language))
        for reason, names in list(reasons.values())[:_MOST_TOLD_SIGNS]:
            yield _draft(reason, locale.text("verdict.and").join(names))
        if judgement.marks and not named:
            for place in guidance.section(guide, "what", language, 1):
                yield _draft(place, locale.text(f"signal.{KNOWN_WORDING}.name"))
        for place in self._advice(guidance, guide, _is_emergency(judgement), language):
            yield _draft(place, locale.text("verdict.advice"))
        for place in self._checks(guidance, guide, language)[:_MOST_TOLD_CHECKS]:
            yield _draft(place, locale.text("verdict.settle_it"))

    def judge(self, text: str) -> Judgement:
        """The judgement alone, without the guides' words; for measuring."""
        return self._judge.judge(self._checked(text), self._current()[0].classifiers, self._settings.region)

    def _checked(self, text: str) -> str:
        limit = self._settings.max_message_chars
        if not text.strip():
            raise InvalidInput("empty_message", "The message is empty.", "Paste the message, or tell what was said.")
        if len(text) > limit:
            reason = f"The message has {len(text):,} characters; the limit is {limit:,}."
            raise InvalidInput("message_too_long", reason, "Shorten it.", limit=f"{limit:,}")
        return text.encode(errors="replace").decode()  # half a character, as a broken terminal sends it

    def prepare(self, index: Index) -> Guidance:
        """What the guides of an index say, made once for each part of it that some readers are given; of other indexes it is let go."""
        guidance = next((known for known in self._guidances if known.index is index), None)
        if guidance is None:
            guidance = Guidance(index, self._finder)
            self._guidances = (*(known for known in self._guidances if known.index.name == index.name), guidance)
        return guidance

    def _current(self) -> tuple[Index, Guidance]:
        index = self._store.current()
        return index, self.prepare(index)

    def _written(
        self,
        message: str,
        judgement: Judgement,
        guidance: Guidance,
        spoken: Language,
        language: Language,
        region: str,
        answers: Mapping[str, str],
    ) -> Verdict:
        locale = load_locale(language)
        numbering = Numbering()
        found = {*judgement.findings.signs, *judgement.findings.cues}
        emergency = _is_emergency(judgement)
        guide = self._guide(judgement, guidance, language)
        advice = self._advice(guidance, guide, emergency, language)
        doubtful = judgement.kind != "strong_signs" or bool(answers)
        return Verdict(
            message_language=spoken,
            language=language,
            verdict=judgement.kind,
            score=round(judgement.score, 4),
            headline=locale.text(f"verdict.{judgement.kind}"),
            emergency=emergency,
            advice=quoted(advice, numbering, language),
            signals=tuple(self._signal(mark, message, guide, guidance, numbering, language) for mark in judgement.marks),
            against=self._against(judgement, language),
            settle_it=quoted(self._checks(guidance, guide, language), numbering, language),
            questions=tuple(row.in_language(language) for row in self._settling.fitting(found, answers)) if doubtful else (),
            scam_types=self._similar(judgement, guidance, language),
            story=self._story(judgement, guide, guidance, numbering, language),
            citations=tuple(numbering.citations),
            contacts=self._contacts(message, region, emergency, language),
        )

    def _guide(self, judgement: Judgement, guidance: Guidance, language: Language) -> str:
        """The guide that fits best: of the scam it resembles, else of its heaviest sign; empty where nothing was found."""
        if judgement.kind == "no_known_signs":
            return ""
        signs = [self._finder.signs[mark.sign] for mark in judgement.marks if mark.sign in self._finder.signs]
        heaviest = max(signs, key=lambda sign: sign.weight).guide if signs else ""
        guides = [*(guide for guide, _ in judgement.types[:1]), heaviest]
        return next((guide for guide in guides if guide and guidance.title(guide, language)), "")

    @staticmethod
    def _advice(guidance: Guidance, guide: str, emergency: bool, language: Language) -> list[Place]:
        first = guidance.section(guide, "paid", language, _MOST_SENTENCES) if emergency else []
        return [*first, *(guidance.section(guide, "now", language, _MOST_SENTENCES) or guidance.general("now", language, _MOST_SENTENCES))]

    @staticmethod
    def _checks(guidance: Guidance, guide: str, language: Language) -> list[Place]:
        return guidance.section(guide, "check", language, _MOST_SENTENCES) or guidance.general("check", language, _MOST_SENTENCES)

    def _signal(self, mark: Mark, message: str, guide: str, guidance: Guidance, numbering: Numbering, language: Language) -> Signal:
        sign = self._finder.signs.get(mark.sign)
        locale = load_locale(language)
        if sign is None:
            places = guidance.section(guide, "what", language, 1)
        else:
            reason = guidance.reason(sign, language)
            places = [reason] if reason else []
        before = len(numbering.citations)
        quoted(places, numbering, language)
        numbers = tuple(citation.n for citation in numbering.citations[before:]) or tuple(
            citation.n for citation in numbering.citations for place in places if _is(citation.passage_id, citation.quote, place)
        )
        return Signal(
            id=mark.sign,
            name=sign.name.in_language(language) if sign else locale.text(f"signal.{KNOWN_WORDING}.name"),
            start=mark.start,
            end=mark.end,
            text=message[mark.start : mark.end],
            why=sign.why.in_language(language) if sign else locale.text(f"signal.{KNOWN_WORDING}.why"),
            citations=numbers,
        )

    def _against(self, judgement: Judgement, language: Language) -> tuple[str, ...]:
        """What speaks against a scam, in the words of the seeds; that a message asks for nothing is told where it does not."""
        cues = judgement.findings.cues
        said = [words.in_language(language) for name, words in self._finder.says.items() if name in cues]
        asks = any(self._finder.signs[name].role == "ask" for name in judgement.findings.signs)
        nothing = [] if asks or judgement.findings.links else [load_locale(language).text("against.asks_nothing")]
        return (*nothing, *said)

    @staticmethod
    def _similar(judgement: Judgement, guidance: Guidance, language: Language) -> tuple[SimilarScam, ...]:
        if judgement.kind == "no_known_signs":
            return ()
        rows = ((guide, guidance.title(guide, language), share) for guide, share in judgement.types)
        return tuple(SimilarScam(id=guide, title=title, similarity=round(share, 4)) for guide, title, share in rows if title)

    def _story(self, judgement: Judgement, guide: str, guidance: Guidance, numbering: Numbering, language: Language) -> Story | None:
        """The last stage of the guide's scam whose signs stand in the message, and the stages after it."""
        steps = guidance.steps(guide, language) if guide else []
        if not steps:
            return None
        reached = max((n for n, (_, signs) in enumerate(steps) if signs & judgement.findings.signs), default=0)
        following = [place for place, _ in steps[reached + 1 : reached + 1 + _MOST_NEXT]]
        told = "told" in judgement.findings.cues
        return Story(
            reached=quoted([steps[reached][0]], numbering, language)[0],
            next=quoted(following, numbering, language),
            say=load_locale(language).text("story.say") if told else "",
        )

    def _contacts(self, message: str, region: str, emergency: bool, language: Language) -> tuple[Contact, ...]:
        """Whom to ring, from the directory alone: in the region given, else in one that the message names."""
        place = region.upper() or self._book.region_in(message)
        today = datetime.date.today()
        shown: dict[str, ContactEntry] = {}
        for kind in (_EMERGENCY_KINDS if emergency else _KINDS) if place else ():
            for entry in self._book.offered(place, [kind], today=today):
                shown.setdefault(entry.value, entry)
        return tuple(self._book.as_contact(entry, language) for entry in list(shown.values())[:_MOST_CONTACTS])


def _is_emergency(judgement: Judgement) -> bool:
    """Whether it says that money or a code is already gone."""
    return "loss" in judgement.findings.cues and judgement.kind != "no_known_signs"


def _draft(place: Place, heading: str) -> Draft:
    return place.draft(heading, notice="verdict.more")


def _is(passage_id: str, quote: str, place: Place) -> bool:
    return passage_id == str(place.passage.id) and quote == place.text
