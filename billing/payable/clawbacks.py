"""
What is asked back of a payee: some of what a source came to, when its work did not keep its word.

A claw-back is a payable of its own, the other way round. The payee's next payouts deduct it.
"""

from datetime import date
from uuid import UUID

from sqlmodel import Session

from billing import ledger
from billing.ledger import BANK, CREATOR_COSTS, CREATOR_RECEIVABLES, WRITE_OFFS, Posting
from billing.payable import sources
from billing.payable.payable_models import Payable, PayableKind, PayableStatus
from tenants import database, outbox
from tenants.errors import Conflict, MoveNotAllowed, NotFound, Unprocessable
from tenants.ids import new_id

_S = PayableStatus


class RepaidInFuture(Unprocessable):
    """Money has come back by today, where the client is, or it has not."""


class ClawbackStands(Conflict):
    """Some of it was asked back already: write that off first."""


class ClawbackInPayout(Conflict):
    """A payout is about to deduct some of it: settle or call off that one first."""


class ClawbackTooLarge(Unprocessable):
    """More than the source still owes or was paid: `left_minor` is what can be asked back."""


def claw_back(
    session: Session,
    source_type: str,
    source_id: UUID,
    part: UUID | None,
    amount_minor: int,
    reason: str,
) -> Payable:
    """
    Ask back some of what a source's part came to: once for one reason, however often it is said.
    The payee's next payouts deduct it.
    """
    sources.hold(session, source_type, source_id)
    owed = [
        each
        for each in sources.owed(session, source_type, source_id, part)
        if each.status is not _S.cancelled
    ]
    if not owed:
        raise NotFound
    earlier = _clawbacks(session, source_type, source_id, part)
    if said := next((each for each in earlier if each.reason == reason), None):
        return said
    left = min(_askable(session, source_type, source_id, within) for within in {None, part})
    if not 0 < amount_minor <= left:
        raise ClawbackTooLarge(pointer="/amount_minor", extra={"left_minor": max(left, 0)})
    return _ask_back(session, owed[0], part, len(earlier) + 1, amount_minor, reason)


def repay(session: Session, payable_id: UUID, reference: str, paid_on: date | None) -> Payable:
    """The payee has paid back what was left of it."""
    clawback = _due(session, payable_id)
    today = sources.today(session, clawback.client_id)
    if paid_on is not None and paid_on > today:
        raise RepaidInFuture(pointer="/paid_on")
    left = clawback.amount_minor - clawback.recovered_minor
    clawback.deducted_minor = clawback.recovered_minor = clawback.amount_minor
    clawback.status, clawback.paid_on = _S.recovered, paid_on or today
    clawback.settlement = reference
    _settle(session, clawback, BANK, left, clawback.paid_on)
    outbox.emit(session, "payable.recovered", clawback)
    return clawback


def write_off(session: Session, payable_id: UUID, reason: str) -> Payable:
    """Ask no more for what is left of it, and say why."""
    clawback = _due(session, payable_id)
    clawback.status, clawback.settlement = _S.written_off, reason
    left = clawback.amount_minor - clawback.recovered_minor
    _settle(session, clawback, WRITE_OFFS, left, sources.today(session, clawback.client_id))
    outbox.emit(session, "payable.written_off", clawback)
    return clawback


def _due(session: Session, payable_id: UUID) -> Payable:
    clawback = database.get(session, Payable, payable_id, lock=True)
    if clawback.status is not _S.clawback_due:
        raise MoveNotAllowed(clawback.status, [])
    if clawback.deducted_minor != clawback.recovered_minor:
        raise ClawbackInPayout
    return clawback


def _settle(session: Session, clawback: Payable, account: str, amount: int, on: date) -> None:
    """It is asked back no more: each time is a transaction of its own, for it may be due again."""
    of = (clawback.client_id, clawback.payee_id)
    sides = (Posting(account, amount, *of), Posting(CREATOR_RECEIVABLES, -amount, *of))
    kind = "payable.repaid" if account == BANK else "payable.written_off"
    ledger.post(session, kind, "settlements", new_id(), sides, clawback.currency, on)


def check_less(session: Session, payable: Payable, amount_minor: int) -> None:
    """
    That so much less may be owed: nobody is asked for what was never owed to them. The payable's
    source is held.
    """
    source = (payable.source_type, payable.source_id)
    for part in {None, payable.part}:
        kept = sum(
            each.amount_minor
            for each in sources.owed(session, *source, part)
            if each.status is not _S.cancelled
        )
        if sources.clawed_back(session, *source, part) > kept - amount_minor:
            raise ClawbackStands


def _clawbacks(
    session: Session, source_type: str, source_id: UUID, part: UUID | None
) -> list[Payable]:
    found = sources.of_source(session, source_type, source_id)
    return [each for each in found if each.kind is PayableKind.clawback and each.part == part]


def _askable(session: Session, source_type: str, source_id: UUID, part: UUID | None) -> int:
    """What a source, or a part of it, came to and was not asked back yet."""
    owed = sources.owed(session, source_type, source_id, part)
    total = sum(each.amount_minor for each in owed if each.status is not _S.cancelled)
    return total - sources.clawed_back(session, source_type, source_id, part)


def _ask_back(
    session: Session, of: Payable, part: UUID | None, number: int, amount_minor: int, reason: str
) -> Payable:
    copied = ("payee_id", "client_id", "source_type", "source_id", "label", "currency")
    clawback = Payable(
        **{name: getattr(of, name) for name in copied},
        kind=PayableKind.clawback,
        part=part,
        instalment=number,
        amount_minor=amount_minor,
        status=_S.clawback_due,
        gates=[],
        open_gates=[],
        reason=reason,
    )
    database.add(session, clawback)
    postings = (
        Posting(CREATOR_RECEIVABLES, amount_minor, of.client_id, of.payee_id),
        Posting(CREATOR_COSTS, -amount_minor, of.client_id, of.payee_id),
    )
    today = sources.today(session, of.client_id)
    ledger.post(
        session, "payable.clawed_back", "payables", clawback.id, postings, of.currency, today
    )
    outbox.emit(session, "payable.clawed_back", clawback)
    return clawback
