"""
A client's share of voice in a period, topic by topic.

    sov            a brand's mentions / those of all brands of the universe, over the pieces of the
                   period in which every one of them was counted (`pieces.py`)
    net_sentiment  (positive - negative) / (positive + neutral + negative), of a brand's own counts

Each version of a topic is a question of its own. What was counted under two of them in the same
period stands side by side.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from api.listening.models import (
    GROUPS,
    CountBasis,
    ListeningTopic,
    TopicStatus,
    TopicVersion,
)
from api.listening.pieces import Piece, covering, days_in, in_common
from api.metrics.figures import FigureBasis, MissingReason, Quality, Quantity, missing, worst
from api.metrics.kpis import KpiId
from api.metrics.periods import Period
from api.metrics.readings.fact_shapes import rate
from api.strategy.models import Competitor
from tenants import clock, database
from tenants.models import Client

Shown = dict[str, Any]
Brand = UUID | None  # None: the client's own


class Told(NamedTuple):
    """The newest word about a brand's group in a piece of time."""

    source: str
    said: Any


Pieces = dict[Piece, Told]
Counted = Mapping[str, Mapping[Brand, Pieces]]  # by group and brand


@dataclass(frozen=True)
class Asked:
    """The period, and why there is nothing where nothing was counted."""

    period: Period
    lacks: MissingReason

    def quantity(self, told: Pieces, pieces: Collection[Piece], member: str | None) -> Quantity:
        """What the pieces add up to; `member` of a group that has members."""
        if not pieces:
            return missing(self.lacks)
        found = [told[piece] for piece in pieces]
        manual = (Quality.manual if each.source == "manual" else Quality.actual for each in found)
        return Quantity(
            sum(each.said[member] if member else each.said for each in found),
            worst(manual),
            self._basis(pieces),
            complete=days_in(pieces) == self.period.days,
        )

    def _basis(self, pieces: Collection[Piece]) -> FigureBasis:
        bases = {each.basis for each in pieces}
        if bases == {CountBasis.day}:
            return FigureBasis.days
        whole = len(pieces) == 1 and days_in(pieces) == self.period.days
        return FigureBasis.period if whole else FigureBasis.mixed


def of_client(session: Session, client_id: UUID, period: Period) -> Shown:
    """The client's share of voice in a period, by topic and version."""
    client = database.get(session, Client, client_id)
    begun = period.start <= clock.today(client.timezone)
    lacks = MissingReason.not_recorded if begun else MissingReason.not_yet
    counted = _newest(session, client.id, period)
    names = _names(session, client)
    versions = _versions(session, client.id)
    topics = select(ListeningTopic).where(col(ListeningTopic.client_id) == client.id)
    return {
        "client_id": client.id,
        "timezone": client.timezone,
        "as_of": clock.now(),
        "period_start": period.start,
        "period_end": period.end,
        "days": period.days,
        "topics": [
            _topic(topic, versions[topic.id], counted, names, Asked(period, lacks))
            for topic in session.exec(topics.order_by(col(ListeningTopic.id)))
            if topic.status is TopicStatus.active or any(key[0] == topic.id for key in counted)
        ],
    }


def _topic(
    topic: ListeningTopic,
    versions: Sequence[TopicVersion],
    counted: Mapping[tuple[UUID, int], Counted],
    names: Mapping[Brand, str],
    asked: Asked,
) -> Shown:
    found = [each for each in versions if (topic.id, each.number) in counted]
    shown = found or [each for each in versions if each.number == topic.number]
    return {
        "topic_id": topic.id,
        "name": topic.name,
        "status": topic.status,
        "several_versions": len(found) > 1,
        "versions": [
            _voice(each, counted.get((topic.id, each.number), {}), names, asked) for each in shown
        ],
    }


def _voice(
    version: TopicVersion, counted: Counted, names: Mapping[Brand, str], asked: Asked
) -> Shown:
    brands: list[Brand] = [None, *map(UUID, version.competitor_ids)]
    mentions = {each: counted.get("mentions", {}).get(each, {}) for each in brands}
    compared = covering(in_common(mentions.values()), asked.period)
    heard = {each: asked.quantity(mentions[each], compared, None) for each in brands}
    shown = [
        {
            "competitor_id": each,
            "name": names[each],
            "mentions": asked.quantity(
                mentions[each], covering(mentions[each], asked.period), None
            ),
            "sov": rate(KpiId.sov, [heard[each]], [*heard.values()]),
            "net_sentiment": _sentiment(counted.get("sentiment", {}).get(each, {}), asked),
        }
        for each in brands
    ]
    return {
        "number": version.number,
        "since": version.created_at,
        "keywords": version.keywords,
        "networks": version.networks,
        "languages": version.languages,
        "days_compared": days_in(compared),
        "sov": shown[0]["sov"],
        "net_sentiment": shown[0]["net_sentiment"],
        "brands": shown,
    }


def _sentiment(told: Pieces, asked: Asked) -> Shown:
    pieces = covering(told, asked.period)
    good, neutral, bad = (
        asked.quantity(told, pieces, member) for member in ("positive", "neutral", "negative")
    )
    return rate(KpiId.net_sentiment, [good], [good, neutral, bad], less=[bad])


def _names(session: Session, client: Client) -> dict[Brand, str]:
    query = select(Competitor.id, Competitor.name).where(col(Competitor.client_id) == client.id)
    return {None: client.name, **dict(_pairs(session.exec(query)))}


def _pairs(rows: Iterable[Any]) -> Iterable[tuple[UUID, str]]:
    return ((id, name) for id, name in rows)


def _versions(session: Session, client_id: UUID) -> dict[UUID, list[TopicVersion]]:
    query = select(TopicVersion).where(col(TopicVersion.client_id) == client_id)
    found: dict[UUID, list[TopicVersion]] = defaultdict(list)
    for each in session.exec(query.order_by(col(TopicVersion.number))):
        found[each.topic_id].append(each)
    return found


_KEY = "topic_id, number, competitor_id, basis, period_start"
_NEWEST = {
    name: text(
        f"select distinct on ({_KEY}) {_KEY}, source, {name}"  # noqa: S608
        " from mention_counts where agency_id = :agency and client_id = :client"
        f" and period_start between :first and :last and {name} is not null"
        f" order by {_KEY}, captured_at desc, source desc"
    )
    for name in GROUPS
}


def _newest(session: Any, client_id: UUID, period: Period) -> dict[tuple[UUID, int], Counted]:
    """The newest word about each brand and piece, by topic and version."""
    values = {
        "agency": session.sight.agency_id,
        "client": client_id,
        "first": period.start,
        "last": period.end,
    }
    found: Any = defaultdict(lambda: defaultdict(lambda: defaultdict(dict)))
    for group, query in _NEWEST.items():
        for topic_id, number, brand, basis, start, source, said in session.execute(query, values):
            piece = Piece(CountBasis(basis), start)
            if piece.end <= period.end:
                found[topic_id, number][group][brand][piece] = Told(source, said)
    return dict(found)
