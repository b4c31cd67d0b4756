"""
Where a collaboration and its pieces may go from where they are, and how they go there.

From content_due to verified a collaboration stands where the least advanced of its pieces does, so
that each step of a piece is at most one of the collaboration.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast
from uuid import UUID

from sqlmodel import Session, col, select

from api.campaigns.models import Campaign, CampaignStatus
from api.campaigns.scopes import CampaignOver
from api.collaborations.models import (
    Collaboration,
    CollaborationDeliverable,
    CollaborationStatus,
    PieceStatus,
)
from api.influencers.models import Influencer, InfluencerStatus
from tenants import database, outbox
from tenants.errors import Conflict, MoveNotAllowed

_C = CollaborationStatus
MOVES: dict[CollaborationStatus, frozenset[CollaborationStatus]] = {
    _C.shortlisted: frozenset({_C.invited, _C.dropped}),
    _C.invited: frozenset({_C.negotiating, _C.terms_sent, _C.declined, _C.dropped}),
    _C.negotiating: frozenset({_C.terms_sent, _C.declined, _C.dropped}),
    _C.terms_sent: frozenset({_C.contracted, _C.negotiating, _C.declined, _C.dropped}),
    _C.contracted: frozenset({_C.content_due, _C.cancelled, _C.breached}),
    _C.content_due: frozenset({_C.in_review, _C.cancelled, _C.breached}),
    _C.in_review: frozenset({_C.content_due, _C.approved, _C.cancelled, _C.breached}),
    _C.approved: frozenset({_C.live, _C.cancelled, _C.breached}),
    _C.live: frozenset({_C.approved, _C.verified, _C.breached}),
    _C.verified: frozenset({_C.live, _C.completed, _C.breached}),
    _C.completed: frozenset(),
    _C.declined: frozenset(),
    _C.dropped: frozenset(),
    _C.breached: frozenset(),
    _C.cancelled: frozenset(),
}
_P = PieceStatus
PIECE_MOVES: dict[PieceStatus, frozenset[PieceStatus]] = {
    _P.content_due: frozenset({_P.in_review, _P.cancelled}),
    _P.in_review: frozenset({_P.content_due, _P.approved, _P.cancelled}),
    _P.approved: frozenset({_P.live, _P.cancelled}),
    _P.live: frozenset({_P.approved, _P.verified, _P.cancelled}),
    _P.verified: frozenset({_P.live, _P.cancelled}),
    _P.cancelled: frozenset(),
}
# In the order in which a piece is made.
STAGES = (_P.content_due, _P.in_review, _P.approved, _P.live, _P.verified)
AT_WORK = frozenset(_C(stage.value) for stage in STAGES)
PHASES: dict[CollaborationStatus, str] = {
    _C.shortlisted: "proposed",
    _C.invited: "proposed",
    _C.negotiating: "negotiating",
    _C.terms_sent: "negotiating",
    _C.contracted: "agreed",
    _C.content_due: "in_progress",
    _C.in_review: "in_progress",
    _C.approved: "in_progress",
    _C.live: "delivered",
    _C.verified: "delivered",
    _C.completed: "completed",
    _C.declined: "ended",
    _C.dropped: "ended",
    _C.breached: "ended",
    _C.cancelled: "ended",
}
_OVER = (CampaignStatus.completed, CampaignStatus.cancelled, CampaignStatus.rejected)


class InfluencerUnavailable(Conflict):
    """The influencer is paused or archived on the roster."""


@contextmanager
def held(session: Session, collaboration_id: UUID) -> Iterator[Collaboration]:
    """
    A collaboration in the caller's sight, held. What an influencer does to their own is written by
    the agency's hand, within that client's walls: their role writes nothing.
    """
    seen = database.get(session, Collaboration, collaboration_id)
    if not sight_of(session).is_influencer:
        yield database.get(session, Collaboration, collaboration_id, lock=True)
        return
    with database.acting_for_agency(session, seen.client_id):
        yield database.get(session, Collaboration, collaboration_id, lock=True)


def check(row: Collaboration, to: CollaborationStatus) -> None:
    if to not in MOVES[row.status]:
        raise MoveNotAllowed(row.status, [*MOVES[row.status]])


def move(session: Session, row: Collaboration, to: CollaborationStatus) -> None:
    """Move a held collaboration, and tell; the client hears of it once it is agreed."""
    check(row, to)
    row.status = to
    audience = "client" if row.contracted_at else "staff"
    outbox.emit(session, f"collaboration.{to.value}", row, audience=audience)


def move_piece(
    session: Session,
    row: Collaboration,
    piece: CollaborationDeliverable,
    to: PieceStatus,
    **values: Any,
) -> None:
    """Move a piece of a held collaboration, and the collaboration to where its pieces are."""
    if row.status not in AT_WORK:
        raise MoveNotAllowed(row.status, [*MOVES[row.status]])
    if to not in PIECE_MOVES[piece.status]:
        raise MoveNotAllowed(piece.status, [*PIECE_MOVES[piece.status]])
    piece.status = to
    piece.sqlmodel_update(values)
    outbox.emit(session, f"collaboration_deliverable.{to.value}", piece, audience="client")
    pieces = pieces_of(session, row)
    row.due_on = next_day(pieces)
    stage = least(pieces)
    if stage.value != row.status:
        move(session, row, _C(stage.value))


def least(pieces: Sequence[CollaborationDeliverable]) -> PieceStatus:
    """How far the least advanced of some pieces is."""
    return min((piece.status for piece in pieces), key=STAGES.index)


def next_day(pieces: Sequence[CollaborationDeliverable]) -> Any:
    """The day that is next: the first one of what is not accepted yet, or the last of all."""
    open_days = [p.due_on for p in pieces if p.status in (_P.content_due, _P.in_review)]
    return min(open_days) if open_days else max(p.due_on for p in pieces)


def pieces_of(session: Session, row: Collaboration) -> Sequence[CollaborationDeliverable]:
    """What was agreed to be made, in the order of the terms."""
    query = select(CollaborationDeliverable).where(
        col(CollaborationDeliverable.agency_id) == row.agency_id,
        col(CollaborationDeliverable.collaboration_id) == row.id,
    )
    return session.exec(query.order_by(col(CollaborationDeliverable.number))).all()


def check_campaign(session: Session, campaign_id: UUID) -> Campaign:
    campaign = database.get(session, Campaign, campaign_id)
    if campaign.status in _OVER:
        raise CampaignOver
    return campaign


def check_available(influencer: Influencer) -> None:
    if influencer.status is not InfluencerStatus.active:
        raise InfluencerUnavailable


def sight_of(session: Session) -> Any:
    return cast(database.Session, session).sight
