"""For whom an answer is: which passages the readers of a page are given. Data in `seeds/audiences.yaml`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from langchain_core.documents import Document
from pydantic import BaseModel, ConfigDict, TypeAdapter

from bot.emergencies import Emergencies, Steps
from bot.i18n import load_locale
from bot.schema import Audience, Citation, Reference, Verdict
from bot.yaml_text import read_yaml


@dataclass(frozen=True)
class Readers:
    """Who reads: an audience, and the guides that their page keeps to (none: all of them)."""

    audience: Audience = "public"
    topics: tuple[str, ...] = ()


PUBLIC = Readers()


class AudienceRule(BaseModel):
    """What an audience is not given, and what it is given instead.

    `only_written_for_them`: they read guides alone whose `audiences` name them, and no article.
    `steps`: by kind of emergency, where the steps for them stand; those of all other kinds are those of everybody.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    only_written_for_them: bool = False
    sections: tuple[str, ...] = ()
    guides: tuple[str, ...] = ()
    steps: Mapping[str, Steps] = {}


# What holds where the seeds say nothing: a child is given only what was written for children.
_UNSAID: Mapping[Audience, AudienceRule] = {"children": AudienceRule(only_written_for_them=True)}


class Audiences:
    """Decides whether readers are given a passage."""

    def __init__(self, rules: Mapping[Audience, AudienceRule] | None = None) -> None:
        self._rules = {**_UNSAID, **(rules or {})}

    def emergencies_of(self, readers: Readers, emergencies: Emergencies) -> Emergencies:
        """The kinds of emergency as these readers are answered."""
        if readers.audience == "public":
            return emergencies
        return emergencies.for_the_young(self._rules.get(readers.audience, AudienceRule()).steps)

    def admits(self, readers: Readers, passage: Document) -> bool:
        """Whether these readers are given this passage."""
        facts = passage.metadata
        rule = self._rules.get(readers.audience, AudienceRule())
        written_for = facts["audiences"]
        if readers.topics and facts["source_id"] not in readers.topics:
            return False
        if rule.only_written_for_them:
            written = readers.audience in written_for
        else:
            written = not written_for or bool({"public", readers.audience} & set(written_for))
        return written and facts["section_id"] not in rule.sections and facts["source_id"] not in rule.guides


def load_audiences(seeds: Path) -> Audiences:
    """Read `audiences.yaml`; a folder of seeds without it withholds nothing but what is not written for children. Raises SourceErrors."""
    path = seeds / "audiences.yaml"
    return Audiences(read_yaml(path, TypeAdapter(dict[Audience, AudienceRule])) if path.is_file() else None)


def links_for(audience: Audience, url: str, references: Iterable[Reference]) -> tuple[str, tuple[Reference, ...]]:
    """The address of a source, and what it rests on, as an audience is given them: a child is led to no page outside."""
    if audience != "children":
        return url, tuple(references)
    return "", tuple(reference.model_copy(update={"url": ""}) for reference in references)


def citation_for(audience: Audience, citation: Citation) -> Citation:
    """A citation as an audience is given it."""
    url, references = links_for(audience, citation.url, citation.references)
    return citation.model_copy(update={"url": url, "references": references})


def verdict_for(audience: Audience, verdict: Verdict) -> Verdict:
    """A verdict as an audience is given it: a child is told whom to tell, and nothing that a scammer might say next."""
    if audience != "children":
        return verdict
    return verdict.model_copy(
        update={
            "advice": (load_locale(verdict.language).text("children.tell_adult"), *verdict.advice),
            "citations": tuple(citation_for(audience, citation) for citation in verdict.citations),
            "scam_types": (),
            "story": None,
        }
    )
