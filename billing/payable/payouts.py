"""
What can be done to a payout once it is made: approved by a second person, held, called off; and
looked up, when it is with a provider that has not said how it ended.
"""

from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from billing.payable import gates, payout_checks
from billing.payable.payable_models import PayableKind, PayableStatus
from billing.payable.payout_models import Payout, PayoutItem, PayoutStatus
from billing.payable.sources import sight_of
from tenants import clock, database, jobs, outbox
from tenants.errors import Conflict, Forbidden, MoveNotAllowed
from tenants.jobs import Job
from tenants.pages import OLDEST, Listing

_S = PayoutStatus
MOVES: dict[PayoutStatus, frozenset[PayoutStatus]] = {
    _S.pending: frozenset({_S.approved, _S.held, _S.canceled}),
    _S.approved: frozenset({_S.queued, _S.paid, _S.held, _S.canceled, _S.pending}),
    _S.queued: frozenset({_S.paid, _S.failed, _S.returned, _S.canceled}),
    _S.held: frozenset({_S.pending, _S.approved, _S.canceled}),
    _S.paid: frozenset({_S.returned}),
    _S.failed: frozenset(),
    _S.returned: frozenset(),
    _S.canceled: frozenset(),
}
BY_HAND = "manual"
RESOLUTION = "billing.resolve_payout"


class OwnPayout(Forbidden):
    """Somebody else must approve the payout you asked for."""


class NotWithProvider(Conflict):
    """No provider of transfers has this payout: whoever sent it says how it ended."""


def search(session: Session, page: Any) -> Listing:
    """The payouts in sight, newest first."""
    return Listing(filtered(select(Payout), page), Payout, page)


def filtered(query: Any, wanted: Any) -> Any:
    """Only the payouts that are wanted, of a query of payouts."""
    for name in ("payee_id", "status", "currency", "file_id"):
        if (value := getattr(wanted, name)) is not None:
            query = query.where(getattr(Payout, name) == value)
    return query


def items_of(session: Session, payout_id: UUID, page: Any) -> Listing:
    """What a payout pays and deducts."""
    payout = database.get(session, Payout, payout_id)
    query = select(PayoutItem).where(col(PayoutItem.payout_id) == payout.id)
    return Listing(query, PayoutItem, page, OLDEST)


def approve(session: Session, payout_id: UUID) -> Payout:
    """Approve what waits, as it is now; by somebody else than who asked, when there is anybody."""
    payout_checks.hold_payee(session, database.get(session, Payout, payout_id).payee_id)
    payout = database.get(session, Payout, payout_id, lock=True)
    if payout.status is not _S.pending:
        raise MoveNotAllowed(payout.status, sorted(MOVES[payout.status]))
    me = sight_of(session).membership_id
    own = payout.requested_by == me
    waits = payout_checks.waits(session, payout)
    if own and waits and payout_checks.somebody_else_must(session, me):
        raise OwnPayout
    payout_checks.check_clear(session, payout)
    payout.decided_by, payout.decided_at, payout.self_approved = me, clock.now(), own
    payout_checks.approve_as_it_is(session, payout)
    outbox.emit(session, "payout.approved", payout)
    return payout


def reject(session: Session, payout_id: UUID, reason: str) -> Payout:
    """Say no to what waits, and why; its payables are ready for another."""
    payout = database.get(session, Payout, payout_id, lock=True)
    if payout.status is not _S.pending:
        raise MoveNotAllowed(payout.status, sorted(MOVES[payout.status]))
    payout.decided_by, payout.decided_at = sight_of(session).membership_id, clock.now()
    _end(session, payout, reason)
    outbox.emit(session, "payout.rejected", payout)
    return payout


def cancel(session: Session, payout_id: UUID, reason: str) -> Payout:
    """Call off what has not left; of what is with a provider, only the provider can tell."""
    payout = database.get(session, Payout, payout_id, lock=True)
    check_move(payout, _S.canceled, BY_HAND)
    _end(session, payout, reason)
    outbox.emit(session, "payout.canceled", payout)
    return payout


def hold(session: Session, payout_id: UUID, reason: str) -> Payout:
    """Keep a payout from leaving, and say why."""
    payout = database.get(session, Payout, payout_id, lock=True)
    check_move(payout, _S.held)
    payout.held_approved = payout.status is _S.approved
    payout.status, payout.reason = _S.held, reason
    outbox.emit(session, "payout.held", payout)
    return payout


def release(session: Session, payout_id: UUID, reason: str) -> Payout:
    """Let a held payout go on where it stood."""
    payout = database.get(session, Payout, payout_id, lock=True)
    if payout.status is not _S.held:
        raise MoveNotAllowed(payout.status, sorted(MOVES[payout.status]))
    payout.status = _S.approved if payout.held_approved else _S.pending
    payout.held_approved, payout.reason = False, reason
    outbox.emit(session, "payout.released", payout)
    return payout


def resolve(session: Session, payout_id: UUID) -> tuple[Payout, Job]:
    """
    Have looked up what became of a payout that a provider has. Nothing is sent by that: what was
    done is paid, what never left is given back, and as long as nobody can say it stays as it is.
    """
    payout = database.get(session, Payout, payout_id, lock=True)
    if payout.status is not _S.queued or payout.provider == BY_HAND:
        raise NotWithProvider
    outbox.emit(session, "payout.lookup_asked", payout)
    return payout, jobs.enqueue(session, RESOLUTION, payout_id=str(payout.id))


def check_move(payout: Payout, to: PayoutStatus, by: str | None = None) -> None:
    """Whether it may go there. How one that was sent ends is said `by` whom it is with, alone."""
    allowed = MOVES[payout.status]
    if payout.status is _S.queued and by not in (None, payout.provider):
        allowed = frozenset()
    if to not in allowed:
        raise MoveNotAllowed(payout.status, sorted(allowed))


def give_back(session: Session, payout: Payout) -> None:
    """Let a payout that came to nothing pay and deduct nothing: another may."""
    amounts = {each.payable_id: each for each in payout_checks.items(session, payout)}
    for payable in payout_checks.payables(session, payout, lock=True):
        item = amounts[payable.id]
        if payable.kind is PayableKind.clawback:
            payable.deducted_minor += item.amount_minor
        else:
            payable.payout_id, payable.paid_on = None, None
            if payable.status is not PayableStatus.held:
                payable.status = gates.state_of(payable)
            outbox.emit(session, f"payable.{payable.status}", payable)
        item.given_back = True
    session.flush()


def _end(session: Session, payout: Payout, reason: str) -> None:
    payout.status, payout.reason, payout.held_approved = _S.canceled, reason, False
    give_back(session, payout)
