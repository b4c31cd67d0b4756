"""Routes of what is handed in, of rights and their uses, and of links; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.approvals import quorum
from api.collaborations.models import Submission
from api.collaborations.rights import rights, windows
from api.collaborations.rights.models import UsageRight
from api.collaborations.rights.shapes import (
    AssetUseCreate,
    AssetUseRead,
    AssetUsesRead,
    UsageRightQuery,
    UsageRightRead,
)
from api.collaborations.terms import links
from api.collaborations.terms.shapes import (
    CollaborationLinkCreate,
    CollaborationLinkMade,
    CollaborationLinkQuery,
    CollaborationLinkRead,
)
from api.collaborations.work import submissions
from api.collaborations.work.shapes import SubmissionCreate, SubmissionQuery, SubmissionRead
from api.files.files import FileNotForClient
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from tenants.errors import MoveNotAllowed, NotFound
from tenants.pages import InvalidCursor, Page
from tenants.reads import Lookup

router = domain_router("collaborations")


@router.post(
    "/submissions",
    status_code=201,
    response_model=SubmissionRead,
    dependencies=[needs("submissions:write")],
    responses=problems(
        NotFound,
        MoveNotAllowed,
        submissions.SubmissionEmpty,
        FileNotForClient,
        quorum.QuorumOutOfReach,
    ),
)
def create_submission(data: SubmissionCreate, session: RequestSession) -> Any:
    """Hand in the next version of a piece; it is decided on as the client's policy asks."""
    return submissions.submit(session, **data.model_dump())


@router.get(
    "/submissions",
    response_model=Page[SubmissionRead],
    dependencies=[needs("submissions:read")],
    responses=problems(InvalidCursor),
)
def list_submissions(page: Annotated[SubmissionQuery, Query()], session: RequestSession) -> Any:
    """List what was handed in, newest first. The client sees what it was asked about."""
    return submissions.search(session, page)


@router.get(
    "/submissions/{submission_id}",
    response_model=SubmissionRead,
    dependencies=[needs("submissions:read")],
    responses=problems(NotFound),
)
def get_submission(submission_id: UUID, session: RequestSession) -> Any:
    """Read what was handed in."""
    return Lookup(Submission, submission_id)


@router.post(
    "/submissions/{submission_id}/withdraw",
    response_model=SubmissionRead,
    dependencies=[needs("submissions:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def withdraw_submission(submission_id: UUID, session: RequestSession) -> Any:
    """Take back what was handed in, before it is decided."""
    return submissions.withdraw(session, submission_id)


@router.get(
    "/usage-rights",
    response_model=Page[UsageRightRead],
    dependencies=[needs("usage_rights:read")],
    responses=problems(InvalidCursor),
)
def list_usage_rights(page: Annotated[UsageRightQuery, Query()], session: RequestSession) -> Any:
    """List what may be used, those that end first first."""
    return rights.search(session, page)


@router.get(
    "/usage-rights/{usage_right_id}",
    response_model=UsageRightRead,
    dependencies=[needs("usage_rights:read")],
    responses=problems(NotFound),
)
def get_usage_right(usage_right_id: UUID, session: RequestSession) -> Any:
    """Read what may be used, where, how and until when."""
    return Lookup(UsageRight, usage_right_id)


@router.post(
    "/usage-rights/{usage_right_id}/uses",
    status_code=201,
    response_model=AssetUseRead,
    dependencies=[needs("usage_rights:use")],
    responses=problems(
        NotFound,
        *(rights.RightExpired, rights.UseNotGranted),
        *(windows.WindowBackwards, windows.WindowIncomplete),
    ),
)
def record_asset_use(usage_right_id: UUID, data: AssetUseCreate, session: RequestSession) -> Any:
    """Note that an asset is used; refused when the right does not cover it, or not then."""
    return rights.record_use(session, usage_right_id, **data.model_dump())


@router.get(
    "/usage-rights/{usage_right_id}/uses",
    response_model=AssetUsesRead,
    dependencies=[needs("usage_rights:use")],
    responses=problems(NotFound),
)
def list_asset_uses(usage_right_id: UUID, session: RequestSession) -> Any:
    """List what was done under a right, the newest first: the last 200."""
    return {"data": rights.uses(session, usage_right_id)}


@router.post(
    "/collaborations/{collaboration_id}/links",
    status_code=201,
    response_model=CollaborationLinkMade,
    dependencies=[needs("collaborations:agree")],
    responses=problems(NotFound, MoveNotAllowed, links.StaffAddress),
)
def create_collaboration_link(
    collaboration_id: UUID, data: CollaborationLinkCreate, session: RequestSession
) -> Any:
    """Make an address at which the terms are answered without an account, and mail it."""
    return links.create(session, collaboration_id, **data.model_dump())


@router.get(
    "/collaboration-links",
    response_model=Page[CollaborationLinkRead],
    dependencies=[needs("collaborations:agree")],
    responses=problems(InvalidCursor),
)
def list_collaboration_links(
    page: Annotated[CollaborationLinkQuery, Query()], session: RequestSession
) -> Any:
    """List links, newest first; none of them shows its address again."""
    return links.search(session, page)


@router.post(
    "/collaboration-links/{collaboration_link_id}/revoke",
    response_model=CollaborationLinkRead,
    dependencies=[needs("collaborations:agree")],
    responses=problems(NotFound),
)
def revoke_collaboration_link(collaboration_link_id: UUID, session: RequestSession) -> Any:
    """End an address now. What was answered with it stands."""
    return links.revoke(session, collaboration_link_id)
