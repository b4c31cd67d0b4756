"""What can be done to an approval: asked for, decided, withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import Session, col, select

from api.approvals import deadlines, documents, levels, policies, quorum, subjects
from api.approvals.models import (
    Approval,
    ApprovalStatus,
    ApprovalSubject,
    Contest,
    Decision,
    Level,
    Outcome,
)
from api.approvals.quorum import DECIDES, AlreadyDecided
from api.approvals.shapes import ApprovalQuery
from api.comments import subjects as commented
from api.comments.models import SubjectType
from tenants import clock, database
from tenants.errors import Forbidden, MoveNotAllowed, Unprocessable
from tenants.pages import Listing
from tenants.tables import Resource


class ReasonRequired(Unprocessable):
    """Asking for changes and rejecting need a reason."""


class OwnProposal(Forbidden):
    """Somebody else must decide on what you proposed."""


# What deciding is refused with, besides a reason that is missing.
REFUSALS = (OwnProposal, levels.ContentChanged, AlreadyDecided, deadlines.ApprovalOverdue)


@dataclass(frozen=True)
class Opened:
    """An approval with everything that is read with it."""

    approval: Approval
    subjects: Sequence[ApprovalSubject]
    decisions: Sequence[Decision]
    contests: Sequence[Contest]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.approval, name)


def search(session: Session, page: ApprovalQuery) -> Listing:
    """The approvals in sight, newest first."""
    query = select(Approval)
    if page.client_id:
        query = query.where(col(Approval.client_id) == page.client_id)
    if page.status:
        query = query.where(col(Approval.status) == page.status)
    if page.waiting_on:
        query = query.where(
            col(Approval.status) == ApprovalStatus.open, or_(False, *decidable(session))
        )
    return Listing(query, Approval, page)


def read(session: Session, approval_id: UUID) -> Opened:
    return opened(session, database.get(session, Approval, approval_id))


def ask(
    session: Session,
    client_id: UUID,
    rows: Sequence[Resource],
    *,
    title: str,
    level: Level | None = None,
) -> Approval | None:
    """
    Put rows of one client to one decision, at the levels that the client's mode and policy ask for,
    one after the other, or at `level` alone. None when no decision is asked for: the rows have been
    moved as approved. Each row must have an `approval_id`; it is set here. What is asked of each
    level is fixed now: no later change of mode or policy skips or eases one.
    """
    asked = policies.asked(session, client_id, level)
    for row in rows:
        levels.keep_inside(session, row, inside=len(asked) > 1)
    if not asked:
        for row in rows:
            subjects.of_row(row).decided(session, row, Outcome.approved)
        return None
    shown = [(row, subjects.of_row(row).content(session, row)) for row in rows]
    document = {"subjects": [{"type": row.__tablename__, **content} for row, content in shown]}
    approval = Approval(
        client_id=client_id,
        level=asked[0].level,
        title=title,
        document=document,
        content_sha256=subjects.digest(document),
        asked_by=_actor(session).membership_id,
    )
    levels.set_terms(session, approval, asked[0])
    quorum.check_reach(session, approval)
    for each in asked:
        each.approval_id = approval.id
    database.add(session, approval, *asked)
    levels.open_level(session, approval, asked[0], rows)
    for row in rows:
        row.approval_id = approval.id
    levels.tell(session, "approval.opened", approval)
    return approval


def decide(
    session: Session,
    approval_id: UUID,
    outcome: Outcome,
    *,
    reason: str | None = None,
    content_sha256: str | None = None,
    **witness: Any,
) -> Approval:
    """Give one's own decision. `witness`: what else is kept of who gave it."""
    approval = database.get(session, Approval, approval_id, lock=True)
    actor = _actor(session)
    if not actor.may(DECIDES[approval.level], approval.client_id):
        raise Forbidden
    own = approval.level is Level.internal and approval.asked_by == actor.membership_id
    if own and quorum.is_for_others(session, approval):
        raise OwnProposal
    check(approval, outcome, reason, content_sha256)
    decision = Decision(
        client_id=approval.client_id,
        approval_id=approval.id,
        level=approval.level,
        outcome=outcome,
        reason=reason,
        content_sha256=approval.content_sha256,
        pdf_sha256=documents.served(session, approval.id),
        decided_by=actor.membership_id,
        decided_by_name=actor.label,
        decided_from=session.info.get("address"),
        self_approved=own,
        request_id=session.info.get("request_id"),
        **witness,
    )
    settle(session, approval, decision)
    return approval


def withdraw(session: Session, approval_id: UUID) -> Approval:
    """Take a request back before it is decided."""
    approval = database.get(session, Approval, approval_id, lock=True)
    _check_open(approval)
    approval.status = ApprovalStatus.withdrawn
    levels.tell(session, "approval.withdrawn", approval)
    return approval


def supersede(session: Session, approval_id: UUID | None) -> None:
    """What was asked is out of date: what it was about has been called off."""
    approval = hold_open(session, approval_id)
    if approval is not None:
        approval.status, approval.decided_at = ApprovalStatus.superseded, clock.now()
        levels.tell(session, "approval.superseded", approval)


def end(session: Session, approval: Approval, ending: ApprovalStatus) -> None:
    """End a request without a decision, `expired` or `superseded`; what it covers goes back to
    where it is worked on. The approval is held."""
    approval.status, approval.decided_at = ending, clock.now()
    for covered in levels.covered_by(session, approval):
        subject = subjects.of(covered.subject_type)
        subject.undecided(
            session, levels.locked(session, subject.model, covered.subject_id), ending
        )
    levels.tell(session, f"approval.{ending}", approval)


def hold_open(session: Session, approval_id: UUID | None) -> Approval | None:
    """An approval, held, if it is open: whoever decides holds it first, then what it covers."""
    query = select(Approval).where(
        col(Approval.id) == approval_id, col(Approval.status) == ApprovalStatus.open
    )
    held = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return session.exec(held).first() if approval_id else None


def decide_for(session: Session, row: Any, outcome: Outcome, **words: Any) -> None:
    """Decide the one open approval of a row: the short form, `/scopes/{id}/accept`."""
    if row.approval_id is None:
        raise MoveNotAllowed(str(row.status))
    decide(session, row.approval_id, outcome, **words)
    session.refresh(row)


commented.register(SubjectType.approvals, commented.rows_of(Approval), Approval)


def settle(session: Session, approval: Approval, decision: Decision) -> None:
    """Keep the decision; when the quorum is reached, go on to the next level, or move everything
    the approval covers."""
    with database.refusing_twice("uq_approval_decisions_member", AlreadyDecided()):
        database.add(session, decision)
    with database.acting_for_agency(session, approval.client_id):
        quorum.check_once(session, approval, decision)
        approved = decision.outcome is Outcome.approved
        if approved and not quorum.is_reached(session, approval):
            database.touch(approval)
            return
        following = levels.following(session, approval) if approved else None
        levels.conclude(session, approval, decision.outcome, following)


def check(
    approval: Approval, outcome: Outcome, reason: str | None, content_sha256: str | None
) -> None:
    """That such a decision can be given now."""
    if content_sha256 not in (None, approval.content_sha256):
        raise levels.ContentChanged
    _check_open(approval)
    deadlines.check(approval)
    if outcome is not Outcome.approved and not reason:
        raise ReasonRequired(pointer="/reason")


def _check_open(approval: Approval) -> None:
    if approval.status is not ApprovalStatus.open:
        raise MoveNotAllowed(approval.status)


def opened(session: Session, approval: Approval) -> Opened:
    """What is read of it, as far as the caller sees: a client knows no decision taken inside."""
    decided = select(Decision).where(col(Decision.approval_id) == approval.id)
    contested = select(Contest).where(col(Contest.approval_id) == approval.id)
    return Opened(
        approval,
        levels.covered_by(session, approval),
        session.exec(decided.order_by(col(Decision.id))).all(),
        session.exec(contested.order_by(col(Contest.id))).all(),
    )


def covers_more(session: Session, approval_id: UUID | None) -> bool:
    """Whether an approval is about more than one thing."""
    query = select(ApprovalSubject.subject_id).where(
        col(ApprovalSubject.approval_id) == approval_id
    )
    return len(session.exec(query.distinct().limit(2)).all()) > 1


def decidable(session: Session) -> list[Any]:
    """Per level, the approvals the caller may decide, and has not."""
    actor, found = _actor(session), []
    for level, permission in DECIDES.items():
        mine = select(Decision.approval_id).where(
            col(Decision.decided_by) == actor.membership_id, col(Decision.level) == level
        )
        waiting = (col(Approval.level) == level) & col(Approval.id).not_in(mine)
        if actor.every_client and actor.may(permission):
            found.append(waiting)
            continue
        clients = [client for client in actor.duties if actor.may(permission, client)]
        found.append(waiting & col(Approval.client_id).in_(clients))
    return found


def _actor(session: Session) -> Any:
    return cast(database.Session, session).sight
