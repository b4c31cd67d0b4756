"""The route by which an influencer hands in files of their own; it calls one verb."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Form, Request
from pydantic import MISSING

from api.collaborations.work import own
from api.files import files, kinds
from api.files.models import LARGEST, FileRead
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs, session_before
from tenants.errors import MoveNotAllowed, NotFound, TooLarge
from tenants.quotas import QuotaExceeded

router = domain_router("collaborations")

_AROUND = 64 * 1024  # bytes of a form around its file
_Form = Annotated[own.OwnFileCreate, Form(media_type="multipart/form-data")]


@dataclass(frozen=True)
class Received:
    """A form whose file is stored, and the collaboration it is for."""

    collaboration_id: UUID
    kept: files.Kept


def receive(collaboration_id: UUID, form: _Form, request: Request) -> Received:
    """
    Store a form's file. Whoever may not hand it in is refused before a byte is kept; and no
    transaction waits while bytes are on their way.
    """
    with session_before(request) as session, session.begin():
        agency_id = own.agency_of(session, collaboration_id)
    name = form.file.filename if form.name is MISSING else form.name
    declared = form.file.content_type or ""
    return Received(collaboration_id, files.keep(agency_id, form.file.file, name, declared))


@router.post(
    "/me/collaborations/{collaboration_id}/files",
    status_code=201,
    response_model=FileRead,
    dependencies=[needs("own_collaborations:write")],
    responses=problems(
        QuotaExceeded,
        NotFound,
        MoveNotAllowed,
        own.TooManyFiles,
        TooLarge,
        files.FileEmpty,
        files.FileNameMissing,
        kinds.FileKindNotTaken,
        kinds.FileKindDiffers,
    ),
    max_body_size=LARGEST + _AROUND,
    form_limits={"max_files": 1, "max_fields": 5, "max_part_size": 4_000},
)
def create_own_file(upload: Annotated[Received, Depends(receive)], session: RequestSession) -> Any:
    """
    Hand in a file of your own for a collaboration: a draft, or a screenshot of what it brought. You
    and the agency have it; the client does once a submission that names it is put before it.
    """
    return own.hand_in(session, upload.collaboration_id, upload.kept)
