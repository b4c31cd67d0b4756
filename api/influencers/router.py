"""Routes of the roster; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from api.http import sheets
from api.http.limits import locale
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from api.identity.shapes import InvitationWritten
from api.influencers import accounts, admitting, documents, finding, importing, roster, sheet
from api.influencers.shapes import (
    DocumentCreate,
    DocumentQuery,
    DocumentRead,
    ImportQuery,
    InfluencerCard,
    InfluencerCreate,
    InfluencerFilter,
    InfluencerQuery,
    InfluencerRead,
    InfluencerUpdate,
    LogInInvite,
    OwnProfile,
    OwnProfileUpdate,
    RosterImported,
)
from tenants import invitations
from tenants.errors import MoveNotAllowed, NotFound, UnsupportedMedia
from tenants.pages import InvalidCursor, Page

router = domain_router("influencers")
_FILTERS = (finding.NothingToLookFor, finding.RateWithoutCurrency)


@router.post(
    "/influencers",
    status_code=201,
    response_model=InfluencerRead,
    dependencies=[needs("influencers:write")],
    responses=problems(accounts.OnTheRosterAlready),
)
def create_influencer(data: InfluencerCreate, session: RequestSession) -> Any:
    """Take somebody onto the roster, with their accounts and rates."""
    return roster.create(session, **data.model_dump())


@router.get(
    "/influencers",
    response_model=Page[InfluencerCard],
    dependencies=[needs("influencers:read")],
    responses=problems(InvalidCursor, *_FILTERS),
)
def list_influencers(page: Annotated[InfluencerQuery, Query()], session: RequestSession) -> Any:
    """Find people on the roster. Archived ones only when `status` says."""
    return roster.search(session, page)


async def table_of(request: Request) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "text/csv":
        raise UnsupportedMedia
    return await request.body()


@router.post(
    "/influencers/import",
    response_model=RosterImported,
    dependencies=[needs("influencers:write")],
    responses=problems(
        sheet.SheetUnreadable,
        sheet.SheetColumns,
        sheet.SheetTooLong,
        importing.RowsRefused,
        accounts.OnTheRosterAlready,
    ),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "text/csv": {
                    "schema": {
                        "type": "string",
                        "format": "binary",
                        "maxLength": sheet.MOST_BYTES,
                        "description": f"A header, then a row per account. `{sheet.BETWEEN}`"
                        f" between the items of a list. Columns: {', '.join(sheet.COLUMNS)}.",
                    }
                }
            },
        }
    },
    max_body_size=sheet.MOST_BYTES,
)
def import_influencers(
    table: Annotated[bytes, Depends(table_of)],
    query: Annotated[ImportQuery, Query()],
    session: RequestSession,
) -> Any:
    """Take a table of people onto the roster, all of them or none; 10,000 rows at most."""
    return importing.take(session, table, dry_run=query.dry_run)


@router.get(
    "/influencers/export",
    response_class=Response,
    dependencies=[needs("influencers:read")],
    responses={
        **problems(importing.RosterTooLarge, *_FILTERS),
        200: {
            "description": "A row for each account, with the columns that an import takes.",
            "content": sheets.DOCUMENTED,
        },
    },
)
def export_influencers(
    wanted: Annotated[InfluencerFilter, Query()], request: Request, session: RequestSession
) -> Response:
    """Read the roster as a table, CSV in UTF-8; 20,000 rows at most."""
    return importing.export(session, wanted, locale(request))


@router.get(
    "/influencers/{influencer_id}",
    response_model=InfluencerRead,
    dependencies=[needs("influencers:read")],
    responses=problems(NotFound),
)
def get_influencer(influencer_id: UUID, session: RequestSession) -> Any:
    """Read what the agency knows of somebody."""
    return roster.read(influencer_id)


@router.patch(
    "/influencers/{influencer_id}",
    response_model=InfluencerRead,
    dependencies=[needs("influencers:write")],
    responses=problems(NotFound, accounts.OnTheRosterAlready, MoveNotAllowed),
)
def update_influencer(influencer_id: UUID, data: InfluencerUpdate, session: RequestSession) -> Any:
    """Change somebody, pause or archive them, or take them up again."""
    return roster.update(session, influencer_id, **data.model_dump())


@router.post(
    "/influencers/{influencer_id}/invite",
    status_code=201,
    response_model=InvitationWritten,
    dependencies=[needs("invitations:write")],
    responses=problems(
        NotFound,
        MoveNotAllowed,
        admitting.LogsInAlready,
        admitting.NoAddress,
        invitations.AlreadyMember,
    ),
)
def invite_influencer(influencer_id: UUID, data: LogInInvite, session: RequestSession) -> Any:
    """Invite somebody on the roster to log in, and see what is theirs."""
    return admitting.invite(session, influencer_id, **data.model_dump())


@router.post(
    "/influencers/{influencer_id}/documents",
    status_code=201,
    response_model=DocumentRead,
    dependencies=[needs("influencers:write")],
    responses=problems(NotFound, documents.DocumentKept),
)
def create_influencer_document(
    influencer_id: UUID, data: DocumentCreate, session: RequestSession
) -> Any:
    """Keep a client's file with somebody: a contract, a media kit."""
    return documents.create(session, influencer_id, **data.model_dump())


@router.get(
    "/influencers/{influencer_id}/documents",
    response_model=Page[DocumentRead],
    dependencies=[needs("influencers:read")],
    responses=problems(InvalidCursor, NotFound),
)
def list_influencer_documents(
    influencer_id: UUID, page: Annotated[DocumentQuery, Query()], session: RequestSession
) -> Any:
    """List the documents of somebody, of the clients in your sight."""
    return documents.search(session, influencer_id, page)


@router.delete(
    "/influencers/{influencer_id}/documents/{document_id}",
    status_code=204,
    dependencies=[needs("influencers:write")],
    responses=problems(NotFound),
)
def delete_influencer_document(
    influencer_id: UUID, document_id: UUID, session: RequestSession
) -> None:
    """Keep a file with somebody no longer; it stays the client's."""
    documents.remove(session, influencer_id, document_id)


@router.get(
    "/me/influencer-profile",
    response_model=OwnProfile,
    dependencies=[needs("own_profile:read")],
    responses=problems(NotFound),
)
def get_own_profile(session: RequestSession) -> Any:
    """Read what the agency's roster says of you."""
    return roster.own(session)


@router.patch(
    "/me/influencer-profile",
    response_model=OwnProfile,
    dependencies=[needs("own_profile:write")],
    responses=problems(NotFound, accounts.OnTheRosterAlready),
)
def update_own_profile(data: OwnProfileUpdate, session: RequestSession) -> Any:
    """Change what the roster says of you: where you are found, and what you ask for."""
    return roster.update_own(session, **data.model_dump())
