"""
Selling a plan: the pages of Stripe on which an agency pays, looks after it, and changes it.

Coming back from a page grants nothing. What was bought is what Stripe says the subscription is.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlmodel import Session

from billing.provider import gateway, operations
from billing.provider.stripe_models import Operation, Subscription
from billing.subscription import subscriptions
from billing.subscription.access import RULES, Rule
from billing.subscription.catalog import PLANS, Interval, Plan, PlanCode
from tenants import database
from tenants.clients import current_agency
from tenants.errors import Conflict, Unprocessable
from tenants.jobs import Job
from tenants.quotas import QuotaKind


class AlreadySubscribed(Conflict):
    """The agency has a subscription; change that one, or open the portal."""


class NotSubscribed(Conflict):
    """The agency has no subscription at Stripe yet; open a checkout first."""


class PlanNotSold(Unprocessable):
    """This plan is given, not sold; `GET /v1/billing/plans` says which are sold."""


class SeatsNotSold(Unprocessable):
    """This plan has no end of seats, so none can be bought."""


def plan_customer(session: Session) -> Operation:
    """The agency as a customer: one, whatever it buys."""
    agency = current_agency(session)
    request = {"reference": str(agency.id), "name": agency.name}
    known = operations.last(session, "customer", agency.id)
    if known is not None and known.error is None:
        return known
    attempt = 1 if known is None else known.attempt + 1
    return operations.plan(session, "customer", agency.id, request, attempt=attempt)


@operations.settles("customer")
def keep_customer(session: database.Session, operation: Operation) -> None:
    if operation.stripe_id:
        subscriptions.reference(session, operation.stripe_id)


def check_new(session: Session, code: PlanCode, seats: int | None) -> None:
    """Whether a plan can be bought now."""
    row = subscriptions.current(session)
    if row.stripe_id and RULES.get(row.status) is not Rule.ended:
        raise AlreadySubscribed
    _sold(session, code, seats)


def _sold(session: Session, code: PlanCode, seats: int | None) -> Plan:
    plan = PLANS[code]
    if not plan.sold:
        raise PlanNotSold(pointer="/plan")
    if seats is not None and plan.room[QuotaKind.seats] is None:
        raise SeatsNotSold(pointer="/seats")
    subscriptions.check_room(session, plan, seats)
    return plan


def quantities(code: PlanCode, interval: Interval, seats: int | None) -> dict[str, int]:
    """What of each price is bought: the plan, and each seat beyond those it has."""
    plan = PLANS[code]
    wanted = {plan.price("base", interval): 1}
    more = (seats or 0) - (plan.room[QuotaKind.seats] or 0)
    if more > 0:
        wanted[plan.price("seat", interval)] = more
    return wanted


def plan_session(
    session: Session, id: UUID, wanted: Mapping[str, int], addresses: Mapping[str, str]
) -> Operation:
    """Have a page made on which this is paid for."""
    row = subscriptions.current(session)
    request = {
        "reference": str(id),
        "customer": row.customer_id,
        "quantities": dict(wanted),
        **addresses,
    }
    return operations.plan(session, "checkout_session", id, request)


def plan_portal(session: Session, id: UUID, return_url: str) -> Operation:
    """Have a page made on which cards, bills and the subscription's end are looked after."""
    row = subscriptions.current(session)
    if row.customer_id is None:
        raise NotSubscribed
    request = {"reference": str(id), "customer": row.customer_id, "return_url": return_url}
    return operations.plan(session, "portal_session", id, request)


def change(session: Session, **changes: Any) -> tuple[Subscription, Job]:
    """
    Ask Stripe for another plan, interval or number of seats: by a job, for what follows comes back
    from Stripe.
    """
    row = subscriptions.held(session)
    gateway.needed()
    if row.stripe_id is None or RULES.get(row.status) is Rule.ended:
        raise NotSubscribed
    code = changes.get("plan", row.plan)
    plan = PLANS[code]
    usual = row.seats if code is row.plan else None
    seats = changes.get("seats", usual)
    _sold(session, code, seats if plan.room[QuotaKind.seats] is not None else changes.get("seats"))
    interval = changes.get("interval", row.interval) or Interval.month
    request = {
        "reference": str(row.id),
        "subscription": row.stripe_id,
        "items": row.items,
        "quantities": quantities(code, interval, seats),
    }
    # Each version of the subscription can be asked to become another; twice is once.
    operation = operations.plan(
        session, "subscription_update", row.id, request, attempt=row.version
    )
    job = operations.ask(session, operation)
    database.touch(row)
    return row, job
