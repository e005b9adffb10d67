"""The pages that may carry the widget: `seeds/sites.yaml`, and the tickets by which their calls are known.

A ticket says for which site and origin it was given, and no more: it names no visitor and is kept nowhere.
"""

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from bot.schema import Audience, Language
from bot.web.refusals import Refused
from bot.yaml_text import read_yaml

TICKET_LIFE_S = 600
_SALT = "ringwise-ticket"

Origin = Annotated[str, Field(pattern=r"^https?://[a-z0-9.-]+(:\d{1,5})?$")]


class Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    en: str
    zh: str


class Site(BaseModel):
    """A page that carries the widget: who runs it, from where it calls, and how it is to be answered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: Annotated[str, Field(pattern=r"^[a-z0-9-]{3,60}$")]
    name: str
    origins: tuple[Origin, ...]
    audience: Audience = "public"
    language: Language | None = None
    region: str = ""
    topics: tuple[str, ...] = ()
    welcome: Words | None = None
    per_ticket: str = "30/minute"
    per_site: str = "6000/minute"


class Ticket(BaseModel):
    """What a ticket holds; `id` tells tickets apart for the limits, and is drawn at random."""

    model_config = ConfigDict(frozen=True)

    site: str
    origin: str
    id: str


class Sites:
    """The sites by key; gives tickets out and reads them."""

    def __init__(self, sites: Sequence[Site], secret: str = "") -> None:
        self._by_key = {site.key: site for site in sites}
        self._signer = URLSafeTimedSerializer(secret or secrets.token_hex(32), salt=_SALT)

    @property
    def origins(self) -> tuple[str, ...]:
        return tuple(sorted({origin for site in self._by_key.values() for origin in site.origins}))

    def named(self, key: str) -> Site:
        """The site with this key. Raises Refused."""
        if key not in self._by_key:
            raise Refused("unknown_site", f"There is no site {key!r}.", "Use the key that the operator of this server gave you.")
        return self._by_key[key]

    def give_ticket(self, key: str, origin: str, *, own_origin: str) -> str:
        """A signed ticket for a page of this origin. Raises Refused where the site does not list it."""
        site = self.named(key)
        if origin not in (*site.origins, own_origin):
            raise Refused(
                "origin_refused",
                f"The site {key!r} may not be used from {origin or 'a page without an origin'}.",
                f"Ask the operator of this server to add {origin or 'the page'} to the origins of {key!r} in seeds/sites.yaml.",
            )
        return self._signer.dumps(Ticket(site=key, origin=origin, id=secrets.token_urlsafe(9)).model_dump())

    def read_ticket(self, text: str, origin: str) -> Ticket:
        """The ticket, where it is ours, in time, and given to this origin. Raises Refused."""
        try:
            ticket = Ticket.model_validate(self._signer.loads(text, max_age=TICKET_LIFE_S))
        except SignatureExpired as error:
            raise Refused("ticket_expired", "The ticket of this page has run out.", "Ask for a new one.") from error
        except (BadSignature, ValueError) as error:
            raise Refused("ticket_invalid", "The ticket of this page is not one of ours.", "Ask for a new one.") from error
        if ticket.origin != origin:
            raise Refused("origin_refused", f"The ticket was not given to {origin}.", "Ask for one from this page.")
        self.named(ticket.site)
        return ticket


def load_sites(seeds: Path, secret: str = "") -> Sites:
    """Read `sites.yaml`; a folder of seeds without it has no sites. Raises SourceErrors."""
    path = seeds / "sites.yaml"
    return Sites(read_yaml(path, TypeAdapter(list[Site])) if path.is_file() else [], secret)
