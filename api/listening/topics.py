"""What can be done to a listening topic: opened, asked otherwise, archived and taken up again."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.listening.models import QUERY, ListeningTopic, TopicStatus, TopicVersion
from api.listening.shapes import ListeningTopicQuery
from api.strategy.models import Competitor
from tenants import database, outbox
from tenants.errors import MoveNotAllowed, NotFound
from tenants.models import Client
from tenants.pages import Listing, PageQuery

MOVES: dict[TopicStatus, frozenset[TopicStatus]] = {
    TopicStatus.active: frozenset({TopicStatus.archived}),
    TopicStatus.archived: frozenset({TopicStatus.active}),
}


def search(session: Session, page: ListeningTopicQuery) -> Listing:
    """The topics in sight, newest first; archived ones only when asked for by name."""
    query = select(ListeningTopic).where(
        col(ListeningTopic.status) == (page.status or TopicStatus.active)
    )
    if page.client_id:
        query = query.where(col(ListeningTopic.client_id) == page.client_id)
    return Listing(query, ListeningTopic, page)


def versions(session: Session, topic_id: UUID, page: PageQuery) -> Listing:
    """A topic's versions, newest first."""
    topic = database.get(session, ListeningTopic, topic_id)
    query = select(TopicVersion).where(col(TopicVersion.topic_id) == topic.id)
    return Listing(query, TopicVersion, page)


def create(
    session: Session, client_id: UUID, competitor_ids: list[UUID], **values: Any
) -> ListeningTopic:
    """Begin to listen to a topic for a client."""
    client = database.get(session, Client, client_id)
    universe = _universe(session, client.id, competitor_ids)
    topic = ListeningTopic(client_id=client.id, competitor_ids=universe, **values)
    database.add(session, topic, _version(topic))
    outbox.emit(session, "listening_topic.created", topic)
    return topic


def update(session: Session, topic_id: UUID, **changes: Any) -> ListeningTopic:
    """Change a topic; another query or universe is its next version."""
    topic = database.get(session, ListeningTopic, topic_id, lock=True)
    told = "listening_topic.updated"
    status = changes.get("status", topic.status)
    if status is not topic.status:
        if status not in MOVES[topic.status]:
            raise MoveNotAllowed(topic.status, [str(each) for each in MOVES[topic.status]])
        archived = status is TopicStatus.archived
        told = f"listening_topic.{'archived' if archived else 'activated'}"
    if "competitor_ids" in changes:
        universe = _universe(session, topic.client_id, changes["competitor_ids"])
        changes["competitor_ids"] = universe
    asked = [name for name in QUERY if name in changes]
    differs = any(sorted(changes[name]) != sorted(getattr(topic, name)) for name in asked)
    topic.sqlmodel_update(changes)
    topic.number += differs
    database.touch(topic)
    if differs:
        database.add(session, _version(topic))
    outbox.emit(session, told, topic)
    return topic


def _version(topic: ListeningTopic) -> TopicVersion:
    query = {name: getattr(topic, name) for name in QUERY}
    return TopicVersion(client_id=topic.client_id, topic_id=topic.id, number=topic.number, **query)


def _universe(session: Session, client_id: UUID, competitor_ids: Iterable[UUID]) -> list[str]:
    for competitor_id in competitor_ids:
        if database.get(session, Competitor, competitor_id).client_id != client_id:
            raise NotFound
    return [str(each) for each in competitor_ids]
