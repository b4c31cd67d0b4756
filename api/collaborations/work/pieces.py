"""
What becomes of a piece once it is accepted: live, verified, or fallen back.

These are for whoever sees the posts (`api/proof`): they hold the collaboration, move the piece, and
the collaboration follows. The gates of the money are theirs to speak of, with their evidence.
"""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.collaborations import moves
from api.collaborations.models import CollaborationDeliverable, PieceStatus
from tenants import clock, database


def go_live(session: Session, deliverable_id: UUID, live_at: datetime) -> CollaborationDeliverable:
    """An accepted piece has been published; not one that nobody has accepted."""
    return _move(session, deliverable_id, PieceStatus.live, live_at=min(live_at, clock.now()))


def verify(session: Session, deliverable_id: UUID) -> CollaborationDeliverable:
    """What is live is what was accepted, and carries what it must."""
    return _move(session, deliverable_id, PieceStatus.verified)


def doubt(session: Session, deliverable_id: UUID) -> CollaborationDeliverable:
    """What was verified is not as it was: it is looked at again."""
    return _move(session, deliverable_id, PieceStatus.live)


def fall(session: Session, deliverable_id: UUID) -> CollaborationDeliverable:
    """The post is gone: it has to be published again."""
    return _move(session, deliverable_id, PieceStatus.approved, live_at=None)


def _move(
    session: Session, deliverable_id: UUID, to: PieceStatus, **values: datetime | None
) -> CollaborationDeliverable:
    seen = database.get(session, CollaborationDeliverable, deliverable_id)
    with moves.held(session, seen.collaboration_id) as row:
        piece = database.get(session, CollaborationDeliverable, deliverable_id, lock=True)
        moves.move_piece(session, row, piece, to, **values)
    return piece
