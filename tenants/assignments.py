"""
Who does what for which client: duties from a day until a day, stand-ins, one lead per duty.

A new lead takes over from the former one. The lead account executive is the client's lead: there
is always one, who serves now and without an end. What is changed here bites on the person's next
request.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, or_, select

from tenants import clients, clock, database, outbox
from tenants.errors import Conflict, NotFound, Unprocessable
from tenants.invitations import DUTIES_OF, DutyNotForKind
from tenants.models import Assignment, Client, ClientStatus, Membership, MembershipStatus
from tenants.pages import Listing
from tenants.permissions import STAFF_DUTIES, Duty

# What every active client needs somebody for, besides its lead account executive.
NEEDED = (Duty.social_media_manager, Duty.community_manager)


class AlreadyAssigned(Conflict):
    """This person has this duty on this client in that time already."""


class LeadStays(Conflict):
    """A client always has a lead account executive; make somebody else the lead first."""


class LeadMustServe(Unprocessable):
    """A lead account executive serves from today or before, and until further notice."""


class MemberNotActive(Unprocessable):
    """The person must be an active member of the agency."""


class OnlyStaffLead(Unprocessable):
    """Approvers and viewers have no lead."""


class NobodyToStandInFor(Unprocessable):
    """A stand-in names somebody else who has the same duty on this client."""


@dataclass(frozen=True)
class Server:
    """Somebody who serves a client today."""

    assignment_id: UUID
    membership_id: UUID
    name: str
    title: dict[str, str]
    duty: Duty
    is_lead: bool
    active: bool
    starts_on: date
    ends_on: date | None
    stands_in_for: UUID | None


@dataclass(frozen=True)
class Team:
    """Who serves a client on a day, and the duties nobody does."""

    client_id: UUID
    on: date
    lead_membership_id: UUID
    members: list[Server]
    gaps: list[Duty]


def search(session: Session, client_id: UUID, page: Any) -> Listing:
    """The duties on a client, newest first."""
    database.get(session, Client, client_id)
    query = select(Assignment).where(col(Assignment.client_id) == client_id)
    if page.duty:
        query = query.where(col(Assignment.duty) == page.duty)
    if page.membership_id:
        query = query.where(col(Assignment.membership_id) == page.membership_id)
    return Listing(query, Assignment, page)


def create(session: Session, client_id: UUID, **values: Any) -> Assignment:
    """Give somebody a duty on a client; as its lead, they take over from the former one."""
    client = _hold(session, client_id)
    _check_member(session, values["membership_id"], values["duty"])
    values["starts_on"] = values.get("starts_on") or _today(session)
    lead = values.pop("is_lead")
    duty = Assignment(client_id=client_id, is_lead=False, **values)
    _check(session, duty, lead)
    if lead:
        _take_over(session, client, duty)
    database.add(session, duty)
    outbox.emit(session, "assignment.created", duty)
    return duty


def update(session: Session, client_id: UUID, assignment_id: UUID, **changes: Any) -> Assignment:
    """Change a duty's days, its stand-in, or who leads."""
    client = _hold(session, client_id)
    duty = _get(session, client_id, assignment_id)
    lead = changes.pop("is_lead", duty.is_lead)
    if duty.is_lead and not lead and duty.duty is Duty.account_executive:
        raise LeadStays
    with session.no_autoflush:
        duty.sqlmodel_update(changes)
        _check(session, duty, lead)
    if lead and not duty.is_lead:
        _take_over(session, client, duty)
    duty.is_lead = lead
    outbox.emit(session, "assignment.updated", duty)
    return duty


def remove(session: Session, client_id: UUID, assignment_id: UUID) -> None:
    """Take a duty from somebody."""
    _hold(session, client_id)
    duty = _get(session, client_id, assignment_id)
    if duty.is_lead and duty.duty is Duty.account_executive:
        raise LeadStays
    outbox.emit(session, "assignment.removed", duty)
    session.delete(duty)


def team(session: Session, client_id: UUID) -> Team:
    """Who serves a client today; an active one without a needed duty shows the gap."""
    client = database.get(session, Client, client_id)
    today = _today(session)
    query = (
        select(Assignment, Membership)
        .join(
            Membership,
            (col(Membership.agency_id) == col(Assignment.agency_id))
            & (col(Membership.id) == col(Assignment.membership_id)),
        )
        .where(
            col(Assignment.client_id) == client_id,
            col(Assignment.starts_on) <= today,
            or_(col(Assignment.ends_on).is_(None), col(Assignment.ends_on) >= today),
        )
        .order_by(col(Assignment.id))
    )
    members = [_server(duty, member) for duty, member in session.exec(query)]
    served = {each.duty for each in members if each.active}
    needed = NEEDED if client.status is ClientStatus.active else ()
    gaps = [duty for duty in needed if duty not in served]
    return Team(client_id, today, client.lead_membership_id, members, gaps)


def _server(duty: Assignment, member: Membership) -> Server:
    return Server(
        assignment_id=duty.id,
        membership_id=member.id,
        name=member.name,
        title=member.title,
        duty=duty.duty,
        is_lead=duty.is_lead,
        active=member.status is MembershipStatus.active,
        starts_on=duty.starts_on,
        ends_on=duty.ends_on,
        stands_in_for=duty.stands_in_for,
    )


def _hold(session: Session, client_id: UUID) -> Client:
    """The client, locked: its leads change one at a time. If-Match is about the duty, not this."""
    database.get(session, Client, client_id)
    query = select(Client).where(col(Client.id) == client_id).with_for_update(key_share=True)
    return session.exec(query.execution_options(populate_existing=True)).one()


def _get(session: Session, client_id: UUID, assignment_id: UUID) -> Assignment:
    if database.get(session, Assignment, assignment_id).client_id != client_id:
        raise NotFound
    return database.get(session, Assignment, assignment_id, lock=True)


def _today(session: Session) -> date:
    return clock.today(clients.current_agency(session).timezone)


def _check_member(session: Session, membership_id: UUID, duty: Duty) -> None:
    # Held, so that nobody is removed or suspended while a duty is being given to them.
    query = select(Membership).where(col(Membership.id) == membership_id).with_for_update(read=True)
    member = session.exec(query).first()
    if member is None or member.status is not MembershipStatus.active:
        raise MemberNotActive(pointer="/membership_id")
    if duty not in DUTIES_OF[member.kind]:
        raise DutyNotForKind(pointer="/duty")


def _check(session: Session, duty: Assignment, lead: bool) -> None:
    if lead and duty.duty not in STAFF_DUTIES:
        raise OnlyStaffLead(pointer="/is_lead")
    if duty.ends_on and duty.ends_on < duty.starts_on:
        raise Unprocessable(pointer="/ends_on")
    if lead and duty.duty is Duty.account_executive:
        _check_serves(session, duty)
    if duty.stands_in_for and not _same_duty(session, duty):
        raise NobodyToStandInFor(pointer="/stands_in_for")
    _check_once(session, duty)


def _check_serves(session: Session, duty: Assignment) -> None:
    if duty.ends_on is not None:
        raise LeadMustServe(pointer="/ends_on")
    if duty.starts_on > _today(session):
        raise LeadMustServe(pointer="/starts_on")


def _same_duty(session: Session, duty: Assignment) -> bool:
    query = select(Assignment.id).where(
        col(Assignment.client_id) == duty.client_id,
        col(Assignment.duty) == duty.duty,
        col(Assignment.membership_id) == duty.stands_in_for,
        col(Assignment.membership_id) != duty.membership_id,
    )
    return session.exec(query).first() is not None


def _check_once(session: Session, duty: Assignment) -> None:
    query = select(Assignment.id).where(
        col(Assignment.client_id) == duty.client_id,
        col(Assignment.membership_id) == duty.membership_id,
        col(Assignment.duty) == duty.duty,
        col(Assignment.id) != duty.id,
        or_(col(Assignment.ends_on).is_(None), col(Assignment.ends_on) >= duty.starts_on),
    )
    if duty.ends_on is not None:
        query = query.where(col(Assignment.starts_on) <= duty.ends_on)
    if session.exec(query).first():
        raise AlreadyAssigned


def _take_over(session: Session, client: Client, duty: Assignment) -> None:
    """End the former lead's lead before the new one's begins: there is one at any time."""
    query = select(Assignment).where(
        col(Assignment.client_id) == client.id,
        col(Assignment.duty) == duty.duty,
        col(Assignment.is_lead),
        col(Assignment.id) != duty.id,
    )
    with session.no_autoflush:
        former = session.exec(query).first()
    if former:
        former.is_lead = False
        outbox.emit(session, "assignment.updated", former)
    duty.is_lead = True
    if duty.duty is Duty.account_executive and client.lead_membership_id != duty.membership_id:
        client.lead_membership_id = duty.membership_id
        outbox.emit(session, "client.lead_changed", client)
