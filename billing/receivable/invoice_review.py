"""
Four eyes on an invoice: `four_eyes` is `required`, or `when_possible` (unless set): waived, and
recorded, when nobody else active may approve.
"""

from typing import cast
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import Session, col, select

from billing.receivable.invoice_models import Invoice
from tenants import clients, clock, database
from tenants.errors import Forbidden
from tenants.models import Assignment, Client, Membership, MembershipKind, MembershipStatus
from tenants.permissions import AgencyRole, duties_with

APPROVE = "invoices:approve"


class OwnInvoice(Forbidden):
    """Somebody else must approve the invoice you submitted."""


def check(session: Session, invoice: Invoice) -> bool:
    """Whether the caller approves what they submitted themselves; raises where they may not."""
    own: bool = invoice.submitted_by == cast(database.Session, session).sight.membership_id
    if own and _somebody_else_must(session, invoice):
        raise OwnInvoice
    return own


def _somebody_else_must(session: Session, invoice: Invoice) -> bool:
    if clients.current_agency(session).settings.get("four_eyes") == "required":
        return True
    zone = session.exec(select(Client.timezone).where(col(Client.id) == invoice.client_id)).one()
    today = clock.today(zone)
    on_duty = select(Assignment.membership_id).where(
        col(Assignment.client_id) == invoice.client_id,
        col(Assignment.duty).in_(duties_with(APPROVE)),
        col(Assignment.starts_on) <= today,
        or_(col(Assignment.ends_on).is_(None), col(Assignment.ends_on) >= today),
    )
    others = select(Membership.id).where(
        col(Membership.status) == MembershipStatus.active,
        col(Membership.kind) == MembershipKind.staff,
        col(Membership.id) != _of(invoice.submitted_by),
        or_(
            col(Membership.role).in_([AgencyRole.owner, AgencyRole.admin]),
            col(Membership.id).in_(on_duty),
        ),
    )
    return session.exec(others.limit(1)).first() is not None


def _of(membership_id: UUID | None) -> UUID:
    return membership_id or UUID(int=0)
