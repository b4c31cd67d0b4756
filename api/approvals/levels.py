"""
How an approval goes through its levels: each is put before those who decide there, with what it is
shown and its own time; the last one's decision moves everything the approval covers.
"""

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from sqlmodel import Session, col, select

from api.approvals import deadlines, subjects
from api.approvals.models import (
    Approval,
    ApprovalStatus,
    ApprovalSubject,
    AskedLevel,
    Level,
    Outcome,
)
from tenants import clock, database, outbox
from tenants.errors import PreconditionFailed
from tenants.tables import Resource


class ContentChanged(PreconditionFailed):
    """What you saw is no longer what is asked for; read the approval again."""


def conclude(
    session: Session, approval: Approval, outcome: Outcome, then: AskedLevel | None = None
) -> None:
    """What follows from the decision of a level: the next one is asked, or everything moves."""
    rows = []
    for covered in covered_by(session, approval):
        row = locked(session, subjects.of(covered.subject_type).model, covered.subject_id)
        # What no longer is as it was shown cannot be agreed to; a no holds whatever became of it.
        if outcome is Outcome.approved and subjects.seen(session, row) != covered.content_sha256:
            raise ContentChanged
        rows.append(row)
    if then is not None:
        approval.level = then.level
        set_terms(session, approval, then)
        for row in rows:
            keep_inside(session, row, inside=False)
        open_level(session, approval, then, rows)
        tell(session, "approval.advanced", approval)
        return
    approval.status, approval.decided_at = ApprovalStatus(outcome.value), clock.now()
    for row in rows:
        subjects.of_row(row).decided(session, row, outcome)
    tell(session, f"approval.{approval.status}", approval)


def following(session: Session, approval: Approval) -> AskedLevel | None:
    """The level that is asked after the present one; none is after the client's."""
    if approval.level is Level.client:
        return None
    query = select(AskedLevel).where(col(AskedLevel.approval_id) == approval.id)
    asked = session.exec(query.order_by(col(AskedLevel.position))).all()
    later = iter(asked)
    any(each.level is approval.level for each in later)
    return next(later, None)


def set_terms(session: Session, approval: Approval, asked: AskedLevel) -> None:
    """Ask for what a level asks for, within its time; at once, for the terms hold together."""
    respond_by = deadlines.following(session, approval, asked)
    approval.quorum, approval.quorum_count = asked.quorum, asked.quorum_count
    approval.respond_by, approval.after = respond_by, asked.after


def open_level(
    session: Session, approval: Approval, asked: AskedLevel, rows: Sequence[Resource]
) -> None:
    """Put the rows before a level, by what it is shown of each, and set its clock."""
    covered = [
        ApprovalSubject(
            client_id=approval.client_id,
            approval_id=approval.id,
            level=asked.level,
            subject_type=str(row.__tablename__),
            subject_id=row.id,
            content_sha256=subjects.seen(session, row),
        )
        for row in rows
    ]
    database.add(session, *covered)
    deadlines.schedule(session, approval, asked)


def keep_inside(session: Session, row: Resource, *, inside: bool) -> None:
    """Hide from the client what is decided on inside first, or show it."""
    keep = subjects.of_row(row).keep_inside
    if keep is not None:
        keep(session, row, inside)
        if inside:
            outbox.withhold(session, row)


def tell(session: Session, type: str, approval: Approval) -> None:
    """One event; what happens inside is not for the client."""
    audience = "client" if approval.level is Level.client else "staff"
    outbox.emit(session, type, approval, audience=audience)


def covered_by(session: Session, approval: Approval) -> Sequence[ApprovalSubject]:
    """What the approval covers, as its present level was shown it."""
    query = select(ApprovalSubject).where(
        col(ApprovalSubject.approval_id) == approval.id,
        col(ApprovalSubject.level) == approval.level,
    )
    return session.exec(query.order_by(col(ApprovalSubject.id))).all()


def locked(session: Session, model: type[Resource], id: UUID) -> Resource:
    """A row that is known to be in sight, held, as it is now."""
    query = (
        select(model)
        .where(
            col(model.agency_id) == cast(database.Session, session).sight.agency_id,
            col(model.id) == id,
        )
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    row = session.exec(query).one()
    database.hold(session, row)
    return row
