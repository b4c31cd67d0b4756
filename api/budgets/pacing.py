"""
How far the money of a budget has gone, on a day of its client's calendar.

    gone       = spent + unfunded
    expected   = allocated × days begun ÷ days of the period
    pace       = gone ÷ expected; on within 15 % of it, under below, over above
    forecast   = gone ÷ days begun × days of the period, and no less than gone + committed; gone +
                 committed before the period starts and after it ends
    runs out   on the first day n of the period with gone × n ÷ days begun ≥ allocated; today when
                 that is past

Straight-line pacing, as advertising platforms show it: money that goes evenly is on pace. A day
counts from its beginning in the client's zone, so that a period has as many days as its dates
whatever its clocks do. Every quotient is rounded half-even to a whole number, and one that JSON
cannot hold is 2^53 - 1. The pace changes by the day: a resource with a version does not show it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, Uuid, bindparam, text
from sqlmodel import Session, col, select

from api.budgets.models import Budget
from api.budgets.pace_shapes import BudgetState
from tenants import clock, outbox, reads
from tenants.money import LARGEST, part_of_sql
from tenants.pipeline import Statement
from tenants.reads import Answer
from tenants.sight import Sight


@dataclass(frozen=True)
class BudgetPace:
    """Asks how far the money of a budget and of each of its lines has gone."""

    budget_id: UUID

    def statements(self, agency_id: UUID) -> Sequence[Statement]:
        asked = {"agency": agency_id, "budget": self.budget_id, "now": clock.now()}
        return [Statement(_PACE, asked)]

    def answer(self, sight: Sight, permission: str | None, found: Sequence[list[Any]]) -> Answer:
        client_id, body = found[0][0] if found[0] else (None, "")
        reads.check_client(sight, permission, client_id)
        return Answer(body.encode())


def stands(agency_id: UUID, state: BudgetState) -> TextClause:
    """Whether a budget is active and stands so today, for a query of budgets."""
    asked = text(_STANDING.format(state=_STATES[state]))
    agency: Any = bindparam("agency", agency_id, Uuid())
    return asked.bindparams(agency, now=clock.now())


def look_ahead(session: Session, agency_id: UUID) -> int:
    """Tell of the budgets that are at risk, each once in its period. How many those were."""
    query = (
        select(Budget)
        .where(
            col(Budget.agency_id) == agency_id,
            col(Budget.at_risk_on).is_(None),
            stands(agency_id, BudgetState.at_risk),
        )
        .order_by(col(Budget.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    found = session.exec(query).all()
    for budget in found:
        budget.at_risk_on = clock.now().date()
        outbox.emit(session, "budget.at_risk", budget)
    return len(found)


def _rounded(amount: str, part: str, whole: str) -> str:
    """SQL of a part of an amount, numeric; what JSON cannot hold is the largest that it can."""
    return f"least(trunc({part_of_sql(amount, part, whole)}), {LARGEST})"


_SUMS = ", ".join(
    f"coalesce(sum(l.{name}_minor), 0) as {name}"
    for name in ("planned", "allocated", "committed", "spent", "unfunded")
)
# `b` is a budget, with its client `c`; `d` its days.
DAYS = """
cross join lateral (
    select (cast({now} as timestamptz) at time zone c.timezone)::date as today,
        b.period_end - b.period_start + 1 as total
) n
cross join lateral (
    select n.today, n.total, least(greatest(n.today - b.period_start + 1, 0), n.total) as elapsed,
        n.today between b.period_start and b.period_end as within
) d"""
# `f` are the sums of a line, or of several; `p` what follows from them.
FOLLOWS = f"""
cross join lateral (
    select f.spent + f.unfunded as gone,
        {_rounded("f.allocated", "d.elapsed", "d.total")} as expected
) e
cross join lateral (
    select
        case when e.expected > 0 then {_rounded("e.gone", "10000", "e.expected")} end as bp,
        least({LARGEST}, case when d.within
            then greatest({_rounded("e.gone", "d.total", "d.elapsed")}, e.gone + f.committed)
            else e.gone + f.committed end) as forecast,
        case when d.within and e.gone >= f.allocated and e.gone > 0 then d.elapsed
            when d.within and e.gone > 0
            then div(f.allocated * d.elapsed + e.gone - 1, e.gone) end as last_day
) q
cross join lateral (
    select q.bp, q.forecast,
        case when d.elapsed = 0 then 'not_started'
            when not d.within then 'over_period'
            when q.bp < 8500 then 'under'
            when q.bp > 11500 or q.bp is null and e.gone > 0 then 'over'
            else 'on' end as pace,
        case when q.last_day <= d.total then b.period_start + cast(q.last_day as int) - 1
            end as runs_out_on
) p"""
_SHOWN = """json_build_object(
    'pace', p.pace, 'planned_minor', f.planned, 'allocated_minor', f.allocated,
    'committed_minor', f.committed, 'spent_minor', f.spent, 'unfunded_minor', f.unfunded,
    'remaining_minor', f.allocated - f.committed - f.spent, 'expected_minor', e.expected,
    'pace_bp', p.bp, 'forecast_minor', p.forecast, 'runs_out_on', p.runs_out_on
)"""
# A row for each line, and one, without an id, for all of them.
_PACE = f"""
select b.client_id, json_build_object(
    'budget_id', b.id, 'client_id', b.client_id, 'on', d.today,
    'period_start', b.period_start, 'period_end', b.period_end,
    'days_total', d.total, 'days_elapsed', d.elapsed, 'currency', b.currency,
    'total', r.total, 'lines', r.lines
)::text
from budgets b
join clients c on c.agency_id = b.agency_id and c.id = b.client_id
{DAYS.format(now="%(now)s")}
cross join lateral (
    select (json_agg({_SHOWN}) filter (where f.id is null)) -> 0 as total,
        coalesce(json_agg(json_build_object('line_id', f.id, 'pace', {_SHOWN}) order by f.id)
            filter (where f.id is not null), '[]') as lines
    from (
        select l.id, {_SUMS} from budget_lines l
        where l.agency_id = %(agency)s and l.budget_id = b.id
        group by grouping sets ((), (l.id))
    ) f
    {FOLLOWS}
) r
where b.agency_id = %(agency)s and b.id = %(budget)s"""  # noqa: S608
_STANDING = f"""budgets.id in (
    select b.id from budgets b
    join clients c on c.agency_id = b.agency_id and c.id = b.client_id
    {DAYS.format(now=":now")}
    cross join lateral (
        select {_SUMS} from budget_lines l where l.agency_id = :agency and l.budget_id = b.id
    ) f
    {FOLLOWS}
    where b.agency_id = :agency and b.status = 'active' and ({{state}})
)"""  # noqa: S608
_STATES = {
    BudgetState.under: "p.pace = 'under'",
    BudgetState.on_track: "p.pace = 'on'",
    BudgetState.over: "p.pace = 'over'",
    BudgetState.at_risk: "p.forecast > f.allocated or f.unfunded > 0 or p.pace = 'over'",
}
