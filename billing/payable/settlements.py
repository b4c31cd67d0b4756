"""
How a payout ends: paid with a reference, failed before it left, or returned by whoever got it.

What the bank has done is a fact: a queued payout is paid whatever has become of its gates since.
One that is marked by hand straight from `approved` is checked first, like one that is queued.
"""

from datetime import date
from uuid import UUID

from sqlmodel import Session

from billing import ledger
from billing.ledger import BANK, CREATOR_RECEIVABLES, CREATORS_PAYABLE, Posting
from billing.payable import payout_checks, payouts
from billing.payable.payable_models import Payable, PayableKind, PayableStatus
from billing.payable.payout_models import Payout, PayoutItem, PayoutStatus
from tenants import clients, clock, database, outbox
from tenants.errors import Unprocessable

_S = PayoutStatus


class PaidInFuture(Unprocessable):
    """Money has moved by today, where the agency is, or it has not moved."""


def queue(session: Session, payout: Payout) -> None:
    """Let a held row of an approved payout leave: its gates and its approval are looked at last."""
    payouts.check_move(payout, _S.queued)
    payout_checks.check_clear(session, payout)
    payout_checks.check_approval(session, payout)
    payout.status = _S.queued


def mark_paid(
    session: Session,
    payout_id: UUID,
    reference: str,
    paid_on: date | None,
    by: str = payouts.BY_HAND,
) -> Payout:
    """The money has left: by which reference, and when. `by`: whom it was with."""
    payout = database.get(session, Payout, payout_id, lock=True)
    payouts.check_move(payout, _S.paid, by)
    if payout.status is _S.approved:
        payout_checks.check_clear(session, payout)
        payout_checks.check_approval(session, payout)
    payout.paid_on, payout.reference = _day(session, paid_on), reference
    payout.status = _S.paid
    _pay(session, payout)
    outbox.emit(session, "payout.paid", payout)
    return payout


def mark_failed(
    session: Session, payout_id: UUID, reason: str, by: str = payouts.BY_HAND
) -> Payout:
    """
    What was sent did not leave; what it paid is ready for another payout. `by`: whom it was with.
    """
    payout = database.get(session, Payout, payout_id, lock=True)
    payouts.check_move(payout, _S.failed, by)
    payout.status, payout.reason = _S.failed, reason
    payouts.give_back(session, payout)
    outbox.emit(session, "payout.failed", payout)
    return payout


def mark_returned(
    session: Session, payout_id: UUID, reason: str, returned_on: date | None
) -> Payout:
    """The money came back: what it paid is owed again, what it deducted is asked for again."""
    payout = database.get(session, Payout, payout_id, lock=True)
    payouts.check_move(payout, _S.returned, payouts.BY_HAND)
    was_paid = payout.status is _S.paid
    payout.returned_on = _day(session, returned_on)
    payout.status, payout.reason = _S.returned, reason
    if was_paid:
        _unpay(session, payout, payout.returned_on)
    payouts.give_back(session, payout)
    outbox.emit(session, "payout.returned", payout)
    return payout


def _day(session: Session, said: date | None) -> date:
    today = clock.today(clients.current_agency(session).timezone)
    if said is not None and said > today:
        raise PaidInFuture(pointer="/paid_on")
    return said or today


def _pay(session: Session, payout: Payout) -> None:
    moved = {each.payable_id: each for each in payout_checks.items(session, payout)}
    for payable in payout_checks.payables(session, payout, lock=True):
        if payable.kind is PayableKind.clawback:
            payable.recovered_minor -= moved[payable.id].amount_minor
            if payable.recovered_minor == payable.amount_minor:
                payable.status = PayableStatus.recovered
                outbox.emit(session, "payable.recovered", payable)
        else:
            payable.status, payable.paid_on = PayableStatus.paid, payout.paid_on
            outbox.emit(session, "payable.paid", payable)
    assert payout.paid_on is not None
    ledger.post(
        session,
        "payout.paid",
        "payouts",
        payout.id,
        postings(payout, list(moved.values())),
        payout.currency,
        payout.paid_on,
    )


def _unpay(session: Session, payout: Payout, returned_on: date) -> None:
    moved = {each.payable_id: each for each in payout_checks.items(session, payout)}
    for payable in payout_checks.payables(session, payout, lock=True):
        if payable.kind is PayableKind.clawback:
            _ask_again(payable, -moved[payable.id].amount_minor)
    session.flush()
    back = [-each for each in postings(payout, list(moved.values()))]
    ledger.post(
        session, "payout.returned", "payouts", payout.id, back, payout.currency, returned_on
    )


def _ask_again(clawback: Payable, amount_minor: int) -> None:
    clawback.recovered_minor -= amount_minor
    if clawback.status is PayableStatus.recovered:
        clawback.status = PayableStatus.clawback_due


def postings(payout: Payout, items: list[PayoutItem]) -> list[Posting]:
    """What a payout does to the book: nothing is owed any more, less is asked back, money left."""
    sides = [
        Posting(
            CREATORS_PAYABLE if each.amount_minor > 0 else CREATOR_RECEIVABLES,
            each.amount_minor,
            each.client_id,
            each.payee_id,
        )
        for each in items
    ]
    return [*sides, Posting(BANK, -payout.amount_minor, None, payout.payee_id)]
