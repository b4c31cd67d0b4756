"""How this domain's rows are put to a decision, and at which level."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.approvals import approvals
from api.approvals.models import Approval, ApprovalStatus
from tenants import clock, outbox
from tenants.database import Resource
from tenants.models import ApprovalMode, Client


def mode_of(session: Session, client_id: UUID) -> ApprovalMode:
    """Who decides on the client's work before it goes out."""
    query = select(Client.approval_mode).where(col(Client.id) == client_id)
    return ApprovalMode(session.exec(query).one())


def ask(
    session: Session,
    client_id: UUID,
    rows: Sequence[Resource],
    *,
    title: str,
    mode: ApprovalMode | None = None,
) -> Approval | None:
    """Put rows to one decision: as the client's policy says, or at the level of another mode."""
    policy: dict[str, Any] = {"approval_mode": mode or mode_of(session, client_id)}
    return approvals.ask(session, Client(id=client_id, **policy), rows, title=title)


def drop(session: Session, approval_id: UUID | None) -> None:
    """What was asked is out of date: what it was about has been called off."""
    query = select(Approval).where(
        col(Approval.id) == approval_id, col(Approval.status) == ApprovalStatus.open
    )
    approval = session.exec(query.with_for_update(key_share=True)).first()
    if approval is not None:
        approval.status, approval.decided_at = ApprovalStatus.superseded, clock.now()
        outbox.emit(session, "approval.superseded", approval, audience="client")
