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
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from api.metrics import kpis
from api.metrics.figures import (
    FLOWS,
    LARGEST,
    MONEY,
    MissingReason,
    Quantity,
    missing,
)
from api.metrics.kpis import CATALOGUE, MEASURED, Answer, Channels, KpiId, Measured, Source
from api.metrics.models import SubjectType
from api.metrics.performance import measured, returns, served
from api.metrics.performance.shapes import Performance
from api.metrics.periods import DAY, Compare, Comparison, Period, before
from api.metrics.readings.months import DAILY
from tenants import clock, database, reads, words
from tenants.pipeline import Statement
from tenants.sight import Sight

Shaped = dict[str, Any]

# What a KPI may be the sum of, day by day.
_ADD_UP = frozenset(
    kpi
    for kpi, each in CATALOGUE.items()
    if each.denominator is None and each.numerator in (*FLOWS, "engagements", "followers_net")
)
CHANNEL_KPIS = (KpiId.engagements, KpiId.er_views, KpiId.er_reach, KpiId.er_impressions)


def of(
    session: Session,
    client_id: UUID,
    asked: Period,
    compare: Compare = Compare.previous_period,
    **more: Any,
) -> Performance:
    """A client's figures as they are known now, as `Figures` finds them."""
    kind = Comparison(compare.value)
    question = Figures(client_id, asked, kind, before(asked, compare), **more)
    found = reads.ask_within(cast(database.Session, session), question)
    # Shaped once, as a whole: a model a figure costs ten times as much.
    return Performance.model_validate(found)


@dataclass(frozen=True)
class Figures:
    """
    Asks for a client's figures as they are known now, or were `as_of` an instant; of its channels,
    or of one campaign. `channels` narrows them; `with_cost` looks up what the client, or the
    campaign, cost, as it was known then, so that there is a return on it, for those who may read a
    client's money; `total_cost` says it, of the same period. `past` is what it is compared with.
    """

    client_id: UUID
    asked: Period
    compare: Comparison
    past: Period | None
    channels: Sequence[UUID] | None = None
    total_cost: Quantity | None = None
    with_cost: bool = False
    shows: Sequence[str] = ("channels", "days")
    locale: str = words.DEFAULT_LOCALE
    as_of: datetime | None = None
    campaign_id: UUID | None = None

    def statements(self, agency_id: UUID) -> Sequence[Statement]:
        figures = measured.statement(
            agency_id,
            self.client_id,
            self.asked,
            self.past,
            [self.campaign_id] if self.campaign_id else self.channels,
            type=SubjectType.campaign if self.campaign_id else SubjectType.channel,
            days="days" in self.shows,
            as_of=self.as_of,
        )
        asked = [served.with_targets(figures, self.campaign_id)]
        if self.with_cost and not self.channels:
            of: Shaped = {"campaign_id": self.campaign_id, "as_of": self.as_of}
            asked.append(returns.statement(agency_id, self.client_id, self._spans, **of))
        return asked

    def answer(self, sight: Sight, permission: str | None, found: Sequence[list[Any]]) -> Shaped:
        reads.check_client(sight, permission, self.client_id if found[0] else None)
        figures, targets = found[0][0]
        may = sight.may(returns.MAY_READ, self.client_id)
        told = found[1] if may and len(found) > 1 else ()
        made = returns.costs(told, self._spans, figures["currency"])
        known = () if self._is_partial else targets or ()
        return self._shaped(measured.joined(figures), known, made)

    @property
    def _spans(self) -> list[Period]:
        return [self.asked, self.past] if self.past else [self.asked]

    @property
    def _is_partial(self) -> bool:
        """Whether these are not the figures that any targets are about, as of today."""
        return bool(self.channels or self.as_of)

    def _shaped(
        self, found: Shaped, targets: Sequence[Shaped], costs: Sequence[Quantity]
    ) -> Shaped:
        cost = [self.total_cost] if self.total_cost else costs
        asked, past, as_of = self.asked, self.past, self.as_of or clock.now()
        today = as_of.astimezone(ZoneInfo(found["timezone"])).date()
        channels = found["channels"]
        now = Channels(_measured(each["now"], asked, today) for each in channels)
        then = Channels(_measured(each["before"], past, today) for each in channels if past)
        days = _Days.of(asked, past)
        made = [_kpi(kpi, now, then, days, cost) for kpi in MEASURED]
        totals = _totals(now, then, days)
        serves = served.by_kpi(targets, made, asked, min(asked.end, today - DAY))
        return {
            "client_id": self.client_id,
            "timezone": found["timezone"],
            "currency": found["currency"],
            "as_of": as_of,
            "period": _span(asked),
            "compared_with": comparison(asked, past, self.compare, self.locale),
            "totals": totals,
            "followers": _followers(now, then),
            "kpis": [{**each, "targets": serves.get(each["id"], [])} for each in made],
            "channels": _channels(channels, now, then, days) if "channels" in self.shows else None,
            "days": (
                _days(found["days"], asked, channels, totals) if "days" in self.shows else None
            ),
        }


def answers(found: Shaped, asked: Period) -> dict[KpiId, Answer]:
    """The KPIs of the whole client, of what the statement found of one period."""
    today = clock.today(found["timezone"])
    channels = measured.joined(found)["channels"]
    now = Channels(_measured(each["now"], asked, today) for each in channels)
    return {kpi: kpis.answer(kpi, now) for kpi in MEASURED}


def _measured(cells: Any, span: Period, today: date) -> Measured:
    found = measured.measured(cells, span, today)
    level = found["followers"]
    if level.value is None:
        return {**found, "follower_days": level}
    days = level.value * span.days
    made = missing(MissingReason.out_of_range) if days > LARGEST else replace(level, value=days)
    return {**found, "follower_days": made}


@dataclass(frozen=True)
class _Days:
    """How many days stand against how many, where they are not as many."""

    now: int
    then: int

    @classmethod
    def of(cls, asked: Period, past: Period | None) -> "_Days | None":
        return cls(asked.days, past.days) if past and past.days != asked.days else None

    def means(self, now: Quantity | Answer, then: Quantity | Answer) -> Shaped:
        return {"value": _mean(now, self.now), "previous": _mean(then, self.then)}


def _mean(whole: Quantity | Answer, days: int) -> float | None:
    """Of a day; nothing of what is not whole."""
    if whole.value is None or not whole.complete:
        return None
    return float(kpis.quotient(int(whole.value), days) or 0)


def _totals(now: Sequence[Measured], then: Sequence[Measured], days: _Days | None) -> Shaped:
    return {name: _figure(name, _total(name, now), _total(name, then), days) for name in DAILY}


def _total(name: str, parts: Sequence[Measured]) -> Quantity:
    return kpis.total(name, parts)


def _figure(name: str, now: Quantity, then: Quantity, days: _Days | None) -> Shaped:
    comparable = now.value is None or now.currency == then.currency
    means = days.means(now, then) if days and comparable and name in FLOWS else None
    known = comparable and then.value is not None
    return {
        **vars(now),
        "previous": then.value if comparable else None,
        "previous_complete": then.complete if known else None,
        "per_day": means,
    }


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
    days: _Days | None,
    costs: Sequence[Quantity] = (),
) -> Shaped:
    formula = CATALOGUE[kpi]
    if formula.source is Source.ledger:
        revenue = [_total("revenue_minor", parts) for parts in (now, then)]
        made, past = returns.both(kpi, revenue, costs)
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
        "per_day": days.means(made, past) if days and then and kpi in _ADD_UP else None,
    }


def _channels(
    found: Sequence[Shaped],
    now: Sequence[Measured],
    then: Sequence[Measured],
    days: _Days | None,
) -> list[Shaped]:
    pasts = [[past] for past in then] or [[] for _ in now]
    return [
        {
            **{name: channel[name] for name in ("id", "network", "handle", "name", "status")},
            "totals": _totals([mine], past, days),
            "followers": _followers([mine], past),
            "kpis": [_kpi(kpi, [mine], past, days) for kpi in CHANNEL_KPIS],
        }
        for channel, mine, past in zip(found, now, pasts, strict=True)
    ]


def _days(found: Any, asked: Period, channels: Sequence[Shaped], totals: Shaped) -> list[Shaped]:
    # A day's money is in the currency of its total, which is one or none.
    mixed = [
        name for name in MONEY if totals[name]["missing_reason"] is MissingReason.mixed_currency
    ]
    # How many channels have any day of a metric in this period; of none there is no sum.
    known = [each["now"]["days"] or {} for each in channels]
    reporting = {
        name: max(sum(1 for each in known if (each.get(name) or (0, 0))[1]), 1) for name in DAILY
    }
    measured_on = {cells["date"]: cells for cells in found or ()}
    unknown: Shaped = dict.fromkeys(DAILY)
    days = []
    for day in asked.dates():
        cells = measured_on.get(day.isoformat())
        told = _day(cells, reporting) if cells else unknown
        days.append({"date": day, **told, **dict.fromkeys(mixed)})
    return days


def _day(cells: Any, reporting: dict[str, int]) -> Shaped:
    told = {
        name: total if channels >= least and -LARGEST <= total <= LARGEST else None
        for (name, least), (total, channels) in zip(
            reporting.items(), map(cells.__getitem__, reporting), strict=True
        )
    }
    for name in MONEY:
        if cells[f"{name}_currency"] > 1:
            told[name] = None
    return told


def _span(asked: Period) -> Shaped:
    return {"start": asked.start, "end": asked.end, "days": asked.days}


def comparison(asked: Period, past: Period | None, kind: Comparison, locale: str) -> Shaped | None:
    """What a period is compared with, and how long both are."""
    if past is None:
        return None
    return {
        **_span(past),
        "kind": kind,
        "same_length": past.days == asked.days,
        "says": says(asked, past, locale),
    }


def says(asked: Period, past: Period, locale: str) -> str:
    """How long each of two periods is, in words."""
    message = "one_day" if asked.days == 1 else "days"
    return words.say(locale, "comparison", message, days=asked.days, past=past.days)
