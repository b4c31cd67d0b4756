"""Routes of what was published of a report, and of its share links; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query
from starlette.responses import Response

from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from api.reports import artifacts, serving, versions
from api.reports.delivery import receipts
from api.reports.differences import diffs
from api.reports.differences.diffs import ReportDifferences
from api.reports.models import (
    FormatName,
    PeriodKind,
    RenderingRead,
    VersionQuery,
    VersionRead,
    WithdrawRequest,
)
from api.reports.sharing import accesses, share_links
from api.reports.sharing.models import (
    ReceiptCreate,
    ReceiptRead,
    ShareLinkAccessRead,
    ShareLinkCreate,
    ShareLinkMade,
    ShareLinkRead,
)
from api.reports.snapshot.snapshot import ReportSnapshot
from tenants.errors import MoveNotAllowed, NotAcceptable, NotFound
from tenants.pages import InvalidCursor, Page, PageQuery
from tenants.shapes import Language

router = domain_router("reports")
LAST = 2**31 - 1
VersionNumber = Annotated[int, Path(ge=1, le=LAST)]

_CONTENT: dict[int | str, dict[str, Any]] = {
    200: {
        "model": ReportSnapshot,
        "description": "The report, in the format asked for.",
        "content": serving.DOCUMENTED,
    },
    202: {
        "model": RenderingRead,
        "description": "It is being rendered; `Location` is the job.",
    },
    304: {"description": "You have it."},
}
_READING = problems(NotFound, NotAcceptable, serving.LanguageNotOffered, serving.ReportWithdrawn)


@router.post(
    "/reports/{report_id}/withdraw",
    response_model=VersionRead,
    dependencies=[needs("reports:publish")],
    responses=problems(NotFound, MoveNotAllowed, serving.ReportWithdrawn),
)
def withdraw_report(report_id: UUID, data: WithdrawRequest, session: RequestSession) -> Any:
    """Take a version back; nothing older takes its place."""
    return versions.withdraw(session, report_id, **data.model_dump())


@router.get(
    "/reports/{report_id}/versions/{number}",
    response_class=Response,
    response_model=None,
    dependencies=[needs("reports:read", in_arrears=True)],
    responses={**_CONTENT, **_READING},
)
def get_report_version(
    report_id: UUID,
    number: VersionNumber,
    session: RequestSession,
    format: FormatName | None = None,
    locale: Language | None = None,
) -> Any:
    """Read one version of a report, superseded ones too, by Accept or `format`."""
    return serving.serve(session, serving.numbered(report_id, number), format, locale)


@router.get(
    "/reports/{report_id}/diff",
    response_model=ReportDifferences,
    dependencies=[needs("reports:read")],
    responses=problems(NotFound, diffs.VersionsOutOfOrder, serving.ReportWithdrawn),
)
def get_report_diff(
    report_id: UUID,
    session: RequestSession,
    first: Annotated[int, Query(alias="from", ge=1, le=LAST)],
    second: Annotated[int, Query(alias="to", ge=1, le=LAST)],
) -> Any:
    """Read every number and word that changed between two versions, each number with its causes."""
    return diffs.of(session, report_id, first, second)


@router.get(
    "/reports/{report_id}/versions/{number}/files",
    response_model=Page[artifacts.ReportFileRead],
    dependencies=[needs("reports:read")],
    responses=problems(NotFound, serving.ReportWithdrawn),
)
def list_report_files(report_id: UUID, number: VersionNumber, session: RequestSession) -> Any:
    """List a version's files by format and language: which are there, and how accessible."""
    files = artifacts.of_version(session, report_id, number)
    return {"data": files, "next_cursor": None, "total": None}


@router.post(
    "/reports/{report_id}/versions/{number}/files",
    status_code=202,
    response_model=RenderingRead,
    dependencies=[needs("reports:publish")],
    responses=problems(NotFound, artifacts.NothingToRender, serving.ReportWithdrawn),
)
def make_report_files(report_id: UUID, number: VersionNumber, session: RequestSession) -> Any:
    """Make the files that a version lacks: those that failed, and formats it did not have."""
    job_id = artifacts.make_missing(session, report_id, number)
    session.info["exchange"].headers["Location"] = f"/v1/jobs/{job_id}"
    return RenderingRead(job_id=job_id)


@router.post(
    "/reports/{report_id}/versions/{number}/acknowledge",
    status_code=201,
    response_model=ReceiptRead,
    dependencies=[needs("reports:acknowledge")],
    responses=problems(NotFound, receipts.AlreadyAcknowledged, serving.ReportWithdrawn),
)
def acknowledge_report(
    report_id: UUID, number: VersionNumber, data: ReceiptCreate, session: RequestSession
) -> Any:
    """Say that you have read a version and, if you like, what it was worth to you; once."""
    return receipts.acknowledge(session, report_id, number, **data.model_dump())


@router.get(
    "/reports/{report_id}/versions/{number}/receipts",
    response_model=Page[ReceiptRead],
    dependencies=[needs("reports:read_drafts")],
    responses=problems(NotFound, InvalidCursor, serving.ReportWithdrawn),
)
def list_report_receipts(
    report_id: UUID,
    number: VersionNumber,
    page: Annotated[PageQuery, Query()],
    session: RequestSession,
) -> Any:
    """List who of the client's has read a version, and what it was worth to them."""
    return receipts.search(session, report_id, number, page)


@router.get(
    "/clients/{client_id}/reports",
    response_model=Page[VersionRead],
    dependencies=[needs("reports:read")],
    responses=problems(NotFound, InvalidCursor),
)
def list_client_reports(
    client_id: UUID, page: Annotated[VersionQuery, Query()], session: RequestSession
) -> Any:
    """List a client's published reports, the last published first."""
    return versions.search(session, client_id, page)


@router.get(
    "/clients/{client_id}/reports/latest",
    response_class=Response,
    response_model=None,
    dependencies=[needs("reports:read", in_arrears=True)],
    responses={**_CONTENT, **_READING},
)
def get_latest_report(
    client_id: UUID,
    session: RequestSession,
    format: FormatName | None = None,
    locale: Language | None = None,
    period: PeriodKind | None = None,
) -> Any:
    """The client's one stable address: its newest report, by Accept or `format`."""
    return serving.serve(session, serving.latest(client_id, period), format, locale)


@router.post(
    "/reports/{report_id}/share-links",
    status_code=201,
    response_model=ShareLinkMade,
    dependencies=[needs("share_links:write")],
    responses=problems(NotFound, share_links.InternalReport, share_links.ShareLinkLanguage),
)
def create_share_link(report_id: UUID, data: ShareLinkCreate, session: RequestSession) -> Any:
    """Make an expiring address that opens the report without an account; it is shown once."""
    return ShareLinkMade(**share_links.create(session, report_id, **data.model_dump()))


@router.get(
    "/reports/{report_id}/share-links",
    response_model=Page[ShareLinkRead],
    dependencies=[needs("reports:read_drafts")],
    responses=problems(NotFound),
)
def list_share_links(report_id: UUID, session: RequestSession) -> Any:
    """List a report's share links and how often each was opened."""
    return {"data": share_links.list_of(session, report_id), "next_cursor": None, "total": None}


@router.delete(
    "/reports/{report_id}/share-links/{link_id}",
    response_model=ShareLinkRead,
    dependencies=[needs("share_links:write")],
    responses=problems(NotFound),
)
def revoke_share_link(report_id: UUID, link_id: UUID, session: RequestSession) -> Any:
    """End an address now; it stays in the list, revoked."""
    return share_links.revoke(session, report_id, link_id)


@router.get(
    "/reports/{report_id}/share-links/{link_id}/accesses",
    response_model=Page[ShareLinkAccessRead],
    dependencies=[needs("reports:read_drafts")],
    responses=problems(NotFound, InvalidCursor),
)
def list_share_link_accesses(
    report_id: UUID, link_id: UUID, page: Annotated[PageQuery, Query()], session: RequestSession
) -> Any:
    """List when a share link was opened, in which format and from which network; 90 days back."""
    return accesses.search(session, report_id, link_id, page)
