"""Routes of files; each calls one verb."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Form, Query, Request
from pydantic import MISSING

from api.files import files, kinds, links
from api.files.models import LARGEST, FileCreate, FileLinkRead, FileQuery, FileRead
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs, session_before
from tenants.errors import NotFound, TooLarge
from tenants.pages import InvalidCursor, Page
from tenants.quotas import QuotaExceeded
from tenants.reads import Lookup
from tenants.storage import StoredFile

router = domain_router("files")

_AROUND = 64 * 1024  # bytes of a form around its file
_Form = Annotated[FileCreate, Form(media_type="multipart/form-data")]


@dataclass(frozen=True)
class Received:
    """A form whose file is stored."""

    form: FileCreate
    kept: files.Kept


def receive(form: _Form, request: Request) -> Received:
    """
    Store a form's file. Who may not send it, or not for this client, is refused before a byte is
    kept; and no transaction waits while bytes are on their way.
    """
    with session_before(request) as session, session.begin():
        agency_id = files.receiver(session, form.client_id, form.audience).agency_id
    name = form.file.filename if form.name is MISSING else form.name
    declared = form.file.content_type or ""
    return Received(form, files.keep(agency_id, form.file.file, name, declared))


@router.post(
    "/files",
    status_code=201,
    response_model=FileRead,
    dependencies=[needs("files:write")],
    responses=problems(
        QuotaExceeded,
        NotFound,
        TooLarge,
        files.FileEmpty,
        files.FileNameMissing,
        kinds.FileKindNotTaken,
        kinds.FileKindDiffers,
    ),
    max_body_size=LARGEST + _AROUND,
    form_limits={"max_files": 1, "max_fields": 10, "max_part_size": 4_000},
)
def create_file(upload: Annotated[Received, Depends(receive)], session: RequestSession) -> Any:
    """Upload a file for a client: images, video, sound, PDF, office documents, text, ZIP."""
    return files.create(session, upload.form.client_id, upload.kept, upload.form.audience)


@router.get(
    "/files",
    response_model=Page[FileRead],
    dependencies=[needs("files:read")],
    responses=problems(InvalidCursor),
)
def list_files(page: Annotated[FileQuery, Query()], session: RequestSession) -> Any:
    """List the files in your sight, newest first."""
    return files.search(session, page)


@router.get(
    "/files/{file_id}",
    response_model=FileRead,
    dependencies=[needs("files:read")],
    responses=problems(NotFound),
)
def get_file(file_id: UUID, session: RequestSession) -> Any:
    """Read what a file is; a link has its bytes."""
    return Lookup(StoredFile, file_id)


@router.post(
    "/files/{file_id}/link",
    response_model=FileLinkRead,
    dependencies=[needs("files:read")],
    responses=problems(NotFound),
)
def create_file_link(file_id: UUID, session: RequestSession) -> Any:
    """Make an address of a file's bytes: good for five minutes, as long as you may see the file."""
    return links.create(session, file_id)
