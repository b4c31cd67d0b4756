"""The money of a report's period: what everything cost, what came back, what the contract holds."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from sqlmodel import Session, col, select

from api.campaigns.balances import Balance
from api.campaigns.consumption import LineConsumption
from api.campaigns.models import ScopeLine
from api.clients.models import Contract, ContractStatus
from api.metrics.figures import MissingReason
from api.metrics.kpis import KpiId
from api.metrics.performance.shapes import Performance
from api.metrics.periods import Period
from api.statements import investment as invested
from tenants import database, reads
from tenants.models import Client


def investment(
    session: Session, client: Client, period: Period, found: Performance
) -> dict[str, Any] | None:
    """What the period cost, whoever paid it, and what it brought, in the client's currency."""
    days = period.start, period.end
    spent = invested.of(session, client.id, days, client.currency)
    total = spent.total_minor
    if total is None:
        return None
    revenue = next(kpi for kpi in found.kpis if kpi.id is KpiId.revenue)
    made: dict[str, Any] = {**spent.parts, "total_minor": total}
    if revenue.value is not None and revenue.currency == client.currency:
        made["revenue_minor"] = int(revenue.value)
    if spent.is_mixed or revenue.currency not in (None, client.currency):
        made["roi_missing_reason"] = "mixed_currency"
    elif "revenue_minor" not in made:
        made["roi_missing_reason"] = _unknown(revenue.missing_reason)
    else:
        made["roi"] = {"numerator": made["revenue_minor"] - total, "denominator": total}
    return made


def _unknown(reason: MissingReason | None) -> str:
    mixed = reason is MissingReason.mixed_currency
    return "mixed_currency" if mixed else "no_revenue"


def _contracts(
    session: Session, client_id: UUID, period: Period, states: Sequence[ContractStatus]
) -> Sequence[Contract]:
    ends_on = col(Contract.ends_on)
    query = select(Contract).where(
        col(Contract.client_id) == client_id,
        col(Contract.status).in_(states),
        col(Contract.starts_on) <= period.end,
        ends_on.is_(None) | (ends_on >= period.start),
    )
    return session.exec(query.order_by(col(Contract.starts_on), col(Contract.id))).all()


def paid(client: Client, found: Performance) -> dict[str, Any] | None:
    """What the channels that spent on ads brought; of the others nothing was paid for."""
    spending = [each for each in found.channels or () if each.totals.spend_minor.value]
    same = [each for each in spending if each.totals.spend_minor.currency == client.currency]
    if not same or len(same) < len(spending):
        return None
    made: dict[str, Any] = {}
    for name in ("spend_minor", "impressions", "clicks", "conversions"):
        known = [getattr(each.totals, name).value for each in same]
        if None not in known:
            made[name] = sum(known)
    return made


def contract(
    session: Session, client: Client, period: Period, lines: Sequence[LineConsumption]
) -> dict[str, Any] | None:
    """What is in force, what of it is left at the period's end, and what was given beyond it."""
    made: dict[str, Any] = {}
    in_force = (ContractStatus.active, ContractStatus.in_notice)
    if agreed := _contracts(session, client.id, Period(period.end, period.end), in_force):
        made["agreements"] = [_agreement(each) for each in agreed]
    if retainers := _retainers(session, client.id, period):
        made["retainers"] = retainers
    if gifts := _gifts(session, client, lines):
        made["gifts"] = gifts
        worth = [gift["value_minor"] for gift in gifts if "value_minor" in gift]
        made["gifts_minor"] = sum(worth) if worth else None
    return made or None


def _agreement(each: Contract) -> dict[str, Any]:
    notice = each.renews_on - timedelta(days=each.notice_days) if each.renews_on else None
    days = {"renews_on": each.renews_on, "notice_by": notice, "ends_on": each.ends_on}
    return {
        "title": each.title,
        **{name: day.isoformat() for name, day in days.items() if day is not None},
    }


def _retainers(session: Session, client_id: UUID, period: Period) -> list[dict[str, Any]]:
    asked = Balance(client_id, period.end)
    found = json.loads(reads.ask_within(cast(database.Session, session), asked).body)
    return [_retainer(line) for line in found["lines"] if line["renews"] is not None]


def _retainer(line: dict[str, Any]) -> dict[str, Any]:
    """What is reserved for work under way is not used yet: it is still the client's."""
    return {
        "label": line["label"],
        "measure": line["measure"],
        **{name: line[name] for name in ("granted", "carried", "deducted")},
        **{name: line[name] for name in ("used", "over", "expired")},
        "remaining": line["remaining"] + (line["reserved"] or 0),
        "rolls_over": line["rollover"] != "none",
        "expires_on": line["next_expiry"],
    }


def _gifts(
    session: Session, client: Client, lines: Sequence[LineConsumption]
) -> list[dict[str, Any]]:
    """What was delivered beyond a line in these days, unless units beyond it have their price."""
    given = [line for line in lines if line.over_serviced_in_period > 0]
    query = select(ScopeLine).where(col(ScopeLine.id).in_({line.line_id for line in given}))
    sold = {line.id: line for line in session.exec(query)} if given else {}
    return [
        _gift(line, sold.get(line.line_id), client)
        for line in given
        if not _is_billed(sold.get(line.line_id))
    ]


def _is_billed(line: ScopeLine | None) -> bool:
    return line is not None and bool((line.renewal or {}).get("overage_price"))


def _gift(given: LineConsumption, line: ScopeLine | None, client: Client) -> dict[str, Any]:
    made: dict[str, Any] = {"label": given.label, "units": given.over_serviced_in_period}
    if line is not None and line.unit_price_minor and line.currency == client.currency:
        made["value_minor"] = given.over_serviced_in_period * line.unit_price_minor
    return made
