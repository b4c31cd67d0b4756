"""Scopes sold, and the orders that change them."""

from typing import Any

from tenants import auth, database
from tenants.models import Client, OverScope
from tests.budgets import factories as budgets
from tests.campaigns import making
from tests.campaigns.making import done
from tests.factories import Person, Staffed

ORDERS = "/v1/change-orders"


PRICE = {"amount_minor": 20000, "currency": "EUR"}


HUGE = {"quantity_delta": 1_000_000, "unit_price": {"amount_minor": 10**12, "currency": "EUR"}}


def sold(agency: Staffed, *lines: dict[str, Any]) -> Any:
    """A campaign's accepted scope: twelve reels, unless said."""
    campaign_id = making.campaign(agency)["id"]
    return making.accepted(agency, *lines, campaign_id=campaign_id)


def draft(agency: Staffed, scope: Any, *changes: dict[str, Any], **values: Any) -> Any:
    body = {
        "scope_id": scope["id"],
        "title": "Más reels",
        "reason": {"es": "El lanzamiento se alarga"},
        "lines": list(changes),
        **values,
    }
    return done(agency.executive.post(ORDERS, body), 201)


def more(line: Any, units: int = 3, **values: Any) -> dict[str, Any]:
    return {"action": "alter", "line_id": line["id"], "quantity_delta": units, **values}


def submit(agency: Staffed, order: Any) -> Any:
    return done(agency.executive.post(f"{ORDERS}/{order['id']}/submit"))


def accept(agency: Staffed, order: Any) -> Any:
    submit(agency, order)
    return done(agency.approver.post(f"{ORDERS}/{order['id']}/accept"))


def in_force(agency: Staffed, scope: Any, as_of: str | None = None) -> Any:
    path = f"/v1/campaigns/{scope['campaign_id']}/scope"
    return done(agency.executive.get(path, params={"as_of": as_of} if as_of else {}))


def active_line(agency: Staffed, allocated: int) -> Any:
    """A line of an active budget."""
    return budgets.approved(agency, allocated)["lines"][0]


def quantities(scope: Any) -> list[int]:
    return [line["quantity"] for line in scope["lines"]]


def set_policy(agency: Staffed, policy: OverScope) -> None:
    with database.agency_session(auth.system(agency.agency_id)) as session:
        database.get(session, Client, agency.client_id).over_scope = policy


def plan(person: Person, line: Any, **values: Any) -> Any:
    return person.post("/v1/deliverables", {"line_id": line["id"], **values})


def plan_of(person: Person, line: Any) -> Any:
    return done(plan(person, line), 201)
