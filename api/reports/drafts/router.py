"""Routes of a report's draft: how it comes to be written, reviewed and published."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from api.reports import periods, render
from api.reports.delivery import deliveries
from api.reports.drafts import board, composing, publishing, readiness, reports
from api.reports.drafts.board import ReportBoardQuery, ReportBoardRow
from api.reports.drafts.readiness import ReadinessRead
from api.reports.drafts.shapes import (
    CarryOver,
    PublishRequest,
    ReportCreate,
    ReportQuery,
    ReportRead,
    ReportSummary,
    ReportUpdate,
    ReturnRequest,
)
from api.reports.models import Report, VersionRead
from api.reports.schedules import report_templates
from api.reports.sharing import share_links
from tenants.errors import MoveNotAllowed, NotFound
from tenants.pages import InvalidCursor, Page
from tenants.reads import Lookup
from tenants.shapes import Language

router = domain_router("reports")


@router.post(
    "/reports",
    status_code=201,
    response_model=ReportRead,
    dependencies=[needs("reports:write")],
    responses=problems(
        NotFound,
        reports.ReportExists,
        reports.ReviewerIsAuthor,
        periods.InvalidPeriod,
        periods.PeriodNotBegun,
        report_templates.TemplateDoesNotFit,
    ),
)
def create_report(data: ReportCreate, session: RequestSession) -> Any:
    """
    Begin a client's report for a period; the draft opens with the platform's figures. One for the
    client is the account executive's; internal ones are the community and social media managers'.
    """
    return reports.create(session, **data.model_dump(mode="python"))


@router.get(
    "/reports",
    response_model=Page[ReportSummary],
    dependencies=[needs("reports:read_drafts")],
    responses=problems(InvalidCursor),
)
def list_reports(page: Annotated[ReportQuery, Query()], session: RequestSession) -> Any:
    """List the drafts in your sight, the newest period first."""
    return reports.search(session, page)


@router.get(
    "/reports/board",
    response_model=Page[ReportBoardRow],
    dependencies=[needs("reports:read_drafts")],
    responses=problems(InvalidCursor),
)
def get_report_board(page: Annotated[ReportBoardQuery, Query()], session: RequestSession) -> Any:
    """Read who owes which report when, and how far it is: what is late first."""
    return board.search(session, page)


@router.get(
    "/reports/{report_id}",
    response_model=ReportRead,
    dependencies=[needs("reports:read_drafts")],
    responses=problems(NotFound),
)
def get_report(report_id: UUID, session: RequestSession) -> Any:
    """Read a draft: its words, and its figures as they were last fetched."""
    return Lookup(Report, report_id)


@router.patch(
    "/reports/{report_id}",
    response_model=ReportRead,
    dependencies=[needs("reports:write")],
    responses=problems(NotFound, reports.ReviewerIsAuthor),
)
def update_report(report_id: UUID, data: ReportUpdate, session: RequestSession) -> Any:
    """
    Change a draft: of its words only the parts that are sent, so that two who write at once never
    overwrite each other. On 412 read it anew and send your part again.
    """
    return reports.update(session, report_id, **data.model_dump())


@router.post(
    "/reports/{report_id}/refresh",
    response_model=ReportRead,
    dependencies=[needs("reports:write")],
    responses=problems(NotFound),
)
def refresh_report(report_id: UUID, session: RequestSession) -> Any:
    """Fetch the platform's figures anew into the draft."""
    return reports.refresh(session, report_id)


@router.post(
    "/reports/{report_id}/carry-over",
    response_model=ReportRead,
    dependencies=[needs("reports:write")],
    responses=problems(NotFound, reports.NothingToCarryOver),
)
def carry_report_over(report_id: UUID, data: CarryOver, session: RequestSession) -> Any:
    """Fill what is empty from the last published report of its kind; nothing is overwritten."""
    return reports.carry_over(session, report_id, data.parts, data.layout)


@router.get(
    "/reports/{report_id}/readiness",
    response_model=ReadinessRead,
    dependencies=[needs("reports:read_drafts")],
    responses=problems(NotFound),
)
def get_report_readiness(report_id: UUID, session: RequestSession) -> Any:
    """Read what the draft lacks, and what of it keeps the draft from being published."""
    return readiness.of_report(session, report_id)


@router.post(
    "/reports/{report_id}/submit",
    response_model=ReportRead,
    dependencies=[needs("reports:write")],
    responses=problems(NotFound, publishing.NarrativeMissing),
)
def submit_report(report_id: UUID, session: RequestSession) -> Any:
    """Hand the draft over for review."""
    return publishing.submit(session, report_id)


@router.post(
    "/reports/{report_id}/approve",
    response_model=ReportRead,
    dependencies=[needs("reports:review")],
    responses=problems(NotFound, MoveNotAllowed, publishing.NotYoursToReview),
)
def approve_report(report_id: UUID, session: RequestSession) -> Any:
    """Find somebody else's draft good as it stands; an edit takes this back."""
    return publishing.approve(session, report_id)


@router.post(
    "/reports/{report_id}/return",
    response_model=ReportRead,
    dependencies=[needs("reports:review")],
    responses=problems(NotFound, MoveNotAllowed, publishing.NotYoursToReview),
)
def return_report(report_id: UUID, data: ReturnRequest, session: RequestSession) -> Any:
    """Send a draft back to its author, who reads why."""
    return publishing.send_back(session, report_id, data.reason)


@router.get(
    "/reports/{report_id}/preview",
    response_class=Response,
    response_model=None,
    dependencies=[needs("reports:read_drafts")],
    responses={
        200: {
            "description": "The draft, marked as one.",
            "content": {"text/html": {"schema": {"type": "string", "maxLength": 8_000_000}}},
        },
        **problems(NotFound, composing.FiguresDoNotClose),
    },
)
def preview_report(report_id: UUID, session: RequestSession, locale: Language = "es") -> Response:
    """See the draft as it would be published now, marked as a draft."""
    snapshot = composing.preview(session, report_id)
    offered = snapshot.report.locales
    page = render.html(snapshot, locale if locale in offered else offered[0], draft=True)
    headers = {"Content-Security-Policy": page.csp, "Cache-Control": "no-store"}
    return Response(page.body, headers=headers, media_type="text/html; charset=utf-8")


@router.post(
    "/reports/{report_id}/publish",
    status_code=201,
    response_model=VersionRead,
    dependencies=[needs("reports:publish")],
    responses=problems(
        NotFound,
        publishing.NarrativeMissing,
        publishing.ReviewMissing,
        publishing.CorrectionNeedsReason,
        publishing.FiguresIncomplete,
        composing.FiguresDoNotClose,
        share_links.InternalReport,
        deliveries.NobodyReceives,
        deliveries.ContactNotReachable,
    ),
)
def publish_report(report_id: UUID, data: PublishRequest, session: RequestSession) -> Any:
    """
    Freeze the draft into the next version. A client's is published by its account executive alone,
    an internal one by the social media manager.
    """
    return publishing.publish(session, report_id, **data.model_dump())
