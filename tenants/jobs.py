"""
Work that outlasts a request, as rows. The broker's message is only a doorbell.

    queued → running → succeeded · failed · cancelled

A worker claims a row, beats while it works, and lets go when its lease runs out: a killed worker's
job is taken up again within seconds. Jobs run at least once, so a job's verb changes nothing the
second time. Due work is a row with `due_at`; no message ever waits in the broker for its time.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, Session, SQLModel

from tenants import clock, database
from tenants.database import (
    INTERNAL,
    UTC_TIMESTAMP,
    AgencyModel,
    MaybeClientOwned,
    Wall,
    text_enum,
)

LEASE = timedelta(seconds=5)
ATTEMPTS = 5


class JobState(StrEnum):
    queued = "queued"
    running = "running"
    succeeded = "succeeded"
    failed = "failed"
    cancelled = "cancelled"


class Queue(StrEnum):
    """One queue per class of urgency."""

    now = "now"
    render = "render"
    bulk = "bulk"


MOVES: dict[JobState, frozenset[JobState]] = {
    JobState.queued: frozenset({JobState.running, JobState.cancelled}),
    JobState.running: frozenset(
        {JobState.queued, JobState.succeeded, JobState.failed, JobState.cancelled}
    ),
    JobState.succeeded: frozenset(),
    JobState.failed: frozenset(),
    JobState.cancelled: frozenset(),
}


class Job(MaybeClientOwned, AgencyModel, table=True):
    """One piece of work. `shared`: the client's contacts may follow it too."""

    __tablename__ = "jobs"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id"], ["agencies.id"]),
        Index(
            "ix_jobs_open",
            "queue",
            "due_at",
            postgresql_where=text("state in ('queued', 'running')"),
        ),
        Index(None, "agency_id", "client_id", "id"),
    )
    wall = Wall.client

    created_by: UUID | None = None
    shared: bool = Field(default=False)
    kind: str = Field(max_length=80, sa_column_kwargs=INTERNAL)
    queue: Queue = Field(default=Queue.now, sa_type=text_enum(Queue))
    args: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    state: JobState = Field(default=JobState.queued, sa_type=text_enum(JobState))
    attempts: int = Field(default=0)
    due_at: datetime = Field(default_factory=clock.now, sa_type=UTC_TIMESTAMP)
    lease_until: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    progress: int = Field(default=0)
    total: int | None = None
    result: dict[str, Any] | None = Field(default=None, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    problem: dict[str, Any] | None = Field(default=None, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    finished_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)


class JobRead(SQLModel):
    """A piece of work: its state, how far it is, and where its result is."""

    id: UUID
    kind: str
    state: JobState
    progress: int
    total: int | None
    result: dict[str, Any] | None
    problem: dict[str, Any] | None
    created_at: datetime
    finished_at: datetime | None


def enqueue(
    session: Session,
    kind: str,
    *,
    client_id: UUID | None = None,
    queue: Queue = Queue.now,
    due_at: datetime | None = None,
    shared: bool = False,
    **args: Any,
) -> Job:
    """Ask for work of a registered `kind`; it starts after this transaction commits."""
    job = Job(
        client_id=client_id,
        kind=kind,
        queue=queue,
        shared=shared,
        due_at=due_at or clock.now(),
        args=args,
        created_by=session.sight.membership_id,  # type: ignore[attr-defined]
    )
    database.add(session, job)
    return job
