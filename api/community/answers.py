"""
How a client's community was answered in a period of whole days of the client's calendar.

A day's figures are the newest word about each group. A day that was told of all channels together
counts as told; any other is the sum of its channels, and whole when every channel that tells of
the group in this period tells of that day. Sums of several days are made of days; a median or p90
is never: it is the source's own for one day, or estimated from the buckets of all of them.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from api.community import times
from api.community.models import GROUPS, MessageKind
from api.metrics.figures import FigureBasis, MissingReason, Quality, Quantity, missing, worst
from api.metrics.kpis import KpiId
from api.metrics.models import Channel
from api.metrics.periods import Period
from api.metrics.readings.fact_shapes import rate
from tenants import clock, database
from tenants.models import Client

Shown = dict[str, Any]
QUANTILES = {"median": Fraction(1, 2), "p90": Fraction(9, 10)}


class Told(NamedTuple):
    """The newest word about a group of figures of one day."""

    source: str
    group: dict[str, Any]

    @property
    def quality(self) -> Quality:
        return Quality.manual if self.source == "manual" else Quality.actual


Days = dict[date, Told]
ByChannel = dict[UUID | None, dict[str, Days]]


@dataclass(frozen=True)
class Parts:
    """A group's figures in a period, and whether every day is there; `lacks` says why not."""

    told: Sequence[Told]
    whole: bool
    lacks: MissingReason

    def sum(self, member: str) -> Quantity:
        """What one member of the group adds up to."""
        found = [each for each in self.told if each.group.get(member) is not None]
        if not found:
            return missing(self.lacks)
        return Quantity(
            sum(each.group[member] for each in found),
            worst(each.quality for each in found),
            FigureBasis.days,
            complete=self.whole and len(found) == len(self.told),
        )


def of_client(session: Session, client_id: UUID, asked: Period) -> Shown:
    """The client's figures in a period, together and by channel."""
    client = database.get(session, Client, client_id)
    told = _newest(session, client.id, asked)
    begun = asked.start <= clock.today(client.timezone)
    lacks = MissingReason.not_recorded if begun else MissingReason.not_yet
    channels = select(Channel).where(
        col(Channel.client_id) == client.id, col(Channel.id).in_([*filter(None, told)])
    )
    order = (col(Channel.network), col(Channel.handle), col(Channel.id))
    return {
        "client_id": client.id,
        "timezone": client.timezone,
        "as_of": clock.now(),
        "period_start": asked.start,
        "period_end": asked.end,
        "days": asked.days,
        "totals": _figures({name: _of_all(told, name, asked, lacks) for name in GROUPS}),
        "channels": [
            {
                "channel_id": channel.id,
                "network": channel.network,
                "handle": channel.handle,
                **_figures(
                    {name: _of_one(told[channel.id], name, asked, lacks) for name in GROUPS}
                ),
            }
            for channel in session.exec(channels.order_by(*order))
        ],
    }


def _of_one(told: Mapping[str, Days], name: str, asked: Period, lacks: MissingReason) -> Parts:
    days = told.get(name, {})
    return Parts([*days.values()], len(days) == asked.days, lacks)


def _of_all(told: ByChannel, name: str, asked: Period, lacks: MissingReason) -> Parts:
    together = told.get(None, {}).get(name, {})
    apart = [days[name] for channel, days in told.items() if channel and name in days]
    found: list[Told] = []
    whole = True
    for day in asked.dates():
        known = [days[day] for days in apart if day in days]
        if day in together:
            known = [together[day]]
        elif not known or len(known) < len(apart):
            whole = False
        found += known
    return Parts(found, whole, lacks)


def _figures(parts: Mapping[str, Parts]) -> Shown:
    items, sla, sentiment = parts["items"], parts["sla"], parts["sentiment"]
    answered, needing = items.sum("answered"), items.sum("needing_answer")
    hit, missed, late = (sla.sum(name) for name in ("hit", "missed", "running_missed"))
    good, neutral, bad = (sentiment.sum(name) for name in ("positive", "neutral", "negative"))
    return {
        "messages": {str(kind): parts["messages"].sum(kind) for kind in MessageKind},
        "needing_answer": needing,
        "answered": answered,
        "moderated": items.sum("moderated"),
        "response_rate": rate(KpiId.response_rate, [answered], [needing]),
        "first_response": _times(parts["first_response"]),
        "first_response_business": _times(parts["first_response_business"]),
        "sla_attainment": rate(KpiId.sla_attainment, [hit], [hit, missed, late]),
        "sla_open": sla.sum("open"),
        "net_sentiment": rate(KpiId.net_sentiment, [good], [good, neutral, bad], less=[bad]),
    }


def _times(parts: Parts) -> Shown:
    responses, seconds = parts.sum("sample_size"), parts.sum("sum_seconds")
    mean = None
    if responses.value is not None and seconds.value is not None:
        mean = times.mean_seconds(seconds.value, responses.value)
    return {
        "sample_size": responses,
        "sum_seconds": seconds,
        "mean_seconds": mean,
        **{name: _duration(parts, name, share) for name, share in QUANTILES.items()},
    }


def _duration(parts: Parts, name: str, share: Fraction) -> Shown:
    """A quantile of one day as it was given, else estimated from buckets; never made of medians."""
    counted = [each for each in parts.told if each.group["sample_size"]]
    if len(counted) == 1 and (given := counted[0].group.get(f"{name}_seconds")) is not None:
        return _seconds(given, counted[0].quality, FigureBasis.given)
    if not parts.told:
        return _no_seconds(parts.lacks)
    if any(each.group.get("buckets") is None for each in counted):
        return _no_seconds(MissingReason.not_additive)
    buckets = [sum(column) for column in zip(*(e.group["buckets"] for e in counted), strict=True)]
    found = times.quantile(buckets, share) if buckets else None
    if found is None:
        return _no_seconds(MissingReason.no_denominator)
    return _seconds(found[0], Quality.estimated, FigureBasis.days, at_least=found[1])


def _seconds(
    seconds: int, quality: Quality, basis: FigureBasis, *, at_least: bool = False
) -> Shown:
    return {
        "seconds": seconds,
        "at_least": at_least,
        "quality": quality,
        "basis": basis,
        "missing_reason": None,
    }


def _no_seconds(reason: MissingReason) -> Shown:
    return {
        "seconds": None,
        "at_least": False,
        "quality": Quality.missing,
        "basis": None,
        "missing_reason": reason,
    }


_NEWEST = text(
    " union all ".join(
        f"(select distinct on (channel_id, day) '{name}',"  # noqa: S608
        f" channel_id, day, source, {name}"
        " from community_figures where agency_id = :agency and client_id = :client"
        f" and day between :first and :last and {name} is not null"
        " order by channel_id, day, captured_at desc, source desc)"
        for name in GROUPS
    )
)


def _newest(session: Any, client_id: UUID, asked: Period) -> ByChannel:
    values = {
        "agency": session.sight.agency_id,
        "client": client_id,
        "first": asked.start,
        "last": asked.end,
    }
    found: ByChannel = defaultdict(lambda: defaultdict(dict))
    for name, channel_id, day, source, group in session.execute(_NEWEST, values):
        found[channel_id][name][day] = Told(source, group)
    return found
