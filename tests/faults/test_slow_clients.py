"""
Clients that send or read too slowly, against the platform as it is served: they are shown the door,
and nobody else notices. `test_connection.py` is the same one connection at a time, and in no time.
"""

import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.faults.stage import Stage, Studio, linux

PATIENCE = 30.0  # seconds that any offender may stay
HEALTHY = 0.5  # seconds, 99 of 100 answers to everybody else
POST = b"POST /v1/clients HTTP/1.1\r\nHost: api\r\nContent-Type: application/json\r\n"

pytestmark = [linux, pytest.mark.deep]


class Offenders:
    """Connections that misbehave, each from a port of its own, and how long each was borne."""

    def __init__(self, base: str, studio: Studio) -> None:
        place = urlsplit(base)
        self.address = (str(place.hostname), int(place.port or 0))
        self.authorization = f"Authorization: {studio.headers['Authorization']}\r\n".encode()
        self.sockets: list[socket.socket] = []
        self.began = time.monotonic()

    def connect(self, count: int, first: bytes, receive_buffer: int = 0) -> list[socket.socket]:
        made = []
        for _ in range(count):
            each = socket.socket()
            if receive_buffer:
                each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            each.connect(self.address)
            each.sendall(first)
            made.append(each)
        self.sockets += made
        return made

    def held(self) -> int:
        """How many of them the server still holds open, as the kernel has it."""
        ports = {each.getsockname()[1] for each in self.sockets}
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        served = f":{self.address[1]:04X}"
        return sum(
            1
            for row in rows
            if row[3] == "01" and row[1].endswith(served) and int(row[2][-4:], 16) in ports
        )

    def close(self) -> None:
        for each in self.sockets:
            each.close()


@contextmanager
def dripping(sockets: list[socket.socket], drop: bytes, seconds: float) -> Iterator[None]:
    """Send a drop on each socket every so often, for as long as it is taken."""
    over = threading.Event()

    def drip() -> None:
        while not over.wait(seconds):
            for each in sockets:
                try:
                    each.send(drop)
                except OSError:
                    continue

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def healthy(studio: Studio) -> Iterator[list[float]]:
    """Somebody who works all the while; how long each answer took."""
    took: list[float] = []
    over = threading.Event()

    def work() -> None:
        with studio.client() as http:
            while not over.wait(0.05):
                began = time.monotonic()
                assert http.get("/v1/me").status_code == 200
                took.append(time.monotonic() - began)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield took
    finally:
        over.set()
        thread.join()


def p99_of(took: list[float]) -> float:
    return statistics.quantiles(took, n=100)[98]


@pytest.fixture
def offenders(stage: Stage, studio: Studio) -> Iterator[Offenders]:
    made = Offenders(stage.base, studio)
    yield made
    made.close()


def slow_heads(made: Offenders, count: int, stack: ExitStack) -> None:
    stack.enter_context(dripping(made.connect(count, b"GET /v1/me HTTP/1.1\r\nX-Slow: "), b"x", 10))


def slow_bodies(made: Offenders, count: int, stack: ExitStack) -> None:
    head = POST + made.authorization + b"Content-Length: 5000\r\n\r\n{"
    stack.enter_context(dripping(made.connect(count, head), b" ", 1))


def non_readers(made: Offenders, count: int, stack: ExitStack) -> None:
    """Ask for more than the kernel will keep for them, and read none of it."""
    asked = b"GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: api\r\n\r\n" * 8
    made.connect(count, asked, receive_buffer=4096)


class TestSlowClients:
    @pytest.mark.parametrize("kind", [slow_heads, slow_bodies, non_readers])
    def test_are_closed_in_time(
        self,
        stage: Stage,
        offenders: Offenders,
        kind: Callable[[Offenders, int, ExitStack], None],
        record: dict[str, object],
    ) -> None:
        with ExitStack() as stack:
            kind(offenders, 10, stack)
            assert stage.until(lambda: offenders.held() == 10, 5)
            assert stage.until(lambda: offenders.held() == 0, PATIENCE)
        record[kind.__name__] = time.monotonic() - offenders.began

    def test_are_seven_hundred_and_nobody_else_notices(
        self, stage: Stage, studio: Studio, offenders: Offenders, record: dict[str, object]
    ) -> None:
        with healthy(studio) as took:
            stage.until(lambda: len(took) > 100, 30)
            usual = p99_of(took)
        with healthy(studio) as took, ExitStack() as stack:
            slow_heads(offenders, 500, stack)
            slow_bodies(offenders, 100, stack)
            non_readers(offenders, 100, stack)
            most = offenders.held()
            assert stage.until(lambda: offenders.held() == 0, PATIENCE + 5)
            stayed = time.monotonic() - offenders.began
        record["seven hundred"] = {"held": most, "stayed": stayed, "p99": (usual, p99_of(took))}
        assert most > 650
        assert stayed < PATIENCE
        assert p99_of(took) < HEALTHY + usual
