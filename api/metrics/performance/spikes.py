"""
What stood out lately: the newest day of each channel, beside the seven days before it.

It is the newest day before today that has a reading, at most a week ago; without a reading of each
of the seven days before, nothing is said of it. Whether a metric stands out is `kpis.spike`'s to
say; here those are told that are above their mean by three standard deviations.
"""

from collections.abc import Iterator, Sequence
from typing import Any, cast

from sqlalchemy import text
from sqlmodel import Session

from api.metrics import kpis
from api.metrics.figures import MONEY, FigureBasis, MissingReason, Quality, Quantity, missing
from api.metrics.kpis import KpiId
from api.metrics.readings.fact_shapes import answered
from api.metrics.readings.months import by_hand, pairs
from api.metrics.readings.newest import currency_column
from tenants import clock, database

Shaped = dict[str, Any]

WATCHED = (
    *("views", "likes", "comments", "shares", "clicks", "leads", "conversions"),
    *MONEY,
)
LEAST = 3  # standard deviations
MOST = 100


def lately(session: Session) -> list[Shaped]:
    """What stood out of the clients whose figures the reader may see, most above its mean first."""
    sight = cast(database.Session, session).sight
    if not sight.may("metrics:read"):
        return []
    asked = {"agency": sight.agency_id, "now": clock.now()}
    rows = session.connection().execute(_NEWEST, asked).mappings()
    found = [
        each for row in rows if sight.may("metrics:read", row["client_id"]) for each in _of(row)
    ]
    return sorted(found, key=_by_height)[:MOST]


def _of(row: Any) -> Iterator[Shaped]:
    """What stands out of one channel's newest day; the days are the oldest first."""
    days = row["days"]
    for metric in WATCHED:
        values = [each[metric][0] for each in days]
        # The highest of seven is at most √6 deviations above their mean: three are above them all.
        if None in values or values[-1] <= max(values[:-1]):
            continue
        *past, day = [_quantity(metric, each) for each in days]
        made = kpis.spike(day, past)
        if made.value is not None and made.value >= LEAST:
            named = {name: row[name] for name in _NAMED}
            yield {
                **named,
                "metric": metric,
                "date": days[-1]["date"],
                "value": day.value,
                "past": [each.value for each in past],
                "currency": made.currency,
                "spike": answered(KpiId.spike, made),
            }


def _quantity(metric: str, cells: Shaped) -> Quantity:
    value, is_by_hand, reason = cells[metric]
    if value is None:
        return missing(MissingReason(reason or MissingReason.not_recorded))
    quality = Quality.manual if is_by_hand else Quality.actual
    return Quantity(value, quality, FigureBasis.days, currency=cells.get(f"{metric}_currency"))


def _by_height(found: Shaped) -> tuple[float, str, str, Sequence[Any]]:
    spike = found["spike"]
    times = spike["numerator"] / spike["denominator"] if spike["denominator"] else float("inf")
    return -times, found["client_name"], str(found["channel_id"]), found["metric"]


_NAMED = ("client_id", "client_name", "channel_id", "network", "handle")
_DAY = pairs(
    {"date": "m.period_start"}
    | {
        name: f"jsonb_build_array({name}, {by_hand(name)}, missing ->> '{name}')"
        for name in WATCHED
    }
    | {f"{name}_currency": currency_column(name) for name in MONEY}
)
_NEWEST = text(
    f"""
    select c.id as client_id, c.name as client_name, ch.id as channel_id, ch.network, ch.handle,
        newest.days
    from clients c
    join channels ch on ch.agency_id = c.agency_id and ch.client_id = c.id
    cross join lateral (select (cast(:now as timestamptz) at time zone c.timezone)::date as on) t
    cross join lateral (
        select jsonb_agg({_DAY} order by m.period_start) as days from (
            select * from metric_current m
            where m.agency_id = c.agency_id and m.client_id = c.id and m.subject_type = 'channel'
                and m.subject_id = ch.id and m.basis = 'day'
                and m.period_start between t.on - {2 * kpis.PAST} and t.on - 1
            order by m.period_start desc limit {kpis.PAST + 1}
        ) m
        having count(*) = {kpis.PAST + 1}
            and max(m.period_start) - min(m.period_start) = {kpis.PAST}
    ) newest
    where c.agency_id = :agency and c.status <> 'ended' and ch.status <> 'archived'
    """  # noqa: S608
)
