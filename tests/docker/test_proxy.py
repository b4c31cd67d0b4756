"""
The proxy ends clients that are slow on purpose, and serves the others meanwhile.

Caddy itself, with the file that the server runs, before an upstream of the test's own.
"""

import asyncio
import os
import shutil
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain
from pathlib import Path

import pytest

from tenants.child import Child

CADDY = shutil.which("caddy")
CADDYFILE = Path(__file__).parents[2] / "docker/Caddyfile"
LONGEST = 30.0  # seconds any offender may stay
SLACK = 3.0  # seconds more to wait for one that stays
BIG = b"x" * 32_000_000  # more than the buffers between can hold

pytestmark = [
    pytest.mark.skipif(CADDY is None, reason="no Caddy is installed"),
    pytest.mark.skipif(sys.platform != "linux", reason="needs /proc"),
]

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Upstream(BaseHTTPRequestHandler):
    """Answers when a request is whole."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = BIG if self.path == "/big" else b"ok"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:
        pass


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a proxy at work."""
    assert CADDY
    folder = tmp_path_factory.mktemp("caddy")
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    port, health = free_port(), free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "AGENCY_DOMAIN": f"http://127.0.0.1:{port}",
        "AGENCY_UPSTREAM": f"127.0.0.1:{upstream.server_port}",
        "AGENCY_PROXY_HEALTH": str(health),
    }
    command = [CADDY, "run", "--config", str(CADDYFILE), "--adapter", "caddyfile"]
    child = Child(command, log=folder / "log", env=environment)
    deadline = time.monotonic() + 20
    while not answers(f"http://127.0.0.1:{health}") or not answers(f"http://127.0.0.1:{port}/"):
        assert child.poll() is None, (folder / "log").read_text()
        assert time.monotonic() < deadline, (folder / "log").read_text()
        time.sleep(0.05)
    yield port
    child.stop(10)
    upstream.shutdown()
    upstream.server_close()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


async def drip(writer: asyncio.StreamWriter, every: float) -> None:
    """A byte now and then, until the other side has had enough."""
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(every)


async def say(streams: Streams, opening: bytes, every: float | None) -> None:
    """Begin a request, go on byte by byte or not at all, and wait for the end."""
    reader, writer = streams
    writer.write(opening)
    await writer.drain()
    more = asyncio.create_task(drip(writer, every)) if every else None
    try:
        while await reader.read(65536):  # perhaps a 408 first
            pass
    except ConnectionError:
        pass
    finally:
        if more:
            more.cancel()


async def never_read(streams: Streams) -> None:
    """Ask for much and take nothing of it, until the proxy holds the connection no longer."""
    _, writer = streams
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    writer.write(b"GET /big HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    ours, theirs = (writer.get_extra_info(name)[1] for name in ("sockname", "peername"))
    while established(theirs, ours):
        await asyncio.sleep(0.2)


def established(local: int, remote: int) -> bool:
    """Whether the other end of a connection of this machine is open: its close may not reach us."""
    tables = [Path(f"/proc/net/{name}").read_text().splitlines()[1:] for name in ("tcp", "tcp6")]
    for line in chain(*tables):
        here, there, state = line.split()[1:4]
        if (here[-4:], there[-4:]) == (f"{local:04X}", f"{remote:04X}"):
            return state == "01"
    return False


BEGUN = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
WITH_BODY = BEGUN + b"Content-Length: 100000\r\n\r\n"

OFFENDERS: dict[str, Callable[[Streams], Awaitable[None]]] = {
    "says nothing": lambda streams: say(streams, b"", None),
    "stops within its headers": lambda streams: say(streams, BEGUN, None),
    "drips its headers": lambda streams: say(streams, BEGUN + b"X: ", 0.5),
    "stops within its body": lambda streams: say(streams, WITH_BODY + b"x", None),
    "drips its body": lambda streams: say(streams, WITH_BODY, 0.5),
    "never reads its answer": never_read,
}
EACH = 10


async def stay(port: int, offend: Callable[[Streams], Awaitable[None]]) -> float:
    """How long one of them is borne, in seconds."""
    streams = await asyncio.open_connection("127.0.0.1", port)
    started = time.monotonic()
    try:
        async with asyncio.timeout(LONGEST + SLACK):
            await offend(streams)
    except TimeoutError:
        pass
    finally:
        streams[1].transport.abort()
    return time.monotonic() - started


async def visit(port: int, over: asyncio.Event) -> list[float]:
    """Somebody honest, meanwhile: how long each of the answers took, in seconds."""
    took = []
    while not over.is_set():
        started = time.monotonic()
        assert await asyncio.to_thread(answers, f"http://127.0.0.1:{port}/")
        took.append(time.monotonic() - started)
        await asyncio.sleep(0.1)
    return took


class TestProxy:
    def test_ends_who_is_slow_and_serves_the_others(self, proxy: int) -> None:
        async def together() -> tuple[dict[str, float], list[float]]:
            over = asyncio.Event()
            honest = asyncio.create_task(visit(proxy, over))
            kinds = [kind for kind in OFFENDERS for _ in range(EACH)]
            stays = await asyncio.gather(*(stay(proxy, OFFENDERS[kind]) for kind in kinds))
            over.set()
            longest = dict.fromkeys(OFFENDERS, 0.0)
            for kind, seconds in zip(kinds, stays, strict=True):
                longest[kind] = max(longest[kind], seconds)
            return longest, await honest

        longest, took = asyncio.run(together())

        assert {kind: seconds for kind, seconds in longest.items() if seconds > LONGEST} == {}
        assert len(took) > 50
        assert sorted(took)[len(took) // 2] < 0.5
