"""The agency's overview: how every client in sight stands, counted by one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from api.campaigns.deliverables import OPEN
from tenants import clock, reads
from tenants.permissions import Duty
from tenants.pipeline import Statement
from tenants.sight import Sight

SERVED_BY = (Duty.social_media_manager, Duty.community_manager)

_SQL = """
select c.id, c.name, c.status, c.lead_membership_id, work.*, decisions.*, requests.*, promised.*,
    changes.*, due.*, money.budgets, paper.renews_on, served.duties
from clients c
cross join lateral (select (%(now)s at time zone c.timezone)::date as today) t
cross join lateral (
    select count(*) as deliverables_open,
        count(*) filter (where d.due_on < t.today) as deliverables_late,
        count(*) filter (where d.blocked_cause is not null) as deliverables_blocked,
        count(*) filter (where d.over_scope) as deliverables_over_scope
    from deliverables d
    where d.agency_id = c.agency_id and d.client_id = c.id and d.status = any(%(open)s)
) work
cross join lateral (
    select count(*) filter (where a.level = 'internal') as decisions_by_us,
        count(*) filter (where a.level = 'client') as decisions_by_client
    from approvals a
    where a.agency_id = c.agency_id and a.client_id = c.id and a.status = 'open'
) decisions
cross join lateral (
    select count(*) as requests_open,
        count(*) filter (where r.due_on < t.today) as requests_late
    from client_requests r
    where r.agency_id = c.agency_id and r.client_id = c.id and r.status = 'open'
) requests
cross join lateral (
    select count(*) as commitments_open,
        count(*) filter (where m.due_on < t.today) as commitments_late
    from commitments m
    where m.agency_id = c.agency_id and m.client_id = c.id and m.status = 'open'
) promised
cross join lateral (
    select count(*) as change_orders_draft from change_orders o
    where o.agency_id = c.agency_id and o.client_id = c.id and o.status = 'draft'
) changes
cross join lateral (
    select count(*) as reports_due from reports r
    where r.agency_id = c.agency_id and r.client_id = c.id and r.last_version = 0
        and r.due_on <= t.today
) due
cross join lateral (
    select coalesce(json_agg(b.total order by b.currency), '[]') as budgets from (
        select l.currency, json_build_object(
            'allocated', json_build_object(
                'amount_minor', sum(l.allocated_minor), 'currency', l.currency),
            'committed', json_build_object(
                'amount_minor', sum(l.committed_minor), 'currency', l.currency),
            'spent', json_build_object('amount_minor', sum(l.spent_minor), 'currency', l.currency),
            'unfunded', json_build_object(
                'amount_minor', sum(l.unfunded_minor), 'currency', l.currency)
        ) as total
        from budget_lines l
        where l.agency_id = c.agency_id and l.client_id = c.id and l.status = 'active'
        group by l.currency
    ) b
) money
cross join lateral (
    select min(p.renews_on) as renews_on from contracts p
    where p.agency_id = c.agency_id and p.client_id = c.id and p.status = 'active'
        and p.renews_on >= t.today
) paper
cross join lateral (
    select coalesce(array_agg(distinct s.duty), '{}') as duties from assignments s
    where s.agency_id = c.agency_id and s.client_id = c.id and s.starts_on <= t.today
        and (s.ends_on is null or s.ends_on >= t.today)
) served
where c.agency_id = %(agency)s and c.status <> 'ended'
order by c.name, c.id
limit 500
"""
_COLUMNS = (
    *("client_id", "name", "status", "lead_membership_id"),
    *("deliverables_open", "deliverables_late", "deliverables_blocked", "deliverables_over_scope"),
    *("decisions_by_us", "decisions_by_client", "requests_open", "requests_late"),
    *("commitments_open", "commitments_late", "change_orders_draft", "reports_due"),
    *("budgets", "renews_on", "duties"),
)


@dataclass(frozen=True)
class Overview:
    """Asks how every client in sight stands."""

    def statements(self, agency_id: UUID) -> Sequence[Statement]:
        values = {"agency": agency_id, "now": clock.now(), "open": sorted(map(str, OPEN))}
        return [Statement(_SQL, values)]

    def answer(self, sight: Sight, permission: str | None, found: Sequence[list[Any]]) -> Any:
        clients = [dict(zip(_COLUMNS, row, strict=True)) for row in found[0]]
        return {"clients": [_shown(each) for each in clients if _visible(sight, permission, each)]}


def _visible(sight: Sight, permission: str | None, client: dict[str, Any]) -> bool:
    id = client["client_id"]
    return reads.in_sight(sight, id) and (permission is None or sight.may(permission, id))


def _shown(client: dict[str, Any]) -> dict[str, Any]:
    held = client.pop("duties")
    served = client["status"] == "active"
    return client | {"gaps": [duty for duty in SERVED_BY if served and duty not in held]}
