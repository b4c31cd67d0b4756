"""
Dead letters: the jobs and events that were given up, whosever they are, and one more try for them.

A job is given up after its attempts failed or its workers died of it (`JobGaveUp`), an event when
one of its handlers did so. Neither is taken up again by itself; both stay until somebody looks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from tenants import auth, database, jobs
from tenants.database import platform_session


@dataclass(frozen=True)
class DeadLetter:
    """Work that was given up: `what` is `job` or `event`, `kind` which, `cause` why."""

    what: str
    agency_id: UUID
    id: UUID
    kind: str
    attempts: int
    since: datetime
    cause: str


def find(id: UUID | None = None) -> Sequence[DeadLetter]:
    """Those there are, the oldest first and at most a thousand; or the one with this id."""
    with platform_session() as session:
        rows = session.connection().execute(_FIND, {"id": id})
        return [DeadLetter(**row._mapping) for row in rows]


def requeue(id: UUID) -> bool:
    """Try one again, a job or an event. False: there is none with this id."""
    found = find(id)
    if not found:
        return False
    letter = found[0]
    if letter.what == "job":
        with database.agency_session(auth.system(letter.agency_id)) as session:
            jobs.requeue(session, id)
    else:
        with platform_session() as session:
            session.connection().execute(_REQUEUE_EVENT, {"agency": letter.agency_id, "id": id})
    return True


_FIND = text(
    """
    select 'job' as what, agency_id, id, kind, attempts, finished_at as since,
        coalesce(problem ->> 'cause', '') as cause
    from jobs where state = 'failed' and problem ->> 'code' = 'job_gave_up'
        and id = coalesce(:id, id)
    union all
    select 'event', q.agency_id, q.event_id, e.type, q.attempts, q.queued_at,
        coalesce(problem ->> 'causes', '')
    from event_queue q join events e on e.agency_id = q.agency_id and e.id = q.event_id
    where q.done_at is null and q.problem is not null and q.event_id = coalesce(:id, q.event_id)
    order by since limit 1000
    """
)
_REQUEUE_EVENT = text(
    "update event_queue set attempts = 0, due_at = now(), problem = null"
    " where agency_id = :agency and event_id = :id and done_at is null and problem is not null"
)
