"""
Sealing: giving committed events their place, and following each until all who listen have heard it.

    queued (committed) → sealed (`position`) → done (`done_at`) · given up (`problem`)

Positions are given after the commit, by one sealer at a time for each agency, without gaps. So a
reader who has seen position 41 has seen everything up to 41, however slow a transaction was.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from tenants import clock
from tenants.database import platform_session
from tenants.outbox import Event, Handled

BATCH = 1000
ATTEMPTS = 12  # the last after more than an hour
EVERYTHING = "*"


@dataclass(frozen=True)
class Told:
    """A sealed event that somebody listens to."""

    agency_id: UUID
    id: UUID
    type: str
    attempts: int


def seal(heard: Collection[str]) -> int:
    """
    Give every committed event its position; how many there were. Those of a type nobody listens to
    are done with that. Safe to run from several processes at once.
    """
    with platform_session() as session:
        waiting = session.scalars(_UNSEALED).all()
    return sum(_seal_agency(agency_id, heard) for agency_id in waiting)


def _seal_agency(agency_id: UUID, heard: Collection[str]) -> int:
    with platform_session() as session:
        # The lock is a statement of its own: the next one must see what its last holder committed.
        if not session.scalar(_ONLY_ONE, {"agency": str(agency_id)}):
            return 0
        values = {
            "agency": agency_id,
            "now": clock.now(),
            "limit": BATCH,
            "all": EVERYTHING in heard,
            "heard": list(heard),
        }
        return len(session.scalars(_SEAL, values).all())


def due(session: Session, limit: int) -> Sequence[Told]:
    """
    Across agencies (a platform session): the events to ring for. A doorbell has fifteen seconds, or
    as long again as the event has waited, before it rings anew.
    """
    return _told(session, _DUE, {"limit": limit})


def unring(session: Session, missed: Sequence[Told]) -> None:
    """The broker did not take these doorbells: they are due again at once."""
    for each in missed:
        _told(session, _UNRING, {"agency": each.agency_id, "id": each.id})


def claim(agency_id: UUID, event_id: UUID) -> Told | None:
    """Count one attempt; None when there is nothing to do for this agency's event."""
    with platform_session() as session:
        claimed = _told(session, _CLAIM, {"agency": agency_id, "id": event_id})
        if claimed and claimed[0].attempts > ATTEMPTS:  # its workers died of it
            _give_up(session, claimed[0], {})
            return None
    return claimed[0] if claimed else None


def mark(session: Session, event: Event, handler: str) -> bool:
    """
    Note that the handler has done its part, in the transaction that does it. False: it had already.
    Another transaction at the same is waited for.
    """
    noted = insert(Handled).values(
        agency_id=event.agency_id, event_id=event.id, handler=handler, at=clock.now()
    )
    # The row count of such an insert says nothing; what it returns does.
    fresh = noted.on_conflict_do_nothing().returning(col(Handled.handler))
    return session.scalar(fresh) is not None


def settle(told: Told, failed: Mapping[str, str]) -> None:
    """
    After every handler ran: the event is done, or its turn comes again, or it is given up. `failed`
    says of each handler that did not do its part what went wrong.
    """
    with platform_session() as session:
        if failed and told.attempts >= ATTEMPTS:
            _give_up(session, told, failed)
        elif failed:
            values = {"agency": told.agency_id, "id": told.id, "seconds": 2**told.attempts}
            _told(session, _POSTPONE, values)
        else:
            values = {"agency": told.agency_id, "id": told.id, "now": clock.now()}
            _told(session, _DONE, values)


def _give_up(session: Session, told: Told, failed: Mapping[str, str]) -> None:
    problem = {"code": "event_gave_up", "causes": failed or {EVERYTHING: "WorkerLost"}}
    values = {"agency": told.agency_id, "id": told.id, "problem": json.dumps(problem)}
    _told(session, _GIVE_UP, values)


def _told(session: Session, statement: Any, values: dict[str, Any]) -> list[Told]:
    rows = session.connection().execute(statement, values)
    return [Told(row.agency_id, row.event_id, row.type, row.attempts) for row in rows]


_UNSEALED = text("select distinct agency_id from event_queue where position is null")
_ONLY_ONE = text("select pg_try_advisory_xact_lock(hashtextextended('seal ' || :agency, 0))")
_SEAL = text(
    """
    with last as (
        select coalesce(max(position), 0) as position from event_queue
        where agency_id = :agency and position is not null
    ), fresh as (
        select q.event_id, row_number() over (order by q.event_id) as step,
            (:all or e.type = any (:heard)) as heard
        from (
            select agency_id, event_id from event_queue
            where agency_id = :agency and position is null
            order by event_id limit :limit
        ) q
        join events e on e.agency_id = q.agency_id and e.id = q.event_id
    )
    update event_queue q set
        position = last.position + fresh.step,
        due_at = case when fresh.heard then now() end,
        done_at = case when not fresh.heard then cast(:now as timestamptz) end
    from last, fresh
    where q.agency_id = :agency and q.event_id = fresh.event_id
    returning q.event_id
    """
)

_ONE = "q.agency_id = :agency and q.event_id = :id and q.done_at is null"
_RETURNING = (
    " from events e where e.agency_id = q.agency_id and e.id = q.event_id and "
    "{where} returning q.agency_id, q.event_id, e.type, q.attempts"
)


def _change(assignments: str, where: str = _ONE) -> Any:
    # Put together from this module's own words alone.
    return text(f"update event_queue q set {assignments}{_RETURNING.format(where=where)}")  # noqa: S608


_DUE = _change(
    "due_at = now() + greatest(interval '15 seconds', least(now() - q.queued_at, '10 minutes'))",
    """(q.agency_id, q.event_id) in (
        select agency_id, event_id from event_queue
        where done_at is null and position is not null and due_at <= now()
        order by due_at limit :limit for update skip locked
    )""",
)
_UNRING = _change("due_at = now()")
_CLAIM = _change(
    # A lease, of a killed worker's event: five seconds, then ten, twenty … ten minutes.
    "attempts = q.attempts + 1,"
    " due_at = now() + make_interval(secs => least(5 * power(2, q.attempts), 600))",
    f"{_ONE} and q.position is not null and q.due_at is not null",
)
_POSTPONE = _change("due_at = now() + make_interval(secs => :seconds)")
_DONE = _change("done_at = :now, due_at = null, problem = null")
_GIVE_UP = _change("due_at = null, problem = cast(:problem as jsonb)")
