"""
What a collaboration brought for what it cost.

Clicks, conversions and revenue are those counted here, where there is a link or a code to count by;
else they are told, like all other figures. Cost is what the terms owe less what was asked back,
commission on what is left of the sales, up to its cap, and what a product given is worth.
"""

import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import Any, cast
from uuid import UUID

from sqlmodel import Session, col, func, select

from api.clients.networks import Network
from api.collaborations.models import Collaboration, CollaborationDeliverable
from api.collaborations.money.models import FeeKind, Instalment, InstalmentStatus
from api.collaborations.terms import offers
from api.metrics.figures import (
    NOT_RECORDED,
    FigureBasis,
    MissingReason,
    Quality,
    Quantity,
    missing,
    together,
)
from api.metrics.kpis import Answer, KpiId, RateCard, answer, emv, revenue_roi, roi
from api.proof import results
from api.proof.models import CollaborationResult, ToldMetric
from api.returns.sales import of_each as sales_of_each
from api.tracking.models import ConversionDay
from tenants import clients, clock, database
from tenants.models import Client

_M = ToldMetric
COUNTED_HERE = (_M.clicks, _M.conversions, _M.revenue_minor)
UNIQUE = (_M.reach,)
EMV = "estimated_media_value"


def of_collaboration(session: Session, collaboration_id: UUID) -> dict[str, Any]:
    """All that is known of what a collaboration brought."""
    row = database.get(session, Collaboration, collaboration_id)
    words = results.newest(session, row.id)
    sales = _sales(session, row)
    figures = {metric: _figure(metric, words, sales) for metric in _M}
    cost = None if _is_influencer(session) else _cost(session, row, sales)
    return {
        "collaboration_id": row.id,
        "client_id": row.client_id,
        "figures": [_shown(metric, figure, words) for metric, figure in figures.items()],
        "deliverables": [word for word in words if word.deliverable_id is not None],
        "sales": sales,
        "cost": cost,
        "returns": _returns(session, row, words, figures, cost) if cost else None,
    }


_Figure = tuple[Quantity, str, Any]


def figures_of(session: Session, row: Collaboration) -> tuple[dict[ToldMetric, _Figure], str]:
    """Each figure of the whole, who says it and of when; and the currency of the fee."""
    words, sales = results.newest(session, row.id), _sales(session, row)
    currency = _terms(session, row).get("currency") or sales["currency"]
    return {metric: _figure(metric, words, sales) for metric in _M}, currency


def _figure(
    metric: ToldMetric, words: Sequence[CollaborationResult], sales: Mapping[str, Any]
) -> _Figure:
    """A figure of the whole, who says it, and of when."""
    if _is_counted(metric, sales):
        return _counted(metric, sales), "tracking", None
    mine = [word for word in words if word.metric is metric]
    whole = next((word for word in mine if word.deliverable_id is None), None)
    if whole is not None and not _is_outweighed(whole, mine):
        return quantity(whole), whole.source, whole.captured_at
    if not mine:
        return NOT_RECORDED, "none", None
    parts = [quantity(word) for word in mine if word is not whole]
    return together(parts, overlapping=metric in UNIQUE), "deliverables", None


def _is_outweighed(whole: CollaborationResult, words: Sequence[CollaborationResult]) -> bool:
    """Whether the influencer tells the whole, and the agency its pieces."""
    own = results.INFLUENCER
    return whole.source == own and any(word.source != own for word in words)


def _is_counted(metric: ToldMetric, sales: Mapping[str, Any]) -> bool:
    """Whether there is anything here to count it by."""
    if metric is _M.clicks:
        return bool(sales["links"])
    return metric in COUNTED_HERE and bool(sales["links"] or sales["promo_codes"])


def _counted(metric: ToldMetric, sales: Mapping[str, Any]) -> Quantity:
    if metric is _M.revenue_minor:
        return Quantity(
            sales["net_revenue_minor"], basis=FigureBasis.period, currency=sales["currency"]
        )
    if metric is _M.conversions:
        return Quantity(sales["conversions"] - sales["refunded"], basis=FigureBasis.period)
    return Quantity(sales["clicks"], basis=FigureBasis.period)


def quantity(word: CollaborationResult) -> Quantity:
    """A word as a quantity."""
    if word.value is None:
        return missing(MissingReason(word.reason or MissingReason.not_recorded))
    return Quantity(
        word.value, Quality(word.quality.value), FigureBasis.period, currency=word.currency
    )


def _shown(
    metric: ToldMetric, figure: _Figure, words: Sequence[CollaborationResult]
) -> dict[str, Any]:
    found, source, at = figure
    told = (each for each in words if (each.metric, each.deliverable_id) == (metric, None))
    return {
        "metric": metric,
        "value": found.value,
        "currency": found.currency,
        "quality": found.quality,
        "reason": found.missing_reason,
        "complete": found.complete,
        "source": source,
        "captured_at": at,
        "file_ids": next((each.file_ids for each in told if each.captured_at == at), []),
    }


def figures_of_each(
    session: Session, ids: Sequence[UUID], currency: str
) -> Mapping[UUID, Mapping[ToldMetric, Quantity]]:
    """Each figure of several collaborations of one client, in a few questions for all of them."""
    words: dict[UUID, list[CollaborationResult]] = defaultdict(list)
    for word in results.newest_of_each(session, ids):
        words[word.collaboration_id].append(word)
    sales = sales_of_each(session, ids, currency)
    return {id: {m: _figure(m, words[id], sales[id])[0] for m in _M} for id in ids}


def _sales(session: Session, row: Collaboration) -> dict[str, Any]:
    return sales_of_each(session, [row.id], _currency(session, row))[row.id]


def _currency(session: Session, row: Collaboration) -> str:
    """The client's; an influencer, who sees no client, is told in that of the sums or the terms."""
    if not _is_influencer(session):
        return session.exec(select(Client.currency).where(col(Client.id) == row.client_id)).one()
    query = select(ConversionDay.currency).where(col(ConversionDay.collaboration_id) == row.id)
    return session.exec(query.limit(1)).first() or _terms(session, row).get("currency", "EUR")


def _is_influencer(session: Session) -> bool:
    return bool(cast(database.Session, session).sight.is_influencer)


def _terms(session: Session, row: Collaboration) -> dict[str, Any]:
    terms = offers.accepted(session, row.id)
    return dict(terms.content.get("fee") or {}) if terms else {}


def _cost(session: Session, row: Collaboration, sales: Mapping[str, Any]) -> dict[str, Any]:
    owed = select(
        func.coalesce(func.sum(Instalment.amount_minor - Instalment.clawed_back_minor), 0)
    ).where(
        col(Instalment.collaboration_id) == row.id,
        col(Instalment.status) != InstalmentStatus.void,
        col(Instalment.kind) != FeeKind.commission,
    )
    terms = _terms(session, row)
    fee, product = int(session.exec(owed).one()), terms.get("product_value_minor")
    commission = min(sales["commission_minor"], terms.get("commission_cap_minor") or 0)
    return {
        "currency": terms.get("currency") or sales["currency"],
        "fee_minor": fee,
        "commission_minor": commission,
        "product_minor": product or 0,
        "total_minor": fee + commission + (product or 0),
    }


def _returns(
    session: Session,
    row: Collaboration,
    words: Sequence[CollaborationResult],
    figures: Mapping[ToldMetric, _Figure],
    cost: Mapping[str, Any],
) -> list[dict[str, Any]]:
    spent = Quantity(cost["total_minor"], basis=FigureBasis.period, currency=cost["currency"])
    of = {metric.value: figure[0] for metric, figure in figures.items()} | {"spend_minor": spent}
    revenue = of["revenue_minor"]
    made = {
        "cost_per_reach": (_per(spent, of["reach"]), "ratio_money"),
        "cpv": (answer(KpiId.cpv, [of]), "ratio_money"),
        "cpe": (answer(KpiId.cpe, [of]), "ratio_money"),
        "cpa": (answer(KpiId.cpa, [of]), "ratio_money"),
        "roi": (roi(revenue, spent), "ratio"),
        "revenue_roi": (revenue_roi(revenue, spent), "ratio"),
    }
    shown = [_answered(id, found, unit) for id, (found, unit) in made.items()]
    if clients.current_agency(session).settings.get(EMV):
        card = rate_card(clock.now().date())
        worth = emv(card, _counts(session, row, words))
        shown.append(_answered("emv", worth, "money", f"{card.id} {card.version}"))
    return shown


def _per(spent: Quantity, reached: Quantity) -> Answer:
    """Money ÷ people reached: the arithmetic of `cpv`, over another count."""
    return answer(KpiId.cpv, [{"spend_minor": spent, "views": reached}])


def _answered(id: str, found: Answer, unit: str, card: str | None = None) -> dict[str, Any]:
    return {
        "id": id,
        "value": found.value,
        "numerator": found.numerator,
        "denominator": found.denominator,
        "unit": unit,
        "currency": found.currency,
        "quality": found.quality,
        "missing_reason": found.missing_reason,
        "rate_card": card,
    }


def _counts(
    session: Session, row: Collaboration, words: Sequence[CollaborationResult]
) -> dict[str, dict[str, int]]:
    """What is told of each piece, by network: what is told of the whole has none."""
    query = select(CollaborationDeliverable.id, CollaborationDeliverable.network).where(
        col(CollaborationDeliverable.collaboration_id) == row.id
    )
    networks = {id: Network(network).value for id, network in session.exec(query)}
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for word in words:
        if word.deliverable_id in networks and word.value is not None:
            found[networks[word.deliverable_id]][word.metric.value] += word.value
    return {network: dict(counts) for network, counts in found.items()}


def rate_card(on: date) -> RateCard:
    """The version of the rate card in force on a day; the first one for days before it."""
    held = [each for each in _versions() if each[0] <= on] or [_versions()[0]]
    return held[-1][1]


@lru_cache(maxsize=1)
def _versions() -> tuple[tuple[date, RateCard], ...]:
    told = tomllib.loads(resources.files("api.returns").joinpath("rate_card.toml").read_text())
    return tuple(
        (
            each["from"],
            RateCard(told["id"], each["version"], each["currency"], each["values"]),
        )
        for each in told["versions"]
    )
