"""
What waits for the staff in collaborations with influencers, told by one statement.

Whoever reads it sees what they would see one by one: each reason needs its permission for the
client, and a gate that alone holds a payment is told to whoever can mend it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID

from sqlmodel import Session

from api.collaborations import moves
from api.collaborations.money import money
from api.desk.shapes import MOST, SOON, MatterReason
from billing.payable import gates
from tenants import clock, database, pipeline, second_layer
from tenants.pipeline import Statement

_R = MatterReason
# reason → what reads it, or what does something about it.
NEEDS: dict[MatterReason, str] = {
    _R.terms_unanswered: "collaboration_terms:read",
    _R.terms_countered: "collaboration_terms:read",
    _R.submission_to_review: "approvals:decide_internal",
    _R.submission_due: "collaborations:read",
    _R.post_unseen: "live_checks:read",
    _R.post_altered: "live_checks:read",
    _R.post_missing: "live_checks:read",
    _R.post_removed: "live_checks:read",
    _R.disclosure_missing: "disclosure_checks:read",
    _R.payable_blocked: "payables:read_gates",
}
# gate → what mends it. The others are satisfied as the money is earned, or not at all.
MENDS: dict[str, str] = {
    money.LIVE_VERIFIED: "live_posts:write",
    money.DISCLOSURE_VALID: "live_posts:write",
    money.MIN_LIVE_DAYS: "live_posts:write",
    gates.PAYEE_READY: "payees:write",
    gates.NOT_DISPUTED: "payables:write",
}
_SQL = """
with work as not materialized (
    select c.agency_id, c.id, c.client_id, l.name as client_name, c.title, c.influencer_name,
        c.status, c.status = any(%(at_work)s) as at_work, l.timezone,
        (%(now)s at time zone l.timezone)::date as today
    from collaborations c join clients l on l.agency_id = c.agency_id and l.id = c.client_id
    where c.agency_id = %(agency)s and (%(everyone)s or c.client_id = any(%(clients)s))
), posts as not materialized (
    select p.* from live_posts p where p.agency_id = %(agency)s and p.status <> 'withdrawn'
)
(select case w.status when 'terms_sent' then 'terms_unanswered' else 'terms_countered' end,
    t.id, w.client_id, w.client_name, w.id, w.title, w.influencer_name,
    (t.respond_by at time zone w.timezone)::date as due_on, t.respond_by <= %(now)s, null as gate
from work w
join lateral (
    select * from collaboration_terms t where t.agency_id = w.agency_id
        and t.collaboration_id = w.id order by t.number desc limit 1
) t on true
where w.status = 'terms_sent' and t.created_at <= %(unanswered_since)s
    or w.status = 'negotiating' and exists (
        select from collaboration_answers x where x.agency_id = w.agency_id
            and x.terms_id = t.id and x.answer = 'countered')
order by due_on, t.id limit %(most)s)
union all
(select 'submission_to_review', s.id, w.client_id, w.client_name, w.id, w.title, w.influencer_name,
    d.due_on, d.due_on < w.today, null
from submissions s
join work w on w.agency_id = s.agency_id and w.id = s.collaboration_id
join collaboration_deliverables d on d.agency_id = s.agency_id and d.id = s.deliverable_id
join approvals a on a.agency_id = s.agency_id and a.id = s.approval_id
where s.agency_id = %(agency)s and s.status = 'in_review'
    and a.status = 'open' and a.level = 'internal' and not exists (
        select from approval_decisions e where e.agency_id = a.agency_id and e.approval_id = a.id
            and e.level = a.level and e.decided_by = %(me)s)
order by d.due_on, s.id limit %(most)s)
union all
(select 'submission_due', d.id, w.client_id, w.client_name, w.id, w.title, w.influencer_name,
    d.due_on, d.due_on < w.today, null
from collaboration_deliverables d
join work w on w.agency_id = d.agency_id and w.id = d.collaboration_id
where d.agency_id = %(agency)s and d.status = 'content_due' and w.at_work
    and d.due_on <= w.today + %(soon)s
order by d.due_on, d.id limit %(most)s)
union all
(select 'post_' || case p.status when 'bound' then 'unseen' else p.status end,
    p.id, w.client_id, w.client_name, w.id, w.title, w.influencer_name,
    (p.stays_until at time zone w.timezone)::date as due_on, p.stays_until <= %(now)s, null
from posts p
join work w on w.agency_id = p.agency_id and w.id = p.collaboration_id
where w.at_work
    and (p.status in ('altered', 'missing')
        or p.status = 'bound' and (p.checked_at is not null or p.check_due_at is null)
        or p.status = 'removed' and not exists (
            select from posts n where n.collaboration_id = p.collaboration_id
                and n.deliverable_id = p.deliverable_id and n.id > p.id))
order by due_on, p.id limit %(most)s)
union all
(select 'disclosure_missing', p.id, w.client_id, w.client_name, w.id, w.title, w.influencer_name,
    (p.stays_until at time zone w.timezone)::date as due_on, p.stays_until <= %(now)s, null
from posts p
join work w on w.agency_id = p.agency_id and w.id = p.collaboration_id
left join lateral (
    select v.judgement from disclosure_verdicts v where v.agency_id = p.agency_id
        and v.deliverable_id = p.deliverable_id and v.live_post_id = p.id and v.stage = 'live'
    order by v.id desc limit 1
) v on true
left join lateral (
    select t.content from collaboration_terms t where t.agency_id = p.agency_id
        and t.collaboration_id = p.collaboration_id order by t.number desc limit 1
) t on true
where w.at_work and p.status in ('bound', 'live', 'altered')
    and v.judgement is distinct from 'valid' and t.content -> 'disclosure' is distinct from 'false'
order by due_on, p.id limit %(most)s)
union all
(select 'payable_blocked', y.id, w.client_id, w.client_name, w.id, w.title, w.influencer_name,
    y.due_on, coalesce(y.due_on < w.today, false), y.open_gates ->> 0
from payables y
join work w on w.agency_id = y.agency_id and w.id = y.source_id
where y.agency_id = %(agency)s and y.source_type = %(source)s and y.kind = 'owed'
    and y.status = 'blocked' and jsonb_array_length(y.open_gates) = 1
    and y.open_gates ->> 0 = any(%(mended)s)
    and not (y.open_gates ->> 0 = 'min_live_days' and exists (
        select from posts p where p.collaboration_id = y.source_id
            and (y.part is null or p.deliverable_id = y.part)
            and p.status <> 'removed' and p.stays_until > %(now)s))
order by y.due_on nulls last, y.id limit %(most)s)
"""


@dataclass(frozen=True)
class Matter:
    """Something in a collaboration that waits for somebody on the staff."""

    reason: MatterReason
    id: UUID
    client_id: UUID
    client_name: str
    collaboration_id: UUID
    title: str
    influencer_name: str
    due_on: date | None
    late: bool
    gate: str | None


def waiting(session: Session, unanswered_days: int) -> list[Matter]:
    """What waits for the reader, the earliest due first; outsiders have days of their own."""
    sight = cast(database.Session, session).sight
    if sight.is_influencer or not sight.may("collaboration_terms:read"):
        return []
    asked = Statement(_SQL, _values(sight, unanswered_days))
    found = pipeline.ask_together(cast(database.Session, session).connection(), [asked])[0]
    matters = (Matter(MatterReason(reason), *rest) for reason, *rest in found)
    return sorted(
        _permitted(sight, matters), key=lambda each: (each.due_on or date.max, str(each.id))
    )


def _values(sight: Any, unanswered_days: int) -> dict[str, Any]:
    now = clock.now()
    everyone = sight.client_ids is None or not second_layer.on
    return {
        "agency": sight.agency_id,
        "everyone": everyone,
        "clients": [] if everyone else sorted(sight.client_ids),
        "me": sight.membership_id,
        "now": now,
        "unanswered_since": now - timedelta(days=unanswered_days),
        "at_work": sorted(map(str, moves.AT_WORK)),
        "source": money.SOURCE,
        "mended": sorted(MENDS),
        "soon": SOON.days,
        "most": MOST,
    }


def _permitted(sight: Any, matters: Iterator[Matter]) -> Iterator[Matter]:
    for each in matters:
        may_mend = each.gate is None or sight.may(MENDS[each.gate], each.client_id)
        if may_mend and sight.may(NEEDS[each.reason], each.client_id):
            yield each
