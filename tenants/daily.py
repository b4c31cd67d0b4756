"""
What is done for each agency once a day, as a job of its own (`@daily`), and who looks that it is.

A day is UTC's: whatever depends on a client's day decides by that client's own calendar, and finds
nothing to do until it has come.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time
from uuid import UUID

from sqlmodel import col, select

from tenants import auth, clock, database, jobs
from tenants.jobs import Job, Queue
from tenants.models import Agency, AgencyStatus
from tenants.worker import JobHandler, every, job

_kinds: list[str] = []


def daily(kind: str) -> Callable[[JobHandler], JobHandler]:
    """Register a kind of job that every agency which is not closed has once a day."""
    _kinds.append(kind)
    return job(kind)


@every(600)
def open_the_day() -> None:
    """Ask for the day's jobs; those that were asked for already stay the only ones."""
    today = _today()
    asked = select(Job.agency_id, Job.kind).where(
        col(Job.kind).in_(_kinds), col(Job.created_at) >= today
    )
    open_agencies = select(Agency.id).where(col(Agency.status) != AgencyStatus.closed)
    with database.platform_session() as session:
        done = {(agency_id, kind) for agency_id, kind in session.exec(asked)}
        agencies = session.exec(open_agencies).all()
    for agency_id in agencies:
        if wanted := [kind for kind in _kinds if (agency_id, kind) not in done]:
            _ask(agency_id, wanted, today)


def open_day_of(agency_id: UUID) -> None:
    """The same for one agency."""
    _ask(agency_id, _kinds, _today())


def _ask(agency_id: UUID, kinds: Sequence[str], today: datetime) -> None:
    with database.agency_session(auth.system(agency_id)) as session:
        for kind in kinds:
            jobs.enqueue(session, kind, queue=Queue.bulk, period=today)


def _today() -> datetime:
    return datetime.combine(clock.now().date(), time(), UTC)
