"""
The port through which a live post is looked up, and the way there is now: its page, over HTTP.

A look says what was found and keeps evidence; what follows from it is decided elsewhere. The page's
host is resolved once, every address it has must be public, and the connection goes to that very
address; redirects are followed by hand, five at most, and each is checked like the first. It holds
no session and knows no agency.

Ten seconds are the most a look takes, from the name that is resolved to the page that is read, and
a megabyte, as it came over the line: nothing is unpacked. A look runs in a thread of its own, which
is left behind when its time is over, for a resolver that waits cannot be told to stop.

A page that does not answer, asks for a log-in or answers with another page proves nothing: that is
`unverifiable`, never `missing`.
"""

import asyncio
import hashlib
import socket
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import StrEnum
from html.parser import HTMLParser
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

import httpx2

from api.proof import addresses

SECONDS = 10.0
LARGEST = 1 << 20
AT_ONCE = 1 << 14  # of a page, between two looks at the clock: a third of a second at worst
REDIRECTS = 5
PORTS = (80, 443)
GONE = (404, 410)
_HEADERS = {
    "User-Agent": "agency-platform/1 (proof of publication)",
    "Accept": "text/html,*/*",
    "Accept-Encoding": "identity",
}


class Packed(ValueError):
    """A page came packed, unasked: what it unpacks to has no bound."""


class LookOutcome(StrEnum):
    """
    What a look found: `live`; `altered`, live and saying something else than when first seen;
    `missing`, not there; `removed`, taken down for good; `unverifiable`, nothing proves either.
    """

    live = "live"
    altered = "altered"
    missing = "missing"
    removed = "removed"
    unverifiable = "unverifiable"


@dataclass(frozen=True)
class Wanted:
    """The post to look for, and the digest of what it said when it was first seen."""

    url: str
    external_id: str | None = None
    text_sha256: str | None = None


@dataclass(frozen=True)
class Seen:
    """What was found, and what shows it."""

    outcome: LookOutcome
    evidence: dict[str, Any] = field(default_factory=dict)


class Looker(Protocol):
    """How posts of a network are looked up."""

    def look(self, wanted: Wanted) -> Seen: ...


Resolve = Callable[[str, int], Awaitable[list[str]]]
Fetch = Callable[[str, str, str], Awaitable["Page"]]


@dataclass(frozen=True)
class Page:
    """An answer as far as it was read."""

    status: int
    location: str | None
    body: bytes
    whole: bool


@dataclass(frozen=True)
class HttpLooker:
    """Looks at the public page of a post. Name look-up and connection are handed in by tests."""

    resolve: Resolve
    fetch: Fetch

    def look(self, wanted: Wanted) -> Seen:
        found: Future[Seen] = Future()
        threading.Thread(target=self._look, args=(wanted, found), daemon=True).start()
        try:
            return found.result(SECONDS)
        except TimeoutError:
            return Seen(LookOutcome.unverifiable, {"cause": "time_out"})

    def _look(self, wanted: Wanted, found: "Future[Seen]") -> None:
        try:
            found.set_result(asyncio.run(self._bounded(wanted)))
        except Exception as failure:
            found.set_exception(failure)

    async def _bounded(self, wanted: Wanted) -> Seen:
        async with asyncio.timeout(SECONDS):
            return await self._follow(wanted)

    async def _follow(self, wanted: Wanted) -> Seen:
        url = wanted.url
        for _ in range(REDIRECTS + 1):
            shown = url[: addresses.LONGEST]
            try:
                address = await self._reachable(url)
            except OSError:
                return Seen(LookOutcome.unverifiable, {"cause": "name_not_found", "url": shown})
            if address is None:
                return Seen(
                    LookOutcome.unverifiable, {"cause": "address_not_allowed", "url": shown}
                )
            try:
                page = await self.fetch(url, urlsplit(url).hostname or "", address)
            except (httpx2.HTTPError, OSError, ValueError) as failure:
                return Seen(LookOutcome.unverifiable, {"cause": type(failure).__name__, "url": url})
            if page.location is None:
                return await _judge(wanted, url, address, page)
            url = urljoin(url, page.location)
        return Seen(LookOutcome.unverifiable, {"cause": "too_many_redirects", "url": url})

    async def _reachable(self, url: str) -> str | None:
        """The address to call for a URL, if it is one we may call. OSError: its name has none."""
        try:
            parts = urlsplit(url)
            host = addresses.host_of(parts)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            if not addresses.may_be_public(parts, host) or port not in PORTS:
                return None
            if len(url) > addresses.LONGEST:
                return None
            literal = addresses.literal_of(host)
            found = [str(literal)] if literal else await self.resolve(host, port)
            return addresses.pinned(found)
        except ValueError:
            return None


async def resolved(host: str, port: int) -> list[str]:
    """Every address a name has, asked for once; the thread of the look waits, and nobody else."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


async def fetched(url: str, host: str, address: str) -> Page:
    """One request to the address that was checked; the name goes into TLS and `Host` alone."""
    parts = httpx2.URL(url)
    headers = {**_HEADERS, "Host": parts.netloc.decode("ascii")}
    async with httpx2.AsyncClient(trust_env=False, follow_redirects=False, timeout=5) as client:
        asked = client.build_request(
            "GET",
            parts.copy_with(host=address),
            headers=headers,
            extensions={"sni_hostname": host},
        )
        answer = await client.send(asked, stream=True)
        try:
            location = answer.headers.get("location") if answer.is_redirect else None
            return Page(answer.status_code, location, *await _read(answer))
        finally:
            await answer.aclose()


async def _read(answer: httpx2.Response) -> tuple[bytes, bool]:
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise Packed
    taken = bytearray()
    async for piece in answer.aiter_raw(AT_ONCE):
        taken += piece
        if len(taken) > LARGEST:
            return bytes(taken[:LARGEST]), False
    return bytes(taken), True


def over_http() -> HttpLooker:
    """The look-up there is for every network now."""
    return HttpLooker(resolved, fetched)


async def _judge(wanted: Wanted, url: str, address: str, page: Page) -> Seen:
    said = await _said(page.body)
    evidence: dict[str, Any] = {
        "status": page.status,
        "url": url,
        "address": address,
        "bytes": len(page.body),
    }
    if page.status in GONE:
        return Seen(LookOutcome.missing, evidence)
    if page.status != 200 or not _is_the_post(wanted, url, page.body):
        return Seen(LookOutcome.unverifiable, {**evidence, "cause": "another_page"})
    if said:
        evidence["text_sha256"] = hashlib.sha256(said.encode()).hexdigest()
    before = wanted.text_sha256
    differs = before is not None and said and evidence["text_sha256"] != before
    return Seen(LookOutcome.altered if differs else LookOutcome.live, evidence)


def _is_the_post(wanted: Wanted, url: str, body: bytes) -> bool:
    """A page that asks for a log-in is found under another path, and names no post."""
    if wanted.external_id and wanted.external_id.encode() in body:
        return True
    return addresses.key_of(url) == addresses.key_of(wanted.url)


async def _said(body: bytes) -> str:
    """What a page says of itself to those who link to it: its description, else its title."""
    reader, text = _Head(), body.decode("utf-8", "replace")
    for start in range(0, len(text), AT_ONCE):
        reader.feed(text[start : start + AT_ONCE])
        await asyncio.sleep(0)  # where a page that takes too long to read is given up
    found = reader.said.get("og:description") or reader.said.get("description")
    return " ".join((found or "".join(reader.title)).split())


class _Head(HTMLParser):
    """Reads the title and the descriptions of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[str, str] = {}
        self.title: list[str] = []
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_title = tag == "title"
        if tag == "meta":
            named = dict(attrs)
            name = named.get("property") or named.get("name")
            if name and (content := named.get("content")):
                self.said.setdefault(name.lower(), content)

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title.append(data)
