"""
How a client's channels stand beside its competitors' accounts, network by network.

Both are measured alike (`performance.py` has the rules): what is missing of one of them is missing,
and not zero. growth = followers gained / followers before the period.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.metrics.figures import MissingReason, Quality, Quantity, worst
from api.metrics.kpis import KpiId, quotient
from api.metrics.models import SubjectType
from api.metrics.performance import measured
from api.metrics.periods import Period
from api.metrics.readings.fact_shapes import rate
from api.strategy.models import Competitor, CompetitorAccount, CompetitorStatus
from tenants import clock, database, pipeline
from tenants.models import Client

Shown = dict[str, Any]
METRICS = ("followers", "followers_net", "posts", "engagements", "views")


def of_competitor(session: Session, competitor_id: UUID, asked: Period) -> Shown:
    """What is known of a competitor's accounts in a period."""
    competitor = database.get(session, Competitor, competitor_id)
    client = session.get_one(Client, (competitor.agency_id, competitor.client_id))
    accounts = _accounts(session, [competitor])
    return {
        "competitor_id": competitor.id,
        "name": competitor.name,
        **_head(client, asked),
        "accounts": _standings(session, client, accounts, asked),
    }


def comparison(session: Session, client_id: UUID, asked: Period) -> Shown:
    """The client's channels beside its active competitors, on the networks where those are."""
    client = database.get(session, Client, client_id)
    query = select(Competitor).where(
        col(Competitor.client_id) == client.id,
        col(Competitor.status) == CompetitorStatus.active,
    )
    others = _standings(session, client, _accounts(session, session.exec(query)), asked)
    own = measured_of(session, client, SubjectType.channel, None, asked)
    return {
        **_head(client, asked),
        "networks": [
            {
                "network": network,
                "own": [_standing(each, None) for each in own if each[0]["network"] == network],
                "competitors": [each for each in others if each["network"] == network],
            }
            for network in sorted({each["network"] for each in others})
        ],
    }


def _head(client: Client, asked: Period) -> Shown:
    return {
        "client_id": client.id,
        "timezone": client.timezone,
        "as_of": clock.now(),
        "period_start": asked.start,
        "period_end": asked.end,
        "days": asked.days,
    }


def _accounts(session: Session, competitors: Iterable[Competitor]) -> dict[UUID, Competitor]:
    """account → whose it is."""
    whose = {each.id: each for each in competitors}
    query = select(CompetitorAccount).where(col(CompetitorAccount.competitor_id).in_(whose))
    return {each.id: whose[each.competitor_id] for each in session.exec(query)}


def _standings(
    session: Session, client: Client, accounts: dict[UUID, Competitor], asked: Period
) -> list[Shown]:
    found = measured_of(session, client, SubjectType.competitor, [*accounts], asked)
    return [_standing(each, accounts[UUID(each[0]["id"])]) for each in found]


def measured_of(
    session: Any, client: Client, type: SubjectType, ids: Sequence[UUID] | None, asked: Period
) -> list[tuple[Shown, measured.Measured]]:
    statement = measured.statement(
        client.agency_id, client.id, asked, None, ids, type=type, days=False
    )
    ((row,),) = pipeline.ask_together(session.connection(), [statement])[0]
    today = clock.today(client.timezone)
    subjects = measured.joined(row)["channels"]
    return [(each, measured.measured(each["now"], asked, today)) for each in subjects]


def _standing(found: tuple[Shown, measured.Measured], whose: Competitor | None) -> Shown:
    subject, figures = found
    return {
        "id": subject["id"],
        "competitor_id": whose.id if whose else None,
        "name": whose.name if whose else subject["name"],
        "network": subject["network"],
        "handle": subject["handle"],
        **{name: figures[name] for name in METRICS},
        "growth": _growth(figures["followers"], figures["followers_net"]),
        "er_followers": rate(KpiId.er_followers, [figures["engagements"]], [figures["followers"]]),
    }


def _growth(level: Quantity, net: Quantity) -> Shown:
    """Followers gained over those before; nobody before, no growth that could be told."""
    if level.value is None or net.value is None:
        reason = level.missing_reason or net.missing_reason
        return _no_growth(reason or MissingReason.not_recorded, None, None)
    before = level.value - net.value
    value = quotient(net.value, before)
    if value is None:
        return _no_growth(MissingReason.no_denominator, net.value, before)
    quality = worst([level.quality, net.quality])
    return {
        "value": float(value),
        "numerator": net.value,
        "denominator": before,
        "quality": quality,
        "missing_reason": None,
    }


def _no_growth(reason: MissingReason, numerator: int | None, denominator: int | None) -> Shown:
    return {
        "value": None,
        "numerator": numerator,
        "denominator": denominator,
        "quality": Quality.missing,
        "missing_reason": reason,
    }
