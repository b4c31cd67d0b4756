"""
The platform's part of a report: what the domains know of a period, in the snapshot's form.

Figures come from the platform and words from the account executive, so nothing here is typed in.
A domain that has nothing to say leaves its section out.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from api.budgets import ledger
from api.budgets.ledger import LineFigures
from api.campaigns import consumption
from api.campaigns.consumption import LineConsumption
from api.clients.models import ClientRequest, Commitment, Promise, PromiseStatus
from api.metrics.kpis import KpiId
from api.metrics.performance import measured, performance
from api.metrics.performance.shapes import ChannelFigures, PastKpi, Performance
from api.metrics.periods import Compare, Period, before
from api.metrics.targets import targets
from api.reports.figures import collaborations, market, money, work, year
from api.reports.figures.tiles import TILES, amount, tile
from api.reports.models import Report
from api.reports.snapshot.figures import Metric, ReportChannel, Span, totals_of
from tenants.models import Audience, Client

MOST_PIECES = 40
CHANNEL_METRICS: tuple[Metric, ...] = ("reach", "views", "clicks", "conversions", "posts")

# Told also when there is none of it, for whoever writes the draft.
_ALWAYS = ("kpis", "channels", "requests", "commitments", "kept", "deliverables", "content")


def collect(session: Session, client: Client, report: Report) -> dict[str, Any]:
    """Every figure of a report's period, as JSON that `ReportSnapshot` takes."""
    period = Period(report.starts_on, report.ends_on)
    found = performance.of(session, client.id, period, compare=report.compare)
    lines = consumption.of_client(session, client.id, period.start, period.end).lines
    budgeted = ledger.of_client(session, client.id, period.start, period.end)
    invested = money.investment(session, client, period, found) or {}
    results = _measured(session, client, period, report.compare, found)
    shown = {str(tile["id"]) for tile in results["kpis"]}
    inside = report.audience is Audience.internal
    collected = {
        **results,
        **_promises(session, client.id, period),
        "deliverables": _deliverables(lines),
        "content": _content(lines, client, period),
        "aims": work.aims(session, client, period),
        "year": year.year(session, client, period),
        "waited": work.waited(session, client, period),
        "coming": work.coming(session, client, period),
        "posts": work.posts(session, client, period, report.chosen_content or ()),
        "collaborations": collaborations.collaborations(session, client, period, inside=inside),
        "paid": money.paid(client, found),
        "investment": invested,
        "contract": money.contract(session, client, period, lines),
        "community": market.community(session, client, period),
        "competitors": market.competitors(session, client, period),
        "benchmarks": market.benchmarks(session, client, period, shown),
        "budget": _budget(client, budgeted, invested.get("fee_minor")),
    }
    if inside:
        collected["effectiveness"] = work.effectiveness(session, client, period, lines)
    return {name: part for name, part in collected.items() if part or name in _ALWAYS}


def compared(report: Report) -> tuple[date, date]:
    """The days a report's period is compared with."""
    past = before(Period(report.starts_on, report.ends_on), report.compare)
    assert past is not None
    return past.start, past.end


def _measured(
    session: Session, client: Client, period: Period, compare: Compare, found: Performance
) -> dict[str, Any]:
    wanted = targets.of_period(session, client.id, period.start, period.end)
    kpis = {kpi.id: kpi for kpi in found.kpis}
    tiles = [
        tile(kpis[id], wanted.get(id.value))
        for id in TILES
        if kpis[id].missing_reason is None or id.value in wanted
    ]
    seen = sorted(filter(_says_anything, found.channels or ()), key=_most_seen_first)
    days = measured.channel_days(session, client.id, period, "views")
    channels = [
        ReportChannel.model_validate(_channel(each, days.get(each.id, []))) for each in seen
    ]
    made: dict[str, Any] = {"kpis": tiles, "channels": [_plain(each) for each in channels]}
    if channels:
        span = Span(start=period.start, end=period.end)
        previous = _previous_days(session, client.id, before(period, compare))
        made["totals"] = _plain(totals_of(channels, span, previous))
    return made


def _says_anything(channel: ChannelFigures) -> bool:
    figures = (getattr(channel.totals, name) for name in CHANNEL_METRICS)
    return channel.followers.value is not None or any(each.value is not None for each in figures)


def _most_seen_first(channel: ChannelFigures) -> tuple[int, str]:
    return -(channel.totals.views.value or 0), channel.name


def _channel(channel: ChannelFigures, days: Sequence[tuple[date, int | None]]) -> dict[str, Any]:
    kpis = {kpi.id: kpi for kpi in channel.kpis}
    engagements, rate = kpis[KpiId.engagements], kpis[KpiId.er_views]
    metrics = {
        name: {
            "value": getattr(channel.totals, name).value,
            "previous": getattr(channel.totals, name).previous,
        }
        for name in CHANNEL_METRICS
        if getattr(channel.totals, name).value is not None
    }
    if engagements.value is not None:
        past = engagements.previous.value if engagements.previous else None
        metrics["engagements"] = {"value": engagements.value, "previous": past}
    made: dict[str, Any] = {
        "id": str(channel.id),
        "network": channel.network.value,
        "name": channel.name,
        "metrics": metrics,
        "daily": [{"date": day, "views": views} for day, views in days],
    }
    if channel.followers.value is not None:
        made["followers"] = {
            "value": channel.followers.value,
            "previous": channel.followers.previous,
        }
    if rate.missing_reason is None:
        made["engagement_rate"] = {**amount(rate), "previous": _past_rate(rate.previous)}
    return made


def _past_rate(past: PastKpi | None) -> dict[str, Any] | None:
    return amount(past, "ratio") or None if past else None


def _previous_days(session: Session, client_id: UUID, past: Period | None) -> list[int | None]:
    """Views of each day before; null where a channel that reports days has none."""
    if past is None:
        return []
    by_channel = [
        dict(days) for days in measured.channel_days(session, client_id, past, "views").values()
    ]
    if not by_channel:
        return []
    totals: list[int | None] = []
    for day in past.dates():
        views = [days.get(day) for days in by_channel]
        known = [each for each in views if each is not None]
        totals.append(sum(known) if len(known) == len(views) else None)
    return totals


def _budget(
    client: Client, lines: Sequence[LineFigures], fee_minor: int | None
) -> dict[str, Any] | None:
    """The lines in the client's currency; the agency's fee is told beside them."""
    mine = [line for line in lines if line.currency == client.currency]
    if not mine:
        return None
    rows = [
        {
            "label": line.label,
            "category": line.category,
            "paid_by": line.paid_by.value,
            "allocated_minor": line.allocated_minor,
            "committed_minor": line.committed_minor,
            "spent_minor": line.spent_minor,
            "unfunded_minor": line.unfunded_minor,
        }
        for line in mine
    ]
    names = ("allocated_minor", "committed_minor", "spent_minor", "unfunded_minor")
    totals = {name: sum(getattr(line, name) for line in mine) for name in names}
    totals["available_minor"] = sum(line.available_minor for line in mine)
    made = {"currency": client.currency, "lines": rows, "totals": totals}
    return {**made, "fees": {"amount_minor": fee_minor}} if fee_minor else made


def _promises(session: Session, client_id: UUID, period: Period) -> dict[str, Any]:
    """What each side still owes, and how what we owed in this period ended."""
    requests = _rows(session, ClientRequest, client_id)
    commitments = _rows(session, Commitment, client_id)
    open_ones = [row for row in commitments if row.status is PromiseStatus.open]
    kept = [row for row in commitments if _due_in(row, period) and row not in open_ones]
    return {
        "requests": [_promise(row) for row in requests if row.status is PromiseStatus.open],
        "commitments": [_promise(row) for row in open_ones],
        "kept": [_promise(row) for row in kept],
    }


def _rows(session: Session, model: Any, client_id: UUID) -> list[Any]:
    query = select(model).where(col(model.client_id) == client_id)
    return list(session.exec(query.order_by(col(model.due_on), col(model.id)).limit(200)))


def _due_in(row: Promise, period: Period) -> bool:
    return row.due_on is not None and period.start <= row.due_on <= period.end


def _promise(row: Promise) -> dict[str, Any]:
    return {
        "text": row.text,
        "owner": row.owner_name,
        "due_on": _day(row.due_on),
        "status": row.status.value,
        "settled_on": row.settled_at.date().isoformat() if row.settled_at else None,
    }


def _deliverables(lines: Sequence[LineConsumption]) -> list[dict[str, Any]]:
    return [
        {
            "line": number,
            "label": line.label,
            "channel": line.network,
            "measure": line.measure.value,
            "contracted": line.contracted,
            "delivered": line.delivered,
            "in_progress": line.in_progress,
            "over_serviced": line.over_serviced,
            "due_on": _day(line.due_on),
            "original_due_on": _day(line.original_due_on),
            "status": line.status.value,
            "blocked_cause": line.blocked_cause.value if line.blocked_cause else None,
        }
        for number, line in enumerate(lines, start=1)
    ]


def _content(lines: Sequence[LineConsumption], client: Client, period: Period) -> list[Any]:
    """The pieces that went out in the period, where anyone can see them."""
    zone = ZoneInfo(client.timezone)
    proofs = [proof for line in lines for proof in line.proofs]
    shown = [
        {
            "label": proof.label,
            "channel": proof.network,
            "published_at": proof.published_at.isoformat(),
            "url": proof.url,
        }
        for proof in proofs
        if proof.url and proof.url.startswith("https://") and proof.network
        if proof.published_at
        and period.start <= proof.published_at.astimezone(zone).date() <= period.end
    ]
    return sorted(shown, key=lambda each: str(each["published_at"]))[:MOST_PIECES]


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _plain(shape: Any) -> Any:
    return shape.model_dump(mode="json", exclude_defaults=True)
