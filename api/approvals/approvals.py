"""What can be done to an approval: asked for, decided, recorded for the client, withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import Session, col, select

from api.approvals import documents, subjects
from api.approvals.models import (
    Approval,
    ApprovalQuery,
    ApprovalStatus,
    ApprovalSubject,
    Decision,
    Level,
    Outcome,
    Quorum,
)
from api.comments import subjects as commented
from api.comments.models import SubjectType
from tenants import clock, database, outbox
from tenants.database import Resource
from tenants.errors import Forbidden, MoveNotAllowed, PreconditionFailed, Unprocessable
from tenants.models import ApprovalMode, Assignment, Client, Membership, MembershipStatus
from tenants.pages import Listing
from tenants.permissions import AgencyRole, duties_with

DECIDES = {Level.internal: "approvals:decide_internal", Level.client: "approvals:decide"}


class ReasonRequired(Unprocessable):
    """Asking for changes and rejecting need a reason."""


class ContentChanged(PreconditionFailed):
    """What you saw is no longer what is asked for; read the approval again."""


class OwnProposal(Forbidden):
    """Somebody else must decide on what you proposed."""


@dataclass(frozen=True)
class Opened:
    """An approval with everything that is read with it."""

    approval: Approval
    subjects: Sequence[ApprovalSubject]
    decisions: Sequence[Decision]

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
    return _opened(session, database.get(session, Approval, approval_id))


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
    quorum: Quorum = Quorum.any,
) -> Approval | None:
    """
    Put rows of one client to one decision, at the level the client's policy asks for, or `mode`.
    None when no decision is asked for: the rows have been moved as approved. Each row must have an
    `approval_id`; it is set here.
    """
    mode = mode or mode_of(session, client_id)
    shown = [(row, subjects.of_row(row).content(session, row)) for row in rows]
    if mode is ApprovalMode.none:
        for row, _ in shown:
            subjects.of_row(row).decided(session, row, Outcome.approved)
        return None
    document = {"subjects": [{"type": row.__tablename__, **content} for row, content in shown]}
    approval = Approval(
        client_id=client_id,
        level=Level.client if mode is ApprovalMode.internal_and_client else Level.internal,
        quorum=quorum,
        title=title,
        document=document,
        content_sha256=subjects.digest(document),
        asked_by=_actor(session).membership_id,
    )
    covered = [
        ApprovalSubject(
            client_id=client_id,
            approval_id=approval.id,
            level=approval.level,
            subject_type=str(row.__tablename__),
            subject_id=row.id,
            content_sha256=subjects.digest(content),
        )
        for row, content in shown
    ]
    database.add(session, approval, *covered)
    for row in rows:
        row.approval_id = approval.id
    outbox.emit(session, "approval.opened", approval, audience="client")
    return approval


def decide(
    session: Session,
    approval_id: UUID,
    outcome: Outcome,
    *,
    reason: str | None = None,
    content_sha256: str | None = None,
    **witness: Any,
) -> Opened:
    """Give one's own decision. `witness`: what else is kept of who gave it."""
    approval = database.get(session, Approval, approval_id, lock=True)
    actor = _actor(session)
    if not actor.may(DECIDES[approval.level], approval.client_id):
        raise Forbidden
    own = approval.level is Level.internal and approval.asked_by == actor.membership_id
    if own and _somebody_else_may(session, approval):
        raise OwnProposal
    _check(approval, outcome, reason, content_sha256)
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
        self_approved=own,
        request_id=session.info.get("request_id"),
        **witness,
    )
    return _settle(session, approval, decision)


def record(
    session: Session,
    approval_id: UUID,
    outcome: Outcome,
    *,
    reason: str | None,
    given_by: str,
    evidence: str,
) -> Opened:
    """Keep a client's decision that was given by phone or mail; the client is told at once."""
    approval = database.get(session, Approval, approval_id, lock=True)
    client = database.get(session, Client, approval.client_id)
    actor = _actor(session)
    if approval.level is not Level.client or client.lead_membership_id != actor.membership_id:
        raise Forbidden
    _check(approval, outcome, reason, None)
    decision = Decision(
        client_id=approval.client_id,
        approval_id=approval.id,
        level=approval.level,
        outcome=outcome,
        reason=reason,
        content_sha256=approval.content_sha256,
        decided_by_name=given_by,
        recorded_by=actor.membership_id,
        evidence=evidence,
        request_id=session.info.get("request_id"),
    )
    return _settle(session, approval, decision)


def withdraw(session: Session, approval_id: UUID) -> Approval:
    """Take a request back before it is decided."""
    approval = database.get(session, Approval, approval_id, lock=True)
    _check_open(approval)
    approval.status = ApprovalStatus.withdrawn
    outbox.emit(session, "approval.withdrawn", approval, audience="client")
    return approval


def supersede(session: Session, approval_id: UUID | None) -> None:
    """What was asked is out of date: what it was about has been called off."""
    query = select(Approval).where(
        col(Approval.id) == approval_id, col(Approval.status) == ApprovalStatus.open
    )
    approval = session.exec(query.with_for_update(key_share=True)).first()
    if approval is not None:
        approval.status, approval.decided_at = ApprovalStatus.superseded, clock.now()
        outbox.emit(session, "approval.superseded", approval, audience="client")


def decide_for(session: Session, row: Any, outcome: Outcome, **words: Any) -> None:
    """Decide the one open approval of a row: the short form, `/scopes/{id}/accept`."""
    if row.approval_id is None:
        raise MoveNotAllowed(str(row.status))
    decide(session, row.approval_id, outcome, **words)
    session.refresh(row)


commented.register(SubjectType.approvals, commented.rows_of(Approval), Approval)


def _settle(session: Session, approval: Approval, decision: Decision) -> Opened:
    """Keep the decision; when the quorum is reached, move everything the approval covers."""
    database.add(session, decision)
    with database.acting_for_agency(session, approval.client_id):
        if decision.outcome is Outcome.approved and not _complete(session, approval):
            database.touch(approval)
            return _opened(session, approval)
        approval.status = ApprovalStatus(decision.outcome.value)
        approval.decided_at = clock.now()
        opened = _opened(session, approval)
        for covered in opened.subjects:
            subject = subjects.of(covered.subject_type)
            row = _locked(session, subject.model, covered.subject_id)
            if subjects.digest(subject.content(session, row)) != covered.content_sha256:
                raise ContentChanged
            subject.decided(session, row, decision.outcome)
        outbox.emit(session, f"approval.{approval.status.value}", approval, audience="client")
        return opened


def _complete(session: Session, approval: Approval) -> bool:
    """Whether as many have approved as must."""
    if approval.quorum is Quorum.any:
        return True
    approved = session.exec(
        select(Decision.decided_by).where(
            col(Decision.approval_id) == approval.id,
            col(Decision.outcome) == Outcome.approved,
        )
    )
    return set(deciders(session, approval)) <= set(approved)


def _check(
    approval: Approval, outcome: Outcome, reason: str | None, content_sha256: str | None
) -> None:
    if content_sha256 not in (None, approval.content_sha256):
        raise ContentChanged
    _check_open(approval)
    if outcome is not Outcome.approved and not reason:
        raise ReasonRequired(pointer="/reason")


def _check_open(approval: Approval) -> None:
    if approval.status is not ApprovalStatus.open:
        raise MoveNotAllowed(approval.status)


def _locked(session: Session, model: type[Resource], id: UUID) -> Resource:
    query = (
        select(model)
        .where(col(model.agency_id) == _actor(session).agency_id, col(model.id) == id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return session.exec(query).one()


def _opened(session: Session, approval: Approval) -> Opened:
    covered = select(ApprovalSubject).where(col(ApprovalSubject.approval_id) == approval.id)
    decided = select(Decision).where(col(Decision.approval_id) == approval.id)
    return Opened(
        approval,
        session.exec(covered.order_by(col(ApprovalSubject.id))).all(),
        session.exec(decided.order_by(col(Decision.id))).all(),
    )


def deciders(session: Session, approval: Approval) -> list[UUID]:
    """The active members on duty who may decide at the approval's level."""
    today = clock.now().date()
    query = (
        select(Assignment.membership_id)
        .join(
            Membership,
            (col(Membership.agency_id) == col(Assignment.agency_id))
            & (col(Membership.id) == col(Assignment.membership_id)),
        )
        .where(
            col(Assignment.client_id) == approval.client_id,
            col(Assignment.duty).in_(duties_with(DECIDES[approval.level])),
            col(Assignment.starts_on) <= today,
            or_(col(Assignment.ends_on).is_(None), col(Assignment.ends_on) >= today),
            col(Membership.status) == MembershipStatus.active,
        )
    )
    return list(session.exec(query.distinct()))


def _somebody_else_may(session: Session, approval: Approval) -> bool:
    """Four eyes, when possible: waived only when nobody else active holds the permission."""
    asked_by = approval.asked_by
    if any(holder != asked_by for holder in deciders(session, approval)):
        return True
    ranked = select(Membership.id).where(
        col(Membership.role).in_([AgencyRole.owner, AgencyRole.admin]),
        col(Membership.status) == MembershipStatus.active,
        col(Membership.id) != asked_by,
    )
    return session.exec(ranked).first() is not None


def decidable(session: Session) -> list[Any]:
    """Per level, the approvals the caller may decide."""
    actor, found = _actor(session), []
    for level, permission in DECIDES.items():
        if actor.every_client and actor.may(permission):
            found.append(col(Approval.level) == level)
            continue
        clients = [client for client in actor.duties if actor.may(permission, client)]
        found.append((col(Approval.level) == level) & col(Approval.client_id).in_(clients))
    return found


def _actor(session: Session) -> Any:
    return cast(database.Session, session).sight
