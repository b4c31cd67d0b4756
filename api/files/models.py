"""Wire shapes of a file; the table stands with the bytes, in `tenants.storage`."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import UploadFile
from pydantic import MISSING, Field

from tenants.models import Audience
from tenants.pages import PageQuery
from tenants.shapes import Line, ReadShape, Shape

LARGEST = 50 * 1024 * 1024  # bytes


FileName = Annotated[Line, Field(description="Without it, the name the file came with.")]
Upload = Annotated[
    UploadFile,
    Field(
        description="Up to 50 MiB.",
        json_schema_extra={"format": "binary", "maxLength": LARGEST},
    ),
]


class FileCreate(Shape):
    """
    A file for a client. Its kind is told by its bytes; an extension or a declared type that says
    otherwise is refused. Audience `client`: the client's contacts may have it too; what they hand
    in themselves has no other.
    """

    client_id: UUID
    audience: Audience = Audience.internal
    name: FileName | MISSING = MISSING
    file: Upload


class FileRead(ReadShape):
    """
    A file: what it is, whose, and for whom. Its bytes are had by a link. What an influencer handed
    in for a collaboration is theirs too.
    """

    id: UUID
    client_id: UUID | None
    collaboration_id: UUID | None
    influencer_id: UUID | None
    audience: Audience
    name: str
    media_type: str
    size: int
    sha256: str
    uploaded_by: UUID | None
    uploaded_by_name: str
    created_at: datetime


class FileQuery(PageQuery):
    """Filters of the file list."""

    client_id: UUID | None = None
    collaboration_id: UUID | None = None
    audience: Audience | None = None


class FileLinkRead(ReadShape):
    """An address of a file's bytes, for whoever holds it, until it expires."""

    address: str
    expires_at: datetime
