"""
The year around a report's period: to date against its targets, and thirteen months.

Everything is made of months, each measured as any period is. A figure of the year is told when
every month of it is known: a sum over some of them would look like a bad year.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlmodel import Session

from api.metrics import kpis
from api.metrics.figures import MissingReason
from api.metrics.kpis import CATALOGUE, RATES, Answer, KpiId
from api.metrics.models import KpiTarget
from api.metrics.performance import measured
from api.metrics.performance.measured import Measured
from api.metrics.periods import DAY, Compare, Period, before
from api.metrics.targets import aims, targets
from api.reports.figures.tiles import TILES, reason, target_of
from tenants import clock, pipeline
from tenants.models import Client

MONTHS = 13
# People reached in a month do not add up to a year's.
_OVER_MONTHS = tuple(kpi for kpi in TILES if kpi is not KpiId.reach)

Known = Mapping[Period, Sequence[Measured]]


def year(session: Session, client: Client, period: Period) -> dict[str, Any] | None:
    """Null where no more than one month was measured."""
    shown, this_year = _last_months(period.end), _of_year(period.end)
    past = [_year_before(each) for each in this_year]
    known = _measured(session, client, [*shown, *this_year, *past])
    made: dict[str, Any] = {
        "start": this_year[0].start.isoformat(),
        "end": period.end.isoformat(),
    }
    months = [_counted(span, known[span]) for span in shown]
    if sum("views" in month for month in months) < 2:
        return None
    last = this_year[0].start.replace(month=12, day=31)
    wanted = targets.of_period(session, client.id, this_year[0].start, last)
    as_of = min(period.end, clock.today(client.timezone) - DAY)
    figures = [
        _figure(kpi, _over(kpi, this_year, known), _over(kpi, past, known), wanted, as_of)
        for kpi in _OVER_MONTHS
    ]
    made["months"] = months
    made["figures"] = [each for each in figures if each is not None]
    return made


def _last_months(end: date) -> list[Period]:
    """The month of a day, up to it, and the whole months before."""
    number = end.year * 12 + end.month - 1
    whole = [_month(number - back) for back in range(MONTHS - 1, 0, -1)]
    return [*whole, Period(end.replace(day=1), end)]


def _of_year(end: date) -> list[Period]:
    return [each for each in _last_months(end) if each.start.year == end.year]


def _month(number: int) -> Period:
    start = date(number // 12, number % 12 + 1, 1)
    return Period(start, date((number + 1) // 12, (number + 1) % 12 + 1, 1) - DAY)


def _year_before(span: Period) -> Period:
    past = before(span, Compare.previous_year)
    assert past is not None
    return past


def _measured(session: Session, client: Client, spans: Iterable[Period]) -> Known:
    """What every channel measured in each span: two to a statement, all of them at once."""
    wanted = list(dict.fromkeys(spans))
    pairs = [wanted[index : index + 2] for index in range(0, len(wanted), 2)]
    asked = [
        measured.statement(
            client.agency_id,
            client.id,
            pair[0],
            pair[1] if len(pair) > 1 else None,
            None,
            days=False,
        )
        for pair in pairs
    ]
    rows = pipeline.ask_together(session.connection(), asked)
    today = clock.today(client.timezone)
    known: dict[Period, Sequence[Measured]] = {}
    for pair, ((row,),) in zip(pairs, rows, strict=True):
        channels = measured.joined(row)["channels"]
        for side, span in zip(("now", "before"), pair, strict=False):
            known[span] = [measured.measured(each[side], span, today) for each in channels]
    return known


def _over(kpi: KpiId, spans: Sequence[Period], known: Known) -> Answer | None:
    """A figure over some months; null where one of them has none."""
    each = [kpis.answer(kpi, known[span]) for span in spans]
    if any(_says_nothing(answer) for answer in each):
        return None
    return kpis.answer(kpi, [channel for span in spans for channel in known[span]])


def _says_nothing(answer: Answer) -> bool:
    """A month in which nobody bought has no cost per purchase, and is known all the same."""
    return answer.missing_reason not in (None, MissingReason.no_denominator)


def _figure(
    kpi: KpiId,
    now: Answer | None,
    then: Answer | None,
    wanted: Mapping[str, KpiTarget],
    as_of: date,
) -> dict[str, Any] | None:
    formula, target = CATALOGUE[kpi], wanted.get(kpi.value)
    if target is None and (now is None or now.value is None):
        return None
    made: dict[str, Any] = {
        "id": kpi.value,
        "unit": formula.unit,
        "per": formula.per,
        "direction": formula.direction.value,
    }
    if now is None or now.value is None:
        made |= {"quality": "missing", "missing_reason": "not_recorded"}
    else:
        made |= {"quality": now.quality.value, **_written(kpi, now)}
    if then is not None and then.value is not None and (now is None or _alike(now, then)):
        made["previous"] = _written(kpi, then)
    if target is not None:
        made |= {"target": target_of(target), "direction": target.direction.value}
        if now is not None:
            made["state"] = aims.standing(target, now, as_of).state.value
    return made


def _alike(now: Answer, then: Answer) -> bool:
    return now.currency == then.currency


def _written(kpi: KpiId, made: Answer) -> dict[str, Any]:
    if CATALOGUE[kpi].unit in RATES:
        return {"numerator": made.numerator, "denominator": made.denominator}
    return {"value": made.value}


def _counted(span: Period, found: Sequence[Measured]) -> dict[str, Any]:
    views, engagements = (kpis.answer(kpi, found) for kpi in (KpiId.views, KpiId.engagements))
    made: dict[str, Any] = {"month": span.start.isoformat()}
    for name, answer in (("views", views), ("engagements", engagements)):
        if answer.value is not None:
            made[name] = int(answer.value)
    if views.value is None:
        made["lacks"] = reason(views.missing_reason or MissingReason.not_recorded)
    elif not views.complete or span.basis != "month":
        made["is_partial"] = True
    return made
