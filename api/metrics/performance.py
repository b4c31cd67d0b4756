"""
How a client's channels did in a period: totals, per channel, day by day, KPIs, and the time before.

Days are the client's calendar days. For each channel and metric:

    flows      the sum of the days when every day is known; else the period's own reading (a week's
               or a month's) if there is one; else the sum of the days there are, not `complete`
    reach      the period's own reading, or of one day that day's; days of reach do not add up,
               so otherwise it is missing, `not_additive`
    followers  the last value known at the period's end, at most 92 days old; net is that less the
               last known before the period, and needs a value from within the period

Over channels flows and followers add up; reach over several channels is `estimated`, for people
overlap. A channel without a figure is left out of the total. A day is null when any channel that
reports the metric in this period has no figure for it: a partial sum would look like a fall.

The figures of both periods are one SQL statement, which returns JSON; formulas are `kpis.py`'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlmodel import Session

from api.metrics import kpis, measured
from api.metrics.figures import (
    LARGEST,
    MONEY,
    NOT_RECORDED,
    UNIQUES,
    MissingReason,
    Quantity,
    missing,
    together,
)
from api.metrics.kpis import CATALOGUE, MEASURED, KpiId, Source
from api.metrics.measured import Measured
from api.metrics.months import DAILY
from api.metrics.periods import Compare, Period, before
from api.metrics.shapes import Performance
from tenants import clock, database, reads
from tenants.database import Sight, Statement
from tenants.errors import Forbidden, NotFound

Shaped = dict[str, Any]

CHANNEL_KPIS = (KpiId.engagements, KpiId.er_views, KpiId.er_reach, KpiId.er_impressions)


def of(session: Session, client_id: UUID, asked: Period, **more: Any) -> Performance:
    """A client's figures as they are known now, as `Figures` finds them."""
    found = reads.ask_within(cast(database.Session, session), Figures(client_id, asked, **more))
    # Shaped once, as a whole: a model a figure costs ten times as much.
    return Performance.model_validate(found)


@dataclass(frozen=True)
class Figures:
    """
    Asks for a client's figures as they are known now. `channels` narrows them; `total_cost` (of
    the same period, from the ledger) makes `roi` possible.
    """

    client_id: UUID
    asked: Period
    compare: Compare = Compare.previous_period
    channels: Sequence[UUID] | None = None
    total_cost: Quantity | None = None
    shows: Sequence[str] = ("channels", "days")

    @property
    def past(self) -> Period | None:
        return before(self.asked, self.compare)

    def statements(self, agency_id: UUID) -> Sequence[Statement]:
        return [measured.statement(agency_id, self.client_id, self.asked, self.past, self.channels)]

    def answer(self, sight: Sight, permission: str | None, found: Sequence[list[Any]]) -> Shaped:
        if not found[0] or not reads.in_sight(sight, self.client_id):
            raise NotFound
        if permission and not sight.may(permission, self.client_id):
            raise Forbidden
        return self._shaped(measured.joined(found[0][0][0]))

    def _shaped(self, found: Shaped) -> Shaped:
        asked, past, today = self.asked, self.past, clock.today(found["timezone"])
        channels = found["channels"]
        now = [_measured(each["now"], asked, today) for each in channels]
        then = [_measured(each["before"], past, today) for each in channels if past]
        return {
            "client_id": self.client_id,
            "timezone": found["timezone"],
            "currency": found["currency"],
            "as_of": clock.now(),
            "period": _span(asked),
            "compared_with": _past(asked, past, self.compare),
            "totals": _totals(now, then),
            "followers": _followers(now, then),
            "kpis": [_kpi(kpi, now, then, self.total_cost) for kpi in MEASURED],
            "channels": _channels(channels, now, then) if "channels" in self.shows else None,
            "days": _days(found["days"], asked, channels) if "days" in self.shows else None,
        }


def _measured(cells: Any, span: Period, today: date) -> Measured:
    found = measured.measured(cells, span, today)
    level = found["followers"]
    if level.value is None:
        return {**found, "follower_days": level}
    days = level.value * span.days
    made = missing(MissingReason.out_of_range) if days > LARGEST else replace(level, value=days)
    return {**found, "follower_days": made}


def _totals(now: Sequence[Measured], then: Sequence[Measured]) -> Shaped:
    return {name: _figure(_total(name, now), _total(name, then)) for name in DAILY}


def _total(name: str, parts: Sequence[Measured]) -> Quantity:
    return together([each.get(name, NOT_RECORDED) for each in parts], overlapping=name in UNIQUES)


def _figure(now: Quantity, then: Quantity) -> Shaped:
    comparable = now.value is None or now.currency == then.currency
    return {**vars(now), "previous": then.value if comparable else None}


def _followers(now: Sequence[Measured], then: Sequence[Measured]) -> Shaped:
    level, net = _total("followers", now), _total("followers_net", now)
    return {
        **vars(level),
        "net": net.value,
        "net_missing_reason": net.missing_reason,
        "previous": _total("followers", then).value,
        "previous_net": _total("followers_net", then).value,
    }


def _kpi(
    kpi: KpiId,
    now: Sequence[Measured],
    then: Sequence[Measured],
    total_cost: Quantity | None = None,
) -> Shaped:
    formula = CATALOGUE[kpi]
    if formula.source is Source.ledger:
        by = kpis.roi if kpi is KpiId.roi else kpis.revenue_roi
        made = by(_total("revenue_minor", now), total_cost or NOT_RECORDED)
        past = by(NOT_RECORDED, NOT_RECORDED)
    else:
        made, past = kpis.answer(kpi, now), kpis.answer(kpi, then)
    return {
        **vars(made),
        "inputs_digest": kpis.digest(kpi, made),
        "id": kpi,
        "version": formula.version,
        "unit": formula.unit,
        "per": formula.per,
        "direction": formula.direction,
        "previous": vars(past) if then else None,
    }


def _channels(
    found: Sequence[Shaped], now: Sequence[Measured], then: Sequence[Measured]
) -> list[Shaped]:
    pasts = [[past] for past in then] or [[] for _ in now]
    return [
        {
            **{name: channel[name] for name in ("id", "network", "handle", "name", "status")},
            "totals": _totals([mine], past),
            "followers": _followers([mine], past),
            "kpis": [_kpi(kpi, [mine], past) for kpi in CHANNEL_KPIS],
        }
        for channel, mine, past in zip(found, now, pasts, strict=True)
    ]


def _days(found: Any, asked: Period, channels: Sequence[Shaped]) -> list[Shaped]:
    # How many channels have any day of a metric in this period.
    reporting = {
        name: sum(1 for each in channels if ((each["now"]["days"] or {}).get(name) or (0, 0))[1])
        for name in DAILY
    }
    known = {cells["date"]: cells for cells in found or ()}
    return [
        {"date": day} | {name: _day(known.get(day.isoformat()), name, reporting) for name in DAILY}
        for day in asked.dates()
    ]


def _day(cells: Any, name: str, reporting: dict[str, int]) -> int | None:
    if cells is None:
        return None
    total, channels = cells[name]
    mixed = name in MONEY and cells[f"{name}_currency"] > 1
    if not channels or channels < reporting[name] or mixed or abs(total) > LARGEST:
        return None
    return int(total)


def _span(asked: Period) -> Shaped:
    return {"start": asked.start, "end": asked.end, "days": asked.days}


def _past(asked: Period, past: Period | None, compare: Compare) -> Shaped | None:
    if past is None:
        return None
    return {**_span(past), "kind": compare, "same_length": past.days == asked.days}
