"""A client's figures as the tiles of a report: which, in which order, and how each is written."""

from typing import Any

from api.metrics.figures import MissingReason
from api.metrics.kpis import RATES, KpiId
from api.metrics.models import KpiTarget
from api.metrics.performance.shapes import Kpi, PastKpi

# In the order the client reads them. Shown when it is known, or when a target asks for it.
TILES = (
    KpiId.reach,
    KpiId.views,
    KpiId.er_views,
    KpiId.followers_net,
    KpiId.clicks,
    KpiId.conversions,
    KpiId.leads,
    KpiId.revenue,
    KpiId.spend,
    KpiId.roas,
    KpiId.cpa,
)

# The client is told what the reason means for them.
_REASONS = {
    MissingReason.permission_missing: "not_connected",
    MissingReason.source_error: "not_recorded",
    MissingReason.not_additive: "not_comparable",
    MissingReason.out_of_range: "not_comparable",
}


def tile(kpi: Kpi, target: KpiTarget | None) -> dict[str, Any]:
    """A figure, its past and its target, as the snapshot holds it."""
    made: dict[str, Any] = {
        "id": kpi.id.value,
        "unit": kpi.unit,
        "per": kpi.per,
        "direction": kpi.direction.value,
        "quality": kpi.quality.value,
        **amount(kpi),
    }
    if kpi.missing_reason:
        made |= {"quality": "missing", "missing_reason": reason(kpi.missing_reason)}
    if kpi.previous is not None and kpi.previous.missing_reason is None:
        made["previous"] = amount(kpi.previous, kpi.unit)
    if target is not None:
        made["target"] = target_of(target)
        made["direction"] = target.direction.value
    return made


def amount(kpi: Kpi | PastKpi, unit: str | None = None) -> dict[str, Any]:
    """Nothing where it is missing, never 0."""
    shown = unit or getattr(kpi, "unit", "")
    if kpi.missing_reason is not None:
        return {}
    if shown in RATES:
        return {"numerator": kpi.numerator, "denominator": kpi.denominator}
    return {"value": kpi.value}


def target_of(target: KpiTarget) -> Any:
    """A number, or a rate as it was agreed."""
    if target.value is not None:
        return target.value
    return {"numerator": target.numerator, "denominator": target.denominator}


def reason(missing: MissingReason) -> str:
    """Why a figure is missing, as the client is told."""
    return _REASONS.get(missing, missing.value)
