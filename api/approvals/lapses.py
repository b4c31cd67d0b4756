"""What happens when nobody has answered in time: the request expires, or the client is deemed to
have approved, as the policy said when it was asked."""

from uuid import UUID

from sqlmodel import Session, col, select

from api.approvals import approvals, deadlines, levels
from api.approvals.models import (
    Approval,
    ApprovalStatus,
    Decision,
    Level,
    Outcome,
    Unanswered,
)
from tenants import database, words
from tenants.models import Client


def lapse(session: Session, approval_id: UUID, level: Level) -> ApprovalStatus | None:
    """Do what the policy says of a level whose time is over; None: there is nothing to do."""
    approval = _overdue(session, approval_id, level)
    if approval is None:
        return None
    if approval.after is Unanswered.deem_approved:
        _deem(session, approval)
    else:
        approvals.end(session, approval, ApprovalStatus.expired)
    return approval.status


def expire(session: Session, approval_id: UUID, level: Level) -> ApprovalStatus | None:
    """End what cannot be deemed approved: an offer, say, whose own day has passed."""
    approval = _overdue(session, approval_id, level)
    if approval is None:
        return None
    approvals.end(session, approval, ApprovalStatus.expired)
    return approval.status


def _deem(session: Session, approval: Approval) -> None:
    """The client's silence is kept as a decision, in nobody's name."""
    spoken = session.exec(select(Client.locale).where(col(Client.id) == approval.client_id)).one()
    decision = Decision(
        client_id=approval.client_id,
        approval_id=approval.id,
        level=approval.level,
        outcome=Outcome.approved,
        content_sha256=approval.content_sha256,
        decided_by_name=words.say(spoken, "approval", "policy"),
        deemed=True,
    )
    database.add(session, decision)
    levels.conclude(session, approval, Outcome.approved, levels.following(session, approval))


def _overdue(session: Session, approval_id: UUID, level: Level) -> Approval | None:
    """The approval, held, if it still waits at that level and its time is over."""
    approval = approvals.hold_open(session, approval_id)
    if approval is None or approval.level is not level or not deadlines.is_over(approval):
        return None
    return approval
