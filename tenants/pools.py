"""The ways to the database: pools of connections, one set a process, named once at its start."""

import asyncio
import os
from typing import Any

from psycopg_pool import AsyncConnectionPool
from sqlalchemy import Engine, create_engine

WAIT = 10  # seconds for a connection to come free


class Pools:
    """To the database as the application, as the platform, and to read from an event loop."""

    def __init__(self, app_url: str, platform_url: str, *, pool: int, pooler: str) -> None:
        # libpq sends this one as the start-up parameter `timezone`, which a pooler passes on, while
        # it refuses or drops `options`. What the database writes into JSON must not follow its
        # clock.
        os.environ["PGTZ"] = "UTC"
        options: dict[str, Any] = {"prepare_threshold": None} if pooler == "transaction" else {}
        self.app = _engine(app_url, pool, options)
        self.platform = _engine(platform_url, max(pool // 4, 2), options)
        self._read_url, self._read_options = app_url.replace("+psycopg", "", 1), options
        self._most_reads = max(pool // 2, 2)
        self._reads: dict[asyncio.AbstractEventLoop, AsyncConnectionPool] = {}

    async def reads(self) -> AsyncConnectionPool:
        """The connections that reads take from this event loop; opened by the first."""
        loop = asyncio.get_running_loop()
        if loop not in self._reads:
            self._reads[loop] = AsyncConnectionPool(
                self._read_url,
                kwargs=self._read_options,
                min_size=0,
                max_size=self._most_reads,
                timeout=WAIT,
                open=False,
            )
            await self._reads[loop].open()
        return self._reads[loop]

    async def close_reads(self) -> None:
        if pool := self._reads.pop(asyncio.get_running_loop(), None):
            await pool.close()

    def dispose(self) -> None:
        self.app.dispose()
        self.platform.dispose()
        for loop in list(self._reads):
            if loop.is_running():
                asyncio.run_coroutine_threadsafe(self.close_reads(), loop).result(WAIT)


def _engine(url: str, pool: int, connect: dict[str, Any]) -> Engine:
    return create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        pool_size=pool,
        max_overflow=0,
        pool_timeout=WAIT,
        pool_pre_ping=False,
        hide_parameters=True,
        connect_args=connect,
    )


_pools: Pools | None = None


def connect(pools: Pools) -> None:
    """Name the pools of this process, once, at its start."""
    global _pools
    _pools = pools


def current() -> Pools:
    """The pools of this process."""
    if _pools is None:
        raise RuntimeError("no database was named for this process")
    return _pools
