"""Routes of the logos that reports bear; each calls one verb."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Form, Query, Request
from starlette.responses import Response

from api.documents.logos import LARGEST, Logo, LogoNotTaken, drawn_anew
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs, session_before
from api.reports import logos
from api.reports.logos import ReportLogoCreate, ReportLogoRead
from tenants.errors import NotFound, TooLarge
from tenants.pages import InvalidCursor, Page, PageQuery

router = domain_router("reports")

_AROUND = 64 * 1024  # bytes of a form around its file
_PICTURE = {"schema": {"type": "string", "format": "binary", "maxLength": 131_072}}
_Form = Annotated[ReportLogoCreate, Form(media_type="multipart/form-data")]


@dataclass(frozen=True)
class Received:
    """A form whose logo is drawn anew."""

    client_id: UUID | None
    logo: Logo


def receive(form: _Form, request: Request) -> Received:
    """Who may not set it is refused before its bytes are read; no transaction waits for them."""
    with session_before(request) as session, session.begin():
        logos.check_owner(session, form.client_id)
    return Received(form.client_id, drawn_anew(form.file.file.read(LARGEST + 1)))


@router.post(
    "/report-logos",
    status_code=201,
    response_model=ReportLogoRead,
    dependencies=[needs("report_templates:write")],
    responses=problems(NotFound, TooLarge, LogoNotTaken, logos.LogoBeingSet),
    max_body_size=LARGEST + _AROUND,
    form_limits={"max_files": 1, "max_fields": 3, "max_part_size": 4_000},
)
def create_report_logo(
    upload: Annotated[Received, Depends(receive)], session: RequestSession
) -> Any:
    """Set the logo that reports bear from now on, the agency's or one client's own."""
    return logos.keep(session, upload.client_id, upload.logo)


@router.get(
    "/report-logos",
    response_model=Page[ReportLogoRead],
    dependencies=[needs("report_templates:read")],
    responses=problems(InvalidCursor),
)
def list_report_logos(page: Annotated[PageQuery, Query()], session: RequestSession) -> Any:
    """List the agency's logo and those of the clients in your sight."""
    return logos.search(session, page)


@router.get(
    "/report-logos/{logo_id}/picture",
    response_class=Response,
    response_model=None,
    dependencies=[needs("report_templates:read")],
    responses={
        200: {"description": "The logo.", "content": {"image/png": _PICTURE}},
        304: {"description": "You have it."},
        **problems(NotFound),
    },
)
def get_report_logo_picture(logo_id: UUID, session: RequestSession) -> Any:
    """See a logo as reports show it: drawn anew and small, a PNG whatever came."""
    return logos.picture(session, logo_id)


@router.delete(
    "/report-logos/{logo_id}",
    status_code=204,
    dependencies=[needs("report_templates:write")],
    responses=problems(NotFound),
)
def delete_report_logo(logo_id: UUID, session: RequestSession) -> None:
    """Let reports bear a logo no longer; versions that are out keep theirs."""
    logos.delete(session, logo_id)
