"""The benchmarks that fit a client, and its own figures beside them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from babel import Locale
from sqlmodel import Session, col, or_, select

from api.benchmarks.models import Benchmark
from api.metrics.kpis import CATALOGUE, KpiId, answer, digest
from api.metrics.models import Channel, ChannelStatus, SubjectType
from api.metrics.performance import competition
from api.metrics.performance.measured import Measured
from api.metrics.periods import Period
from tenants import clock, database
from tenants.models import Client

MOST = 500
Shown = dict[str, Any]
Channels = list[tuple[Shown, Measured]]


def of_client(session: Session, client_id: UUID, asked: Period) -> Shown:
    """What is usual for a client like this, and how it did itself in a period."""
    client = database.get(session, Client, client_id)
    country = Locale.parse(client.locale, sep="-").territory
    networks = _networks(session, client)
    own = competition.measured_of(session, client, SubjectType.channel, None, asked)
    fitting = _fitting(session, client, country, networks)
    return {
        "client_id": client.id,
        "sector": client.sector,
        "country": country,
        "networks": networks,
        "timezone": client.timezone,
        "as_of": clock.now(),
        "period_start": asked.start,
        "period_end": asked.end,
        "days": asked.days,
        "benchmarks": [{"benchmark": each, "own": _own(each, own)} for each in fitting],
    }


def _networks(session: Session, client: Client) -> list[str]:
    query = select(Channel.network).where(
        col(Channel.client_id) == client.id, col(Channel.status) == ChannelStatus.active
    )
    return sorted(set(session.exec(query)))


def _fitting(
    session: Session, client: Client, country: str | None, networks: Iterable[str]
) -> list[Benchmark]:
    network = col(Benchmark.network)
    query = select(Benchmark).where(
        or_(network.is_(None), network.in_([*networks])),
        or_(col(Benchmark.country).is_(None), col(Benchmark.country) == country),
    )
    order = (col(Benchmark.kpi), col(Benchmark.published_on).desc(), col(Benchmark.id))
    found = session.exec(query.order_by(*order))
    return [each for each in found if _is_of(each.sector, client.sector)][:MOST]


def _is_of(sector: dict[str, str] | None, client: dict[str, str]) -> bool:
    """Whether a benchmark's sector is the client's: by its name in either language."""
    if sector is None:
        return True
    return not _keys(sector).isdisjoint(_keys(client))


def _keys(sector: dict[str, str]) -> set[str]:
    return {each.casefold() for each in sector.values()}


def _own(benchmark: Benchmark, channels: Channels) -> Shown:
    kpi = KpiId(benchmark.kpi)
    formula = CATALOGUE[kpi]
    sources = [
        figures for channel, figures in channels if benchmark.network in (None, channel["network"])
    ]
    made = answer(kpi, sources)
    shown = {"version": formula.version, "unit": formula.unit, "inputs_digest": digest(kpi, made)}
    return {**vars(made), **shown}
