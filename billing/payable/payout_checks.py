"""
What stands between a payout and its money: its gates, the hash its approval is bound to, and the
second person who approves above the agency's threshold.

The threshold holds for what one payee gets without a second person, however many payouts it is made
of: those on their way, and those paid in the last days (`payout_approval_window_days`). Payouts of
a payee are made and approved one after the other, under the payee's lock.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, col, func, select

from billing.payable.payable_models import Payable, PayableStatus, Payee
from billing.payable.payout_models import PayeeDetails, Payout, PayoutItem, PayoutStatus
from tenants import clients, clock, database, outbox
from tenants.errors import Conflict
from tenants.models import Membership, MembershipKind, MembershipStatus
from tenants.permissions import AgencyRole

WINDOW_DAYS = 7  # of an agency that has said nothing else
_ON_ITS_WAY = (PayoutStatus.approved, PayoutStatus.queued, PayoutStatus.held)


class GatesOpen(Conflict):
    """Something this payout pays is held, or has an open gate: `open_gates` of each payable."""


class ApprovalVoid(Conflict):
    """What was approved has changed since; have it approved again."""


def items(session: Session, payout: Payout) -> list[PayoutItem]:
    """What a payout pays and deducts, in order."""
    query = select(PayoutItem).where(col(PayoutItem.payout_id) == payout.id)
    return list(session.exec(query.order_by(col(PayoutItem.id))))


def payables(session: Session, payout: Payout, *, lock: bool = False) -> list[Payable]:
    """The payables that a payout pays or deducts, in order of their ids."""
    query = (
        select(Payable)
        .join(
            PayoutItem,
            (col(PayoutItem.agency_id) == col(Payable.agency_id))
            & (col(PayoutItem.payable_id) == col(Payable.id)),
        )
        .where(col(PayoutItem.payout_id) == payout.id)
        .order_by(col(Payable.id))
    )
    if lock:
        query = query.with_for_update(key_share=True, of=Payable).execution_options(
            populate_existing=True
        )
    return list(session.exec(query))


def check_clear(session: Session, payout: Payout) -> None:
    """Whether each payable in it may be paid; until the transaction ends, that stays so."""
    found = payables(session, payout, lock=True)
    stuck = [each for each in found if each.payout_id == payout.id and not _is_clear(each)]
    if stuck:
        shown = [{"payable_id": str(each.id), "open_gates": each.open_gates} for each in stuck]
        raise GatesOpen(extra={"payables": shown})


def _is_clear(payable: Payable) -> bool:
    return payable.status is PayableStatus.submitted and not payable.open_gates


def check_approval(session: Session, payout: Payout) -> None:
    """Whether it still is what was approved."""
    if payout.approved_sha256 != fingerprint(session, payout):
        raise ApprovalVoid


def fingerprint(session: Session, payout: Payout) -> str:
    """What an approval is bound to: amount, currency, payee, destination and items."""
    query = select(PayeeDetails.destination_sha256).where(col(PayeeDetails.id) == payout.details_id)
    said = {
        "payee": str(payout.payee_id),
        "currency": payout.currency,
        "amount": payout.amount_minor,
        "destination": session.exec(query).one(),
        "items": sorted(
            (str(each.payable_id), each.amount_minor) for each in items(session, payout)
        ),
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def approve_as_it_is(session: Session, payout: Payout) -> None:
    """Bind an approval to what the payout is now."""
    payout.approved_sha256 = fingerprint(session, payout)
    payout.status = PayoutStatus.approved


def redirect(session: Session, payee_id: UUID, details: PayeeDetails) -> None:
    """Send a payee's open payouts to where they now want them; what was approved is no longer."""
    query = (
        select(Payout)
        .where(
            col(Payout.payee_id) == payee_id,
            col(Payout.status).in_(
                (PayoutStatus.pending, PayoutStatus.approved, PayoutStatus.held)
            ),
            col(Payout.details_id) != details.id,
        )
        .order_by(col(Payout.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    for payout in session.exec(query).all():
        payout.details_id = details.id
        if payout.approved_sha256 is not None:
            void(session, payout)
    session.flush()


def void(session: Session, payout: Payout) -> None:
    """Take an approval back because what it was bound to has changed, if it has."""
    session.flush()
    if payout.approved_sha256 == fingerprint(session, payout):
        return
    payout.approved_sha256, payout.held_approved = None, False
    payout.decided_by, payout.decided_at, payout.self_approved = None, None, False
    if payout.status is PayoutStatus.approved:
        payout.status = PayoutStatus.pending
    outbox.emit(session, "payout.approval_voided", payout)


def hold_payee(session: Session, payee_id: UUID) -> None:
    """Let nobody else make or approve a payout of a payee until this has ended."""
    query = select(Payee.id).where(col(Payee.id) == payee_id)
    session.exec(query.with_for_update(key_share=True)).one()


def waits(session: Session, payout: Payout) -> bool:
    """
    Whether a payout needs a second person: if it, with what its payee gets without one, is above
    the threshold, or it is not in the agency's currency. The payee's row is held.
    """
    agency = clients.current_agency(session)
    threshold = agency.settings.get("payout_approval_threshold_minor")
    if threshold is None:
        return False
    days = agency.settings.get("payout_approval_window_days") or WINDOW_DAYS
    alone = _let_go_alone(session, payout, days)
    return payout.currency != agency.currency or payout.amount_minor + alone > threshold


def _let_go_alone(session: Session, payout: Payout, days: int) -> int:
    """What a payee gets by other payouts that no second person looked at, or got lately."""
    lately = col(Payout.updated_at) > clock.now() - timedelta(days=days)
    query = select(func.coalesce(func.sum(col(Payout.amount_minor)), 0)).where(
        col(Payout.payee_id) == payout.payee_id,
        col(Payout.currency) == payout.currency,
        col(Payout.id) != payout.id,
        col(Payout.approved_sha256).is_not(None),
        col(Payout.decided_by).is_(None) | col(Payout.self_approved),
        # A paid one changes no more; the day that somebody named may be any.
        col(Payout.status).in_(_ON_ITS_WAY) | ((col(Payout.status) == PayoutStatus.paid) & lately),
    )
    return int(session.exec(query).one())


def somebody_else_must(session: Session, me: UUID | None) -> bool:
    """Whether who asked may not approve: always, or while anybody else can."""
    if clients.current_agency(session).settings.get("four_eyes") == "required":
        return True
    return is_somebody_else(session, me)


def is_somebody_else(session: Session, me: UUID | None) -> bool:
    """Whether there is another owner or admin."""
    ranks: Sequence[AgencyRole] = (AgencyRole.owner, AgencyRole.admin)
    others = select(Membership.id).where(
        col(Membership.status) == MembershipStatus.active,
        col(Membership.kind) == MembershipKind.staff,
        col(Membership.id) != me,
        col(Membership.role).in_(ranks),
    )
    return session.exec(others.limit(1)).first() is not None


def destination(session: Session, payout: Payout) -> PayeeDetails:
    """Where a payout goes."""
    return database.get(session, PayeeDetails, payout.details_id)


def tell_queued(session: Session, payout: Payout) -> None:
    """It has left our hands."""
    outbox.emit(session, "payout.queued", payout)
