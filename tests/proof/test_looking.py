"""Posts looked up over HTTP: what proves what, and where a look-up never goes."""

import asyncio
import gzip
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.proof import addresses, looking
from api.proof.addresses import AddressNotAllowed
from api.proof.looking import HttpLooker, LookOutcome, Page, Wanted

POST = "https://www.instagram.com/p/Abc123/"
PUBLIC = "157.240.1.1"


def _html(text: str) -> bytes:
    return f'<html><head><meta property="og:description" content="{text}"></head></html>'.encode()


class Net:
    """A network of pages: names and the addresses they have, addresses and what they answer."""

    def __init__(self, pages: Mapping[str, Page | Exception], names: dict[str, list[str]]) -> None:
        self.pages, self.names = pages, names
        self.asked: list[str] = []
        self.called: list[tuple[str, str]] = []

    async def resolve(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        return self.names.get(host, [PUBLIC])

    async def fetch(self, url: str, host: str, address: str) -> Page:
        self.called.append((url, address))
        found = self.pages[url]
        if isinstance(found, Exception):
            raise found
        return found

    def look(self, url: str = POST, **wanted: Any) -> looking.Seen:
        return HttpLooker(self.resolve, self.fetch).look(Wanted(url, **wanted))


def _net(page: Page | Exception, **names: list[str]) -> Net:
    return Net({POST: page}, {f"{name}.com": found for name, found in names.items()})


class TestLook:
    def test_finds_a_post_that_is_live(self) -> None:
        net = _net(Page(200, None, _html("Café de Aurora"), True))
        seen = net.look()
        assert seen.outcome is LookOutcome.live
        assert seen.evidence["status"] == 200
        assert len(seen.evidence["text_sha256"]) == 64
        assert net.called == [(POST, PUBLIC)]

    def test_finds_one_that_says_something_else_now(self) -> None:
        first = _net(Page(200, None, _html("Café de Aurora"), True)).look()
        digest = first.evidence["text_sha256"]
        same = _net(Page(200, None, _html("Café  de Aurora "), True)).look(text_sha256=digest)
        other = _net(Page(200, None, _html("Café de otro"), True)).look(text_sha256=digest)
        assert (same.outcome, other.outcome) == (LookOutcome.live, LookOutcome.altered)

    @pytest.mark.parametrize("status", [404, 410])
    def test_finds_that_one_is_gone(self, status: int) -> None:
        assert _net(Page(status, None, b"", True)).look().outcome is LookOutcome.missing

    @pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
    def test_proves_nothing_by_a_page_that_does_not_answer(self, status: int) -> None:
        assert _net(Page(status, None, b"", True)).look().outcome is LookOutcome.unverifiable

    def test_proves_nothing_by_a_page_that_asks_for_a_log_in(self) -> None:
        login = "https://www.instagram.com/accounts/login/"
        pages = {POST: Page(302, login, b"", True), login: Page(200, None, _html("Entra"), True)}
        assert Net(pages, {}).look().outcome is LookOutcome.unverifiable

    def test_knows_a_post_elsewhere_by_its_own_id(self) -> None:
        moved = "https://www.instagram.com/aurora/reel/99/"
        body = b'<html>"media_id":"1799042"</html>'
        pages = {POST: Page(301, moved, b"", True), moved: Page(200, None, body, True)}
        assert Net(pages, {}).look(external_id="1799042").outcome is LookOutcome.live

    def test_proves_nothing_by_a_connection_that_fails(self) -> None:
        seen = _net(OSError()).look()
        assert (seen.outcome, seen.evidence["cause"]) == (LookOutcome.unverifiable, "OSError")

    def test_proves_nothing_by_a_name_that_is_not_found(self) -> None:
        """As where a server finds no names at all: the address itself may well be allowed."""

        async def unknown(host: str, port: int) -> list[str]:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        seen = HttpLooker(unknown, _net(OSError()).fetch).look(Wanted(POST))
        assert seen.outcome is LookOutcome.unverifiable
        assert seen.evidence == {"cause": "name_not_found", "url": POST}

    def test_ends_after_its_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def never(url: str, host: str, address: str) -> Page:
            await asyncio.Event().wait()
            raise AssertionError

        monkeypatch.setattr(looking, "SECONDS", 0.02)
        seen = HttpLooker(_net(OSError()).resolve, never).look(Wanted(POST))
        assert seen.evidence == {"cause": "time_out"}

    def test_waits_for_no_resolver(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What asks for names cannot be told to stop: it is left behind."""
        over = threading.Event()
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(30))
        monkeypatch.setattr(looking, "SECONDS", 0.2)
        started = time.monotonic()
        seen = looking.over_http().look(Wanted(POST))
        took = time.monotonic() - started
        over.set()
        assert seen == looking.Seen(LookOutcome.unverifiable, {"cause": "time_out"})
        assert took < 5

    @pytest.mark.parametrize("unit", [b"<a ", b"<a\n", b"<", b'<a b="x'])
    def test_gives_up_reading_a_page_that_is_made_to_take_long(
        self, monkeypatch: pytest.MonkeyPatch, unit: bytes
    ) -> None:
        monkeypatch.setattr(looking, "SECONDS", 0.2)
        page = Page(200, None, (unit * looking.LARGEST)[: looking.LARGEST], True)
        started = time.monotonic()
        seen = _net(page).look()
        assert seen.evidence == {"cause": "time_out"}
        assert time.monotonic() - started < 5

    @pytest.mark.parametrize(
        "body",
        [
            _html("Café &amp; té de Aurora"),
            "<html><title>Café &amp; té</title> de Aurora".encode(),
        ],
    )
    def test_reads_a_page_as_one_whatever_it_is_cut_into(
        self, monkeypatch: pytest.MonkeyPatch, body: bytes
    ) -> None:
        page = Page(200, None, body, True)
        whole = _net(page).look().evidence["text_sha256"]
        monkeypatch.setattr(looking, "AT_ONCE", 1)
        assert _net(page).look().evidence["text_sha256"] == whole


class TestGuard:
    @pytest.mark.parametrize(
        "inside",
        [
            *("10.0.0.7", "127.0.0.1", "169.254.169.254", "192.168.1.1", "172.20.0.1", "0.0.0.0"),
            *("100.64.1.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1"),
            *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "fec0::1"),
            *("::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::7f00:1"),
            *("2002:7f00:1::", "2001:0:1::80ff:fffe", "2001:db8::1", "100::1", "5f00::1"),
        ],
    )
    def test_calls_no_private_address(self, inside: str) -> None:
        net = Net({}, {"www.instagram.com": [PUBLIC, inside]})
        assert net.look().evidence["cause"] == "address_not_allowed"
        assert net.called == []

    @pytest.mark.parametrize(
        "target",
        [
            *("http://127.0.0.1/", "http://[::1]/", "http://localhost/", "file:///etc/passwd"),
            *(
                "https://u:p@www.instagram.com/",
                "//10.0.0.1/x",
                "http://0x7f.1/",
                "gopher://a.example/",
            ),
            *("https://www.instagram.com:22/", "http://printer.local/", "http://2130706433/"),
        ],
    )
    def test_follows_no_redirect_to_one(self, target: str) -> None:
        net = Net({POST: Page(302, target, b"", True)}, {})
        assert net.look().evidence["cause"] == "address_not_allowed"
        assert len(net.called) == 1

    def test_checks_the_name_of_every_hop(self) -> None:
        hop = "https://evil.example/"
        pages = {POST: Page(302, hop, b"", True), hop: Page(200, None, b"", True)}
        net = Net(pages, {"evil.example": ["10.0.0.1"]})
        assert net.look().evidence["cause"] == "address_not_allowed"
        assert net.called == [(POST, PUBLIC)]

    def test_resolves_a_name_once_and_calls_that_very_address(self) -> None:
        net = _net(Page(200, None, b"", True))
        net.look()
        assert net.asked == ["www.instagram.com"]
        assert net.called[0][1] == PUBLIC

    def test_follows_no_endless_address(self) -> None:
        target = "https://www.instagram.com/" + "x" * 100_000
        seen = Net({POST: Page(302, target, b"", True)}, {}).look()
        assert seen.evidence["cause"] == "address_not_allowed"
        assert len(seen.evidence["url"]) == addresses.LONGEST

    def test_gives_up_going_round(self) -> None:
        net = _net(Page(302, POST, b"", True))
        assert net.look().evidence["cause"] == "too_many_redirects"
        assert len(net.called) == looking.REDIRECTS + 1

    @given(st.integers(0, 2**32 - 1))
    def test_sees_through_every_wrapping_of_an_address(self, number: int) -> None:
        plain = ip_address(number)
        wrapped = [
            ip_address((0xFFFF << 32) | number),
            ip_address((0x0064FF9B << 96) | number),
            ip_address((0x2002 << 112) | (number << 80)),
        ]
        for each in wrapped:
            assert addresses.is_public(plain) or not addresses.is_public(each)


class _Answers(BaseHTTPRequestHandler):
    heard: list[str] = []
    hung_up = threading.Event()

    def do_GET(self) -> None:
        self.heard.append(self.headers["Host"])
        self.send_response(200)
        if self.path == "/packed":
            self.send_header("Content-Encoding", "gzip")
            self.end_headers()
            self.wfile.write(gzip.compress(b"x" * 10_000))
            return
        self.end_headers()
        try:
            for _ in range(160):
                self.wfile.write(b"x" * 65_536)
        except ConnectionError:
            self.hung_up.set()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    made = HTTPServer(("127.0.0.1", 0), _Answers)
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


class TestFetch:
    def test_calls_the_address_and_names_the_host(self, server: HTTPServer) -> None:
        port = server.server_address[1]
        url = f"http://post.example:{port}/p/1"
        page = asyncio.run(looking.fetched(url, "post.example", "127.0.0.1"))
        assert _Answers.heard[-1] == f"post.example:{port}"
        assert page.status == 200
        assert not page.whole
        assert len(page.body) == looking.LARGEST

    def test_leaves_no_connection_open(self, server: HTTPServer) -> None:
        """Of a page that is longer than what is read, the rest is not waited for."""
        url = f"http://post.example:{server.server_address[1]}/p/1"
        _Answers.hung_up.clear()

        async def fetch() -> bool:
            await looking.fetched(url, "post.example", "127.0.0.1")
            return await asyncio.to_thread(_Answers.hung_up.wait, 10)

        assert asyncio.run(fetch())

    def test_unpacks_nothing(self, server: HTTPServer) -> None:
        url = f"http://post.example:{server.server_address[1]}/packed"
        with pytest.raises(looking.Packed):
            asyncio.run(looking.fetched(url, "post.example", "127.0.0.1"))


class TestChecked:
    @pytest.mark.parametrize(
        ("url", "kept"),
        [
            ("HTTPS://WWW.Instagram.com/p/Abc", "https://www.instagram.com/p/Abc"),
            ("https://a.example:443", "https://a.example/"),
            ("https://münchen.example/ñ?q=ü", "https://xn--mnchen-3ya.example/%C3%B1?q=%C3%BC"),
        ],
    )
    def test_keeps_an_address_of_the_internet(self, url: str, kept: str) -> None:
        assert addresses.checked(url) == kept
        assert addresses.checked(kept) == kept

    @pytest.mark.parametrize(
        "url",
        [
            *("javascript:alert(1)", "data:text/html,x", "https://", "https://a", "http://127.1/"),
            *(
                "https://a.example:99999/",
                "https://u@a.example/",
                "http://[::1",
                "https://a b.example",
            ),
            *(
                "http://10.0.0.1/",
                "http://[fd00::1]/",
                "https://x.internal/",
                "https://a.example\\@b.c",
            ),
            "https://a.example/" + "x" * 5_000,
        ],
    )
    def test_refuses_any_other(self, url: str) -> None:
        with pytest.raises(AddressNotAllowed):
            addresses.checked(url)

    @pytest.mark.parametrize(
        "other",
        [
            *(
                "https://instagram.com/p/Abc",
                "http://www.instagram.com/p/Abc/",
                "https://m.instagram.com/p/Abc",
            ),
            *(
                "https://www.instagram.com/p/Abc?igsh=1&utm_source=x",
                "https://www.instagram.com/p/Abc#c",
            ),
        ],
    )
    def test_knows_two_spellings_of_one_post(self, other: str) -> None:
        assert addresses.key_of(other) == "instagram.com/p/Abc"

    def test_tells_two_posts_apart(self) -> None:
        found = {
            addresses.key_of(f"https://youtube.com/watch?v={each}") for each in ("a", "A", "b")
        }
        assert len(found) == 3

    @given(st.text(max_size=60))
    def test_answers_whatever_it_is_given(self, rest: str) -> None:
        for url in (rest, f"https://{rest}", f"https://a.example/{rest}"):
            try:
                kept = addresses.checked(url)
            except AddressNotAllowed:
                continue
            assert kept.isascii()
            assert addresses.checked(kept) == kept
