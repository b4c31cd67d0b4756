"""What can be done to mention counts: told, once, however often, under a version of a topic."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.listening.models import GROUPS, ListeningTopic, MentionCount, TopicVersion
from api.listening.shapes import MentionCountWrite
from api.metrics.readings.facts import Fact, FactFromTheFuture, news
from tenants import clock, database, outbox
from tenants.errors import NotFound, Unprocessable
from tenants.models import Client


class BrandOutsideUniverse(Unprocessable):
    """This competitor is not in the universe of the topic's version; change the topic first."""


def record(
    session: Any, topic_id: UUID, number: int | None, counts: Sequence[MentionCountWrite]
) -> dict[str, int]:
    """Keep what was counted under a version of a topic; all of it, or nothing."""
    # The topic's row lets one batch at a time tell its counts, and no version begin meanwhile.
    topic = database.get(session, ListeningTopic, topic_id, lock=True)
    version = _version(session, topic, number or topic.number)
    _check(session, topic, version, counts)
    sent = [
        Fact(
            (each.competitor_id, each.basis, each.period_start),
            each.source,
            each.captured_at,
            each.groups(),
        )
        for each in counts
    ]
    known = _told(session, version, {each.period_start for each in counts})
    stored = 0
    for _, fact in news(known, sent, clock.now(), "/counts"):
        session.add(_row(version, fact, session.sight.membership_id))
        stored += 1
    if stored:
        outbox.emit(session, "mention_counts.recorded", topic)
    return {"received": len(sent), "stored": stored, "unchanged": len(sent) - stored}


def _check(
    session: Session,
    topic: ListeningTopic,
    version: TopicVersion,
    counts: Sequence[MentionCountWrite],
) -> None:
    client = session.get_one(Client, (topic.agency_id, topic.client_id))
    today = clock.today(client.timezone)
    for place, each in enumerate(counts):
        if each.period_start > today:
            raise FactFromTheFuture(pointer=f"/counts/{place}/period_start")
        if each.competitor_id and str(each.competitor_id) not in version.competitor_ids:
            raise BrandOutsideUniverse(pointer=f"/counts/{place}/competitor_id")


def _version(session: Session, topic: ListeningTopic, number: int) -> TopicVersion:
    query = select(TopicVersion).where(
        col(TopicVersion.topic_id) == topic.id, col(TopicVersion.number) == number
    )
    if (found := session.exec(query).first()) is None:
        raise NotFound(pointer="/number")
    return found


def _row(version: TopicVersion, fact: Fact, by: UUID | None) -> MentionCount:
    competitor_id, basis, start = fact.key
    return MentionCount(
        client_id=version.client_id,
        topic_id=version.topic_id,
        number=version.number,
        competitor_id=competitor_id,
        basis=basis,
        period_start=start,
        source=fact.source,
        captured_at=fact.at,
        recorded_by=by,
        **fact.groups,
    )


def _told(session: Session, version: TopicVersion, starts: set[Any]) -> list[Fact]:
    query = select(MentionCount).where(
        col(MentionCount.client_id) == version.client_id,
        col(MentionCount.topic_id) == version.topic_id,
        col(MentionCount.number) == version.number,
        col(MentionCount.period_start).in_(starts),
    )
    return [
        Fact(
            (row.competitor_id, row.basis, row.period_start),
            row.source,
            row.captured_at,
            {name: said for name in GROUPS if (said := getattr(row, name)) is not None},
        )
        for row in session.exec(query)
    ]
