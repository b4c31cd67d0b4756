"""
What an influencer tells of their own work: where it is out, and what it brought.

Neither opens a gate. A post is looked up from when somebody of the agency has seen it, for any page
at all answers a look-up; the days it stays are counted from when it was told; and what others say
that the work brought counts before what they say.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field as Constraint
from sqlmodel import Session

from api.collaborations import moves
from api.collaborations.work import own
from api.proof import live_posts, results
from api.proof.models import LivePost, ToldMetric
from api.proof.shapes import Address, ExternalId, ResultValue, Value
from tenants import clock, database
from tenants.errors import MoveNotAllowed
from tenants.shapes import Instant, Shape


class OwnMetric(StrEnum):
    """What a network shows whoever posted; what was sold is for others to tell."""

    reach = "reach"
    impressions = "impressions"
    views = "views"
    likes = "likes"
    comments = "comments"
    shares = "shares"
    saves = "saves"
    engagements = "engagements"
    clicks = "clicks"


class OwnLivePostCreate(Shape):
    """Where an accepted deliverable of yours is out. The days it stays are counted from now."""

    deliverable_id: UUID
    url: Address
    external_id: ExternalId | None = None


class OwnResultValue(Shape):
    """A number: read off the network (`manual`) unless you say that it is `estimated`."""

    value: Value
    quality: Literal["estimated", "manual"] = "manual"


class OwnResultsWrite(Shape):
    """
    What your collaboration, or one of its deliverables, has brought since it began, at one instant
    (now, unless it is named), and what shows it: files that you handed in for the collaboration.
    Its source is `influencer`.
    """

    deliverable_id: UUID | None = None
    captured_at: Instant | None = None
    metrics: Annotated[dict[OwnMetric, OwnResultValue], Constraint(min_length=1, max_length=20)]
    file_ids: Annotated[list[UUID], Constraint(min_length=1, max_length=20)]


def bind(session: Session, deliverable_id: UUID, url: str, external_id: str | None) -> LivePost:
    """Say where an accepted piece is out."""
    return live_posts.bind(
        session, deliverable_id, url, external_id, clock.now(), caption=None, looked_up=False
    )


def withdraw(session: Session, live_post_id: UUID, reason: str) -> LivePost:
    """Take back what was bound by mistake, as long as nobody has seen a post there."""
    seen = database.get(session, LivePost, live_post_id)
    with moves.held(session, seen.collaboration_id):
        post = database.get(session, LivePost, live_post_id, lock=True)
        if post.first_seen_at is not None:
            raise MoveNotAllowed(post.status)
        return live_posts.withdraw(session, live_post_id, reason)


def record(
    session: Session,
    collaboration_id: UUID,
    deliverable_id: UUID | None,
    captured_at: datetime | None,
    metrics: dict[OwnMetric, OwnResultValue],
    file_ids: Sequence[UUID],
) -> dict[str, int]:
    """Keep what an influencer says; all of it, or nothing. The same again changes nothing."""
    said: results.Said = {
        ToldMetric(metric.value): ResultValue(value=each.value, quality=each.quality)
        for metric, each in metrics.items()
    }
    with own.begun(session, collaboration_id) as row:
        for place, each in enumerate(file_ids):
            own.check_file(session, row, each, f"/file_ids/{place}")
        return results.record(
            session, row.id, deliverable_id, results.INFLUENCER, captured_at, None, said, file_ids
        )
