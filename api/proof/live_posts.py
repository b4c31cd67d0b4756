"""
What can be done to a live post: bound to its piece, looked at by somebody, withdrawn as a mistake.

One address proves one piece of the agency's, so that nobody is paid twice for one post; who binds
it again is told that it is taken, and not by what.

When it was published is somebody's word. Its days count from then, but from no more than three days
before it was bound (`counted_from`): nobody shortens a stay by naming an earlier day.

How long it stays is as the terms in force say (`api.collaborations.work.stays`): amended terms that
are accepted before its stay is over lengthen or shorten it, and leave one that is over as it is.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.collaborations import moves
from api.collaborations.models import Collaboration, CollaborationDeliverable
from api.proof import addresses, checks, consequences, verdicts
from api.proof.looking import LookOutcome
from api.proof.looks import schedule
from api.proof.models import CheckMethod, LiveCheck, LivePost, LivePostStatus
from api.proof.shapes import LivePostQuery
from tenants import clock, database, outbox
from tenants.errors import Conflict, MoveNotAllowed, Unprocessable
from tenants.pages import Listing, PageQuery

SLACK = timedelta(minutes=5)  # other people's clocks
AT_MOST_BEFORE = timedelta(days=3)  # what is published before a weekend and bound after it


class AddressTaken(Conflict):
    """This post is bound to a deliverable already; one post proves one deliverable."""


class PieceHasPost(Conflict):
    """This deliverable has a live post already; withdraw that one if it was bound by mistake."""


class PublishedLater(Unprocessable):
    """A post is bound once it is out: `published_at` lies ahead."""


def search(session: Session, page: LivePostQuery) -> Listing:
    """The live posts in sight, newest first."""
    query = select(LivePost)
    for name in ("client_id", "collaboration_id", "deliverable_id", "status"):
        if (value := getattr(page, name)) is not None:
            query = query.where(getattr(LivePost, name) == value)
    return Listing(query, LivePost, page)


def looks(session: Session, live_post_id: UUID, page: PageQuery) -> Listing:
    """Every look at a live post, newest first."""
    post = database.get(session, LivePost, live_post_id)
    query = select(LiveCheck).where(col(LiveCheck.live_post_id) == post.id)
    return Listing(query, LiveCheck, page)


def bind(
    session: Session,
    deliverable_id: UUID,
    url: str,
    external_id: str | None,
    published_at: datetime,
    caption: dict[str, Any] | None,
    *,
    looked_up: bool = True,
) -> LivePost:
    """
    Say where an accepted piece is out; it is looked up at once, and every day until its end.
    Without `looked_up` that begins when somebody has seen it with their own eyes (`confirm`).
    """
    address = addresses.checked(url)
    if published_at > clock.now() + SLACK:
        raise PublishedLater(pointer="/published_at")
    seen = database.get(session, CollaborationDeliverable, deliverable_id)
    with moves.held(session, seen.collaboration_id) as row:
        piece = database.get(session, CollaborationDeliverable, deliverable_id, lock=True)
        post = _made(session, row, piece, address, external_id, published_at)
        post.check_due_at = clock.now() if looked_up else None
        with (
            database.refusing_twice("uq_live_posts_url", AddressTaken(pointer="/url")),
            database.refusing_twice("uq_live_posts_external_id", AddressTaken(pointer="/url")),
            database.refusing_twice("uq_live_posts_piece", PieceHasPost()),
        ):
            database.add(session, post)
        outbox.emit(session, "live_post.bound", post, audience="client")
        consequences.published(session, piece, post.counted_from)
        if caption is not None:
            verdicts.of_live_post(session, post, caption)
        schedule(session, post)
    return post


def withdraw(session: Session, live_post_id: UUID, reason: str) -> LivePost:
    """Take back a post that was bound by mistake; its address is free again."""
    seen = database.get(session, LivePost, live_post_id)
    with moves.held(session, seen.collaboration_id) as row:
        post = database.get(session, LivePost, live_post_id, lock=True)
        if LivePostStatus.withdrawn not in checks.MOVES[post.status]:
            raise MoveNotAllowed(post.status, sorted(checks.MOVES[post.status]))
        post.status, post.check_due_at = LivePostStatus.withdrawn, None
        outbox.emit(session, "live_post.withdrawn", post, audience="client")
        consequences.gone(session, row, post, reason)
    return post


def confirm(session: Session, live_post_id: UUID, outcome: str, **said: Any) -> LivePost:
    """Keep what somebody saw with their own eyes."""
    seen = database.get(session, LivePost, live_post_id)
    with moves.held(session, seen.collaboration_id) as row:
        post = database.get(session, LivePost, live_post_id, lock=True)
        checks.check_evidence(session, post, said)
        caption = said.pop("caption")
        checks.keep(session, row, post, CheckMethod.manual, LookOutcome(outcome), **said)
        if caption is not None:
            verdicts.of_live_post(session, post, caption)
        schedule(session, post)
    return post


def follow_terms(session: Session, collaboration_id: UUID) -> None:
    """Let what is out stay as long as amended terms say."""
    row = database.get(session, Collaboration, collaboration_id, lock=True)
    query = select(LivePost).where(
        col(LivePost.collaboration_id) == row.id, col(LivePost.status).in_(checks.OUT)
    )
    for post in session.exec(query.order_by(col(LivePost.id)).with_for_update()).all():
        checks.follow_terms(session, row, post)
        schedule(session, post)
    consequences.tell(session, row)


def _made(
    session: Session,
    row: Collaboration,
    piece: CollaborationDeliverable,
    address: str,
    external_id: str | None,
    published_at: datetime,
) -> LivePost:
    counted_from = max(published_at, clock.now() - AT_MOST_BEFORE)
    days, end = checks.stay(session, row, counted_from)
    return LivePost(
        client_id=row.client_id,
        collaboration_id=row.id,
        deliverable_id=piece.id,
        influencer_id=row.influencer_id,
        network=piece.network,
        placement=piece.placement,
        url=address,
        url_key=addresses.key_of(address),
        external_id=external_id,
        published_at=published_at,
        counted_from=counted_from,
        min_live_days=days,
        stays_until=end,
    )
