"""
What can be done to a payable: opened by the work that owes it, held, released, cancelled, asked
back.

`open` comes first, with the gates that must be satisfied; `gates.satisfy` speaks of them
afterwards. What was said before of the same source counts for an instalment that is opened later.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from billing import ledger
from billing.ledger import CREATOR_COSTS, CREATORS_PAYABLE, Posting
from billing.payable import clawbacks, payees, sources
from billing.payable import gates as gate_words
from billing.payable.clawbacks import claw_back as claw_back
from billing.payable.gates import NOT_DISPUTED, PAYEE_READY
from billing.payable.payable_models import Payable, PayableStatus, PayeeStatus
from billing.payable.sources import Source
from tenants import database, outbox
from tenants.errors import Conflict, MoveNotAllowed, Unprocessable
from tenants.ids import new_id
from tenants.money import LARGEST
from tenants.pages import Listing

_S = PayableStatus
MOVES: dict[PayableStatus, frozenset[PayableStatus]] = {
    _S.accruing: frozenset({_S.blocked, _S.ready, _S.cancelled}),
    _S.blocked: frozenset({_S.ready, _S.held, _S.cancelled}),
    _S.ready: frozenset({_S.blocked, _S.below_minimum, _S.submitted, _S.held, _S.cancelled}),
    _S.below_minimum: frozenset({_S.blocked, _S.submitted, _S.held, _S.cancelled}),
    _S.submitted: frozenset({_S.paid, _S.held, _S.blocked, _S.ready}),
    _S.held: frozenset({_S.blocked, _S.ready, _S.submitted, _S.cancelled}),
    _S.paid: frozenset({_S.blocked, _S.ready}),  # when the money came back
    _S.cancelled: frozenset(),
    _S.clawback_due: frozenset({_S.recovered, _S.written_off}),
    _S.recovered: frozenset({_S.clawback_due}),  # when the payout it was taken from came back
    _S.written_off: frozenset(),
}


class NotDisputable(Conflict):
    """What asks for no such gate, or is paid or cancelled, is not disputed here."""


class AmountNotPayable(Unprocessable):
    """What is owed is above zero, and at most 2^53 - 1 minor units."""


def open(
    session: Session,
    *,
    payee_id: UUID,
    client_id: UUID,
    source_type: str,
    source_id: UUID,
    part: UUID | None,
    instalment: int,
    label: dict[str, str],
    amount_minor: int,
    currency: str,
    due_on: date | None,
    gates: Sequence[str],
    accruing: bool = False,
) -> Payable:
    """
    Owe something to a payee: once for a source's part and instalment, however often it is said; the
    first word stands. `accruing`: it grows by `accrue` until `settle`.
    """
    if not 0 < amount_minor <= LARGEST:
        raise AmountNotPayable(pointer="/amount_minor")
    sources.hold_payee(session, payee_id, shared=True)
    sources.hold(session, source_type, source_id)
    if known := _known(session, source_type, source_id, part, instalment):
        return known
    codes = list(dict.fromkeys(gates))
    payable = Payable(
        payee_id=payee_id,
        client_id=client_id,
        source_type=source_type,
        source_id=source_id,
        part=part,
        instalment=instalment,
        label=label,
        amount_minor=amount_minor,
        currency=currency,
        due_on=due_on,
        status=_S.accruing,
        gates=codes,
        open_gates=codes,
    )
    payee = payees.ensure(session, payee_id)
    _look_back(session, payable, payee.status is PayeeStatus.ready)
    if not accruing:
        payable.status = gate_words.state_of(payable)
    database.add(session, payable)
    _owe(session, payable, "payable.opened", "payables", payable.id, amount_minor)
    outbox.emit(session, "payable.opened", payable)
    return payable


def accrue(
    session: Session, payable_id: UUID, source_type: str, source_id: UUID, amount_minor: int
) -> Payable:
    """Let an accruing payable grow by what one source earned: once, however often it is said."""
    payable = database.get(session, Payable, payable_id, lock=True)
    if ledger.of_source(session, "payable.accrued", source_type, source_id):
        return payable
    if payable.status is not _S.accruing:
        raise MoveNotAllowed(payable.status, sorted(MOVES[payable.status]))
    if not 0 < amount_minor <= LARGEST - payable.amount_minor:
        raise AmountNotPayable(pointer="/amount_minor")
    payable.amount_minor += amount_minor
    _owe(session, payable, "payable.accrued", source_type, source_id, amount_minor)
    outbox.emit(session, "payable.accrued", payable)
    return payable


def settle(session: Session, payable_id: UUID) -> Payable:
    """Let an accruing payable grow no more: from now on its gates say what it is."""
    payable = database.get(session, Payable, payable_id, lock=True)
    if payable.status is not _S.accruing:
        raise MoveNotAllowed(payable.status, sorted(MOVES[payable.status]))
    payable.status = gate_words.state_of(payable)
    outbox.emit(session, f"payable.{payable.status}", payable)
    return payable


def hold(session: Session, payable_id: UUID, reason: str) -> Payable:
    """Keep a payable from being paid, whatever its gates say, and say why."""
    payable = database.get(session, Payable, payable_id, lock=True)
    _check_move(payable, _S.held)
    payable.status, payable.reason = _S.held, reason
    outbox.emit(session, "payable.held", payable)
    return payable


def release(session: Session, payable_id: UUID, reason: str) -> Payable:
    """Let a held payable go on: as far as its gates are, or in the payout it is in."""
    payable = database.get(session, Payable, payable_id, lock=True)
    if payable.status is not _S.held:
        raise MoveNotAllowed(payable.status, sorted(MOVES[payable.status]))
    inside = payable.payout_id is not None
    payable.status = _S.submitted if inside else gate_words.state_of(payable)
    payable.reason = reason
    outbox.emit(session, "payable.released", payable)
    return payable


def cancel(session: Session, payable_id: UUID, reason: str) -> Payable:
    """Owe it no more; not once it is in a payout."""
    found = database.get(session, Payable, payable_id)
    sources.hold(session, found.source_type, found.source_id)
    payable = database.get(session, Payable, payable_id, lock=True)
    if payable.payout_id is not None:
        raise MoveNotAllowed(payable.status, sorted(MOVES[payable.status] - {_S.cancelled}))
    _check_move(payable, _S.cancelled)
    clawbacks.check_less(session, payable, payable.amount_minor)
    payable.status, payable.reason = _S.cancelled, reason
    _owe(session, payable, "payable.cancelled", "payables", payable.id, -payable.amount_minor)
    outbox.emit(session, "payable.cancelled", payable)
    return payable


def take_back(session: Session, payable_id: UUID, amount_minor: int, reason: str) -> bool:
    """
    Owe so much less of it, or none of it, if it is in no payout and was not asked back; whether
    that was so, or none of it was owed any more. Asked back instead, it would be taken of what
    other work came to, while its own gates keep all of it.
    """
    found = database.get(session, Payable, payable_id)
    sources.hold(session, found.source_type, found.source_id)
    payable = database.get(session, Payable, payable_id, lock=True)
    if payable.status is _S.cancelled:
        return True
    if payable.payout_id is not None or _S.cancelled not in MOVES[payable.status]:
        return False
    try:
        if amount_minor == payable.amount_minor:
            cancel(session, payable_id, reason)
        else:
            _reduce(session, payable, amount_minor)
    except clawbacks.ClawbackStands:
        return False
    return True


def _reduce(session: Session, payable: Payable, amount_minor: int) -> None:
    """Each time is a transaction of its own: what is owed may become less more than once."""
    clawbacks.check_less(session, payable, amount_minor)
    payable.amount_minor -= amount_minor
    _owe(session, payable, "payable.reduced", "reductions", new_id(), -amount_minor)
    outbox.emit(session, "payable.reduced", payable)


def search(session: Session, page: Any) -> Listing:
    """The payables in sight, newest first."""
    query = select(Payable)
    for name in ("client_id", "payee_id", "status", "source_id", "payout_id", "kind"):
        if (wanted := getattr(page, name)) is not None:
            query = query.where(getattr(Payable, name) == wanted)
    if page.due_before:
        query = query.where(col(Payable.due_on) < page.due_before)
    if page.due_after:
        query = query.where(col(Payable.due_on) > page.due_after)
    return Listing(query, Payable, page)


def dispute(session: Session, payable_id: UUID, reason: str) -> Payable:
    """Say that what is owed is disputed, and why: until it is settled, none of that is paid."""
    payable = _disputable(session, payable_id)
    source = (payable.source_type, payable.source_id)
    gate_words.unsatisfy(session, *source, NOT_DISPUTED, reason, {}, payable.part)
    return payable


def resolve(session: Session, payable_id: UUID, reason: str) -> Payable:
    """Say that a dispute is settled, and how."""
    payable = _disputable(session, payable_id)
    source = (payable.source_type, payable.source_id)
    gate_words.satisfy(session, *source, NOT_DISPUTED, {"settled": reason}, payable.part)
    return payable


def dispute_source(session: Session, source: Source, reason: str) -> None:
    """
    Say that all of a source is disputed: what it owes, and what it will owe. The payee reads why.
    """
    _say_of_source(session, source, reason, {"satisfied": False, "reason": reason, "evidence": {}})


def resolve_source(session: Session, source: Source, reason: str) -> None:
    """Say that the dispute about a source is settled, and how."""
    word = {"satisfied": True, "reason": None, "evidence": {"settled": reason}}
    _say_of_source(session, source, reason, word)


def _say_of_source(session: Session, source: Source, reason: str, word: dict[str, Any]) -> None:
    sources.hold(session, source.source_type, source.source_id)
    payees.ensure(session, source.payee_id)
    gate_words.keep(session, source, NOT_DISPUTED, part=None, **word)
    for each in sources.owed(session, source.source_type, source.source_id):
        if each.status in sources.OPEN and NOT_DISPUTED in each.gates:
            each.reason = reason
            gate_words.count(session, each, NOT_DISPUTED, word["satisfied"])


def _disputable(session: Session, payable_id: UUID) -> Payable:
    payable = database.get(session, Payable, payable_id)
    if NOT_DISPUTED not in payable.gates or payable.status not in sources.OPEN:
        raise NotDisputable
    return payable


def _known(
    session: Session, source_type: str, source_id: UUID, part: UUID | None, instalment: int
) -> Payable | None:
    found = sources.owed(session, source_type, source_id)
    return next(
        (each for each in found if (each.part, each.instalment) == (part, instalment)), None
    )


def _look_back(session: Session, payable: Payable, payee_is_ready: bool) -> None:
    """Let a new payable know what was said of its gates, and billing satisfies its own."""
    said = gate_words.newest(
        session, payable.source_type, payable.source_id, payable.part, payable.gates
    )
    satisfied = {code for code, word in said.items() if word.satisfied}
    own: dict[str, dict[str, Any]] = {NOT_DISPUTED: {"opened": str(payable.id)}}
    if payee_is_ready:
        own[PAYEE_READY] = {"payee_id": str(payable.payee_id)}
    for code, evidence in own.items():
        if code in payable.gates and code not in said:
            gate_words.keep(session, payable, code, satisfied=True, evidence=evidence)
            satisfied.add(code)
    payable.open_gates = [code for code in payable.gates if code not in satisfied]


def _owe(
    session: Session,
    payable: Payable,
    kind: str,
    source_type: str,
    source_id: UUID,
    amount_minor: int,
) -> None:
    """Enter what is owed more, or less, for a client's work to its payee."""
    postings = (
        Posting(CREATOR_COSTS, amount_minor, payable.client_id, payable.payee_id),
        Posting(CREATORS_PAYABLE, -amount_minor, payable.client_id, payable.payee_id),
    )
    today = sources.today(session, payable.client_id)
    ledger.post(session, kind, source_type, source_id, postings, payable.currency, today)


def _check_move(payable: Payable, to: PayableStatus) -> None:
    if to not in MOVES[payable.status]:
        raise MoveNotAllowed(payable.status, sorted(MOVES[payable.status]))
