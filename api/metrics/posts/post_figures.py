"""
What posts reached: the newest totals of those published in a period, and of one, day by day.

A post's figures are totals since it was published (`basis: lifetime`); each metric's newest total
counts. The mean of the posts' engagement rates, `er_avg`, is another figure than all engagements
over all reach, `er_reach`: both are answered.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlmodel import Session

from api.metrics import kpis
from api.metrics.figures import (
    UNIQUES,
    FigureBasis,
    MissingReason,
    Quality,
    Quantity,
    missing,
)
from api.metrics.kpis import KpiId, Measured
from api.metrics.models import Channel, SubjectType
from api.metrics.periods import Period
from api.metrics.posts.models import PublishedPost
from api.metrics.readings import totals
from api.metrics.readings.fact_shapes import answered
from api.metrics.readings.months import by_hand
from tenants import database
from tenants.errors import Unprocessable
from tenants.models import Client

Shaped = dict[str, Any]
MOST = 2_000  # posts of a period
COUNTED = (
    *("impressions", "views", "reach", "likes", "comments", "shares", "saves", "clicks"),
    *("leads", "conversions"),
)
# New people reached are not the people of a day.
DAILY = tuple(name for name in COUNTED if name not in UNIQUES)
SHOWN = (
    *(KpiId.views, KpiId.engagements, KpiId.er_views, KpiId.er_reach, KpiId.er_impressions),
    KpiId.ctr,
)
SUMMED = (KpiId.views, KpiId.engagements, KpiId.er_views, KpiId.er_reach)


class TooManyPosts(Unprocessable):
    """More than 2,000 posts were published in this period; ask for a shorter one."""


def of_client(
    session: Session, client_id: UUID, asked: Period, campaign_id: UUID | None, limit: int
) -> Shaped:
    """The posts that a client published in a period, by views, and all of them together."""
    client = database.get(session, Client, client_id)
    zone = ZoneInfo(client.timezone)
    values = {
        "agency": client.agency_id,
        "client": client.id,
        "campaign": campaign_id,
        "first": datetime.combine(asked.start, time(), zone),
        "after": datetime.combine(asked.end + timedelta(days=1), time(), zone),
        "most": MOST + 1,
    }
    found = session.connection().execute(_POSTS, values).mappings().all()
    if len(found) > MOST:
        raise TooManyPosts(pointer="?to")
    measured = [_measured(row["cells"]) for row in found]
    made = [_post(row, each) for row, each in zip(found, measured, strict=True)]
    made.sort(key=lambda post: (-(post["views"] if post["views"] is not None else -1), post["id"]))
    answers = [(kpi, kpis.answer(kpi, measured)) for kpi in SUMMED]
    answers.append((KpiId.er_avg, kpis.er_avg(measured)))
    return {
        "client_id": client.id,
        "timezone": client.timezone,
        "period": {"start": asked.start, "end": asked.end, "days": asked.days},
        "count": len(found),
        "kpis": [answered(kpi, answer) for kpi, answer in answers],
        "posts": made[:limit],
    }


def of_post(session: Session, post_id: UUID, asked: Period) -> Shaped:
    """What the totals of a post say of the days of a period."""
    post = database.get(session, PublishedPost, post_id)
    client = database.get(session, Client, post.client_id)
    began_on = post.published_at.astimezone(ZoneInfo(client.timezone)).date()
    return _days(session, post, SubjectType.post, asked, began_on)


def of_channel(session: Session, channel_id: UUID, asked: Period) -> Shaped:
    """What the totals of a channel say of the days of a period."""
    channel = database.get(session, Channel, channel_id)
    return _days(session, channel, SubjectType.channel, asked, None)


def _days(
    session: Session,
    subject: PublishedPost | Channel,
    type: SubjectType,
    asked: Period,
    began_on: date | None,
) -> Shaped:
    values = {
        "agency": subject.agency_id,
        "client": subject.client_id,
        "type": type.value,
        "subject": subject.id,
        "last": asked.end,
    }
    rows = session.connection().execute(_TOTALS, values).mappings().all()
    known = {
        name: [(row["period_start"], row[name]) for row in rows if row[name] is not None]
        for name in DAILY
    }
    found = {
        name: [each for each in totals.differences(told, began_on) if each.on >= asked.start]
        for name, told in known.items()
    }
    days = {name: {each.on: each.value for each in found[name] if each.days == 1} for name in DAILY}
    return {
        "subject_type": type,
        "subject_id": subject.id,
        "rule_version": totals.RULE,
        "period": {"start": asked.start, "end": asked.end, "days": asked.days},
        "totals": {name: told[-1][1] if told else None for name, told in known.items()},
        "days": [
            {"date": day} | {name: days[name].get(day) for name in DAILY} for day in asked.dates()
        ],
        "gaps": [
            {"metric": name, "start": each.since, "end": each.on, "value": each.value}
            for name in DAILY
            for each in found[name]
            if each.days > 1
        ],
        "resets": [
            {"metric": name, "date": each.on}
            for name in DAILY
            for each in found[name]
            if each.is_reset
        ],
    }


def _measured(cells: Shaped) -> Measured:
    return kpis.derive({name: _quantity(cells[name]) for name in COUNTED})


def _quantity(cell: Sequence[Any]) -> Quantity:
    known, reason = cell
    if known is None:
        return missing(MissingReason(reason or "not_recorded"))
    value, is_by_hand = known
    quality = Quality.manual if is_by_hand else Quality.actual
    return Quantity(value, quality, FigureBasis.last_known)


def _post(row: Any, measured: Measured) -> Shaped:
    return {
        **{name: row[name] for name in _NAMED},
        "last_reading_on": row["last_reading_on"],
        **{name: measured[name].value for name in COUNTED},
        "kpis": [answered(kpi, kpis.answer(kpi, [measured])) for kpi in SHOWN],
    }


_NAMED = (
    *("id", "channel_id", "campaign_id", "network", "external_id", "url"),
    *("published_at", "title", "format"),
)


def _newest(metric: str) -> str:
    told = f"jsonb_build_array({metric}, {by_hand(metric)}) order by period_start desc"
    reason = f"missing ->> '{metric}' order by period_start desc"
    return (
        f"'{metric}', jsonb_build_array("
        f"(array_agg({told}) filter (where {metric} is not null))[1],"
        f"(array_agg({reason}) filter (where missing ? '{metric}'))[1])"
    )


_POSTS = text(
    f"""
    select {", ".join(f"p.{name}" for name in _NAMED)}, m.last_reading_on, m.cells
    from published_posts p
    cross join lateral (
        select max(period_start) as last_reading_on,
            jsonb_build_object({", ".join(map(_newest, COUNTED))}) as cells
        from metric_current m
        where m.agency_id = p.agency_id and m.client_id = p.client_id
            and m.subject_type = 'post' and m.subject_id = p.id and m.basis = 'lifetime'
    ) m
    where p.agency_id = :agency and p.client_id = :client
        and p.published_at >= :first and p.published_at < :after
        and (cast(:campaign as uuid) is null or p.campaign_id = :campaign)
    limit :most
    """  # noqa: S608
)
_TOTALS = text(
    f"""
    select period_start, {", ".join(DAILY)} from metric_current
    where agency_id = :agency and client_id = :client
        and subject_type = :type and subject_id = :subject
        and basis = 'lifetime' and period_start <= :last
    order by period_start
    """  # noqa: S608
)
