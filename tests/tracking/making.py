"""Links, codes and sales for tests."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select

import api.tracking.invariants  # noqa: F401
from api.tracking.models import ConversionDay, LinkClicks
from tenants import auth, clock, database
from tests.collaborations import making
from tests.factories import Person, Staffed

_TODAY = clock.today("UTC")
# A Monday of two weeks ago, or nearly three.
MONDAY = datetime.combine(_TODAY - timedelta(days=14 + _TODAY.weekday()), time(10), UTC)


def a_day(after: int = 0) -> date:
    """A day so many days from that Monday."""
    return MONDAY.date() + timedelta(days=after)


def on(after: int = 0) -> str:
    """The same as it is sent."""
    return a_day(after).isoformat()


def link(agency: Staffed, made: dict[str, Any], target: str = "https://aurora.example/") -> Any:
    body = {"collaboration_id": made["id"], "target": target}
    return agency.executive.post("/v1/tracking-links", body)


def code(agency: Staffed, made: dict[str, Any], name: str = "AURORA10", **values: Any) -> Any:
    days = {"starts_on": on(-15), "ends_on": on(45)}
    body = {"collaboration_id": made["id"], "code": name, **days, **values}
    return agency.executive.post("/v1/promo-codes", body)


def sale(order: str = "1", amount: int = 10_000, **values: Any) -> dict[str, Any]:
    return {
        "kind": "sale",
        "order_id": order,
        "amount_minor": amount,
        "currency": "EUR",
        "occurred_at": MONDAY.isoformat(),
        **values,
    }


def refund(
    order: str = "1", amount: int = 4_000, name: str = "r1", **values: Any
) -> dict[str, Any]:
    later = (MONDAY + timedelta(days=3)).isoformat()
    body = {**sale(order, amount), "kind": "refund", "refund_id": name, "occurred_at": later}
    return {**body, **values}


def tell(agency: Staffed, *told: dict[str, Any], by: Person | None = None, **values: Any) -> Any:
    body = {"client_id": str(agency.client_id), "source": "shop", "conversions": list(told)}
    return (by or agency.executive).post("/v1/conversions", {**body, **values})


def told(agency: Staffed, *some: dict[str, Any], **values: Any) -> dict[str, Any]:
    return dict(making.done(tell(agency, *some, **values)))


def results(person: Person, made: dict[str, Any]) -> dict[str, Any]:
    return dict(making.done(person.get(f"/v1/collaborations/{made['id']}/results")))


def sales(agency: Staffed, made: dict[str, Any]) -> dict[str, Any]:
    return dict(results(agency.executive, made)["sales"])


def days(agency: Staffed) -> list[tuple[Any, ...]]:
    """The sums that are kept of each day."""
    with database.agency_session(auth.system(agency.agency_id)) as session:
        found = session.exec(select(ConversionDay).order_by(col(ConversionDay.day))).all()
        return [
            (
                each.day.isoformat(),
                each.conversions,
                each.refunded,
                each.revenue_minor,
                each.refunded_minor,
                each.commission_minor,
            )
            for each in found
        ]


def clicks(agency: Staffed, made: dict[str, Any]) -> int:
    with database.agency_session(auth.system(agency.agency_id)) as session:
        query = select(LinkClicks.clicks).where(col(LinkClicks.link_id) == UUID(made["id"]))
        return sum(session.exec(query))


def now() -> str:
    return clock.now().isoformat()
