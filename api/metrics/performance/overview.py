"""
How every client in sight did in a period, the worst first: the main figures, the past, the targets,
and for who may read a client's money what came back of it.

Each channel's figures are chosen as for one client's performance: its days when every day is known,
else the period's own reading, else the days there are, not `complete`. One statement chooses and
adds up, and answers with a row a client; its channels one by one only where there are targets.

Worst is who has a target off track, then at risk, then on track or none; among those, who has the
largest relative fall of a figure of which more is better.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from api.metrics import kpis
from api.metrics.figures import (
    ENGAGEMENTS,
    LARGEST,
    MONEY,
    MissingReason,
    Quantity,
    missing,
)
from api.metrics.kpis import CATALOGUE, Answer, KpiId
from api.metrics.performance import returns, served
from api.metrics.performance.performance import comparison
from api.metrics.periods import DAY, Comparison, Period
from api.metrics.targets import aims, progress
from api.metrics.targets.progress import Course, TargetState
from tenants import clock, reads
from tenants.pipeline import Statement
from tenants.sight import Sight

Shaped = dict[str, Any]

SUMMED = (
    *(KpiId.views, KpiId.engagements, KpiId.er_views, KpiId.spend),
    *(KpiId.leads, KpiId.conversions, KpiId.revenue),
)
RETURNS = (KpiId.roi, KpiId.revenue_roi)
SHOWN = (*SUMMED, *RETURNS)
METRICS = ("views", *ENGAGEMENTS, "impressions", "leads", "conversions", *MONEY)
MOST = 500  # clients
_WORST = (TargetState.off_track, TargetState.at_risk)
_QUANTITY = ("value", "missing_reason", "complete", "currency")
_MEMBERS = ("value", "numerator", "denominator", "currency", "missing_reason", "complete")


@dataclass(frozen=True)
class Overview:
    """Asks how the clients in sight did; `past` is what they are compared with."""

    asked: Period
    compare: Comparison
    past: Period | None
    locale: str

    def statements(self, agency_id: UUID) -> Sequence[Statement]:
        values: Shaped = {"agency": agency_id}
        for name, span in (("now", self.asked), ("before", self.past)):
            months = span.whole_months if span else None
            values[f"{name}_months_from"] = months.start if months else None
            values[f"{name}_months_to"] = months.end if months else None
            values[f"{name}_first"] = span.start if span else None
            values[f"{name}_last"] = span.end if span else None
            values[f"{name}_basis"] = span.basis if span else None
        return [Statement(FIGURES, values), returns.statement_of_all(agency_id, self._spans)]

    def answer(self, sight: Sight, permission: str | None, found: Sequence[list[Any]]) -> Shaped:
        costs = returns.by_client(found[1])
        clients = [
            self._client(row, costs.get(row[0], ()) if sight.may(returns.MAY_READ, row[0]) else ())
            for row in found[0]
            if reads.in_sight(sight, row[0])
            and (permission is None or sight.may(permission, row[0]))
        ]
        return {
            "as_of": clock.now(),
            "period": {"start": self.asked.start, "end": self.asked.end, "days": self.asked.days},
            "compared_with": comparison(self.asked, self.past, self.compare, self.locale),
            "clients": sorted(clients, key=_badness),
        }

    @property
    def _spans(self) -> list[Period]:
        return [self.asked, self.past] if self.past else [self.asked]

    def _client(self, row: Sequence[Any], told: Sequence[Any]) -> Shaped:
        client_id, name, zone, currency, now, then, last, targets, channels = row
        both = now or {}, then or {}
        costs = returns.costs(told, self._spans, currency)
        made = {kpi: (_made(kpi, both[0]), _made(kpi, both[1])) for kpi in SUMMED}
        made |= {kpi: _returned(kpi, made[KpiId.revenue], costs) for kpi in RETURNS}
        figures = [_figure(kpi, *each) for kpi, each in made.items()]
        states: Counter[TargetState] = Counter()
        if targets:
            as_of = min(self.asked.end, clock.today(zone) - DAY)
            lines = [_channel(each) for each in channels or ()]
            states.update(_states(targets, lines, self.asked, as_of))
        return {
            "client_id": client_id,
            "name": name,
            "timezone": zone,
            "currency": currency,
            "kpis": figures,
            "states": {state.value: states[state] for state in TargetState},
            "complete": all(each["complete"] for each in figures if each["value"] is not None),
            "last_reading_on": last,
        }


def _figure(kpi: KpiId, made: Shaped, past: Shaped) -> Shaped:
    formula = CATALOGUE[kpi]
    alike = made["currency"] == past["currency"] or made["value"] is None
    previous = past["value"] if alike else None
    return {
        **made,
        "id": kpi,
        "version": formula.version,
        "unit": formula.unit,
        "previous": previous,
        "previous_complete": None if previous is None else past["complete"],
        "change": _change(made["value"], previous),
    }


def _made(kpi: KpiId, cells: Shaped) -> Shaped:
    """As `kpis.answer` says it, of sums that the database made."""
    top, partial, *rest = cells.get(kpi) or (None, False, None, None)
    if kpi is KpiId.er_views:
        return _rate(top, rest[0]) | {"complete": top is not None and not partial}
    low, high = rest
    reason = _lacks(top) or (MissingReason.mixed_currency if low != high else None)
    return {
        "value": None if reason else top,
        "numerator": None,
        "denominator": None,
        "currency": None if reason else low,
        "missing_reason": reason,
        "complete": not reason and not partial,
    }


def _returned(
    kpi: KpiId, revenue: tuple[Shaped, Shaped], costs: Sequence[Quantity]
) -> tuple[Shaped, Shaped]:
    """A return now and before, of what the revenue of each came to."""
    told = [Quantity(**{name: each[name] for name in _QUANTITY}) for each in revenue]
    now, then = returns.both(kpi, told, costs)
    return _answered(now), _answered(then)


def _answered(made: Answer) -> Shaped:
    return {name: getattr(made, name) for name in _MEMBERS}


def _rate(top: int | None, bottom: int | None) -> Shaped:
    reason = _lacks(top) or _lacks(bottom)
    value = None
    if not reason and top is not None and bottom is not None:
        value = kpis.quotient(top, bottom)
        reason = None if bottom else MissingReason.no_denominator
    known = reason in (None, MissingReason.no_denominator)
    return {
        "value": None if value is None else float(value),
        "numerator": top if known else None,
        "denominator": bottom if known else None,
        "currency": None,
        "missing_reason": reason,
    }


def _lacks(value: int | None) -> MissingReason | None:
    if value is None:
        return MissingReason.not_recorded
    return MissingReason.out_of_range if abs(value) > LARGEST else None


def _channel(cells: Mapping[str, Any]) -> dict[str, Quantity]:
    """A channel's quantities, for the targets' formulas; what it says nothing of is left out."""
    found = {name: _quantity(name, cells) for name in METRICS if cells[name] is not None}
    if cells["engagements"] is not None:
        found["engagements"] = _bounded(Quantity(cells["engagements"]))
    return found


def _quantity(name: str, cells: Mapping[str, Any]) -> Quantity:
    low, high = (cells[f"{name}_low"], cells[f"{name}_high"]) if name in MONEY else (None, None)
    if low != high:
        return missing(MissingReason.mixed_currency)
    return _bounded(Quantity(cells[name], currency=low))


def _bounded(made: Quantity) -> Quantity:
    return made if abs(made.value or 0) <= LARGEST else missing(MissingReason.out_of_range)


def _change(now: float | None, then: float | None) -> float | None:
    """(now − then) ÷ then; nothing to say of a rise from nothing."""
    if now is None or not then or then < 0:
        return None
    return round((now - then) / then, kpis.PLACES)


def _states(
    targets: Sequence[Shaped], now: Sequence[Mapping[str, Quantity]], asked: Period, as_of: date
) -> Iterator[TargetState]:
    """Of the targets that the period's figures answer: its own, and those of rates that hold it."""
    for cells in targets:
        kpi, target = KpiId(cells["kpi"]), aims.target_of(cells)
        whole = (target.starts_on, target.ends_on) == (asked.start, asked.end)
        if whole or progress.course_of(kpi) is not Course.accrues:
            yield aims.standing(target, kpis.answer(kpi, now), as_of).state


def _badness(client: Shaped) -> tuple[int, float, str, str]:
    worst = next((n for n, state in enumerate(_WORST) if client["states"][state]), len(_WORST))
    falls = [each["change"] for each in client["kpis"] if each["id"] is not KpiId.spend]
    fall = min((each for each in falls if each is not None), default=0.0)
    return worst, min(fall, 0.0), client["name"], str(client["client_id"])


def _each(written: str, names: Iterable[str] = METRICS) -> str:
    return ", ".join(
        written.replace("{x}", name).replace("{currency}", name.replace("_minor", "_currency"))
        for name in names
    )


def _sum(kpi: KpiId) -> str:
    """A client's sum, whether it is partial, and the currencies of money."""
    name = CATALOGUE[kpi].numerator
    if kpi is KpiId.er_views:
        both = "filter (where engagements is not null and views is not null)"
        partial = "engagements_partial or views_partial"
        return (
            f"'{kpi}', json_build_array(sum(engagements) {both}, bool_or({partial}) {both},"
            f" sum(views) {both})"
        )
    money = f"min({name}_low), max({name}_high)" if name in MONEY else "null, null"
    return f"'{kpi}', json_build_array(sum({name}), bool_or({name}_partial), {money})"


_ANY = "coalesce(" + ", ".join(ENGAGEMENTS) + ") is not null"
_SUM = " + ".join(f"coalesce({name}, 0)" for name in ENGAGEMENTS)
_PARTLY = " or ".join(f"coalesce({name}_partial, false)" for name in ENGAGEMENTS)
_MINE = (
    "m.agency_id = %(agency)s and m.client_id = ch.client_id and m.subject_type = 'channel'"
    " and m.subject_id = ch.id"
)
# Of a month that is kept: sum and days of each metric, and the lowest and highest currency.
_KEPT = "(k.{x} ->> 0)::numeric, (k.{x} ->> 1)::bigint"
_KEPT_CURRENCY = "k.{x}_currency ->> 0, k.{x}_currency ->> 1"
_CELLS = ", ".join(f"{name} jsonb" for name in (*METRICS, *(f"{name}_currency" for name in MONEY)))
FIGURES = f"""
with given(before, first, last, basis, months_from, months_to) as (values
    (0, cast(%(now_first)s as date), cast(%(now_last)s as date), cast(%(now_basis)s as text),
        cast(%(now_months_from)s as date), cast(%(now_months_to)s as date)),
    (1, cast(%(before_first)s as date), cast(%(before_last)s as date),
        cast(%(before_basis)s as text), cast(%(before_months_from)s as date),
        cast(%(before_months_to)s as date))
), span as (select *, last - first + 1 as days from given where first is not null),
chosen as (
    select ch.client_id, span.before,
        {
    _each("case when d.{x}_days = span.days then d.{x} else coalesce(w.{x}, d.{x}) end as {x}")
},
        {_each("d.{x}_days between 1 and span.days - 1 and w.{x} is null as {x}_partial")},
        {
    _each(
        "case when d.{x}_days = span.days or w.{x} is null then d.{x}_low"
        " else w.{currency} end as {x}_low, case when d.{x}_days = span.days or w.{x} is null"
        " then d.{x}_high else w.{currency} end as {x}_high",
        MONEY,
    )
}
    from span cross join channels ch
    cross join lateral (
        select {_each("sum(m.{x}) as {x}, sum(m.{x}_days) as {x}_days")},
            {_each("min(m.{x}_low) as {x}_low, max(m.{x}_high) as {x}_high", MONEY)}
        from (
            select {_each("sum(m.{x}) as {x}, count(m.{x}) as {x}_days")},
                {_each("min(m.{currency}) as {x}_low, max(m.{currency}) as {x}_high", MONEY)}
            from (values
                (span.first, coalesce(span.months_from - 1, span.last)),
                (span.months_to + 1, span.last)
            ) piece(first, last)
            -- `offset 0` keeps these look-ups, not readings of a channel's whole history.
            cross join lateral (
                select {_each("m.{x}")}, {_each("m.{currency}", MONEY)} from metric_current m
                where {_MINE} and m.basis = 'day'
                    and m.period_start between piece.first and piece.last offset 0
            ) m
            union all
            select {_each(_KEPT)}, {_each(_KEPT_CURRENCY, MONEY)}
            from metric_months m cross join lateral jsonb_to_record(m.cells) k({_CELLS})
            where {_MINE} and m.month between span.months_from and span.months_to
        ) m
    ) d
    left join lateral (
        select {_each("m.{x}")}, {_each("m.{currency}", MONEY)} from metric_current m
        where {_MINE} and m.basis = span.basis and m.period_start = span.first offset 0
    ) w on true
    where ch.agency_id = %(agency)s
), line as materialized (
    select *, case when {_ANY} then {_SUM} end as engagements, {_PARTLY} as engagements_partial
    from chosen
), summed as (
    select client_id, before, json_build_object({", ".join(map(_sum, SUMMED))}) as cells
    from line group by client_id, before
)
select c.id, c.name, c.timezone, c.currency,
    (select cells from summed s where s.client_id = c.id and s.before = 0),
    (select cells from summed s where s.client_id = c.id and s.before = 1),
    (
        select max(d.last_day) from channels ch cross join lateral (
            select m.period_start as last_day from metric_current m
            where {_MINE} and m.basis = 'day' and m.period_start <= %(now_last)s
            order by m.period_start desc limit 1
        ) d where ch.agency_id = c.agency_id and ch.client_id = c.id
    ), t.targets,
    case when t.targets is not null then
        (select json_agg(l) from line l where l.client_id = c.id and l.before = 0) end
from clients c
cross join lateral (
    select json_agg({served.COLUMNS} order by t.id) as targets from kpi_targets t
    where t.agency_id = c.agency_id and t.client_id = c.id and t.campaign_id is null
        and t.starts_on <= %(now_first)s and t.ends_on >= %(now_last)s
) t
where c.agency_id = %(agency)s and c.status <> 'ended'
order by c.name, c.id limit {MOST}
"""  # noqa: S608
