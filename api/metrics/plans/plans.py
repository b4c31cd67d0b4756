"""
How a client's plans are kept: posts out on the day they were due, and money gone at its pace.

A post was planned where something that appears on a network was due: a piece of a scope's line that
names one, or a piece of a collaboration. What was called off was not, nor is what is not due yet.
It is verified on time when it was out by its due day and that was shown: ours by the address kept
as its proof, a collaboration's by a look at it, the platform's or somebody's; a post that was bound
by mistake shows nothing.

Money is at its pace by what is gone (spent, funded or not) of what is allocated, of the days of the
budget's period that have begun: of each active budget, and in it of each campaign that its lines
name.
"""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from api.metrics import kpis
from api.metrics.figures import Quality
from api.metrics.kpis import KpiId
from api.metrics.periods import Period
from api.metrics.readings.fact_shapes import answered
from tenants import clock, database
from tenants.models import Client

Shaped = dict[str, Any]


class Kept(NamedTuple):
    """How many posts were planned, how many were on time, and whether only somebody says so."""

    planned: int
    on_time: int
    by_word: int

    @property
    def answer(self) -> Shaped:
        quality = Quality.manual if self.by_word else Quality.actual
        made = kpis.publish_reliability(self.on_time, self.planned, quality)
        return answered(KpiId.publish_reliability, made)


def publishing(session: Session, client_id: UUID, asked: Period) -> Shaped:
    """Of the posts due in a period, how many were seen live on time; campaign by campaign too."""
    client = database.get(session, Client, client_id)
    values = {
        "agency": client.agency_id,
        "client": client.id,
        "zone": client.timezone,
        "first": asked.start,
        "last": asked.end,
        "today": clock.today(client.timezone),
    }
    rows = session.connection().execute(_POSTS, values).all()
    found = {campaign_id: Kept(*counts) for campaign_id, *counts in rows}
    return {
        "client_id": client.id,
        "timezone": client.timezone,
        "period": {"start": asked.start, "end": asked.end, "days": asked.days},
        "publish_reliability": _together(found.values()).answer,
        "campaigns": [
            {"campaign_id": campaign_id, "publish_reliability": kept.answer}
            for campaign_id, kept in sorted(found.items(), key=lambda each: str(each[0] or ""))
        ],
    }


def _together(parts: Iterable[Kept]) -> Kept:
    return Kept(*map(sum, zip(Kept(0, 0, 0), *parts, strict=True)))


def pacing(session: Session, client_id: UUID) -> Shaped:
    """How fast the client's active budgets go today, and in each the campaigns it pays for."""
    client = database.get(session, Client, client_id)
    today = clock.today(client.timezone)
    values = {"agency": client.agency_id, "client": client.id}
    rows = session.connection().execute(_BUDGETS, values).mappings().all()
    budgets = groupby(rows, key=lambda row: row["budget_id"])
    return {
        "client_id": client.id,
        "timezone": client.timezone,
        "on": today,
        "budgets": [_budget(list(lines), today) for _, lines in budgets],
    }


def _budget(lines: list[Any], today: date) -> Shaped:
    """A budget, of the sums of its lines by the campaign that they name."""
    first = lines[0]
    whole = Period(first["period_start"], first["period_end"])
    begun = min(max((today - whole.start).days + 1, 0), whole.days)
    spent, allocated = (int(sum(line[name] for line in lines)) for name in ("gone", "allocated"))
    return {
        **{name: first[name] for name in _OF_A_BUDGET},
        "days_total": whole.days,
        "days_elapsed": begun,
        **_paced(spent, allocated, begun, whole.days),
        "campaigns": [
            {
                "campaign_id": line["campaign_id"],
                **_paced(int(line["gone"]), int(line["allocated"]), begun, whole.days),
            }
            for line in lines
            if line["campaign_id"]
        ],
    }


def _paced(gone: int, allocated: int, begun: int, days: int) -> Shaped:
    made = kpis.pacing(gone, allocated, begun, days)
    return {
        "gone_minor": gone,
        "allocated_minor": allocated,
        "pacing": answered(KpiId.pacing, made),
    }


_OF_A_BUDGET = ("budget_id", "name", "currency", "period_start", "period_end")
_SHOWN = """
    p.agency_id = x.agency_id and p.deliverable_id = x.id and p.status <> 'withdrawn'
        and p.first_seen_at is not null
        and (p.published_at at time zone :zone)::date <= x.due_on"""
_POSTS = text(
    f"""
    with planned as (
        select d.campaign_id,
            d.status = 'delivered' and d.proof_url is not null and d.delivered_on <= d.due_on
                as on_time,
            true as by_word
        from deliverables d
        join scope_lots l on l.agency_id = d.agency_id and l.id = d.lot_id
        join scope_lines s on s.agency_id = l.agency_id and s.id = l.line_id
        where d.agency_id = :agency and d.client_id = :client and d.status <> 'cancelled'
            and d.due_on between :first and :last and d.due_on < :today
            and s.measure = 'piece' and s.network is not null
        union all
        select c.campaign_id, exists (select from live_posts p where {_SHOWN}) as on_time,
            not exists (
                select from live_posts p
                join live_checks k on k.agency_id = p.agency_id and k.live_post_id = p.id
                    and k.method = 'http' and k.outcome in ('live', 'altered')
                where {_SHOWN}
            ) as by_word
        from collaboration_deliverables x
        join collaborations c on c.agency_id = x.agency_id and c.id = x.collaboration_id
        where x.agency_id = :agency and x.client_id = :client and x.status <> 'cancelled'
            and x.due_on between :first and :last and x.due_on < :today
    )
    select campaign_id, count(*), count(*) filter (where on_time),
        count(*) filter (where on_time and by_word)
    from planned group by campaign_id
    """  # noqa: S608
)
_BUDGETS = text(
    """
    select b.id as budget_id, b.name, b.currency, b.period_start, b.period_end, l.campaign_id,
        sum(l.spent_minor + l.unfunded_minor) as gone, sum(l.allocated_minor) as allocated
    from budgets b
    join budget_lines l on l.agency_id = b.agency_id and l.budget_id = b.id
    where b.agency_id = :agency and b.client_id = :client and b.status = 'active'
    group by b.agency_id, b.id, l.campaign_id
    order by b.period_start, b.id, l.campaign_id
    """
)
