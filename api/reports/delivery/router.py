"""Routes of how a version reaches people: to whom it is sent, and who read it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from api.reports import serving
from api.reports.delivery import deliveries, readers
from api.reports.delivery.models import DeliverRequest, DeliveryRead, ReaderRead
from api.reports.router import VersionNumber
from api.reports.sharing import share_links
from tenants.errors import MoveNotAllowed, NotFound
from tenants.pages import InvalidCursor, Page, PageQuery

router = domain_router("reports")

_DELIVERING = (
    *(share_links.InternalReport, deliveries.NobodyReceives, deliveries.ContactNotReachable),
    MoveNotAllowed,
)


@router.get(
    "/reports/{report_id}/versions/{number}/readers",
    response_model=Page[ReaderRead],
    dependencies=[needs("reports:read_drafts")],
    responses=problems(NotFound, serving.ReportWithdrawn),
)
def list_report_readers(report_id: UUID, number: VersionNumber, session: RequestSession) -> Any:
    """List who was sent a version, and who opened, downloaded and acknowledged it, and when."""
    found = readers.of_version(session, report_id, number)
    return {"data": found, "next_cursor": None, "total": None}


@router.post(
    "/reports/{report_id}/versions/{number}/deliveries",
    status_code=201,
    response_model=Page[DeliveryRead],
    dependencies=[needs("reports:publish")],
    responses=problems(NotFound, *_DELIVERING, serving.ReportWithdrawn),
)
def deliver_report(
    report_id: UUID, number: VersionNumber, data: DeliverRequest, session: RequestSession
) -> Any:
    """Send a version by mail, once to each contact; answers everybody it went to until now."""
    found = deliveries.deliver(session, report_id, number, **data.model_dump())
    return {"data": found, "next_cursor": None, "total": None}


@router.get(
    "/reports/{report_id}/versions/{number}/deliveries",
    response_model=Page[DeliveryRead],
    dependencies=[needs("reports:read_drafts")],
    responses=problems(NotFound, InvalidCursor, serving.ReportWithdrawn),
)
def list_report_deliveries(
    report_id: UUID,
    number: VersionNumber,
    page: Annotated[PageQuery, Query()],
    session: RequestSession,
) -> Any:
    """List to whom a version was sent, and whether it reached them."""
    return deliveries.search(session, report_id, number, page)


@router.post(
    "/reports/{report_id}/versions/{number}/deliveries/{delivery_id}/resend",
    response_model=DeliveryRead,
    dependencies=[needs("reports:publish")],
    responses=problems(NotFound, *_DELIVERING, serving.ReportWithdrawn),
)
def resend_report(
    report_id: UUID, number: VersionNumber, delivery_id: UUID, session: RequestSession
) -> Any:
    """Write to a contact once more, at the address they have now."""
    return deliveries.resend(session, report_id, number, delivery_id)
