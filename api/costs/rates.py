"""What can be done to cost rates: set from a day on, corrected or taken back while it is open."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.costs import books
from api.costs.models import CostRate
from api.costs.shapes import CostRateQuery
from tenants import clients, database, outbox
from tenants.errors import Conflict, Unprocessable
from tenants.models import Membership, MembershipKind
from tenants.pages import Listing


class RateExists(Conflict):
    """The person has a rate from this day on already; correct that one."""


class RateCurrency(Unprocessable):
    """What an hour costs is in the agency's own currency."""


class RateForStaff(Unprocessable):
    """Only the agency's own people have a cost rate."""


def search(session: Session, page: CostRateQuery) -> Listing:
    """The agency's cost rates, the last one set first."""
    query = select(CostRate)
    if page.membership_id:
        query = query.where(col(CostRate.membership_id) == page.membership_id)
    return Listing(query, CostRate, page)


def create(
    session: Session, *, membership_id: UUID, starts_on: date, hourly: dict[str, Any]
) -> CostRate:
    """Set what an hour of a person's costs from a day on, which must be open."""
    member = database.get(session, Membership, membership_id)
    if member.kind is not MembershipKind.staff:
        raise RateForStaff(pointer="/membership_id")
    _check_currency(session, hourly)
    books.check_open(session, starts_on)
    rate = CostRate(
        membership_id=member.id,
        starts_on=starts_on,
        hourly_minor=hourly["amount_minor"],
        currency=hourly["currency"],
    )
    taken = "uq_cost_rates_agency_id_membership_id_starts_on"
    with database.refusing_twice(taken, RateExists(pointer="/starts_on")):
        database.add(session, rate)
    outbox.emit(session, "cost_rate.created", rate, audience=books.INTERNAL)
    return rate


def update(session: Session, rate_id: UUID, hourly: dict[str, Any]) -> CostRate:
    """Correct an amount; every day from the rate's first on has to be open."""
    rate = database.get(session, CostRate, rate_id, lock=True)
    _check_currency(session, hourly)
    books.check_open(session, rate.starts_on)
    rate.hourly_minor = hourly["amount_minor"]
    database.touch(rate)
    outbox.emit(session, "cost_rate.updated", rate, audience=books.INTERNAL)
    return rate


def remove(session: Session, rate_id: UUID) -> None:
    """Take a rate back; its days cost what the rate before says, and must be open."""
    rate = database.get(session, CostRate, rate_id, lock=True)
    books.check_open(session, rate.starts_on)
    outbox.emit(session, "cost_rate.removed", rate, audience=books.INTERNAL)
    session.delete(rate)


def _check_currency(session: Session, hourly: dict[str, Any]) -> None:
    if hourly["currency"] != clients.current_agency(session).currency:
        raise RateCurrency(pointer="/hourly/currency")
