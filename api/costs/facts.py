"""
What was earned and what it cost in a period, as the database adds it up: one statement.

Revenue is recognised as delivered, and each figure on a client's day:

    units       Σ (quantity − over_quantity) of the unit entries `EARNING` × the unit price of the
                line of their lot, but for lines that are passed through
    over        Σ over_quantity × the same price
    fee         the monthly fee of a contract that was put in force × the days of its term in the
                month and period ÷ the month's days, half-even for each contract and month; of no
                campaign and no line
    labour      Σ minutes × the person's hourly rate in force that day ÷ 60, half-even an entry
    direct      Σ expenses and refunds, funded or not, that the agency pays, by the day booked, on
                budget lines that are not passed through; what is passed through is apart. Of the
                campaign that the line names, or else the collaboration that was paid; with what
                collaborations earned after their budget was closed, by the day earned
    rounds      Σ rounds of review beyond those included, of what was delivered
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from api.budgets.models import EntryKind, PaidBy
from api.campaigns.lot_models import UnitEntryKind
from api.campaigns.models import Measure
from api.collaborations.money import spending
from tenants.money import part_of_sql
from tenants.pipeline import Statement

EARNING = (UnitEntryKind.delivery, UnitEntryKind.accrual, UnitEntryKind.reversal)


class Fact(NamedTuple):
    """
    What came together under one key. Amounts are in `currency`, labour in the agency's; `foreign`:
    the amounts are in another currency than the client's own.
    """

    client_id: UUID
    campaign_id: UUID | None
    scope_line_id: UUID | None
    month: date | None
    currency: str
    foreign: bool
    revenue: int
    over_serviced: int
    rounds_over: int
    direct_cost: int
    pass_through: int
    labour_cost: int
    minutes: int
    minutes_without_rate: int


# A plan for any period and any clients reads a year as it reads a day: measured, five times slower.
PLANNED_ANEW = Statement("set local plan_cache_mode = force_custom_plan", {})


def asked(
    agency_id: UUID,
    currency: str,
    clients: Sequence[UUID],
    start: date,
    end: date,
    by: Sequence[str],
) -> Statement:
    """The statement whose rows are facts of some clients, by what `by` names."""
    values = {
        "agency": agency_id,
        "labour_currency": currency,
        "clients": list(clients),
        "first": start,
        "last": end,
        "by_campaign": "campaign_id" in by,
        "by_line": "scope_line_id" in by,
        "by_month": "month" in by,
        "earning": list(map(str, EARNING)),
    }
    return Statement(_SQL, values)


def _by(client: str, campaign: str, line: str, day: str) -> str:
    """The key of a fact: the client, and of the others those that are asked for."""
    month = f"{day} - extract(day from {day})::int + 1"
    return (
        f"{client} as client_id,"
        f" case when %(by_campaign)s then {campaign} end as campaign_id,"
        f" case when %(by_line)s then {line} end as line_id,"
        f" case when %(by_month)s then {month} end as month"
    )


_LABOUR = part_of_sql("r.hourly_minor", "e.minutes", "60")
_FEE = part_of_sql("k.monthly_fee_minor", "m.days", "m.days_in_month")
_EXPENSES = spending.expenses(
    "%(by_campaign)s and work.agency_id = %(agency)s and work.client_id = any(%(clients)s)"
)
_UNBOOKED = spending.unbooked_by_line("i.agency_id = %(agency)s and i.client_id = any(%(clients)s)")
_SQL = f"""
with wanted as materialized (
    select c.id, c.currency from clients c
    where c.agency_id = %(agency)s and c.id = any(%(clients)s)
), rates as materialized (
    select * from (
        select r.membership_id, r.hourly_minor, r.starts_on, coalesce(
            lead(r.starts_on) over (partition by r.membership_id order by r.starts_on), 'infinity'
        ) as ends_before
        from cost_rates r
        where r.agency_id = %(agency)s and r.starts_on <= %(last)s
            and r.currency = %(labour_currency)s
    ) known
    where ends_before > %(first)s
), spent as (
    select {_by("e.client_id", "e.campaign_id", "e.scope_line_id", "e.worked_on")},
        sum(e.minutes) as minutes, sum({_LABOUR}) as labour,
        sum(e.minutes) filter (where r.hourly_minor is null) as without_rate
    from time_entries e
    left join rates r on r.membership_id = e.membership_id
        and e.worked_on >= r.starts_on and e.worked_on < r.ends_before
    where e.agency_id = %(agency)s and e.client_id = any(%(clients)s)
        and e.worked_on between %(first)s and %(last)s
    group by 1, 2, 3, 4
), labour as (
    select s.client_id, s.campaign_id, s.line_id, s.month, w.currency, s.minutes, s.labour,
        s.without_rate
    from spent s
    join wanted w on w.id = s.client_id
), units as (
    select {_by("w.id", "s.campaign_id", "l.origin_id", "u.counted_on")}, l.currency,
        sum((u.quantity - u.over_quantity) * l.unit_price_minor::numeric) as revenue,
        sum(u.over_quantity * l.unit_price_minor::numeric) as over_serviced
    from wanted w
    join scope_lots t on t.agency_id = %(agency)s and t.client_id = w.id
    join scope_lines l on l.agency_id = %(agency)s and l.id = t.line_id
        and l.measure <> '{Measure.pass_through}'
    join scopes s on s.agency_id = %(agency)s and s.id = l.scope_id
    join unit_entries u on u.agency_id = %(agency)s and u.lot_id = t.id
        and u.counted_on between %(first)s and %(last)s and u.kind = any(%(earning)s)
    group by 1, 2, 3, 4, 5
), rounds as (
    select {_by("w.id", "s.campaign_id", "l.origin_id", "d.delivered_on")}, l.currency,
        sum(greatest(d.rounds_used - d.rounds_included, 0)) as rounds_over
    from wanted w
    join deliverables d on d.agency_id = %(agency)s and d.client_id = w.id
        and d.delivered_on between %(first)s and %(last)s
    join scope_lots t on t.agency_id = %(agency)s and t.id = d.lot_id
    join scope_lines l on l.agency_id = %(agency)s and l.id = t.line_id
    join scopes s on s.agency_id = %(agency)s and s.id = l.scope_id
    group by 1, 2, 3, 4, 5
), fees as (
    select {_by("w.id", "null::uuid", "null::uuid", "m.first")}, k.currency, sum({_FEE}) as revenue
    from wanted w
    join contracts k on k.agency_id = %(agency)s and k.client_id = w.id
        and k.monthly_fee_minor is not null and k.in_force_on is not null
        and k.starts_on <= %(last)s and (k.ends_on is null or k.ends_on >= %(first)s)
    cross join lateral (
        select greatest(k.starts_on, %(first)s) as first,
            least(coalesce(k.ends_on, %(last)s), %(last)s) as last
    ) f
    cross join lateral (
        select begins.first,
            least(f.last, (begins.first + interval '1 month')::date - 1)
                - greatest(f.first, begins.first) + 1 as days,
            (begins.first + interval '1 month')::date - begins.first as days_in_month
        from generate_series(
            (f.first - extract(day from f.first)::int + 1)::timestamp, f.last::timestamp,
            interval '1 month'
        ) month
        cross join lateral (select month::date as first) begins
    ) m
    group by 1, 2, 3, 4, 5
), of_collaborations as materialized (
    {_EXPENSES}
), paid as (
    select w.id as client_id, coalesce(b.campaign_id, o.campaign_id) as campaign_id, n.currency,
        n.booked_on, b.pass_through, n.amount_minor
    from wanted w
    join budget_lines b on b.agency_id = %(agency)s and b.client_id = w.id
    join budget_entries n on n.agency_id = %(agency)s and n.line_id = b.id
        and n.kind in ('{EntryKind.expense}', '{EntryKind.refund}')
        and n.paid_by = '{PaidBy.agency}' and n.booked_on between %(first)s and %(last)s
    left join budget_entries spent on %(by_campaign)s and b.campaign_id is null
        and spent.agency_id = n.agency_id and spent.id = n.reversal_of
    left join of_collaborations o on b.campaign_id is null
        and o.id = coalesce(spent.source_id, n.source_id)
    union all
    select client_id, campaign_id, currency, earned_on, pass_through, amount_minor
    from ({_UNBOOKED}) unbooked
    where paid_by = '{PaidBy.agency}' and earned_on between %(first)s and %(last)s
), direct as (
    select {_by("n.client_id", "n.campaign_id", "null::uuid", "n.booked_on")}, n.currency,
        sum(n.amount_minor) filter (where not n.pass_through) as direct,
        sum(n.amount_minor) filter (where n.pass_through) as pass_through
    from paid n
    group by 1, 2, 3, 4, 5
), facts as (
    select client_id, campaign_id, line_id, month, currency, 0 as revenue, 0 as over_serviced,
        0 as rounds_over, 0 as direct, 0 as pass_through, labour, minutes, without_rate
    from labour
    union all
    select client_id, campaign_id, line_id, month, currency, revenue, over_serviced,
        0, 0, 0, 0, 0, 0 from units
    union all
    select client_id, campaign_id, line_id, month, currency, 0, 0,
        rounds_over, 0, 0, 0, 0, 0 from rounds where rounds_over > 0
    union all
    select client_id, campaign_id, line_id, month, currency, revenue, 0,
        0, 0, 0, 0, 0, 0 from fees
    union all
    select client_id, campaign_id, line_id, month, currency, 0, 0,
        0, direct, pass_through, 0, 0, 0 from direct
)
select f.client_id, f.campaign_id, f.line_id, f.month, f.currency, f.currency <> w.currency,
    sum(f.revenue)::numeric, sum(f.over_serviced)::numeric, sum(f.rounds_over)::numeric,
    sum(f.direct)::numeric, sum(f.pass_through)::numeric, sum(f.labour)::numeric,
    sum(f.minutes)::numeric, sum(f.without_rate)::numeric
from facts f
join wanted w on w.id = f.client_id
group by 1, 2, 3, 4, 5, 6"""  # noqa: S608


def read(rows: Sequence[Any]) -> list[Fact]:
    """The statement's rows: what PostgreSQL summed is whole, and may be more than 64 bits."""
    return [Fact(*row[:6], *(int(each or 0) for each in row[6:])) for row in rows]
