"""Who is calling, and may they? A page by its ticket, a script by its key, and on this machine anyone."""

import hmac
import ipaddress
from dataclasses import dataclass

from starlette.requests import Request

from bot.audiences import PUBLIC, Readers
from bot.settings import Settings
from bot.web.limits import Limits, Rule
from bot.web.refusals import Refused
from bot.web.sites import Site, Sites

TICKET_HEADER = "X-Ringwise-Ticket"
KEY_HEADER = "X-API-Key"


@dataclass(frozen=True)
class Caller:
    """Whom an answer is for: the site whose page asks, or none; and the limits that count the call."""

    site: Site | None
    rules: tuple[Rule, ...]

    @property
    def readers(self) -> Readers:
        """Who reads what the caller is given."""
        return Readers(self.site.audience, self.site.topics) if self.site else PUBLIC


class Access:
    """Decides who may call, and counts it."""

    def __init__(self, settings: Settings, sites: Sites, limits: Limits) -> None:
        self._settings = settings
        self._sites = sites
        self._limits = limits
        self._keys = [key.strip() for key in settings.api_keys.split(",") if key.strip()]

    def admit(self, request: Request) -> Caller:
        """The caller of this request. Raises Refused, or TooMany where they have called too often."""
        caller = self._caller(request)
        self._limits.check(caller.rules)
        return caller

    def admit_for_ticket(self, request: Request, site: str) -> str:
        """A new ticket for the page that asks. Raises Refused or TooMany."""
        self._limits.check([self._of_address(request)])
        return self._sites.give_ticket(site, request.headers.get("origin", ""), own_origin=_own_origin(request))

    def _caller(self, request: Request) -> Caller:
        origin = request.headers.get("origin")
        if ticket_text := request.headers.get(TICKET_HEADER):
            ticket = self._sites.read_ticket(ticket_text, origin or "")
            site = self._sites.named(ticket.site)
            rules = ((site.per_ticket, f"ticket:{ticket.id}"), self._of_address(request), (site.per_site, f"site:{site.key}"))
            return Caller(site, rules)
        if origin and origin != _own_origin(request):
            raise Refused(
                "ticket_missing",
                f"A call from {origin} needs a ticket.",
                f"Ask POST /api/v1/tickets for one and send it as {TICKET_HEADER}.",
            )
        if not self._is_on_this_machine(request) and not self._has_key(request):
            raise Refused("key_missing", "A call without a page needs a key.", f"Send it as {KEY_HEADER}; the operator gives it.")
        return Caller(None, (self._of_address(request),))

    def _is_on_this_machine(self, request: Request) -> bool:
        """Whether only this machine reaches the server, and the call was not passed on for another one by a proxy that runs here."""
        return is_loopback(self._settings.host) and request.client is not None and is_loopback(request.client.host)

    def _has_key(self, request: Request) -> bool:
        given = request.headers.get(KEY_HEADER, "")
        return any(hmac.compare_digest(given.encode(), key.encode()) for key in self._keys)

    def _of_address(self, request: Request) -> Rule:
        return (self._settings.limit_per_address, f"address:{request.client.host if request.client else 'unknown'}")


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _own_origin(request: Request) -> str:
    """The origin of pages of this server, as the browser that asks knows it."""
    return f"{request.url.scheme}://{request.headers.get('host', '')}"
