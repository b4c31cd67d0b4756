"""
How a payout is made, of what is ready for one payee in one currency.

Up to the agency's `payout_approval_threshold_minor` (none: any amount) it is approved as it is
made; above it, and in another currency than the agency's, it waits. What the payee gets by other
payouts counts with it (`payout_checks`). `payout_minimum_minor` is what is worth a transfer: what
comes to less waits for more. Claw-backs of the payee are deducted, the oldest first, and never
below zero.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from billing.payable import payees, payout_checks
from billing.payable.payable_models import Payable, PayableKind, PayableStatus, Payee, PayeeStatus
from billing.payable.payout_models import DetailsStatus, Payout, PayoutItem, PayoutStatus
from billing.payable.sources import sight_of
from tenants import clients, database, outbox
from tenants.errors import Conflict, Unprocessable
from tenants.money import LARGEST

# What a payout may still pay, when it is made.
PAYABLE = (PayableStatus.ready, PayableStatus.below_minimum)


class NothingToPay(Conflict):
    """Nothing is ready to be paid to this payee in this currency."""


class PayableNotReady(Conflict):
    """One of the payables is not ready; `state` says what it is, `open_gates` why."""


class PayableDoesNotFit(Unprocessable):
    """A payout is of one payee and one currency, and of what is owed to them."""


class PayeeNotReady(Conflict):
    """It is not known yet how to pay this payee; `state` says how far that is."""


class BelowMinimum(Conflict):
    """It comes to less than is worth a transfer: `minimum_minor`."""


class PayoutTooLarge(Unprocessable):
    """The payables add up to more than 2^53 - 1 minor units; name fewer of them."""


def create(
    session: Session, payee_id: UUID, currency: str, payable_ids: Sequence[UUID] | None = None
) -> Payout:
    """Put what is ready for a payee into one payout: all of it, or what is named."""
    payee = database.get(session, Payee, payee_id, lock=True)
    owed = _ready(session, payee.id, currency)
    if payable_ids is not None:
        owed = _named(session, payee.id, currency, owed, payable_ids)
    if not owed:
        raise NothingToPay
    if payee.status is not PayeeStatus.ready:
        raise PayeeNotReady(extra={"state": payee.status}, state=payee.status)
    return _made(session, payee, currency, owed)


def prepare(session: Session, currency: str | None) -> tuple[list[Payout], list[Payable]]:
    """
    A payout for each payee and currency with something ready, where it is known how to pay them and
    it is worth a transfer; what is not stays, as `below_minimum`.
    """
    query = (
        select(Payable.payee_id, Payable.currency)
        .where(
            col(Payable.agency_id) == sight_of(session).agency_id,
            col(Payable.status).in_(PAYABLE),
            col(Payable.kind) == PayableKind.owed,
        )
        .distinct()
        .order_by(col(Payable.payee_id), col(Payable.currency))
    )
    if currency is not None:
        query = query.where(col(Payable.currency) == currency)
    made, small = [], []
    for payee_id, each in session.exec(query).all():
        payee = database.get(session, Payee, payee_id, lock=True)
        owed = _ready(session, payee_id, each)
        if payee.status is not PayeeStatus.ready or not owed:
            continue
        try:
            made.append(_made(session, payee, each, owed))
        except BelowMinimum:
            small += [_put_off(session, payable) for payable in owed]
    return made, small


def _ready(session: Session, payee_id: UUID, currency: str) -> list[Payable]:
    query = (
        select(Payable)
        .where(
            col(Payable.payee_id) == payee_id,
            col(Payable.currency) == currency,
            col(Payable.kind) == PayableKind.owed,
            col(Payable.status).in_(PAYABLE),
        )
        .order_by(col(Payable.id))
    )
    locked = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return list(session.exec(locked))


def _named(
    session: Session,
    payee_id: UUID,
    currency: str,
    ready: list[Payable],
    payable_ids: Sequence[UUID],
) -> list[Payable]:
    known = {each.id: each for each in ready}
    for place, payable_id in enumerate(payable_ids):
        if payable_id in known:
            continue
        pointer = f"/payable_ids/{place}"
        other = database.get(session, Payable, payable_id)
        of = (other.payee_id, other.currency, other.kind)
        if of != (payee_id, currency, PayableKind.owed):
            raise PayableDoesNotFit(pointer=pointer)
        shown = {"state": other.status, "open_gates": other.open_gates}
        raise PayableNotReady(pointer=pointer, extra=shown, state=other.status)
    return [known[each] for each in sorted(set(payable_ids))]


def _made(session: Session, payee: Payee, currency: str, owed: list[Payable]) -> Payout:
    gross = sum(each.amount_minor for each in owed)
    if gross > LARGEST:
        raise PayoutTooLarge(pointer="/payable_ids")
    deductions = _deductions(session, payee.id, currency, gross)
    deducted = sum(taken for _, taken in deductions)
    _check_minimum(session, gross - deducted, currency)
    details = payees.standing(session, payee.id, DetailsStatus.confirmed)
    assert details is not None  # or they were not ready
    payout = Payout(
        payee_id=payee.id,
        details_id=details.id,
        status=PayoutStatus.pending,
        gross_minor=gross,
        deducted_minor=deducted,
        amount_minor=gross - deducted,
        currency=currency,
        requested_by=sight_of(session).membership_id,
    )
    database.add(session, payout)
    _put_in(session, payout, owed, deductions)
    if not payout_checks.waits(session, payout):
        payout_checks.approve_as_it_is(session, payout)
    outbox.emit(session, "payout.created", payout)
    return payout


def _put_in(
    session: Session, payout: Payout, owed: list[Payable], deductions: list[tuple[Payable, int]]
) -> None:
    for payable, amount in [*((each, each.amount_minor) for each in owed), *_below(deductions)]:
        item = PayoutItem(
            payout_id=payout.id,
            payee_id=payout.payee_id,
            client_id=payable.client_id,
            payable_id=payable.id,
            amount_minor=amount,
        )
        if amount < 0:
            payable.deducted_minor -= amount
        else:
            payable.status, payable.payout_id = PayableStatus.submitted, payout.id
        database.add(session, item)
        if amount > 0:
            outbox.emit(session, "payable.submitted", payable)


def _below(deductions: list[tuple[Payable, int]]) -> list[tuple[Payable, int]]:
    return [(payable, -amount) for payable, amount in deductions]


def _deductions(
    session: Session, payee_id: UUID, currency: str, gross: int
) -> list[tuple[Payable, int]]:
    """What of the payee's claw-backs fits into a payout, the oldest first."""
    query = (
        select(Payable)
        .where(
            col(Payable.payee_id) == payee_id,
            col(Payable.currency) == currency,
            col(Payable.status) == PayableStatus.clawback_due,
            col(Payable.deducted_minor) < col(Payable.amount_minor),
        )
        .order_by(col(Payable.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    found, left = [], gross
    for clawback in session.exec(query).all():
        taken = min(left, clawback.amount_minor - clawback.deducted_minor)
        if taken:
            found.append((clawback, taken))
            left -= taken
    return found


def _check_minimum(session: Session, amount_minor: int, currency: str) -> None:
    agency = clients.current_agency(session)
    minimum = agency.settings.get("payout_minimum_minor")
    # What claw-backs take whole needs no transfer.
    if minimum and currency == agency.currency and 0 < amount_minor < minimum:
        raise BelowMinimum(extra={"minimum_minor": minimum})


def _put_off(session: Session, payable: Payable) -> Payable:
    if payable.status is PayableStatus.ready:
        payable.status = PayableStatus.below_minimum
        outbox.emit(session, "payable.below_minimum", payable)
    return payable
