"""What a client's money brought back: that needs what everything cost, which no reading tells."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from api.metrics import kpis
from api.metrics.figures import (
    LARGEST,
    NOT_RECORDED,
    FigureBasis,
    MissingReason,
    Quantity,
    missing,
)
from api.metrics.kpis import Answer, KpiId
from api.metrics.periods import Period
from api.statements import investment
from tenants.pipeline import Statement

# What everything cost names the agency's fees: it is for those who may read a client's money.
MAY_READ = "statements:read"


def statement(
    agency_id: UUID,
    client_id: UUID,
    spans: Sequence[Period],
    *,
    campaign_id: UUID | None = None,
    as_of: datetime | None = None,
) -> Statement:
    """Ask what each of some periods cost, as it is known now or was `as_of`; or one campaign."""
    of: dict[str, Any] = {"campaign_id": campaign_id, "as_of": as_of}
    return investment.statement(agency_id, client_id, _days(spans), **of)


def statement_of_all(agency_id: UUID, spans: Sequence[Period]) -> Statement:
    """Ask what each of some periods cost every client in sight."""
    return investment.statement_of_all(agency_id, _days(spans))


def _days(spans: Sequence[Period]) -> list[investment.Days]:
    return [(each.start, each.end) for each in spans]


def by_client(found: Sequence[Any]) -> dict[UUID, list[Any]]:
    """What `costs` takes, of each client."""
    told: dict[UUID, list[Any]] = {}
    for client_id, *row in found:
        told.setdefault(client_id, []).append(row)
    return told


def costs(found: Sequence[Any], spans: Sequence[Period], currency: str) -> list[Quantity]:
    """What each cost; nothing is said where nothing was looked up."""
    told = zip(found, spans, strict=False)
    return [_cost(row, days, currency) for row, days in told]


def _cost(row: Sequence[Any], days: Period, currency: str) -> Quantity:
    """In the client's own currency, if nothing was paid in another."""
    found = investment.investment(row, days.start, days.end, currency)
    if found.is_mixed:
        return missing(MissingReason.mixed_currency)
    if found.total_minor is None or found.total_minor > LARGEST:
        return NOT_RECORDED
    return Quantity(found.total_minor, basis=FigureBasis.period, currency=currency)


def both(
    kpi: KpiId, revenue: Sequence[Quantity], costs: Sequence[Quantity]
) -> tuple[Answer, Answer]:
    """A return now and before, of the revenue of each and its cost."""
    by = kpis.roi if kpi is KpiId.roi else kpis.revenue_roi
    now, before = [*costs, NOT_RECORDED, NOT_RECORDED][:2]
    return by(revenue[0], now), by(revenue[1], before)
