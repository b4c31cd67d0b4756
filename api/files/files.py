"""What can be done to a file: received, found, shown to the client. It is not edited otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session, col, select

from api.files import kinds
from api.files.models import LARGEST, FileQuery
from tenants import database, outbox, quotas, storage
from tenants.errors import Forbidden, NotFound, TooLarge, Unprocessable
from tenants.models import Audience, Client
from tenants.pages import Listing
from tenants.shapes import Line
from tenants.storage import StoredFile

_NAME: TypeAdapter[str] = TypeAdapter(Line)


class FileNameMissing(Unprocessable):
    """Say what the file is called."""


class FileEmpty(Unprocessable):
    """The file holds no bytes."""


class FileNotForClient(Unprocessable):
    """The client would be shown a file that is not for it; upload it with audience `client`."""


@dataclass(frozen=True)
class Kept:
    """Bytes that are stored, and what they turned out to be."""

    name: str
    media_type: str
    size: int
    sha256: str


def keep(agency_id: UUID, file: IO[bytes], name: str | None, declared: str) -> Kept:
    """Store the bytes of a file that is what it says it is. Holds no session."""
    size = file.seek(0, 2)
    if size > LARGEST:
        raise TooLarge
    if size == 0:
        raise FileEmpty(pointer="/file")
    name = _plain(name)
    media_type = kinds.of(file, name, declared)
    if not kinds.extension(name):
        name = f"{name}.{kinds.EXTENSIONS[media_type][0]}"
    return Kept(name, media_type, size, storage.put_file(agency_id, file))


def receiver(session: Session, client_id: UUID, audience: Audience) -> Client:
    """The client a file is for. What a contact of it hands in is for the client, too."""
    client = database.get(session, Client, client_id)
    if _actor(session).is_contact and audience is not Audience.client:
        raise Forbidden
    return client


def create(
    session: Session,
    client_id: UUID,
    kept: Kept,
    audience: Audience,
    *,
    collaboration_id: UUID | None = None,
    influencer_id: UUID | None = None,
) -> StoredFile:
    """Name bytes that are stored already; `influencer_id`: whose they are, if an influencer's."""
    client, actor = receiver(session, client_id, audience), _actor(session)
    file = StoredFile(
        client_id=client.id,
        collaboration_id=collaboration_id,
        influencer_id=influencer_id,
        audience=audience,
        name=kept.name,
        media_type=kept.media_type,
        size=kept.size,
        sha256=kept.sha256,
        uploaded_by=actor.membership_id,
        uploaded_by_name=actor.label,
    )
    _count(session, client_id, kept.size)
    database.add(session, file)
    told = "client" if audience is Audience.client else "staff"
    outbox.emit(session, "file.uploaded", file, audience=told)
    return file


def _count(session: Session, client_id: UUID, size: int) -> None:
    """The agency pays for what its clients hand in, too."""
    if not _actor(session).is_contact:
        quotas.add(session, quotas.QuotaKind.stored_bytes, size)
        return
    with database.acting_for_agency(session, client_id):
        quotas.add(session, quotas.QuotaKind.stored_bytes, size)


def search(session: Session, page: FileQuery) -> Listing:
    """The files in sight, newest first."""
    query = select(StoredFile)
    if page.client_id:
        query = query.where(col(StoredFile.client_id) == page.client_id)
    if page.collaboration_id:
        query = query.where(col(StoredFile.collaboration_id) == page.collaboration_id)
    if page.audience:
        query = query.where(col(StoredFile.audience) == page.audience)
    return Listing(query, StoredFile, page)


def show(session: Session, ids: Sequence[UUID]) -> None:
    """Let the client have files of its that were not for it before."""
    query = select(StoredFile).where(
        col(StoredFile.id).in_(ids), col(StoredFile.audience) == Audience.internal
    )
    for file in session.exec(query.with_for_update()).all():
        file.audience = Audience.client
        outbox.emit(session, "file.shown", file, audience="client")


def check_for(
    session: Session, file_id: UUID, client_id: UUID, audience: Audience, pointer: str
) -> None:
    """A file that something of a client names is there, is that client's, and for the audience."""
    file = database.get(session, StoredFile, file_id)
    if file.client_id not in (None, client_id):
        raise NotFound
    for_client = file.audience is Audience.client and file.client_id is not None
    if audience is Audience.client and not for_client:
        raise FileNotForClient(pointer=pointer)


def _actor(session: Session) -> Any:
    return session.sight  # type: ignore[attr-defined]


def _plain(name: str | None) -> str:
    """A file's name without the folders it came from."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    try:
        return _NAME.validate_python(last)
    except ValidationError:
        raise FileNameMissing(pointer="/name") from None
