"""What can be done to community figures: told, once, however often."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.community.models import GROUPS, CommunityFigure
from api.community.shapes import CommunityFigureWrite
from api.metrics.models import Channel
from api.metrics.readings.facts import Fact, FactFromTheFuture, news
from tenants import clock, database, outbox
from tenants.errors import NotFound
from tenants.models import Client


def record(
    session: Any, client_id: UUID, figures: Sequence[CommunityFigureWrite]
) -> dict[str, int]:
    """Keep what was told of a client's days; all of it, or nothing."""
    # The client's row lets one batch at a time tell its figures.
    client = database.get(session, Client, client_id, lock=True)
    _check_channels(session, client, figures)
    today = clock.today(client.timezone)
    for place, each in enumerate(figures):
        if each.day > today:
            raise FactFromTheFuture(pointer=f"/figures/{place}/day")
    sent = [
        Fact((each.channel_id, each.day), each.source, each.captured_at, each.groups())
        for each in figures
    ]
    known = _told(session, client.id, {each.day for each in figures})
    stored = 0
    for _, fact in news(known, sent, clock.now(), "/figures"):
        session.add(_row(client, fact, session.sight.membership_id))
        stored += 1
    if stored:
        outbox.emit(session, "community_figures.recorded", client)
    return {"received": len(sent), "stored": stored, "unchanged": len(sent) - stored}


def _row(client: Client, fact: Fact, by: UUID | None) -> CommunityFigure:
    channel_id, day = fact.key
    return CommunityFigure(
        client_id=client.id,
        channel_id=channel_id,
        day=day,
        source=fact.source,
        captured_at=fact.at,
        recorded_by=by,
        **fact.groups,
    )


def _told(session: Session, client_id: UUID, days: set[Any]) -> list[Fact]:
    query = select(CommunityFigure).where(
        col(CommunityFigure.client_id) == client_id, col(CommunityFigure.day).in_(days)
    )
    return [
        Fact((row.channel_id, row.day), row.source, row.captured_at, _groups(row))
        for row in session.exec(query)
    ]


def _groups(row: CommunityFigure) -> dict[str, Any]:
    said = {name: getattr(row, name) for name in GROUPS}
    return {name: group for name, group in said.items() if group is not None}


def _check_channels(
    session: Session, client: Client, figures: Sequence[CommunityFigureWrite]
) -> None:
    for channel_id in {each.channel_id for each in figures} - {None}:
        assert channel_id is not None
        if database.get(session, Channel, channel_id).client_id != client.id:
            raise NotFound
