"""
A bare server: ASGI and psycopg, and the walls. What it answers is its subclass's: a coroutine for
each method and kind of address, `get_campaign(scope, id, body)`, that makes a status and a body.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

import psycopg

from tenants.pipeline import Statement


class WayIn(Protocol):
    """What tells the database who asks."""

    @property
    def statement(self) -> Statement: ...


class Bare:
    """One connection a request, taken from those there are."""

    def __init__(self, url: str, entry: WayIn, size: int) -> None:
        self.url, self.entry, self.size = url, entry, size
        self.free: asyncio.Queue[psycopg.AsyncConnection[Any]] = asyncio.Queue()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        body = b""
        while (message := await receive()).get("more_body"):
            body += message["body"]
        body += message.get("body", b"")
        kind, _, rest = scope["path"][1:].partition("/")
        status, answer = await getattr(self, f"{scope['method'].lower()}_{kind}")(scope, rest, body)
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        await self.open()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def open(self) -> None:
        for _ in range(self.size):
            self.free.put_nowait(await psycopg.AsyncConnection.connect(self.url))

    @asynccontextmanager
    async def entered(
        self, entry: Statement | None = None
    ) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        connection = await self.free.get()
        try:
            async with connection.transaction():
                entry = entry or self.entry.statement
                await connection.execute(entry.sql, entry.parameters)
                yield connection
        finally:
            self.free.put_nowait(connection)

    async def ask(self, *statements: Statement, of: int = 0) -> list[tuple[Any, ...]]:
        """Entered, asked and ended in one round trip; the rows of one of the statements."""
        connection = await self.free.get()
        try:
            async with connection.pipeline():
                entry = self.entry.statement
                await connection.execute(entry.sql, entry.parameters)
                asked = [await connection.execute(s.sql, s.parameters) for s in statements]
                await connection.commit()
            return await asked[of].fetchall()
        finally:
            self.free.put_nowait(connection)
