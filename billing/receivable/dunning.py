"""
What follows when nobody pays: that an invoice became overdue is told once, and its reminders go out
step by step, as many days after the due day as the agency's settings say, each once.

A day is the client's. Whoever looks late sends the newest step alone, never two at once. Nothing
goes out of what is paid, disputed, void or written off, or for a client that is not `reminded`.
"""

from datetime import date
from uuid import UUID

from sqlmodel import Session, col, func, select, update

from billing.receivable import issuers
from billing.receivable.invoice_models import OPEN, DunningNotice, Invoice
from billing.receivable.invoice_states import hold
from tenants import clock, database, outbox
from tenants.errors import Conflict
from tenants.models import Client


class NotOpen(Conflict):
    """Only of an open invoice something is disputed; `state` says what this one is."""


class NotDisputed(Conflict):
    """Nothing is disputed of this invoice."""


def dispute(session: Session, invoice_id: UUID, reason: str) -> Invoice:
    """Note that the client disputes an invoice: no reminder goes out until that is settled."""
    invoice = hold(session, invoice_id)
    if invoice.status not in OPEN:
        state = invoice.status.value
        raise NotOpen(extra={"state": state}, state=state)
    invoice.disputed_at, invoice.dispute = invoice.disputed_at or clock.now(), reason
    outbox.emit(session, "invoice.disputed", invoice)
    return invoice


def settle_dispute(session: Session, invoice_id: UUID) -> Invoice:
    """Go on with an invoice that was disputed."""
    invoice = hold(session, invoice_id)
    if invoice.disputed_at is None:
        raise NotDisputed
    invoice.disputed_at, invoice.dispute = None, None
    outbox.emit(session, "invoice.dispute_settled", invoice)
    return invoice


def zones(session: Session) -> set[str]:
    """Where clients are who owe something."""
    query = (
        select(Client.timezone)
        .join(
            Invoice,
            (col(Invoice.agency_id) == col(Client.agency_id))
            & (col(Invoice.client_id) == col(Client.id)),
        )
        .where(col(Invoice.status).in_(sorted(OPEN)))
        .distinct()
    )
    return set(session.exec(query))


def late(session: Session) -> list[UUID]:
    """The invoices that are overdue where their clients are."""
    query = select(Invoice.id).where(
        col(Invoice.status).in_(sorted(OPEN)), col(Invoice.overdue_at) <= clock.now()
    )
    return list(session.exec(query.order_by(col(Invoice.id))))


def follow_up(session: Session, invoice_id: UUID) -> int | None:
    """Tell that an invoice is overdue, once, and take its next step, if it has come: which."""
    invoice = hold(session, invoice_id)
    if not invoice.overdue:
        return None
    if invoice.overdue_told_at is None:
        _told(session, invoice)
        outbox.emit(session, "invoice.overdue", invoice, audience="client")
    step = _due_step(session, invoice)
    if step is None:
        return None
    notice = DunningNotice(
        client_id=invoice.client_id,
        invoice_id=invoice.id,
        step=step,
        sent_on=_today(session, invoice),
    )
    database.add(session, notice)
    outbox.emit(session, "dunning_notice.sent", notice)
    return step


def is_due(invoice: Invoice) -> bool:
    """Whether a reminder may still go out."""
    return invoice.status in OPEN and invoice.disputed_at is None


def _told(session: Session, invoice: Invoice) -> None:
    """Past the version, which is of what people edit."""
    told = update(Invoice).where(
        col(Invoice.agency_id) == invoice.agency_id, col(Invoice.id) == invoice.id
    )
    values = {"overdue_told_at": clock.now(), "updated_at": col(Invoice.updated_at)}
    session.connection().execute(told.values(**values))


def _due_step(session: Session, invoice: Invoice) -> int | None:
    """The newest step that has come, counted from one; None when it, or a later one, went out."""
    settings = issuers.settings(session)
    profile = issuers.profile(session, invoice.client_id)
    if settings is None or profile is None or not profile.reminded or not is_due(invoice):
        return None
    assert invoice.due_on is not None
    late_days = (_today(session, invoice) - invoice.due_on).days
    reached = sum(late_days >= days for days in settings.dunning_days)
    query = select(func.coalesce(func.max(col(DunningNotice.step)), 0))
    sent = session.exec(query.where(col(DunningNotice.invoice_id) == invoice.id)).one()
    return reached if reached > sent else None


def _today(session: Session, invoice: Invoice) -> date:
    query = select(Client.timezone).where(col(Client.id) == invoice.client_id)
    return clock.today(session.exec(query).one())
