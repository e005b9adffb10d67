"""Fetch one address for ingestion: http(s) only, public hosts only, within a size and a time limit, redirects included.

Never used for anything that a visitor writes. The host's addresses are looked up once and checked, and the connection goes to
the checked address (TLS still verifies the name), so that a second look-up cannot lead elsewhere.
"""

import ipaddress
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from bot.settings import Settings

MAX_REDIRECTS = 5
_USER_AGENT = "ringwise-sync"


class FetchError(Exception):
    """Why an address was not fetched, and how to mend it."""

    def __init__(self, reason: str, mend: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.mend = mend


@dataclass(frozen=True)
class Fetched:
    content: bytes
    media_type: str
    url: str


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet: not private, loopback, link-local or multicast."""
    parsed = ipaddress.ip_address(address)
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_global and not parsed.is_multicast


def fetch(address: str, settings: Settings, public: Callable[[str], bool] = is_public) -> Fetched:
    """Return the content behind an address. Raises FetchError."""
    deadline = time.monotonic() + settings.fetch_timeout_s
    try:
        url = httpx.URL(address)
        with httpx.Client(follow_redirects=False, trust_env=False) as client:
            for _ in range(MAX_REDIRECTS + 1):
                response = _get(client, url, settings, deadline, public)
                if not response.has_redirect_location:
                    return _finished(response, str(url))
                url = url.join(response.headers["location"])
    except httpx.InvalidURL as error:
        raise FetchError(f"is not a web address ({error}).", "Correct it.") from error
    except httpx.TimeoutException as error:
        raise _too_slow(settings) from error
    except httpx.HTTPError as error:
        raise FetchError(f"cannot be reached ({error or type(error).__name__}).", "Check the address and the network.") from error
    raise FetchError(f"redirects more than {MAX_REDIRECTS} times.", "Use the address that it ends at.")


def _finished(response: httpx.Response, url: str) -> Fetched:
    if response.status_code != httpx.codes.OK:
        raise FetchError(f"answers with status {response.status_code}.", "Check the address in a browser.")
    media_type = response.headers.get("content-type", "").split(";")[0].strip().lower()
    return Fetched(response.content, media_type, url)


def _get(
    client: httpx.Client, url: httpx.URL, settings: Settings, deadline: float, public: Callable[[str], bool]
) -> httpx.Response:
    if url.scheme not in {"http", "https"} or not url.host:
        raise FetchError("is not an http or https address.", "Use one that starts with https://.")
    checked = _checked_address(url, (lambda address: True) if settings.fetch_private else public)
    request = client.build_request(
        "GET",
        url.copy_with(host=checked),
        headers={"Host": url.netloc.decode("ascii"), "User-Agent": _USER_AGENT},
        extensions={"sni_hostname": url.host},
        timeout=max(deadline - time.monotonic(), 0.001),
    )
    response = client.send(request, stream=True)
    try:
        limit = int(settings.max_source_mb * 1_000_000)
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > limit:
                raise FetchError(f"is larger than {settings.max_source_mb:g} MB.", "Raise RINGWISE_MAX_SOURCE_MB or leave it out.")
            if time.monotonic() > deadline:
                raise _too_slow(settings)
    finally:
        response.close()
    return httpx.Response(response.status_code, headers=_plain_headers(response), content=bytes(body), request=request)


def _plain_headers(response: httpx.Response) -> dict[str, str]:
    """The headers that matter later; the body is decoded already."""
    return {name: response.headers[name] for name in ("content-type", "location") if name in response.headers}


def _checked_address(url: httpx.URL, allowed: Callable[[str], bool]) -> str:
    try:
        rows = socket.getaddrinfo(url.host, url.port or (443 if url.scheme == "https" else 80), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, OverflowError) as error:
        raise FetchError(f"has a host that cannot be found ({url.host}).", "Check the address and the network.") from error
    addresses = [str(row[4][0]).split("%")[0] for row in rows]
    for address in addresses:
        if not allowed(address):
            raise FetchError(
                f"leads to {address}, which is not a public address.", "Set RINGWISE_FETCH_PRIVATE=true if that is meant."
            )
    return addresses[0]


def _too_slow(settings: Settings) -> FetchError:
    return FetchError(f"takes longer than {settings.fetch_timeout_s:g} seconds.", "Raise RINGWISE_FETCH_TIMEOUT_S or leave it out.")
