"""The work of a report's period: what it was for, what it waited for, what is out, what is next."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from api.campaigns import punctuality
from api.campaigns.consumption import LineConsumption
from api.campaigns.deliverable_models import Deliverable, WaitCause
from api.campaigns.deliverables import OPEN
from api.campaigns.lot_models import ScopeLot
from api.campaigns.models import Campaign, CampaignStatus, ScopeLine
from api.clients.models import ClientRequest, PromiseStatus
from api.metrics.kpis import KpiId
from api.metrics.periods import DAY, Period
from api.metrics.posts import post_figures
from api.strategy.models import Objective, ObjectiveStatus
from tenants import clock
from tenants.models import Client

_RUNNING = (
    *(CampaignStatus.approved, CampaignStatus.active, CampaignStatus.paused),
    CampaignStatus.completed,
)
_BEST, _WORST = 3, 2
_MOST_AIMS = 6
_MOST_COMING = 200


def aims(session: Session, client: Client, period: Period) -> list[dict[str, Any]]:
    """What the client wants by a day, then the goals of the campaigns that ran."""
    objectives = select(Objective).where(
        col(Objective.client_id) == client.id,
        col(Objective.status) != ObjectiveStatus.dropped,
        col(Objective.due_on) >= period.start,
    )
    campaigns = _campaigns(client.id).where(
        col(Campaign.starts_on) <= period.end, col(Campaign.ends_on) >= period.start
    )
    wanted = [
        {
            "label": each.statement,
            "due_on": each.due_on.isoformat(),
            "status": each.status.value,
        }
        for each in session.exec(
            objectives.order_by(col(Objective.position), col(Objective.id)).limit(_MOST_AIMS)
        )
    ]
    goals = [
        {"label": each.name, "goal": each.goal.value}
        for each in session.exec(campaigns.limit(_MOST_AIMS))
    ]
    return [*wanted, *goals]


def _campaigns(client_id: UUID) -> Any:
    query = select(Campaign).where(
        col(Campaign.client_id) == client_id,
        col(Campaign.status).in_(_RUNNING),
        col(Campaign.inside).is_(False),
    )
    return query.order_by(col(Campaign.starts_on), col(Campaign.id))


def waited(session: Session, client: Client, period: Period) -> list[dict[str, Any]]:
    """Requests that were open past their day in these days, and work that waits for the client."""
    until = min(period.end, clock.today(client.timezone))
    stopped = _blocked(session, client.id, until)
    zone = ZoneInfo(client.timezone)
    asked = _asked(session, client.id, period, until, zone)
    named = {row.subject_id for row in asked} - {None}
    return [
        *(_request(row, stopped, until, zone) for row in asked),
        *(_stop(row, until) for row in stopped if not named & {row.id, row.approval_id}),
    ]


def _blocked(session: Session, client_id: UUID, until: date) -> Sequence[Deliverable]:
    query = select(Deliverable).where(
        col(Deliverable.client_id) == client_id,
        col(Deliverable.status).in_(OPEN),
        col(Deliverable.blocked_cause) == WaitCause.client,
        col(Deliverable.blocked_since) < until,
    )
    order = (col(Deliverable.blocked_since), col(Deliverable.id))
    return session.exec(query.order_by(*order).limit(100)).all()


def _asked(
    session: Session, client_id: UUID, period: Period, until: date, zone: ZoneInfo
) -> list[ClientRequest]:
    query = select(ClientRequest).where(
        col(ClientRequest.client_id) == client_id,
        col(ClientRequest.status) != PromiseStatus.dropped,
        col(ClientRequest.due_on) < until,
    )
    found = session.exec(query.order_by(col(ClientRequest.due_on), col(ClientRequest.id)))
    return [row for row in found if row.settled_at is None or _was_late(row, period, zone)][:100]


def _was_late(row: ClientRequest, period: Period, zone: ZoneInfo) -> bool:
    assert row.settled_at is not None
    settled = row.settled_at.astimezone(zone).date()
    return settled >= period.start and settled > row.due_on


def _request(
    row: ClientRequest, stopped: Sequence[Deliverable], until: date, zone: ZoneInfo
) -> dict[str, Any]:
    held = _held_by(row, stopped)
    made = {
        "text": row.text,
        "owner": row.owner_name,
        "since": row.due_on.isoformat(),
        "days": (until - row.due_on).days,
        "delayed": [held.label] if held else [],
    }
    if row.settled_at is not None:
        settled = row.settled_at.astimezone(zone).date()
        made |= {"until": settled.isoformat(), "days": (settled - row.due_on).days}
    return made


def _held_by(row: ClientRequest, stopped: Sequence[Deliverable]) -> Deliverable | None:
    """The work that a request is about: itself, or the approval that it waits for."""
    if row.subject_id is None:
        return None
    return next((each for each in stopped if row.subject_id in (each.id, each.approval_id)), None)


def _stop(row: Deliverable, until: date) -> dict[str, Any]:
    assert row.blocked_since is not None
    return {
        "text": row.label,
        "since": row.blocked_since.isoformat(),
        "days": (until - row.blocked_since).days,
        "delayed": [row.label],
    }


def posts(
    session: Session, client: Client, period: Period, chosen: Sequence[str]
) -> list[dict[str, Any]]:
    """The posts that were chosen, in that order; else the best and the worst by engagement."""
    try:
        found = post_figures.of_client(session, client.id, period, None, post_figures.MOST)
    except post_figures.TooManyPosts:
        return []
    known = {str(post["id"]): post for post in found["posts"]}
    if chosen:
        return [_post(known[id], "chosen") for id in chosen if id in known]
    rated = sorted(
        (post for post in known.values() if _rate(post) is not None),
        key=lambda post: (-post["kpis"][_ER]["value"], str(post["id"])),
    )
    # With few pieces there are no worst: they would be the same ones.
    worst = rated[-_WORST:] if len(rated) >= _BEST + _WORST else []
    best = [_post(post, "best") for post in rated[:_BEST]]
    return [*best, *(_post(post, "worst") for post in worst)]


_ER = post_figures.SHOWN.index(KpiId.er_views)


def _rate(post: dict[str, Any]) -> dict[str, Any] | None:
    made = post["kpis"][_ER]
    if made["missing_reason"] is not None or not made["denominator"]:
        return None
    return {"numerator": made["numerator"], "denominator": made["denominator"]}


def _post(post: dict[str, Any], why: str) -> dict[str, Any]:
    engagements = post["kpis"][post_figures.SHOWN.index(KpiId.engagements)]["value"]
    url = post["url"] or ""
    return {
        "id": str(post["id"]),
        "label": post["title"] or post["external_id"],
        "network": post["network"],
        "published_at": post["published_at"].isoformat(),
        "url": url if url.startswith("https://") else None,
        "why": why,
        "views": post["views"],
        "engagements": engagements,
        "engagement_rate": _rate(post),
    }


def coming(session: Session, client: Client, period: Period) -> list[dict[str, Any]]:
    """The campaigns that begin in the period after this one, and what is due in it."""
    after = following(period)
    campaigns = _campaigns(client.id).where(col(Campaign.starts_on).between(after.start, after.end))
    due = (
        select(Deliverable, ScopeLine.network)
        .join(ScopeLot, _same(ScopeLot, Deliverable.lot_id))
        .join(ScopeLine, _same(ScopeLine, ScopeLot.line_id))
        .where(
            col(Deliverable.client_id) == client.id,
            col(Deliverable.status).in_(OPEN),
            col(Deliverable.due_on).between(after.start, after.end),
        )
        .order_by(col(Deliverable.due_on), col(Deliverable.id))
    )
    begun = [
        {"label": each.name, "kind": "campaign", "on": each.starts_on.isoformat()}
        for each in session.exec(campaigns.limit(_MOST_AIMS))
    ]
    return [
        *begun,
        *(
            {
                "label": each.label,
                "kind": "deliverable",
                "on": each.due_on.isoformat(),
                "units": each.units,
                "network": network,
            }
            for each, network in session.exec(due.limit(_MOST_COMING))
        ),
    ]


def _same(model: Any, id: Any) -> Any:
    return (col(model.agency_id) == col(Deliverable.agency_id)) & (model.id == id)


def following(period: Period) -> Period:
    """As many days as the period had; after whole months, as many whole months."""
    start = period.end + DAY
    if period.whole_months != period:
        return Period(start, start + DAY * (period.days - 1))
    months = (period.end.year - period.start.year) * 12 + period.end.month - period.start.month + 1
    number = start.year * 12 + start.month - 1 + months
    return Period(start, date(number // 12, number % 12 + 1, 1) - DAY)


def effectiveness(
    session: Session, client: Client, period: Period, lines: Sequence[LineConsumption]
) -> dict[str, Any]:
    """How the agency kept the days it had promised."""
    total = punctuality.of_client(session, client.id, period.start, period.end).total
    late = total.late_by_cause
    by_client = None
    if late is not None:
        by_client = sum(each.count for each in late if each.cause is WaitCause.client)
    return {
        "delivered": total.delivered,
        "on_time": total.on_time_as_promised.numerator,
        "late_by_client": by_client,
        "rounds_over": sum(line.rounds_over for line in lines),
    }
