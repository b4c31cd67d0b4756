"""
Work that outlasts a request, as rows. The broker's message is only a doorbell.

    queued → running → succeeded · failed (→ queued) · cancelled

A worker claims a row, beats while it works, and loses it when its lease runs out: a killed worker's
job is taken up again within seconds. Jobs run at least once, so a job's verb changes nothing the
second time. Due work is a row with `due_at`; no message ever waits in the broker for its time.

The lease of a queued job is its doorbell's: until it runs out, nobody rings again. Leases go by the
database's clock, which every worker shares.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlmodel import Field, Session, SQLModel, col, update

from tenants import clock, database, outbox, words
from tenants.errors import ApiError, MoveNotAllowed
from tenants.ids import id_of
from tenants.tables import INTERNAL, UTC_TIMESTAMP, AgencyModel, MaybeClientOwned, Wall, text_enum

LEASE = timedelta(seconds=5)
PAUSES = (2, 4, 8, 16)  # seconds after each attempt that failed, but the last
ATTEMPTS = len(PAUSES) + 1
CAUSE = "cause"  # member of a kept problem: the kind of exception; for operators, not for readers


class JobGaveUp(ApiError):
    """The work failed too often, or its workers were lost, and is not tried again."""


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
    JobState.failed: frozenset({JobState.queued}),
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
    period: datetime | None = None,
    about: object = None,
    **args: Any,
) -> Job:
    """
    Ask for work of a registered `kind`; it starts after this transaction commits. With `period`,
    the beginning of the hour, day or month that it is for, there is one such job for the client (or
    for the agency as a whole), however often and from wherever it is asked for; with `about` too,
    one for each of what it names.
    """
    job = Job(
        client_id=client_id,
        kind=kind,
        queue=queue,
        shared=shared,
        due_at=due_at or clock.now(),
        args=args,
        created_by=session.sight.membership_id,  # type: ignore[attr-defined]
    )
    if period is not None:
        (id,) = _once(session, [job], period, about)
        return database.get(session, Job, id)
    database.add(session, job)
    return job


def enqueue_all(session: Session, kinds: Sequence[str], queue: Queue, period: datetime) -> None:
    """Ask for one job of each kind for the agency as a whole: the only one of that `period`."""
    _once(session, [Job(kind=kind, queue=queue) for kind in kinds], period)


def _once(
    session: Session, wanted: Sequence[Job], period: datetime, about: object = None
) -> list[UUID]:
    """Ask for those nobody has asked for, in one go; the ids of all."""
    agency_id = session.sight.agency_id  # type: ignore[attr-defined]
    rows = []
    for job in wanted:
        named = (agency_id, job.kind, job.client_id) + ((about,) if about else ())
        rows.append({**job.model_dump(), "agency_id": agency_id, "id": id_of(period, *named)})
    session.connection().execute(insert(Job).on_conflict_do_nothing(), rows)
    return [row["id"] for row in rows]


def cancel(session: Session, job_id: UUID) -> Job:
    """Call the work off; a worker that is at it hears so within two seconds."""
    job = database.get(session, Job, job_id, lock=True)
    if job.state is JobState.cancelled:
        return job
    if JobState.cancelled not in MOVES[job.state]:
        raise MoveNotAllowed(job.state, [str(each) for each in MOVES[job.state]])
    job.state, job.finished_at, job.lease_until = JobState.cancelled, clock.now(), None
    outbox.emit(session, "job.cancelled", job)
    return job


def requeue(session: Session, job_id: UUID) -> Job:
    """Try a job that failed again, with as many attempts as a new one has."""
    job = database.get(session, Job, job_id, lock=True)
    if job.state is not JobState.failed:
        raise MoveNotAllowed(job.state, [str(each) for each in MOVES[job.state]])
    job.state, job.finished_at, job.problem = JobState.queued, None, None
    job.due_at, job.lease_until = clock.now(), None
    outbox.emit(session, "job.requeued", job)
    return job


# What a worker does to a job. Each is one statement that moves the row from the state it must be
# in, and under the attempt that is its own, or does nothing: a job that somebody else has taken
# over, or that has come to its end, cannot be changed by a worker that was thought dead.


def claim(session: Session, job_id: UUID) -> Job | None:
    """Take a due job for one attempt; None when it is not there to be had."""
    taken = (
        update(Job)
        .where(
            col(Job.agency_id) == session.sight.agency_id,  # type: ignore[attr-defined]
            col(Job.id) == job_id,
            col(Job.state) == JobState.queued,
            col(Job.due_at) <= clock.now(),
        )
        .values(state=JobState.running, attempts=Job.attempts + 1, lease_until=func.now() + LEASE)
        .returning(Job)
    )
    return session.scalar(taken)


def beat(session: Session, job: Job, progress: int, total: int | None) -> bool:
    """Hold on to a job and say how far it is. False: it is no longer this worker's."""
    return _move(session, job, progress=progress, total=total, lease_until=func.now() + LEASE)


def succeed(
    session: Session, job: Job, result: dict[str, Any] | None, progress: int, total: int | None
) -> bool:
    done = {"state": JobState.succeeded, "result": result, "progress": progress, "total": total}
    return _move(session, job, **done, **_ended())


def fail(session: Session, job: Job, error: ApiError) -> bool:
    """End a job for good."""
    return _move(session, job, state=JobState.failed, problem=problem_of(error), **_ended())


def retry(session: Session, job: Job, cause: str, pauses: Sequence[int] = PAUSES) -> bool:
    """Let a job go, to be tried again after a pause, each longer than the last; or give it up."""
    # Attempts are never counted anew, for they tell one worker's claim from another's.
    tried = (job.attempts - 1) % ATTEMPTS + 1
    if tried == ATTEMPTS:
        return fail(session, job, JobGaveUp(extra={CAUSE: cause}))
    later = clock.now() + timedelta(seconds=pauses[tried - 1])
    return _move(session, job, state=JobState.queued, due_at=later, lease_until=None)


def _move(session: Session, job: Job, **values: Any) -> bool:
    mine = update(Job).where(
        col(Job.agency_id) == job.agency_id,
        col(Job.id) == job.id,
        col(Job.state) == JobState.running,
        col(Job.attempts) == job.attempts,
    )
    quietly = {"synchronize_session": False}
    return bool(session.exec(mine.values(values), execution_options=quietly).rowcount)


def _ended() -> dict[str, Any]:
    return {"finished_at": clock.now(), "lease_until": None}


def problem_of(error: ApiError) -> dict[str, Any]:
    """A refusal as it is kept; the reader's language gives it words."""
    return {"code": error.code, "status": error.status, "words": error.words, **error.extra}


def problem_in(locale: str, kept: dict[str, Any]) -> dict[str, Any]:
    """A kept refusal, said in the reader's language as any other refusal is."""
    code, places = kept["code"], kept["words"]
    known = code if words.knows("problem", code) else "internal_error"
    return {
        "type": f"/problems/{code}",
        "title": words.say(locale, "status", str(kept["status"])),
        "detail": words.say(locale, "problem", known, **places),
        **{key: value for key, value in kept.items() if key not in ("words", CAUSE)},
    }


@dataclass(frozen=True)
class Due:
    """A job whose doorbell must ring."""

    agency_id: UUID
    id: UUID
    queue: Queue


def due(session: Session, limit: int) -> Sequence[Due]:
    """
    Across agencies (a platform session): the jobs to ring for, and those whose worker was lost; no
    more than `limit` of each queue, so what is wanted now never waits behind a night's bulk. A
    doorbell has fifteen seconds, or as long again as the job has waited, before it rings anew.
    """
    found = session.connection().execute(
        _DUE,
        {
            "now": clock.now(),
            "limit": limit,
            "queues": list(Queue),
            "attempts": ATTEMPTS,
            "gave_up": json.dumps(problem_of(JobGaveUp(extra={CAUSE: "WorkerLost"}))),
        },
    )
    return [Due(row.agency_id, row.id, Queue(row.queue)) for row in found if row.state == "queued"]


def unring(session: Session, missed: Sequence[Due]) -> None:
    """The broker did not take these doorbells: they are due again at once."""
    for each in missed:
        session.exec(
            update(Job)
            .where(
                col(Job.agency_id) == each.agency_id,
                col(Job.id) == each.id,
                col(Job.state) == JobState.queued,
            )
            .values(lease_until=None)
        )


_DUE = text(
    """
    update jobs j set
        state = case when d.is_last then 'failed' else 'queued' end,
        problem = case when d.is_last then cast(:gave_up as jsonb) end,
        finished_at = case when d.is_last then cast(:now as timestamptz) end,
        lease_until = now() + greatest(
            interval '15 seconds', least(:now - j.due_at, interval '10 minutes'))
    from unnest(cast(:queues as text[])) as class (name) cross join lateral (
        select agency_id, id, state = 'running' and attempts % :attempts = 0 as is_last
        from jobs
        where state in ('queued', 'running')
            and queue = class.name
            and due_at <= :now
            and (lease_until is null or lease_until < now())
        order by due_at
        limit :limit
        for update skip locked
    ) d
    where j.agency_id = d.agency_id and j.id = d.id
    returning j.agency_id, j.id, j.queue, j.state
    """
)
