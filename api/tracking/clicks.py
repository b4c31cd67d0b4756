"""
Counting who follows a link, and nothing about them: how many, of which link, in which hour.

Counts are kept in the process and flushed together a tenth of a second after the first of them, in
a transaction of the platform's, so that following a link waits for no database. A process that is
killed loses what it counted since its last flush: at most 200 ms of clicks. One that is told to end
flushes first; while the database does not answer, counts are kept and added to. A commit whose
answer was lost with its connection is the one case in which a batch may count twice.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy.exc import SQLAlchemyError

from tenants import clock, database, pipeline
from tenants.ids import id_of
from tenants.pipeline import Statement

log = logging.getLogger("agency.tracking")

PAUSE = 0.1  # seconds from the first click that waits to the flush
AGAIN = 1.0  # seconds until another try, while the database does not answer


@dataclass(frozen=True)
class Followed:
    """A link whose clicks are counted."""

    agency_id: UUID
    client_id: UUID
    influencer_id: UUID
    link_id: UUID


Counts = Mapping[tuple[Followed, datetime], int]


class Clicks:
    """What was counted on one event loop and is not flushed yet."""

    def __init__(self) -> None:
        self.waiting: Counter[tuple[Followed, datetime]] = Counter()
        self._flush: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None

    def count(self, link: Followed) -> None:
        """One more; called on the event loop."""
        hour = clock.now().replace(minute=0, second=0, microsecond=0)
        self.waiting[link, hour] += 1
        if self._flush is None:
            self._later(PAUSE)

    async def drain(self) -> None:
        """Flush what waits, now."""
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
        if self._writing is not None:
            await self._writing
        await self._write()

    def _later(self, seconds: float) -> None:
        self._flush = asyncio.get_running_loop().call_later(seconds, self._begin)

    def _begin(self) -> None:
        self._flush = None
        self._writing = asyncio.get_running_loop().create_task(self._write())

    async def _write(self) -> None:
        taken, self.waiting = self.waiting, Counter()
        if not taken:
            return
        try:
            await asyncio.to_thread(add, taken)
        except SQLAlchemyError as failure:
            log.warning("clicks wait for the database: %s", type(failure).__name__)
            self.waiting += taken
            if self._flush is None:
                self._later(AGAIN)


def add(counts: Counts) -> None:
    """Add counts to what is kept, of all agencies in one transaction."""
    rows = sorted((_row(link, hour, count) for (link, hour), count in counts.items()), key=_id)
    with database.platform_session() as session:
        pipeline.ask_together(session.connection(), [Statement(_ADD, {"rows": Jsonb(rows)})])


def _row(link: Followed, hour: datetime, count: int) -> dict[str, Any]:
    return {
        "id": str(id_of(hour, link.agency_id, link.link_id, "clicks")),
        "agency_id": str(link.agency_id),
        "client_id": str(link.client_id),
        "influencer_id": str(link.influencer_id),
        "link_id": str(link.link_id),
        "hour": hour.isoformat(),
        "clicks": count,
    }


def _id(row: dict[str, Any]) -> str:
    """Two processes that add to the same rows take them in the same order."""
    return str(row["id"])


_ADD = """
    insert into link_clicks
        (agency_id, id, created_at, client_id, influencer_id, link_id, hour, clicks)
    select agency_id, id, now(), client_id, influencer_id, link_id, hour, clicks
    from jsonb_to_recordset(%(rows)s) as told (
        agency_id uuid, id uuid, client_id uuid, influencer_id uuid, link_id uuid,
        hour timestamptz, clicks bigint)
    order by id
    on conflict (agency_id, id) do update set clicks = link_clicks.clicks + excluded.clicks
"""

clicks = Clicks()
