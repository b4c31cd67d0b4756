"""What can be done to a tracking link: made for a collaboration, and ended. Its target stays."""

import secrets
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.collaborations.models import Collaboration, CollaborationDeliverable
from api.proof import addresses
from api.tracking.models import LinkClicks, LinkStatus, TrackingLink
from api.tracking.shapes import TrackingLinkQuery
from tenants import database, outbox
from tenants.errors import MoveNotAllowed, NotFound
from tenants.pages import Listing, PageQuery

MOVES: dict[LinkStatus, frozenset[LinkStatus]] = {
    LinkStatus.active: frozenset({LinkStatus.ended}),
    LinkStatus.ended: frozenset(),
}
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LENGTH = 12  # 71 bits: two agencies' links never share a code, and nobody guesses one


def search(session: Session, page: TrackingLinkQuery) -> Listing:
    """The links in sight, newest first."""
    query = select(TrackingLink)
    for name in ("client_id", "collaboration_id", "status"):
        if (value := getattr(page, name)) is not None:
            query = query.where(getattr(TrackingLink, name) == value)
    return Listing(query, TrackingLink, page)


def hours(session: Session, link_id: UUID, page: PageQuery) -> Listing:
    """How often a link was followed, hour by hour, newest first."""
    link = database.get(session, TrackingLink, link_id)
    query = select(LinkClicks).where(col(LinkClicks.link_id) == link.id)
    return Listing(query, LinkClicks, page)


def create(
    session: Session, collaboration_id: UUID, deliverable_id: UUID | None, target: str
) -> TrackingLink:
    """Make a link to an address of the client's."""
    address = addresses.checked(target, "/target")
    row = database.get(session, Collaboration, collaboration_id)
    if deliverable_id is not None:
        piece = database.get(session, CollaborationDeliverable, deliverable_id)
        if piece.collaboration_id != row.id:
            raise NotFound(pointer="/deliverable_id")
    link = TrackingLink(
        client_id=row.client_id,
        collaboration_id=row.id,
        deliverable_id=deliverable_id,
        influencer_id=row.influencer_id,
        code="".join(secrets.choice(_LETTERS) for _ in range(LENGTH)),
        target=address,
    )
    database.add(session, link)
    outbox.emit(session, "tracking_link.created", link)
    return link


def end(session: Session, link_id: UUID) -> Any:
    """Let a link lead nowhere any more; what was counted stays."""
    link = database.get(session, TrackingLink, link_id, lock=True)
    if LinkStatus.ended not in MOVES[link.status]:
        raise MoveNotAllowed(link.status, sorted(MOVES[link.status]))
    link.status = LinkStatus.ended
    outbox.emit(session, "tracking_link.ended", link)
    return link
