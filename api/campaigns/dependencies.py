"""
What a deliverable waits for: others of the same client, which must be approved or delivered before
it is begun. One that is cancelled holds nobody.

The graph has no cycle. Whoever sets an edge holds the client's graph until the transaction ends,
for two of them could each add one half of a cycle; one that is new has nobody behind it yet.

What a deliverable depends on is part of it. What it still waits for follows from the others, and is
read anew by what has no version: its dependencies, boards and calendars, everybody's day.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, delete, literal_column, text
from sqlmodel import Session, col, select

from api.campaigns import deliverables
from api.campaigns.deliverable_models import Deliverable, DeliverableDependency, DeliverableStatus
from tenants import database, outbox
from tenants.errors import Conflict, NotFound

_State = DeliverableStatus
LETS_GO = frozenset({_State.approved, _State.delivered, _State.cancelled})


class DependencyCycle(Conflict):
    """It would wait for itself, directly or by way of others."""


class WaitsForOthers(Conflict):
    """What it depends on is not approved yet; `waits_for` says which."""

    def __init__(self, others: Sequence[UUID]) -> None:
        super().__init__(extra={"waits_for": [str(each) for each in others]})


@dataclass(frozen=True)
class Waiting:
    """What a deliverable still waits for; the conflict: one is due after it."""

    waits_for: list[UUID]
    conflicts_with_dependency: bool


NOTHING = Waiting([], False)


@dataclass(frozen=True)
class Neighbour:
    """A deliverable at the other end of an edge; `conflicts`: the later one is due first."""

    id: UUID
    label: dict[str, str]
    status: DeliverableStatus
    due_on: date
    holds: bool
    conflicts_with_dependency: bool


@dataclass(frozen=True)
class Neighbours:
    """What a deliverable depends on, and what depends on it; the earliest due first."""

    depends_on: list[Neighbour]
    needed_by: list[Neighbour]


def read(session: Session, deliverable_id: UUID) -> Neighbours:
    """What it depends on and what depends on it, as they stand now."""
    row = database.get(session, Deliverable, deliverable_id)
    edge = DeliverableDependency
    before = _at(session, edge.depends_on_id, edge.deliverable_id, row.id)
    after = _at(session, edge.deliverable_id, edge.depends_on_id, row.id)
    mine = row.status not in LETS_GO
    return Neighbours(
        [_neighbour(each, each.status not in LETS_GO, each, row) for each in before],
        [_neighbour(each, mine, row, each) for each in after],
    )


def replace(session: Session, deliverable_id: UUID, depends_on: Collection[UUID]) -> Deliverable:
    """Let it depend on these and no others."""
    seen = database.get(session, Deliverable, deliverable_id)
    _hold_graph(session, seen.client_id)
    row = database.get(session, Deliverable, deliverable_id, lock=True)
    if row.status not in deliverables.AT_WORK:
        raise deliverables.NotAtWork
    wanted = known(session, row.client_id, depends_on)
    if _reached(session, wanted, row.id):
        raise DependencyCycle(pointer="/depends_on")
    session.exec(
        delete(DeliverableDependency).where(
            col(DeliverableDependency.agency_id) == row.agency_id,
            col(DeliverableDependency.deliverable_id) == row.id,
        )
    )
    row.depends_on = wanted
    link(session, row)
    outbox.emit(session, "deliverable.updated", row, audience="client")
    return row


def known(session: Session, client_id: UUID, ids: Collection[UUID]) -> list[str]:
    """The deliverables of a client that are named, as a deliverable keeps them."""
    query = select(Deliverable.id).where(
        col(Deliverable.id).in_(list(ids)), col(Deliverable.client_id) == client_id
    )
    if ids and set(session.exec(query)) != set(ids):
        raise NotFound
    return sorted(str(each) for each in ids)


def link(session: Session, row: Deliverable) -> None:
    """Keep an edge for each that the row names."""
    session.add_all(
        DeliverableDependency(
            client_id=row.client_id, deliverable_id=row.id, depends_on_id=UUID(each)
        )
        for each in row.depends_on
    )
    session.flush()


def check(session: Session, row: Deliverable) -> None:
    """Refuse to begin what waits for others."""
    others = waiting(session, [row]).get(row.id, NOTHING).waits_for
    if others:
        raise WaitsForOthers(others)


def waiting(session: Session, rows: Iterable[Deliverable]) -> Mapping[UUID, Waiting]:
    """What each of some deliverables waits for; those that wait for nothing are left out."""
    due = {row.id: row.due_on for row in rows if row.depends_on}
    if not due:
        return {}
    edge: Any = DeliverableDependency
    query = (
        select(edge.deliverable_id, col(Deliverable.id), col(Deliverable.due_on))
        .join(Deliverable, _same(DeliverableDependency.depends_on_id))
        .where(
            col(DeliverableDependency.deliverable_id).in_(list(due)),
            col(Deliverable.status).not_in(sorted(LETS_GO)),
        )
        .order_by(col(Deliverable.due_on), col(Deliverable.id))
    )
    found: dict[UUID, list[tuple[UUID, date]]] = {}
    for waiter, other, day in session.exec(query):
        found.setdefault(waiter, []).append((other, day))
    return {
        waiter: Waiting([other for other, _ in others], any(day > due[waiter] for _, day in others))
        for waiter, others in found.items()
    }


# The same of a row of `deliverables`, as members of its JSON.
_LET_GO = ", ".join(f"'{each}'" for each in sorted(LETS_GO))
_HOLDING = (
    "from deliverable_dependencies edge join deliverables other"
    " on other.agency_id = edge.agency_id and other.id = edge.depends_on_id"
    " where edge.agency_id = deliverables.agency_id and edge.deliverable_id = deliverables.id"
    f" and other.status not in ({_LET_GO})"
)
# Most wait for nothing, and say so themselves.
_ALONE = "case when jsonb_array_length(deliverables.depends_on) = 0 then"
_WAITS_FOR = (
    f"coalesce((select json_agg(other.id order by other.due_on, other.id) {_HOLDING}), '[]'::json)"
)
_CONFLICTS = f"exists (select {_HOLDING} and other.due_on > deliverables.due_on)"
MEMBERS = {
    "waits_for": f"{_ALONE} '[]'::json else {_WAITS_FOR} end",
    "conflicts_with_dependency": f"{_ALONE} false else {_CONFLICTS} end",
}


def waits_for_one() -> Any:
    """Whether a row of `deliverables` waits for another."""
    return literal_column(f"exists (select {_HOLDING})", Boolean)


def is_due_before_one() -> Any:
    """Whether a row of `deliverables` is due before one it waits for."""
    return literal_column(MEMBERS["conflicts_with_dependency"], Boolean)


def _at(session: Session, end: UUID, other_end: UUID, id: UUID) -> Sequence[Deliverable]:
    query = select(Deliverable).join(DeliverableDependency, _same(end))
    query = query.where(col(other_end) == id)
    return session.exec(query.order_by(col(Deliverable.due_on), col(Deliverable.id))).all()


def _same(end: Any) -> Any:
    edge = DeliverableDependency
    return (col(edge.agency_id) == col(Deliverable.agency_id)) & (col(end) == col(Deliverable.id))


def _neighbour(
    shown: Deliverable, holds: bool, before: Deliverable, after: Deliverable
) -> Neighbour:
    conflicts = holds and after.status in deliverables.OPEN and before.due_on > after.due_on
    return Neighbour(shown.id, shown.label, shown.status, shown.due_on, holds, conflicts)


def _hold_graph(session: Session, client_id: UUID) -> None:
    """Nobody else changes the client's dependencies until this transaction ends."""
    held = "select pg_advisory_xact_lock(hashtextextended('dependencies ' || :client, 0))"
    session.connection().execute(text(held), {"client": str(client_id)})


def _reached(session: Session, starts: Collection[str], goal: UUID) -> bool:
    """Whether a deliverable is among some, or among all that they depend on."""
    asked = {"starts": list(starts), "goal": goal, "agency": session.sight.agency_id}  # type: ignore[attr-defined]
    return bool(session.connection().execute(_REACHED, asked).scalar_one())


_REACHED = text(
    "with recursive reached (id) as ("
    " select unnest(cast(:starts as uuid[]))"
    " union select edge.depends_on_id from reached"
    " join deliverable_dependencies edge on edge.deliverable_id = reached.id"
    " and edge.agency_id = :agency)"
    " select exists (select from reached where id = :goal)"
)
