"""
What each channel measured in two periods, asked of the database by one statement.

The statement adds up and returns JSON; which of its sums stand for a period is decided here, by the
rules at the head of `performance.py`.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from api.metrics import kpis
from api.metrics.figures import (
    LARGEST,
    MONEY,
    UNIQUES,
    FigureBasis,
    MissingReason,
    Quality,
    Quantity,
    missing,
    together,
)
from api.metrics.models import SubjectType
from api.metrics.periods import Period
from api.metrics.readings import months, recomputed
from api.metrics.readings.months import DAILY, SUMS, by_hand, pairs
from api.metrics.readings.newest import currency_column
from tenants.pipeline import Statement


def statement(
    agency_id: UUID,
    client_id: UUID,
    asked: Period,
    past: Period | None,
    subjects: Sequence[UUID] | None,
    *,
    type: SubjectType = SubjectType.channel,
    days: bool = True,
    as_of: datetime | None = None,
) -> Statement:
    """
    What answers with the client, its channels and its days, as one JSON object or none. `as_of`:
    what was known then, of the readings that had come.
    """
    values: dict[str, Any] = {
        "agency": agency_id,
        "client": client_id,
        "type": type.value,
        "every": subjects is None,
        "subjects": list(subjects or ()),
        "days": days,
        "as_of": as_of,
    }
    for name, span in (("now", asked), ("before", past)):
        # Months are kept as they are known now.
        whole = span.whole_months if span and not as_of else None
        values[f"{name}_first"] = span.start if span else None
        values[f"{name}_last"] = span.end if span else None
        values[f"{name}_basis"] = span.basis if span else None
        values[f"{name}_months_from"] = whole.start if whole else None
        values[f"{name}_months_to"] = whole.end if whole else None
    return Statement(_FIGURES[type, as_of is not None], values)


def joined(found: dict[str, Any]) -> dict[str, Any]:
    """What was found, with whole months and the days beside them as one."""
    for channel in found["channels"]:
        for cells in (channel["now"], channel["before"]):
            parts = [
                *(cells.pop("months", None) or ()),
                *([cells["days"]] if cells["days"] else ()),
            ]
            cells["days"] = months.added(parts) if len(parts) > 1 else next(iter(parts), None)
    return found


Measured = dict[str, Quantity]


def measured(cells: Any, span: Period | None, today: date) -> Measured:
    """One channel's quantities in one period, as the formulas take them."""
    if span is None:
        return {}
    unknown = missing(MissingReason.not_yet if span.start > today else MissingReason.not_recorded)
    found = {name: _quantity(name, cells, span, unknown) for name in DAILY}
    end, start = _gauge(cells["end"], unknown), _gauge(cells["start"], unknown)
    found |= {"followers": end, "followers_net": _net(cells, end, start, span)}
    return kpis.derive(found)


def _quantity(name: str, cells: Any, span: Period, unknown: Quantity) -> Quantity:
    """A metric of one channel in one period: from its days, or from the period's own reading."""
    total, days, by_hand, reason = (cells["days"] or {}).get(name) or (None, 0, 0, None)
    whole, whole_by_hand, whole_reason = (cells["whole"] or {}).get(name) or (None, False, None)
    additive = name not in UNIQUES or span.days == 1
    if days == span.days and additive:
        return _counted(name, total, by_hand, cells["days"], FigureBasis.days)
    if whole is not None:
        return _counted(name, whole, whole_by_hand, cells["whole"], FigureBasis.period)
    if days and not additive:
        return missing(MissingReason.not_additive)
    if days:
        return _counted(name, total, by_hand, cells["days"], FigureBasis.days, complete=False)
    told = whole_reason or reason
    return missing(MissingReason(told)) if told else unknown


def _counted(
    name: str, value: Any, by_hand: Any, cells: Any, basis: FigureBasis, *, complete: bool = True
) -> Quantity:
    low, high = cells[f"{name}_currency"] if name in MONEY else (None, None)
    if low != high:
        return missing(MissingReason.mixed_currency)
    if abs(value) > LARGEST:
        return missing(MissingReason.out_of_range)
    quality = Quality.manual if by_hand else Quality.actual
    return Quantity(value, quality, basis, complete=complete, currency=low)


def _gauge(cell: Any, unknown: Quantity) -> Quantity:
    if cell is None:
        return unknown
    value, _, by_hand = cell
    quality = Quality.manual if by_hand else Quality.actual
    return Quantity(value, quality, FigureBasis.last_known)


def _net(cells: Any, end: Quantity, start: Quantity, span: Period) -> Quantity:
    """What was gained: nothing is known when the last value is older than the period."""
    if end.value is None or start.value is None or cells["end"][1] < span.start.isoformat():
        return missing(end.missing_reason or start.missing_reason or MissingReason.not_recorded)
    return together([end, Quantity(-start.value, start.quality, FigureBasis.last_known)])


def channel_days(
    session: Any, client_id: UUID, asked: Period, metric: str
) -> dict[UUID, list[tuple[date, int | None]]]:
    """Each channel's days of one metric, null where there is none, for those that have any."""
    values = {
        "agency": session.sight.agency_id,
        "client": client_id,
        "first": asked.start,
        "last": asked.end,
    }
    rows = session.execute(_CHANNEL_DAYS[metric], values)
    known: dict[UUID, dict[date, int]] = {}
    for channel_id, day, value in rows:
        known.setdefault(channel_id, {})[day] = value
    return {
        channel_id: [(day, days.get(day)) for day in asked.dates()]
        for channel_id, days in known.items()
    }


_WHOLE = pairs(
    {name: f"jsonb_build_array({name}, {by_hand(name)}, missing ->> '{name}')" for name in DAILY}
    | {
        f"{name}_currency": "jsonb_build_array({0}, {0})".format(currency_column(name))
        for name in MONEY
    }
)
_BY_DAY = pairs(
    {"date": "period_start"}
    | {name: f"jsonb_build_array(sum({name}), count({name}))" for name in DAILY}
    | {f"{name}_currency": f"count(distinct {currency_column(name)})" for name in MONEY}
)
_MINE = (
    "m.agency_id = %(agency)s and m.client_id = %(client)s and m.subject_type = %(type)s"
    " and m.subject_id = subject.id"
)
# The newest level known on a day: of the days', and of the weeks' and months' that had ended.
_LEVEL = """(
    select json_build_array(followers, ends_on, by_hand) from (
        (select followers, period_start as ends_on, {by_hand} as by_hand
        from {current} m where {mine} and basis = 'day' and followers is not null
            and period_start between {on} - 92 and {on} order by period_start desc limit 1)
        union all
        (select followers, ends_on, by_hand from (
            select followers, {by_hand} as by_hand, case basis when 'week' then period_start + 6
                else (period_start + interval '1 month' - interval '1 day')::date end as ends_on
            from {current} m where {mine} and basis in ('week', 'month')
                and followers is not null and period_start between {on} - 123 and {on}
        ) longer where ends_on between {on} - 92 and {on} order by ends_on desc limit 1)
    ) level order by ends_on desc limit 1
)"""
_SUBJECTS = {
    SubjectType.channel: """
    select id, network, handle, name, status from channels
    where agency_id = %(agency)s and client_id = %(client)s
        and (%(every)s or id = any(cast(%(subjects)s as uuid[])))""",
    SubjectType.campaign: """
    select id, null as network, null as handle, name, status from campaigns
    where agency_id = %(agency)s and client_id = %(client)s
        and id = any(cast(%(subjects)s as uuid[]))""",
    SubjectType.competitor: """
    select id, network, handle, handle as name, 'active' as status from competitor_accounts
    where agency_id = %(agency)s and client_id = %(client)s
        and id = any(cast(%(subjects)s as uuid[]))""",
}
# What of a period is not a whole month, and each day of it where days are asked for.
_QUERY = """
with {known} span(name, first, last, basis, months_from, months_to, days) as (values
    ('now', cast(%(now_first)s as date), cast(%(now_last)s as date), cast(%(now_basis)s as text),
        cast(%(now_months_from)s as date), cast(%(now_months_to)s as date), %(days)s),
    ('before', cast(%(before_first)s as date), cast(%(before_last)s as date),
        cast(%(before_basis)s as text), cast(%(before_months_from)s as date),
        cast(%(before_months_to)s as date), false)
), subject as materialized ({subjects}
), day as materialized (
    select span.name as span, m.* from span
    cross join lateral (values
        (first, case when days or months_from is null then last else months_from - 1 end),
        (months_to + 1, case when days then null else last end)
    ) piece(first, last)
    cross join subject
    -- `offset 0` keeps this a look-up of each subject's days, not of its whole history.
    cross join lateral (
        select m.source, m.period_start, nullif(m.held, '{{}}') as held,
            nullif(m.missing, '{{}}') as missing, m.spend_currency, m.revenue_currency,
            m.subject_id, {daily}
        from {current} m where {mine} and m.basis = 'day'
            and m.period_start between piece.first and piece.last offset 0
    ) m
), summed as (
    select day.span, subject_id, {sums} as cells from day join span on span.name = day.span
    where months_from is null or period_start not between months_from and months_to
    group by day.span, subject_id
), told as materialized (
    select subject.*, (
        select json_object_agg(span.name, json_build_object(
            'days', (select cells from summed s
                where s.span = span.name and s.subject_id = subject.id),
            'months', (select json_agg(m.cells) from metric_months m where {mine}
                and m.month between span.months_from and span.months_to),
            'whole', (select {whole} from {current} m where {mine}
                and m.basis = span.basis and m.period_start = span.first),
            'end', {at_end},
            'start', {at_start}
        )) from span
    ) as cells from subject
)
select json_build_object(
    'timezone', timezone,
    'currency', currency,
    'channels', (
        select coalesce(json_agg(json_build_object('id', id, 'network', network, 'handle', handle,
            'name', name, 'status', status, 'now', cells -> 'now', 'before', cells -> 'before')
            order by network, handle, id), '[]')
        from told
        where status <> 'archived' or exists (select from day where day.subject_id = told.id)
            or cells #>> '{{now,whole}}' is not null
            or cells #>> '{{before,whole}}' is not null
            or cells #>> '{{now,months}}' is not null
            or cells #>> '{{before,months}}' is not null
    ),
    'days', (
        select json_agg(cells) from (
            select {by_day} as cells from day where span = 'now' and %(days)s group by period_start
        ) each_day
    )
) from clients where agency_id = %(agency)s and id = %(client)s
"""
# What was known at an instant, of all that the periods may need.
_KNOWN = recomputed.rows(
    "agency_id = %(agency)s and client_id = %(client)s and subject_type = %(type)s"
    " and received_at <= %(as_of)s and basis <> 'lifetime' and period_start between"
    " cast(least(%(now_first)s, %(before_first)s) as date) - 124"
    " and cast(greatest(%(now_last)s, %(before_last)s) as date)"
)


def _written(type: SubjectType, *, as_of: bool) -> str:
    current = "known" if as_of else "metric_current"

    def level(on: str) -> str:
        return _LEVEL.format(by_hand=by_hand("followers"), mine=_MINE, on=on, current=current)

    return _QUERY.format(
        known=f"known as materialized ({_KNOWN})," if as_of else "",
        current=current,
        subjects=_SUBJECTS[type],
        mine=_MINE,
        daily=", ".join(f"m.{name}" for name in DAILY),
        sums=SUMS,
        whole=_WHOLE,
        by_day=_BY_DAY,
        at_end=level("span.last"),
        at_start=level("(span.first - 1)"),
    )


_FIGURES = {
    (type, past): _written(type, as_of=past) for type in _SUBJECTS for past in (False, True)
}
_CHANNEL_DAYS = {
    name: text(
        "select m.subject_id, m.period_start, m.{name} from metric_current m"
        " where m.agency_id = :agency and m.client_id = :client and m.subject_type = 'channel'"
        " and m.basis = 'day' and m.period_start between :first and :last"
        " and m.{name} is not null".replace("{name}", name)
    )
    for name in DAILY
}
