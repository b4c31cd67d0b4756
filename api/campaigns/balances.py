"""
What is left of each line, on any day: the sums of the ledger until then, in one statement.

Everybody who may ask is told the same figures. The database adds up, and writes the JSON too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Date, Integer, and_, bindparam, true
from sqlalchemy import text as sql
from sqlmodel import col, column, select

from api.campaigns.models import Scope, ScopeLine, ScopeStatus
from api.campaigns.retainer_shapes import RetainerQuery, RetainerRead
from tenants import clock, reads
from tenants.models import Client
from tenants.pages import Listing
from tenants.pipeline import Statement
from tenants.reads import Answer
from tenants.sight import Sight


@dataclass(frozen=True)
class Balance:
    """Asks what a client has left on a day; on the client's own today unless an earlier is said."""

    client_id: UUID
    on: date | None = None

    def statements(self, agency_id: UUID) -> Sequence[Statement]:
        values = {"agency": agency_id, "client": self.client_id, "on": self.on, "now": clock.now()}
        return [Statement(_BALANCE, values)]

    def answer(self, sight: Sight, permission: str | None, found: Sequence[list[Any]]) -> Answer:
        reads.check_client(sight, permission, self.client_id if found[0] else None)
        return Answer(found[0][0][0].encode())


def search(page: RetainerQuery) -> Any:
    """The lines that renew and are in force, newest first, each in the period that runs."""
    figures = _RUNNING.bindparams(bindparam("now", clock.now())).lateral("f")
    query = (
        select(ScopeLine)
        .join(Scope, _same(Scope, ScopeLine.scope_id))
        .join(Client, _same(Client, ScopeLine.client_id))
        .join(figures, true())
        .where(
            col(Scope.status) == ScopeStatus.accepted,
            col(ScopeLine.renewal).is_not(None),
            figures.c.in_force,
        )
    )
    if page.client_id is not None:
        query = query.where(col(ScopeLine.client_id) == page.client_id)
    if page.campaign_id is not None:
        query = query.where(col(Scope.campaign_id) == page.campaign_id)
    return Listing(query, ScopeLine, page).as_json(RetainerRead, **_MEMBERS)


def _same(model: Any, id: Any) -> Any:
    return and_(model.agency_id == col(ScopeLine.agency_id), model.id == id)


# What a line's lots say on a day. `since` is the first day of the period that holds it; of what is
# sold once there is one period, of all time. What expired as a period began was never carried into
# it. What is reserved is known of today only.
_FIGURES = """
select min(t.period_start) as period_start,
    (array_agg(t.ends_on order by t.number desc))[1] as period_end,
    sum(c.granted) as granted, sum(c.carried) as carried, sum(c.deducted) as deducted,
    sum(c.used) as used, sum(c.over) as over, sum(c.expired) as expired,
    sum(c.expired_before) as expired_before, sum(t.held) as reserved,
    sum(c.balance - coalesce(t.held, 0)) as remaining,
    min(t.expires_on) filter (where c.balance > coalesce(t.held, 0)) as next_expiry,
    json_agg(json_build_object('lot_id', t.id, 'period_start', t.starts_on,
        'period_end', t.ends_on, 'remaining', c.balance - coalesce(t.held, 0),
        'expires_on', t.expires_on) order by t.number)
        filter (where c.balance > coalesce(t.held, 0)) as lots,
    bool_or(t.closed_at is null or (t.closed_at at time zone {zone})::date > {day})
        and (max(coalesce(t.ends_on, 'infinity'::date)) >= {day} or sum(c.balance) > 0) as in_force
from (
    select t.id, t.number, t.starts_on, t.ends_on, t.expires_on, t.closed_at,
        case when {day} >= {today} then t.reserved end as held,
        max(case when t.settles_on is null then '-infinity'::date else t.starts_on end)
            over () as since,
        max(t.starts_on) over () as period_start
    from scope_lots t
    where t.agency_id = {agency} and t.line_id = {line}
        and (t.starts_on is null or t.starts_on <= {day})
) t
cross join lateral (
    select coalesce(sum(b.units), 0) as balance,
        coalesce(sum(b.units) filter (where b.earlier), 0) as carried,
        coalesce(sum(u.quantity) filter (where u.kind = 'grant' and not b.earlier), 0) as granted,
        coalesce(sum(u.quantity) filter (where u.kind = 'deduction' and not b.earlier), 0)
            as deducted,
        coalesce(sum(u.quantity - u.over_quantity) filter (where b.done and not b.earlier), 0)
            as used,
        coalesce(sum(u.over_quantity) filter (where b.done and not b.earlier), 0) as over,
        coalesce(sum(u.quantity) filter (where u.kind = 'expiry' and not b.earlier), 0)
            as expired,
        coalesce(sum(u.quantity) filter (where u.kind = 'expiry' and u.counted_on = t.since), 0)
            as expired_before
    from unit_entries u
    cross join lateral (
        select u.kind in ('delivery', 'accrual', 'reversal') as done,
            u.counted_on < t.since or (u.kind = 'expiry' and u.counted_on = t.since) as earlier,
            case u.kind when 'grant' then u.quantity else u.over_quantity - u.quantity end as units
    ) b
    where u.agency_id = {agency} and u.lot_id = t.id and u.counted_on <= {day}
) c"""
_FIGURE_NAMES = (
    *("granted", "carried", "deducted", "used", "over", "expired", "expired_before"),
    *("reserved", "remaining", "period_start", "period_end", "next_expiry"),
)
_TODAY = "(cast(:now as timestamptz) at time zone clients.timezone)::date"
_RUNNING: Any = sql(
    _FIGURES.format(
        agency="scope_lines.agency_id",
        line="scope_lines.id",
        day=_TODAY,
        today=_TODAY,
        zone="clients.timezone",
    )
).columns(
    column("in_force", Boolean),
    *(
        column(name, Date if name.startswith(("period", "next")) else Integer)
        for name in _FIGURE_NAMES
    ),
)
_MEMBERS = {name: f"f.{name}" for name in _FIGURE_NAMES} | {
    "line_id": "scope_lines.id",
    "scope_number": "scopes.number",
    "campaign_id": "scopes.campaign_id",
}
_LINE_MEMBERS = {
    "line_id": "l.id",
    "scope_id": "s.id",
    "scope_number": "s.number",
    "campaign_id": "s.campaign_id",
    "label": "l.label",
    "kind": "l.kind",
    "measure": "l.measure",
    "renews": "l.renewal ->> 'renews'",
    "rollover": "l.renewal ->> 'rollover'",
    **{name: f"f.{name}" for name in _FIGURE_NAMES},
    "lots": "coalesce(f.lots, '[]')",
}
_BALANCE = f"""
with asked as (
    select c.id, c.timezone, t.today, least(coalesce(cast(%(on)s as date), t.today), t.today) as day
    from clients c
    cross join lateral (
        select (cast(%(now)s as timestamptz) at time zone c.timezone)::date as today
    ) t
    where c.agency_id = %(agency)s and c.id = %(client)s
)
select json_build_object('client_id', a.id, 'on', a.day, 'lines', coalesce((
    select json_agg(json_build_object(
        {", ".join(f"'{name}', {made}" for name, made in _LINE_MEMBERS.items())}
    ) order by s.number, l.position)
    from scopes s
    join scope_lines l on l.agency_id = %(agency)s and l.scope_id = s.id
    cross join lateral ({
    _FIGURES.format(
        agency="%(agency)s", line="l.id", day="a.day", today="a.today", zone="a.timezone"
    )
}) f
    where s.agency_id = %(agency)s and s.client_id = a.id
        and s.status in ('accepted', 'superseded') and f.in_force
), '[]'))::text
from asked a"""  # noqa: S608
