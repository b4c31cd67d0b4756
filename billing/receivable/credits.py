"""
What a client has to its credit: deposits that were paid, what was paid too much, what was credited
after it was paid. A credit is used by whoever holds its row, never beyond what is left of it.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from billing.receivable.invoice_models import Invoice
from billing.receivable.payment_models import ClientCredit, CreditKind, CreditUse, CreditUseKind
from tenants import database, outbox
from tenants.errors import Conflict, NotFound
from tenants.pages import Listing


class CreditExceeded(Conflict):
    """More than is left of the credit: `left_minor`."""


class CreditDrawn(Conflict):
    """What this would take back was credited, and used since: `left_minor` is what is left."""


@dataclass(frozen=True)
class Taken:
    """What was taken of a credit."""

    credit: ClientCredit
    amount_minor: int


def search(session: Session, page: Any) -> Listing:
    """The credits in sight, newest first."""
    query = select(ClientCredit)
    for name in ("client_id", "currency", "kind"):
        if (wanted := getattr(page, name)) is not None:
            query = query.where(getattr(ClientCredit, name) == wanted)
    if page.unapplied:
        query = query.where(col(ClientCredit.left_minor) > 0)
    return Listing(query, ClientCredit, page)


def give(
    session: Session,
    invoice: Invoice,
    kind: CreditKind,
    source_id: UUID,
    amount_minor: int,
    tax_rate_ids: list[str] | None = None,
) -> ClientCredit:
    """Give a client credit; once for one source, which a deposit paid again gives again."""
    query = select(ClientCredit).where(
        col(ClientCredit.kind) == kind, col(ClientCredit.source_id) == source_id
    )
    before = session.exec(query).first()
    if before is not None:
        _use(session, before, CreditUseKind.withdrawn, None, -amount_minor)
        return before
    made = ClientCredit(
        client_id=invoice.client_id,
        kind=kind,
        source_id=source_id,
        invoice_id=invoice.id,
        currency=invoice.currency,
        amount_minor=amount_minor,
        left_minor=amount_minor,
        tax_rate_ids=tax_rate_ids or [],
    )
    database.add(session, made)
    outbox.emit(session, "client_credit.given", made)
    return made


def take(
    session: Session,
    credit: ClientCredit,
    kind: CreditUseKind,
    amount_minor: int,
    invoice_id: UUID | None = None,
) -> Taken:
    """Use a part of a credit, which the caller holds locked."""
    if amount_minor > credit.left_minor:
        raise CreditExceeded(extra={"left_minor": credit.left_minor})
    _use(session, credit, kind, invoice_id, amount_minor)
    return Taken(credit, amount_minor)


def give_back(session: Session, credit_id: UUID, invoice_id: UUID, amount_minor: int) -> None:
    """What a line deducted can be deducted again."""
    credit = locked(session, credit_id)
    _use(session, credit, CreditUseKind.deducted, invoice_id, -amount_minor)


def withdraw(session: Session, credit_id: UUID, amount_minor: int) -> None:
    """Take a credit back with what made it; what of it was used since stands in the way."""
    credit = locked(session, credit_id)
    if credit.left_minor < amount_minor:
        raise CreditDrawn(extra={"left_minor": credit.left_minor})
    _use(session, credit, CreditUseKind.withdrawn, None, amount_minor)


def of_deposit(session: Session, invoice_id: UUID) -> ClientCredit | None:
    """The credit that a paid deposit became, locked."""
    query = select(ClientCredit).where(
        col(ClientCredit.kind) == CreditKind.deposit, col(ClientCredit.source_id) == invoice_id
    )
    return session.exec(query.with_for_update()).first()


def locked(session: Session, credit_id: UUID) -> ClientCredit:
    """A credit that another row of ours names, held; not what a request is about."""
    query = (
        select(ClientCredit)
        .where(col(ClientCredit.id) == credit_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = session.exec(query).first()
    if found is None:
        raise NotFound
    return found


def _use(
    session: Session,
    credit: ClientCredit,
    kind: CreditUseKind,
    invoice_id: UUID | None,
    amount_minor: int,
) -> None:
    credit.left_minor -= amount_minor
    use = CreditUse(
        client_id=credit.client_id,
        credit_id=credit.id,
        invoice_id=invoice_id,
        kind=kind,
        amount_minor=amount_minor,
    )
    database.add(session, use)
    outbox.emit(session, "client_credit.used", credit)
