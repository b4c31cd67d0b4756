"""One connection at a time against a server of little patience: what ends it, and what must not."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from api.http import connection

HEAD, STALL, LOOK, FAREWELL, HURRY, KEEP_ALIVE = 0.4, 0.6, 0.05, 0.4, 0.5, 30
SLOWEST = 100_000  # bytes per second: a tenth of it in each tenth of a second is bearable
PATIENCE = 5.0  # seconds a test waits for what should come within one
BIG = 8 << 20  # bytes: more than the kernel takes off the server's hands

POST = b"POST /read HTTP/1.1\r\nHost: here\r\nContent-Length: %d\r\n\r\n"


async def app(scope: Any, receive: Any, send: Any) -> None:
    """`/read` reads the body, `/early` answers without, `/big` says much, `/long` takes long."""
    if scope["type"] != "http":
        return
    path = scope["path"]
    more = path == "/read"
    while more:
        message = await receive()
        more = message.get("more_body", False)
    if path == "/long":
        await asyncio.sleep(3 * STALL)
    body = b"x" * (BIG if path == "/big" else 2)
    length = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": length})
    await send({"type": "http.response.body", "body": body})


class Impatient(uvicorn.Server):
    """A server in a thread of this process."""

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        configured = uvicorn.Config(
            app,
            http=connection.PatientProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=3,
        )
        super().__init__(configured)
        self.thread = threading.Thread(target=self.run, args=([self.listening],))
        self.address = self.listening.getsockname()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Impatient]:
    for name in ("HEAD", "STALL", "LOOK", "SLOWEST", "FAREWELL", "HURRY"):
        monkeypatch.setattr(connection, name, globals()[name])
    made = Impatient()
    made.thread.start()
    yield made
    made.should_exit = True
    made.thread.join(20)
    assert not made.thread.is_alive()


@pytest.fixture
def wire(server: Impatient) -> Iterator[socket.socket]:
    with socket.create_connection(server.address) as made:
        made.settimeout(PATIENCE)
        yield made


def until_closed(wire: socket.socket) -> bytes:
    """All that comes until the server hangs up."""
    received = b""
    try:
        while chunk := wire.recv(65536):
            received += chunk
    except ConnectionResetError:
        pass
    return received


def drip(wire: socket.socket, drop: bytes, seconds: float = PATIENCE) -> bytes:
    """Send a drop ten times a second until the server hangs up; what it said."""
    deadline = time.monotonic() + seconds
    wire.settimeout(0.1)
    received = b""
    while time.monotonic() < deadline:
        try:
            wire.send(drop)
            chunk = wire.recv(65536)
        except TimeoutError:
            continue
        except OSError:
            return received
        if not chunk:
            return received
        received += chunk
    raise AssertionError("still open")


def one_answer(wire: socket.socket) -> bytes:
    """The small answer to one request, on a connection that stays open."""
    received = b""
    while not received.endswith(b"xx"):
        chunk = wire.recv(65536)
        assert chunk, received
        received += chunk
    return received


def problem(received: bytes, status: int) -> dict[str, Any]:
    """The problem in the only answer there was."""
    head, _, body = received.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    assert lines[0].startswith(f"http/1.1 {status} ".encode())
    assert b"connection: close" in lines
    assert b"content-type: application/problem+json" in lines
    said: dict[str, Any] = json.loads(body)
    assert f"x-request-id: {said['request_id']}".encode() in lines
    return said


class TestHead:
    def test_ends_late(self, wire: socket.socket) -> None:
        wire.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        assert problem(drip(wire, b"x"), 408)["code"] == "request_timeout"

    def test_never_begins(self, wire: socket.socket) -> None:
        assert until_closed(wire) == b""

    def test_begins_with_empty_lines_for_ever(self, wire: socket.socket) -> None:
        wire.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        one_answer(wire)
        assert problem(drip(wire, b"\r\n"), 408)

    def test_of_the_second_request_ends_late(self, wire: socket.socket) -> None:
        wire.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        one_answer(wire)
        wire.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        assert problem(drip(wire, b"x"), 408)

    def test_is_too_large(self, wire: socket.socket) -> None:
        wire.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * (connection.HEAD_BYTES + 1))
        assert problem(until_closed(wire), 431)["code"] == "headers_too_large"

    def test_is_no_http(self, wire: socket.socket) -> None:
        wire.sendall(b"what is this\r\n\r\n")
        assert problem(until_closed(wire), 400)["code"] == "bad_request"

    def test_may_take_its_time_between_two_requests(self, wire: socket.socket) -> None:
        """Idle is not late: how long a connection is kept is another matter."""
        wire.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        one_answer(wire)
        wire.settimeout(3 * HEAD)
        with pytest.raises(TimeoutError):
            wire.recv(1)
        wire.settimeout(PATIENCE)
        wire.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        assert one_answer(wire).startswith(b"HTTP/1.1 200")


class TestBody:
    def test_comes_too_slowly(self, wire: socket.socket) -> None:
        wire.sendall(POST % 5000)
        assert problem(drip(wire, b"x"), 408)["code"] == "request_timeout"

    def test_goes_on_slowly_after_its_answer(self, wire: socket.socket) -> None:
        wire.sendall((POST % 5000).replace(b"/read", b"/early"))
        assert drip(wire, b"x").count(b"HTTP/1.1") == 1

    def test_may_take_long_when_it_is_large(self, wire: socket.socket) -> None:
        piece = b"x" * (SLOWEST // 5)
        wire.sendall(POST % (len(piece) * 12))
        for _ in range(12):  # twice the time that no progress would be given
            wire.sendall(piece)
            time.sleep(0.1)  # the pace is what is tested
        assert one_answer(wire).startswith(b"HTTP/1.1 200")


class TestAnswer:
    def test_is_not_read(self, server: Impatient) -> None:
        with socket.socket() as wire:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            wire.connect(server.address)
            wire.sendall(b"GET /big HTTP/1.1\r\nHost: here\r\n\r\n")
            assert eventually(lambda: len(server.server_state.connections) == 1)
            assert eventually(lambda: len(server.server_state.connections) == 0)

    def test_may_be_read_slowly(self, server: Impatient) -> None:
        with socket.socket() as wire:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            wire.connect(server.address)
            wire.sendall(b"GET /big HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
            received = 0
            while chunk := wire.recv(1 << 16):
                received += len(chunk)
                time.sleep(0.01)  # the pace is what is tested
            assert received > BIG

    def test_may_take_the_application_long(self, wire: socket.socket) -> None:
        wire.sendall(b"GET /long HTTP/1.1\r\nHost: here\r\n\r\nGET / HTTP/1.1\r\nHo")
        assert one_answer(wire).startswith(b"HTTP/1.1 200")
        wire.sendall(b"st: here\r\n\r\n")
        assert one_answer(wire).startswith(b"HTTP/1.1 200")


class TestShutdown:
    def test_answers_what_was_on_the_wire(self, server: Impatient) -> None:
        """On a fresh connection, on an idle one, and on one that waits for its answer."""
        fresh, idle, busy = (socket.create_connection(server.address) for _ in range(3))
        idle.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        one_answer(idle)
        busy.sendall(b"GET /long HTTP/1.1\r\nHost: here\r\n\r\n")
        assert eventually(lambda: len(server.server_state.connections) == 3)
        assert eventually(lambda: len(server.server_state.tasks) == 1)

        server.should_exit = True
        assert eventually(lambda: all(map(is_leaving, server.server_state.connections)))
        for each in (fresh, idle):
            each.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")

        for each in (fresh, idle, busy):
            answer = until_closed(each)
            assert answer.startswith(b"HTTP/1.1 200")
            assert b"connection: close" in answer.lower()
            each.close()
        server.thread.join(10)
        assert not server.thread.is_alive()

    def test_waits_a_moment_for_the_rest_of_a_request(
        self,
        server: Impatient,
        wire: socket.socket,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Less than it would otherwise have: whoever is slow does not hold up a restart."""
        for name in ("HEAD", "STALL"):
            monkeypatch.setattr(connection, name, 60)
        quick = socket.create_connection(server.address)
        for each in (wire, quick):
            each.sendall(POST % 2 + b"x")
        assert eventually(lambda: len(server.server_state.tasks) == 2)

        server.should_exit = True
        assert eventually(lambda: all(map(is_leaving, server.server_state.connections)))
        quick.sendall(b"x")

        assert until_closed(quick).startswith(b"HTTP/1.1 200")
        assert problem(until_closed(wire), 408)
        quick.close()
        server.thread.join(2)
        assert not server.thread.is_alive()


def eventually(condition: Any) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def is_leaving(each: Any) -> bool:
    return each.leaving_since is not None
