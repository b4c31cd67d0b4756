"""What can be done to published posts: noted, once for each id of the network, and put right."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.campaigns.models import Campaign
from api.metrics.models import Channel
from api.metrics.posts.models import PublishedPost
from tenants import database, outbox
from tenants.errors import Conflict, NotFound
from tenants.pages import Listing


class PostExists(Conflict):
    """The channel already has a post of this id."""


def search(session: Session, page: Any) -> Listing:
    """The posts in sight, newest noted first."""
    query = select(PublishedPost)
    for name in ("client_id", "channel_id", "campaign_id"):
        if (wanted := getattr(page, name)) is not None:
            query = query.where(getattr(PublishedPost, name) == wanted)
    if page.published_from:
        query = query.where(col(PublishedPost.published_at) >= _midnight(page.published_from))
    if page.published_to:
        after = _midnight(page.published_to) + timedelta(days=1)
        query = query.where(col(PublishedPost.published_at) < after)
    return Listing(query, PublishedPost, page)


def create(session: Session, channel_id: UUID, external_id: str, **values: Any) -> PublishedPost:
    """Note a post of a channel."""
    # The channel's row serialises two who note the same post.
    channel = database.get(session, Channel, channel_id, lock=True)
    if _of(session, channel, external_id):
        raise PostExists(pointer="/external_id")
    return _add(session, channel, external_id, values)


def note(session: Session, channel: Channel, external_id: str, **values: Any) -> PublishedPost:
    """
    The channel's post of this id, noted now if it was not; what is told and differs is put right.
    The caller holds the channel's row.
    """
    post = _of(session, channel, external_id)
    if post is None:
        return _add(session, channel, external_id, values)
    changes = {name: told for name, told in values.items() if told is not None}
    if any(getattr(post, name) != told for name, told in changes.items()):
        _change(session, post, changes)
    return post


def update(session: Session, post_id: UUID, **changes: Any) -> PublishedPost:
    """Put a post right."""
    post = database.get(session, PublishedPost, post_id, lock=True)
    _check_campaign(session, post.client_id, changes)
    _change(session, post, changes)
    return post


def _of(session: Session, channel: Channel, external_id: str) -> PublishedPost | None:
    query = select(PublishedPost).where(
        col(PublishedPost.channel_id) == channel.id,
        col(PublishedPost.external_id) == external_id,
    )
    return session.exec(query).first()


def _add(
    session: Session, channel: Channel, external_id: str, values: dict[str, Any]
) -> PublishedPost:
    _check_campaign(session, channel.client_id, values)
    post = PublishedPost(
        client_id=channel.client_id,
        channel_id=channel.id,
        network=channel.network,
        external_id=external_id,
        **{name: told for name, told in values.items() if told is not None},
    )
    database.add(session, post)
    outbox.emit(session, "published_post.noted", post)
    return post


def _change(session: Session, post: PublishedPost, changes: dict[str, Any]) -> None:
    post.sqlmodel_update(changes)
    database.touch(post)
    outbox.emit(session, "published_post.updated", post)


def _check_campaign(session: Session, client_id: UUID, values: dict[str, Any]) -> None:
    """A campaign of another client is none, as far as this post goes."""
    campaign_id = values.get("campaign_id")
    if campaign_id and database.get(session, Campaign, campaign_id).client_id != client_id:
        raise NotFound


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
