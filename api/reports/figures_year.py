"""The year around a report's period: to date against its targets, and thirteen months."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from typing import Any

from sqlmodel import Session

from api.metrics import aims, kpis, measured, performance, targets
from api.metrics.figures import MissingReason
from api.metrics.kpis import Answer, KpiId
from api.metrics.models import KpiTarget
from api.metrics.periods import DAY, Compare, Period
from api.metrics.shapes import Kpi
from api.reports.figures_tiles import TILES, reason, tile
from tenants import clock, database
from tenants.models import Client

MONTHS = 13
_ANSWER = tuple(each.name for each in fields(Answer) if each.name != "inputs")


def year(session: Session, client: Client, period: Period) -> dict[str, Any] | None:
    """Null where nothing was measured but, at most, one month."""
    start = period.end.replace(month=1, day=1)
    whole = Period(start, period.end)
    made: dict[str, Any] = {"start": start.isoformat(), "end": period.end.isoformat()}
    if figures := _figures(session, client, whole):
        made["figures"] = figures
    months = _months(session, client, period.end)
    if sum("views" in month for month in months) > 1:
        made["months"] = months
    return made if len(made) > 2 and ("months" in made or whole != period) else None


def _figures(session: Session, client: Client, whole: Period) -> list[dict[str, Any]]:
    found = performance.of(session, client.id, whole, compare=Compare.previous_year, shows=())
    last = whole.start.replace(month=12, day=31)
    wanted = targets.of_period(session, client.id, whole.start, last)
    as_of = min(whole.end, clock.today(client.timezone) - DAY)
    made = {kpi.id: kpi for kpi in found.kpis}
    return [
        _figure(made[id], wanted.get(id.value), as_of)
        for id in TILES
        if made[id].missing_reason is None or id.value in wanted
    ]


def _figure(kpi: Kpi, target: KpiTarget | None, as_of: date) -> dict[str, Any]:
    shown = tile(kpi, target)
    if target is not None:
        answer = Answer(**{name: getattr(kpi, name) for name in _ANSWER})
        shown["state"] = aims.standing(target, answer, as_of).state.value
    return shown


def _months(session: Session, client: Client, end: date) -> list[dict[str, Any]]:
    """Each month as any period is measured; two to a statement, and all of them at once."""
    first = end.year * 12 + end.month - MONTHS
    spans = [_month(first + index) for index in range(MONTHS)]
    asked = [
        measured.statement(client.agency_id, client.id, span, spans[index + 1], None, days=False)
        if index + 1 < MONTHS
        else measured.statement(client.agency_id, client.id, span, None, None, days=False)
        for index, span in enumerate(spans)
        if index % 2 == 0
    ]
    rows = database.ask_together(session.connection(), asked)
    found = [measured.joined(row)["channels"] for ((row,),) in rows]
    today = clock.today(client.timezone)
    made = []
    for index, span in enumerate(spans):
        side = "now" if index % 2 == 0 else "before"
        cells = [channel[side] for channel in found[index // 2]]
        made.append(_counted(span, [measured.measured(each, span, today) for each in cells]))
    return made


def _month(number: int) -> Period:
    start = date(number // 12, number % 12 + 1, 1)
    return Period(start, date((number + 1) // 12, (number + 1) % 12 + 1, 1) - DAY)


def _counted(span: Period, found: Sequence[measured.Measured]) -> dict[str, Any]:
    views, engagements = (kpis.answer(kpi, found) for kpi in (KpiId.views, KpiId.engagements))
    made: dict[str, Any] = {"month": span.start.isoformat()}
    for name, answer in (("views", views), ("engagements", engagements)):
        if answer.value is not None:
            made[name] = int(answer.value)
    if views.value is None:
        made["lacks"] = reason(views.missing_reason or MissingReason.not_recorded)
    elif not views.complete:
        made["is_partial"] = True
    return made
