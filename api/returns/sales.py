"""What was sold by the links and codes of collaborations, as tracking keeps it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, func, select

from api.tracking.models import ConversionDay, LinkClicks, PromoCode, TrackingLink


def of_each(session: Session, ids: Sequence[UUID], currency: str) -> Mapping[UUID, dict[str, Any]]:
    """The sums of each collaboration, and how many links and codes there are to count by."""
    names = ("conversions", "refunded", "revenue_minor", "refunded_minor", "commission_minor")
    sums = [func.sum(getattr(ConversionDay, name)) for name in names]
    of = col(ConversionDay.collaboration_id)
    days = select(of, *sums).where(of.in_(ids)).group_by(of)
    told: Sequence[Any] = session.exec(days).all()
    sold = {id: dict(zip(names, map(int, each), strict=True)) for id, *each in told}
    links, codes = _counted_by(session, TrackingLink, ids), _counted_by(session, PromoCode, ids)
    at = col(TrackingLink.collaboration_id)
    clicks = (
        select(at, func.sum(LinkClicks.clicks))
        .join(TrackingLink, col(TrackingLink.id) == col(LinkClicks.link_id))
        .where(at.in_(ids))
        .group_by(at)
    )
    clicked = dict(session.exec(clicks).all()) if links else {}
    found = {id: dict.fromkeys(names, 0) | sold.get(id, {}) for id in ids}
    return {
        id: {
            **each,
            "currency": currency,
            "links": links.get(id, 0),
            "promo_codes": codes.get(id, 0),
            "clicks": int(clicked.get(id, 0)),
            "net_revenue_minor": each["revenue_minor"] - each["refunded_minor"],
        }
        for id, each in found.items()
    }


def _counted_by(session: Session, model: Any, ids: Sequence[UUID]) -> Mapping[UUID, int]:
    of = col(model.collaboration_id)
    return dict(session.exec(select(of, func.count()).where(of.in_(ids)).group_by(of)).all())
