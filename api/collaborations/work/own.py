"""
What an influencer does themself in a collaboration of theirs: the files they hand in.

Drafts of what they make, and screenshots of what it brought, are theirs and the agency's alone,
until a submission that names them is put before the client.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from pydantic import MISSING
from sqlmodel import Session, col, func, select

from api.collaborations import moves
from api.collaborations.models import Collaboration, Submission
from api.files import files
from api.files.files import Kept
from api.files.models import FileName, Upload
from tenants import database
from tenants.errors import Conflict, MoveNotAllowed, NotFound
from tenants.models import Audience
from tenants.shapes import Shape
from tenants.storage import StoredFile

MOST = 200  # files of one collaboration: the agency pays for what they store


class TooManyFiles(Conflict):
    """A collaboration has 200 files of its influencer at most."""


class OwnFileCreate(Shape):
    """
    A draft, or a screenshot of what a post brought. Its kind is told by its bytes; an extension or
    a declared type that says otherwise is refused.
    """

    name: FileName | MISSING = MISSING
    file: Upload


@contextmanager
def begun(session: Session, collaboration_id: UUID) -> Iterator[Collaboration]:
    """A collaboration of the caller's own whose terms were accepted, held."""
    with moves.held(session, collaboration_id) as row:
        _check_begun(row)
        yield row


def agency_of(session: Session, collaboration_id: UUID) -> UUID:
    """Where what is handed in for a collaboration is stored, once there is something to make."""
    row = database.get(session, Collaboration, collaboration_id)
    _check_begun(row)
    return row.agency_id


def hand_in(session: Session, collaboration_id: UUID, kept: Kept) -> StoredFile:
    """Name bytes that an influencer handed in, and that are stored already."""
    with begun(session, collaboration_id) as row:
        count = select(func.count()).where(col(StoredFile.collaboration_id) == row.id)
        if session.exec(count).one() >= MOST:
            raise TooManyFiles
        return files.create(
            session,
            row.client_id,
            kept,
            Audience.internal,
            collaboration_id=row.id,
            influencer_id=row.influencer_id,
        )


def check_file(session: Session, row: Collaboration, file_id: UUID, pointer: str) -> None:
    """
    What is handed in for a collaboration is a file of its own or, by the agency's staff, one that
    the client may see already.
    """
    file = database.get(session, StoredFile, file_id)
    if file.collaboration_id == row.id:
        return
    if file.collaboration_id is not None or moves.sight_of(session).influencer_id is not None:
        raise NotFound
    files.check_for(session, file_id, row.client_id, Audience.client, pointer)


def show_files(session: Session, submission: Submission) -> None:
    """Let the client see what was handed in, with what it is asked about."""
    if not submission.inside:
        files.show(session, [UUID(each) for each in submission.file_ids])


def _check_begun(row: Collaboration) -> None:
    if row.contracted_at is None:
        raise MoveNotAllowed(row.status)
