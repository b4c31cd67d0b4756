"""
What is done for each agency once a day, as a job of its own (`@daily`), and who looks that it is.

A day is UTC's: whatever depends on a client's day decides by that client's own calendar, and finds
nothing to do until it has come.
"""

from collections.abc import Callable
from datetime import UTC, datetime, time
from uuid import UUID

from sqlalchemy import text

from tenants import auth, clock, database, jobs
from tenants.ids import first_id
from tenants.jobs import Queue
from tenants.worker import JobHandler, every, job

AT_ONCE = 50  # agencies whose day is opened between two rings: some tenths of a second

_kinds: list[str] = []


def daily(kind: str) -> Callable[[JobHandler], JobHandler]:
    """Register a kind of job that every agency which is not closed has once a day."""
    _kinds.append(kind)
    return job(kind)


@every(600)
def open_the_day() -> bool:
    """
    Ask for the day's jobs of some agencies that lack any; those that were asked for already stay
    the only ones. Whether there are more such agencies: bells ring in between.
    """
    today = _today()
    with database.platform_session() as session:
        of = {"kinds": _kinds, "number": len(_kinds), "first": first_id(today), "limit": AT_ONCE}
        agencies = session.scalars(_UNOPENED, of).all()
    for agency_id in agencies:
        open_day_of(agency_id)
    return len(agencies) == AT_ONCE


def open_day_of(agency_id: UUID) -> None:
    """The same for one agency."""
    with database.agency_session(auth.system(agency_id)) as session:
        jobs.enqueue_all(session, _kinds, Queue.bulk, period=_today())


def _today() -> datetime:
    return datetime.combine(clock.now().date(), time(), UTC)


_UNOPENED = text(
    """
    select id from agencies a
    where status <> 'closed' and :number > (
        select count(*) from jobs j
        where j.agency_id = a.id and j.client_id is null and j.id >= :first
            and j.kind = any (:kinds)
    )
    limit :limit
    """
)
