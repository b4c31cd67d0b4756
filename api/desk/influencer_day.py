"""
An influencer's day: what waits for them in all of their collaborations, told by one statement.

They see neither clients nor the agency's clocks: a day is over when the agency's is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from api.collaborations import moves
from api.desk.shapes import MOST
from billing.payable.payable_models import PayableStatus
from tenants import clock, second_layer
from tenants.pipeline import Statement
from tenants.sight import Sight

# Owed, and neither paid nor given up.
ON_THEIR_WAY = (
    *(PayableStatus.accruing, PayableStatus.blocked, PayableStatus.ready),
    *(PayableStatus.below_minimum, PayableStatus.submitted, PayableStatus.held),
)
_SQL = """
with me as (
    select nullif(current_setting('app.influencer_id', true), '')::uuid as id,
        (%(now)s at time zone timezone)::date as today
    from agencies where id = %(agency)s
), pieces as (
    select d.id as deliverable_id, d.collaboration_id, c.title, d.number, d.network, d.placement,
        d.description, d.due_on, d.due_on < me.today as late, d.status,
        last.id as submission_id, last.status as submission_status
    from me
    join collaboration_deliverables d on d.agency_id = %(agency)s and d.influencer_id = me.id
    join collaborations c on c.agency_id = d.agency_id and c.id = d.collaboration_id
        and c.influencer_id = me.id and c.status = any(%(at_work)s)
    left join lateral (
        select s.id, s.status from submissions s
        where s.agency_id = d.agency_id and s.deliverable_id = d.id and s.influencer_id = me.id
        order by s.number desc limit 1
    ) last on true
    where d.status in ('content_due', 'approved')
), due as (
    select p.*, coalesce(p.submission_status in ('changes_requested', 'rejected'), false) as again
    from pieces p where p.status = 'content_due'
)
select me.id,
    (select coalesce(json_agg(w), '[]') from (
        select t.id as terms_id, t.collaboration_id, c.title, t.number, t.respond_by
        from collaborations c
        join lateral (
            select * from collaboration_terms t
            where t.agency_id = c.agency_id and t.collaboration_id = c.id
                and t.influencer_id = me.id
            order by t.number desc limit 1
        ) t on t.respond_by > %(now)s
        where c.agency_id = %(agency)s and c.influencer_id = me.id and c.status = 'terms_sent'
        order by t.respond_by, t.id limit %(most)s
    ) w),
    (select coalesce(json_agg(w), '[]') from (
        select * from due where not again order by due_on, deliverable_id limit %(most)s
    ) w),
    (select coalesce(json_agg(w), '[]') from (
        select * from due where again order by due_on, deliverable_id limit %(most)s
    ) w),
    (select coalesce(json_agg(w), '[]') from (
        select * from pieces p
        where p.status = 'approved' and not exists (
            select from live_posts l where l.agency_id = %(agency)s
                and l.deliverable_id = p.deliverable_id
                and l.status not in ('withdrawn', 'removed')
        )
        order by due_on, deliverable_id limit %(most)s
    ) w),
    (select coalesce(json_agg(w), '[]') from (
        select l.id as live_post_id, l.collaboration_id, l.deliverable_id, c.title, l.url,
            l.status, l.missing_since, l.stays_until
        from live_posts l
        join collaborations c on c.agency_id = l.agency_id and c.id = l.collaboration_id
            and c.influencer_id = me.id and c.status = any(%(at_work)s)
        where l.agency_id = %(agency)s and l.influencer_id = me.id
            and l.status in ('altered', 'missing')
        order by l.stays_until, l.id limit %(most)s
    ) w),
    (select coalesce(json_agg(w), '[]') from (
        select y.id as payable_id, y.source_id as collaboration_id, y.label, y.status, y.due_on,
            json_build_object('amount_minor', y.amount_minor, 'currency', y.currency) as amount
        from payables y
        where y.agency_id = %(agency)s and y.payee_id = me.id and y.kind = 'owed'
            and y.source_type = 'collaborations' and y.status = any(%(on_their_way)s)
        order by y.due_on nulls last, y.id limit %(most)s
    ) w)
from me
"""
_PARTS = ("answer", "hand_in", "redo", "bind", "mend", "payments")


@dataclass(frozen=True)
class InfluencerDay:
    """Asks what waits for the influencer who asks."""

    def statements(self, agency_id: UUID) -> Sequence[Statement]:
        values = {
            "agency": agency_id,
            "now": clock.now(),
            "at_work": sorted(map(str, moves.AT_WORK)),
            "on_their_way": list(map(str, ON_THEIR_WAY)),
            "most": MOST,
        }
        return [Statement(_SQL, values)]

    def answer(self, sight: Sight, permission: str | None, found: Sequence[list[Any]]) -> Any:
        whose, *parts = found[0][0]
        if second_layer.on and whose != sight.influencer_id:
            parts = [[] for _ in parts]
        return dict(zip(_PARTS, parts, strict=True))
