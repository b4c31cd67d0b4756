"""
Files that go to the agency's bank. Making one queues its payouts; reading it writes it anew from
rows that no longer change, and the bytes must be those that were made. What cannot go is left out
whole, and the file says so; or, asked for strictly, there is no file.
"""

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from billing.payable import destinations, payout_checks, payouts, sepa, settlements
from billing.payable.payout_checks import ApprovalVoid, GatesOpen
from billing.payable.payout_models import (
    PayeeDetails,
    PaymentMethod,
    Payout,
    PayoutFile,
    PayoutStatus,
)
from billing.payable.sepa import CreditTransfer, Party
from billing.payable.sources import sight_of
from tenants import clients, clock, database, outbox
from tenants.errors import ApiError, Conflict, MoveNotAllowed, Unprocessable
from tenants.pages import Listing

MOST = 500  # payouts in one file


class NotBySepa(Unprocessable):
    """One of them is not in euros, or not to an IBAN of a SEPA country, or has nothing to move."""


class NothingToSend(Conflict):
    """No approved payout can go into such a file; `left_out` says why for each."""


class ExecutionInPast(Unprocessable):
    """A bank executes today, where the agency is, or later."""


class PayoutCalledOff(Conflict):
    """One of its payouts was called off since: by this file the bank would pay it all the same."""


class FileChanged(ApiError):
    """The file cannot be written as it was; an operator must look at it."""


def search(session: Session, page: Any) -> Listing:
    """The files that were made, newest first."""
    return Listing(select(PayoutFile), PayoutFile, page)


def create(
    session: Session,
    *,
    execution_on: date,
    payout_ids: Sequence[UUID] | None,
    strict: bool,
    **debtor: Any,
) -> PayoutFile:
    """
    Write approved payouts into a file for the bank, and queue them. `strict`: all of them, or the
    refusal of the first that cannot go.
    """
    if execution_on < clock.today(clients.current_agency(session).timezone):
        raise ExecutionInPast(pointer="/execution_on")
    asked = _named(session, payout_ids) if payout_ids is not None else _all(session)
    chosen, left_out = _chosen(session, asked, strict)
    if not chosen:
        raise NothingToSend(extra={"left_out": left_out})
    made = PayoutFile(
        execution_on=execution_on,
        payout_count=len(chosen),
        total_minor=sum(each.amount_minor for each in chosen),
        currency="EUR",
        sha256="",
        left_out=left_out,
        made_by=sight_of(session).membership_id,
        **debtor,
    )
    made.sha256 = hashlib.sha256(_written(session, made, chosen)).hexdigest()
    database.add(session, made)
    for payout in chosen:
        payout.file_id = made.id
        payout_checks.tell_queued(session, payout)
    outbox.emit(session, "payout_file.made", made)
    return made


def read(session: Session, file_id: UUID) -> bytes:
    """The file's bytes, as they were made; not once something in it is owed again."""
    made = database.get(session, PayoutFile, file_id)
    query = select(Payout).where(col(Payout.file_id) == made.id).order_by(col(Payout.id))
    held = session.exec(query).all()
    if off := [str(each.id) for each in held if each.status is PayoutStatus.canceled]:
        raise PayoutCalledOff(extra={"payout_ids": off})
    body = _written(session, made, held)
    if hashlib.sha256(body).hexdigest() != made.sha256:
        raise FileChanged
    return body


def _named(session: Session, payout_ids: Sequence[UUID]) -> list[Payout]:
    return [database.get(session, Payout, each, lock=True) for each in sorted(set(payout_ids))]


def _all(session: Session) -> Sequence[Payout]:
    """What is approved in euros and goes by a bank; what goes another way is not left out."""
    query = (
        select(Payout)
        .join(
            PayeeDetails,
            (col(PayeeDetails.agency_id) == col(Payout.agency_id))
            & (col(PayeeDetails.id) == col(Payout.details_id)),
        )
        .where(
            col(Payout.status) == PayoutStatus.approved,
            col(Payout.currency) == "EUR",
            col(PayeeDetails.method) == PaymentMethod.bank_transfer,
        )
        .order_by(col(Payout.id))
        .with_for_update(key_share=True, of=Payout)
        .execution_options(populate_existing=True)
    )
    return session.exec(query).all()


def _chosen(
    session: Session, asked: Sequence[Payout], strict: bool
) -> tuple[list[Payout], list[dict[str, str]]]:
    """What of them leaves, the first of it that fills a file; and before that what cannot."""
    chosen: list[Payout] = []
    left_out = []
    for payout in asked:
        if len(chosen) == MOST:
            break
        try:
            _queue(session, payout)
        except (MoveNotAllowed, NotBySepa, GatesOpen, ApprovalVoid) as refusal:
            if strict:
                refusal.extra["payout_id"] = str(payout.id)
                raise
            left_out.append({"payout_id": str(payout.id), "code": refusal.code})
        else:
            chosen.append(payout)
    return chosen, left_out


def _queue(session: Session, payout: Payout) -> None:
    """Let a held payout leave, or say why it cannot; nothing has changed then."""
    payouts.check_move(payout, PayoutStatus.queued)
    if not _goes(payout, payout_checks.destination(session, payout)):
        raise NotBySepa
    settlements.queue(session, payout)


def _goes(payout: Payout, details: PayeeDetails) -> bool:
    by_bank = details.method is PaymentMethod.bank_transfer and details.iban is not None
    return by_bank and payout.currency == "EUR" and payout.amount_minor > 0 and _reached(details)


def _reached(details: PayeeDetails) -> bool:
    return (details.iban or "")[:2] in destinations.SEPA


def _written(session: Session, made: PayoutFile, payouts: Sequence[Payout]) -> bytes:
    transfers = []
    for payout in payouts:
        details = payout_checks.destination(session, payout)
        transfers.append(
            CreditTransfer(
                id=payout.id.hex,
                creditor=Party(details.legal_name, details.iban or "", details.bic),
                amount_minor=payout.amount_minor,
                # In no language: whoever asks about it names this.
                remittance=f"REF {payout.id.hex[-12:].upper()}",
            )
        )
    debtor = Party(made.debtor_name, made.debtor_iban, made.debtor_bic)
    return sepa.written(made.id.hex, made.created_at, made.execution_on, debtor, transfers)
