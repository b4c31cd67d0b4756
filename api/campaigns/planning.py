"""
How work is planned: out of what was sold, and beyond it only as the client's policy says.

    block                refused
    flag                 planned over scope, and over-serviced once it is delivered
    draft_change_order   the same, and a change order that would cover it is drafted
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.campaigns import change_orders, deliverables, dependencies, lots, retainers
from api.campaigns.deliverable_models import Deliverable
from api.campaigns.deliverables import Unplanned
from api.campaigns.models import Scope, ScopeLine
from tenants import database
from tenants.models import Client, OverScope


def create(
    session: Session,
    line_id: UUID,
    *,
    label: dict[str, str] | None,
    units: int,
    assignee_id: UUID | None,
    due_on: date | None,
    criteria: dict[str, str] | None,
    links: list[str],
    file_ids: list[UUID],
    depends_on: list[UUID],
) -> Deliverable:
    """Plan one; its units are drawn from the line's lot, of which there is no more than sold."""
    line = database.get(session, ScopeLine, line_id)
    others = dependencies.known(session, line.client_id, depends_on)
    needed = deliverables.known_files(session, line.client_id, file_ids)
    told = {
        "criteria": criteria or {},
        "links": links,
        "file_ids": needed,
        "depends_on": others,
    }
    wanted = [Unplanned(label or line.label, units)]
    (row,) = _plan(session, line, wanted, assignee_id, due_on, **told)
    dependencies.link(session, row)
    return row


def create_many(
    session: Session, line_id: UUID, *, count: int, assignee_id: UUID | None, due_on: date | None
) -> list[Deliverable]:
    """Plan several of one unit each, or none of them."""
    line = database.get(session, ScopeLine, line_id)
    return _plan(session, line, deliverables.numbered(line.label, count), assignee_id, due_on)


def _plan(
    session: Session,
    line: ScopeLine,
    planned: Sequence[Unplanned],
    assignee_id: UUID | None,
    due_on: date | None,
    **values: Any,
) -> list[Deliverable]:
    policy = session.exec(select(Client.over_scope).where(col(Client.id) == line.client_id)).one()
    # Who drafts a change holds the scope first, and then its lots, as whoever accepts one does.
    drafts = policy is OverScope.draft_change_order
    scope = database.get(session, Scope, line.scope_id, lock=drafts)
    held = retainers.held(session, line)
    lots.check_open(held[-1])
    if policy is OverScope.block:
        lots.check_room(retainers.living(session, line, held), [each.units for each in planned])
    rows = deliverables.plan(
        session, scope, line, held, planned, assignee_id=assignee_id, due_on=due_on, **values
    )
    missing = sum(row.units for row in rows if row.over_scope)
    # More of a line that renews would be more in each of its periods: nobody asked for that.
    if missing and drafts and line.renewal is None:
        change_orders.draft_for(session, scope, line, missing)
    return rows
