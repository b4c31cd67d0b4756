"""Routes of what is handed in; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.approvals import quorum
from api.collaborations.models import Submission
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
