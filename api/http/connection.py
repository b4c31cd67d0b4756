"""
One connection of the HTTP server: uvicorn's, with a patience that ends.

Uvicorn by itself waits for ever for a request that was half sent, and for a client that never reads
its answer. Everything that ends such a wait is here, so that the server needs no proxy before it.
"""

from asyncio import BaseTransport, TimerHandle, Transport
from typing import cast

from starlette.requests import Request
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from api.http import problems
from api.http.problems import HeadersTooLarge, RequestTimeout
from tenants.errors import ApiError, BadRequest
from tenants.ids import new_id

LOOK = 1.0  # seconds between two looks at a connection
HEAD = 10.0  # seconds for the request line and all header fields
HEAD_BYTES = 64 * 1024
STALL = 15.0  # seconds that a body, or reading an answer, may take besides what its size needs
SLOWEST = 4096  # bytes per second
FAREWELL = 1.0  # seconds that a connection without a request stays when the server is leaving
HURRY = 3.0  # seconds that the rest of a request may take then


class PatientProtocol(HttpToolsProtocol):
    """
    A connection that ends when its client keeps it waiting: for the head of a request, for its
    body, or to be read. While the application is at work nothing runs out, and a connection that is
    idle between two requests is uvicorn's to close (`timeout_keep_alive`). A refusal is a Problem.
    """

    waiting_since: float | None = None  # for a head, or with `in_body` for a body
    taken = 0  # bytes since then
    in_body = False
    unread: tuple[float, int] | None = None  # since when so many bytes are left to be sent
    leaving_since: float | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(cast(Transport, transport))
        self._wait(in_body=False)
        self._next_look: TimerHandle = self.loop.call_later(LOOK, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        self._next_look.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.waiting_since is None and not self._answering:
            self._wait(in_body=False)
        self.taken += len(data)
        super().data_received(data)
        if self.waiting_since is not None and not self.in_body and self.taken > HEAD_BYTES:
            self._refuse(HeadersTooLarge())

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self.waiting_since is None:  # it came in one packet with the end of another
            self._wait(in_body=False)

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._wait(in_body=True)
        if self.leaving_since is not None:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self.waiting_since, self.taken, self.in_body = None, 0, False

    def send_400_response(self, msg: str) -> None:
        self._refuse(BadRequest())

    def shutdown(self) -> None:
        """
        The server is leaving. What is under way is finished, and a request that may be on the wire
        already finds somebody for a moment longer; its answer says that it is the last.
        """
        self.leaving_since = self.loop.time()
        if self._answering:
            self.cycle.keep_alive = False
        else:
            self.loop.call_later(FAREWELL, self._part)

    def _part(self) -> None:
        if not self._answering and self.taken == 0:
            self.transport.close()

    @property
    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _wait(self, *, in_body: bool) -> None:
        self.waiting_since, self.taken, self.in_body = self.loop.time(), 0, in_body

    def _look(self) -> None:
        now = self.loop.time()
        self._next_look = self.loop.call_later(LOOK, self._look)
        if self._is_unread(now):
            self.transport.abort()
        if self.waiting_since is None:
            return
        if self.flow.read_paused or (self._answering and not self.in_body):
            self.waiting_since = now  # it is we who keep the client waiting
            return
        allowed = STALL + self.taken / SLOWEST if self.in_body else HEAD
        hurried = self.leaving_since is not None and now - self.leaving_since > HURRY
        if hurried or now - self.waiting_since > allowed:
            self._refuse(RequestTimeout())

    def _is_unread(self, now: float) -> bool:
        size = self.transport.get_write_buffer_size()
        if size == 0:
            self.unread = None
        elif self.unread is None or not 0 <= self.unread[1] - size < STALL * SLOWEST:
            self.unread = (now, size)
        return self.unread is not None and now - self.unread[0] > STALL

    def _refuse(self, error: ApiError) -> None:
        """Hang up; say why when something was asked, and no other answer is on its way."""
        if self.transport.is_closing():
            return
        busy = self.cycle.response_started if self.in_body else self._answering
        if not busy and (self.taken or self.in_body):
            self.transport.write(_last_answer(error))
        self.transport.close()


def _last_answer(error: ApiError) -> bytes:
    """A Problem as bytes, for a request that the application never saw whole."""
    request = Request({"type": "http", "headers": [], "request_id": str(new_id())})
    answer = problems.respond(request, error)
    fields = [*answer.raw_headers, (b"connection", b"close")]
    fields.append((b"x-request-id", request.scope["request_id"].encode()))
    lines = b"".join(name + b": " + value + b"\r\n" for name, value in fields)
    return STATUS_LINE[error.status] + lines + b"\r\n" + bytes(answer.body)
