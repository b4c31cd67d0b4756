"""Which targets some figures serve: the client's or campaign's whose period holds their days."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

from api.metrics.kpis import Answer, KpiId
from api.metrics.periods import Period
from api.metrics.targets import aims, progress
from api.metrics.targets.progress import Course
from tenants.pipeline import Statement

Shaped = dict[str, Any]

_NAMED = ("id", "objective_id", "kpi", "starts_on", "ends_on", "direction", "currency")
_AMOUNTS = ("value", "numerator", "denominator")
_MEMBERS = (*_NAMED, *_AMOUNTS, *(f"baseline_{name}" for name in _AMOUNTS))
_ANSWER = tuple(each.name for each in fields(Answer))
# A target `t` as `aims.target_of` takes it.
COLUMNS = "json_build_object(" + ", ".join(f"'{name}', t.{name}" for name in _MEMBERS) + ")"
_WITH_TARGETS = """
select figures.*, (
    select json_agg({columns} order by t.ends_on - t.starts_on, t.id) from kpi_targets t
    where t.agency_id = %(agency)s and t.client_id = %(client)s and t.campaign_id <whose>
        and t.starts_on <= %(now_first)s and t.ends_on >= %(now_last)s
) from (<figures>) figures
""".replace("{columns}", COLUMNS)


def with_targets(figures: Statement, campaign_id: UUID | None = None) -> Statement:
    """The statement of a client's figures, or a campaign's, that answers with their targets too."""
    whose = "= %(of_campaign)s" if campaign_id else "is null"
    sql = _WITH_TARGETS.replace("<whose>", whose).replace("<figures>", figures.sql)
    return Statement(sql, figures.parameters | {"of_campaign": campaign_id})


def by_kpi(
    targets: Sequence[Shaped], made: Sequence[Shaped], asked: Period, as_of: date
) -> dict[str, list[Shaped]]:
    """Each KPI's targets, and how they stand by its figure at the end of `as_of`."""
    figures = {each["id"]: each for each in made} if targets else {}
    found: dict[str, list[Shaped]] = {}
    for cells in targets:
        if cells["kpi"] in figures:
            state = _state(cells, figures[cells["kpi"]], asked, as_of)
            found.setdefault(cells["kpi"], []).append({**cells, "state": state})
    return found


def _state(cells: Shaped, figure: Shaped, asked: Period, as_of: date) -> Any:
    """None where the figure is only a part of what adds up over the target's period."""
    target = aims.target_of(cells)
    whole = (target.starts_on, target.ends_on) == (asked.start, asked.end)
    if not whole and progress.course_of(KpiId(target.kpi)) is Course.accrues:
        return None
    return aims.standing(target, Answer(**{name: figure[name] for name in _ANSWER}), as_of).state
