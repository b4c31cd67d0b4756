"""What the client's people say of a version: that they have read it, and what it was worth."""

from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.reports import versions
from api.reports.sharing.models import ReportReceipt
from tenants import database, outbox
from tenants.errors import Conflict
from tenants.pages import NEWEST, Listing, PageQuery

_SAID = "uq_report_receipts_agency_id_version_id_membership_id"


class AlreadyAcknowledged(Conflict):
    """You have said that you read this version; what you said stands."""


def acknowledge(session: Session, report_id: UUID, number: int, **values: Any) -> ReportReceipt:
    """Say that one has read a version: once, for good."""
    version = versions.of(session, report_id, number)
    actor: Any = session.sight  # type: ignore[attr-defined]
    receipt = ReportReceipt(
        client_id=version.client_id,
        version_id=version.id,
        membership_id=actor.membership_id,
        name=actor.label,
        **values,
    )
    with database.refusing_twice(_SAID, AlreadyAcknowledged()):
        database.add(session, receipt)
    outbox.emit(session, "report.acknowledged", receipt)
    return receipt


def search(session: Session, report_id: UUID, number: int, page: PageQuery) -> Listing:
    """Who has read a version, the last to say so first."""
    version = versions.of(session, report_id, number)
    query = select(ReportReceipt).where(col(ReportReceipt.version_id) == version.id)
    return Listing(query, ReportReceipt, page, NEWEST)
