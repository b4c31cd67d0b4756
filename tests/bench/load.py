"""A load of HTTP requests over kept connections, and what it cost the processes that served it."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Call:
    """One request, ready to be sent; `make` gives the body anew for each."""

    method: str
    path: str
    headers: dict[str, str]
    make: Callable[[int], bytes] | None = None
    expect: int = 200
    unique: bool = False  # sends an Idempotency-Key of its own each time
    heard: Callable[[bytes], None] | None = None
    paths: Iterator[str] | None = None  # another address each time
    sign: Callable[[bytes], dict[str, str]] | None = None  # headers that are made of the body

    def bytes_of(self, number: int) -> bytes:
        body = self.make(number) if self.make else b""
        fields = {"Host": "bench", "Content-Length": str(len(body)), **self.headers}
        if self.sign:
            fields |= self.sign(body)
        if self.unique:
            fields["Idempotency-Key"] = f"bench-{os.getpid()}-{time.monotonic_ns()}-{number}"
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        path = next(self.paths) if self.paths else self.path
        return f"{self.method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


@dataclass(frozen=True)
class Measured:
    """Of one operation: CPU ms a request, requests a second, the slowest of a hundred in ms."""

    server_ms: float
    database_ms: float
    rate: float
    p99_ms: float

    @property
    def cpu_ms(self) -> float:
        return self.server_ms + self.database_ms


@dataclass(frozen=True)
class Watched:
    """The processes whose CPU time is counted."""

    server: Sequence[int]
    database: Callable[[], Sequence[int]]

    def spent(self) -> tuple[float, dict[int, float]]:
        return sum(map(cpu_seconds, self.server)), {
            pid: cpu_seconds(pid) for pid in self.database()
        }


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(
        int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS")
    )


def run(base: str, call: Call, watched: Watched, *, seconds: float, connections: int) -> Measured:
    """Send `call` over so many connections at once for about so many seconds."""
    if call.paths:  # what makes them is done before a connection waits for it
        call = replace(call, paths=chain([next(call.paths)], call.paths))
    server, database = watched.spent()
    began = time.perf_counter()
    times = asyncio.run(_drive(base, call, seconds, connections))
    took = time.perf_counter() - began
    after_server, after_database = watched.spent()
    spent = sum(now - database.get(pid, 0.0) for pid, now in after_database.items())
    times.sort()
    return Measured(
        server_ms=(after_server - server) * 1000 / len(times),
        database_ms=spent * 1000 / len(times),
        rate=len(times) / took,
        p99_ms=times[int(len(times) * 0.99)] * 1000,
    )


async def _drive(base: str, call: Call, seconds: float, connections: int) -> list[float]:
    times: list[float] = []
    until = time.perf_counter() + seconds
    await asyncio.gather(*(_one(base, call, until, times) for _ in range(connections)))
    return times


async def _one(base: str, call: Call, until: float, times: list[float]) -> None:
    address = urlsplit(base)
    reader, writer = await asyncio.open_connection(address.hostname, address.port, limit=2**22)
    try:
        while (began := time.perf_counter()) < until:
            writer.write(call.bytes_of(len(times)))
            status, body = await _answer(reader)
            if status != call.expect:
                raise SystemExit(f"{call.method} {call.path}: {status} {body[:300]!r}")
            times.append(time.perf_counter() - began)
            if call.heard:
                call.heard(body)
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return int(head[9:12]), await reader.readexactly(length) if length else b""
