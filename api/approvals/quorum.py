"""Who may decide on an approval, who has, and whether that is enough."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import Session, col, select

from api.approvals.models import Approval, Decision, Level, Outcome, Quorum
from tenants import clock
from tenants.errors import Conflict
from tenants.models import Assignment, Membership, MembershipKind, MembershipStatus
from tenants.permissions import AgencyRole, duties_with
from tenants.shapes import email_key

DECIDES = {Level.internal: "approvals:decide_internal", Level.client: "approvals:decide"}


class AlreadyDecided(Conflict):
    """You have decided on this; a decision is never edited."""


class QuorumOutOfReach(Conflict):
    """Fewer people may decide inside than the client's policy asks for."""


def deciders(session: Session, approval: Approval) -> Sequence[Membership]:
    """The active members on duty who may decide at the approval's level."""
    today = clock.now().date()
    on_duty = select(Assignment.membership_id).where(
        col(Assignment.client_id) == approval.client_id,
        col(Assignment.duty).in_(duties_with(DECIDES[approval.level])),
        col(Assignment.starts_on) <= today,
        or_(col(Assignment.ends_on).is_(None), col(Assignment.ends_on) >= today),
    )
    query = select(Membership).where(
        col(Membership.id).in_(on_duty), col(Membership.status) == MembershipStatus.active
    )
    return session.exec(query.order_by(col(Membership.id))).all()


def awaited(session: Session, approval: Approval) -> list[Membership]:
    """Of those on duty, who may still decide and has not; never who asked, if others may."""
    given = decisions(session, approval)
    return [
        member
        for member in deciders(session, approval)
        if not any(_is_of(decision, member, email) for decision, email in given)
        and not (member.id == approval.asked_by and is_for_others(session, approval))
    ]


def is_for_others(session: Session, approval: Approval) -> bool:
    """Four eyes, when possible: waived inside only when nobody else active may decide."""
    inside = approval.level is Level.internal
    return inside and bool(_may_decide(session, approval) - {approval.asked_by})


def check_reach(session: Session, approval: Approval) -> None:
    """
    Inside, a number that cannot be reached is refused when it is asked for: waiting would be for
    ever, and deciding with fewer would not be what the policy says. Of the client more people can
    always be asked, by links; there it waits.
    """
    if approval.level is not Level.internal or approval.quorum is not Quorum.n:
        return
    able = _may_decide(session, approval)
    able = (able - {approval.asked_by}) or able
    if len(able) < (approval.quorum_count or 0):
        found: dict[str, Any] = {"able": len(able), "needed": approval.quorum_count}
        raise QuorumOutOfReach(extra=found, **found)


def decisions(session: Session, approval: Approval) -> list[tuple[Decision, str | None]]:
    """What was decided at the approval's level, with the address of who did."""
    query = (
        select(Decision, Membership.email)
        .outerjoin(
            Membership,
            (col(Membership.agency_id) == col(Decision.agency_id))
            & (col(Membership.id) == col(Decision.decided_by)),
        )
        .where(col(Decision.approval_id) == approval.id, col(Decision.level) == approval.level)
    )
    found: Iterable[Any] = session.exec(query)
    return [(decision, email or decision.decided_by_email) for decision, email in found]


def check_once(session: Session, approval: Approval, decision: Decision) -> None:
    """One person decides once at a level, by log-in or by link; the approval is held."""
    if approval.quorum is Quorum.any:  # the first decision is the last
        return
    given = decisions(session, approval)
    mine = next(email for other, email in given if other.id == decision.id)
    others = [(other, email) for other, email in given if other.id != decision.id]
    if any(_same(decision, mine, other, email) for other, email in others):
        raise AlreadyDecided


def is_reached(session: Session, approval: Approval) -> bool:
    """Whether as many people have approved as must; each has one decision."""
    if approval.quorum is Quorum.any:
        return True
    if approval.quorum is Quorum.all:
        return not awaited(session, approval)
    given = decisions(session, approval)
    approved = sum(decision.outcome is Outcome.approved for decision, _ in given)
    return approved >= (approval.quorum_count or 1)


def _may_decide(session: Session, approval: Approval) -> set[UUID | None]:
    """Whoever may decide inside: on duty, or by rank."""
    ranked = select(Membership.id).where(
        col(Membership.role).in_([AgencyRole.owner, AgencyRole.admin]),
        col(Membership.kind) == MembershipKind.staff,
        col(Membership.status) == MembershipStatus.active,
    )
    return {*(member.id for member in deciders(session, approval)), *session.exec(ranked)}


def _is_of(decision: Decision, member: Membership, email: str | None) -> bool:
    if decision.decided_by is not None:
        return decision.decided_by == member.id
    return _matches(email, decision.decided_by_name, member.email, member.name)


def _same(one: Decision, email: str | None, other: Decision, other_email: str | None) -> bool:
    return _matches(email, one.decided_by_name, other_email, other.decided_by_name)


def _matches(email: str | None, name: str, other_email: str | None, other_name: str) -> bool:
    """By their addresses; by their names when one was told by phone, and has none."""
    if email and other_email:
        return email_key(email) == email_key(other_email)
    return name.casefold() == other_name.casefold()
