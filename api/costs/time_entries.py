"""
What can be done to time: entered, changed, taken back while its day is open.

People write and read their own; who runs the client's account, and owner and admin, those of
everybody on it. A person's day has 1,440 minutes over all their clients.
"""

from collections import Counter
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import text, true
from sqlmodel import Session, col, or_, select

from api.campaigns.models import ScopeLine
from api.costs import books, work
from api.costs.models import DAY_MINUTES, TimeEntry
from api.costs.shapes import TimeEntryQuery
from tenants import clock, database, outbox
from tenants.errors import Conflict, Forbidden, NotFound, Unprocessable
from tenants.models import Assignment, Client, Membership, MembershipKind, MembershipStatus
from tenants.pages import Listing
from tenants.permissions import AgencyRole

READ_ALL, WRITE_ALL = "time:read_all", "time:write_all"


class DayFull(Conflict):
    """A day has 1,440 minutes, over all clients; `left_minutes` says how many are left."""

    def __init__(self, left: int) -> None:
        super().__init__(pointer="/minutes", extra={"left_minutes": left}, left=left)


class NotWorkedYet(Unprocessable):
    """The day has not begun where the client is."""


class NotOnTheClient(Unprocessable):
    """The person is not an active member of the staff who serves this client."""


def search(session: Session, page: TimeEntryQuery) -> Listing:
    """The entries that whoever asks may read, newest first."""
    query = select(TimeEntry).where(_shown(session))
    for name in ("client_id", "membership_id", "campaign_id", "deliverable_id", "activity"):
        if (wanted := getattr(page, name)) is not None:
            query = query.where(getattr(TimeEntry, name) == wanted)
    if page.scope_line_id:
        line = select(ScopeLine.origin_id).where(col(ScopeLine.id) == page.scope_line_id)
        query = query.where(col(TimeEntry.scope_line_id) == line.scalar_subquery())
    if page.worked_before:
        query = query.where(col(TimeEntry.worked_on) < page.worked_before)
    if page.worked_after:
        query = query.where(col(TimeEntry.worked_on) > page.worked_after)
    return Listing(query, TimeEntry, page)


def read(session: Session, entry_id: UUID) -> TimeEntry:
    """One entry; somebody else's is not there for who may read their own only."""
    entry = database.get(session, TimeEntry, entry_id)
    if entry.membership_id != _me(session) and not _may(session, READ_ALL, entry.client_id):
        raise NotFound
    return entry


def create(session: Session, client_id: UUID, **values: Any) -> TimeEntry:
    """Enter time: one's own, or that of somebody who serves the client."""
    client = database.get(session, Client, client_id)
    whose = values.pop("membership_id") or _me(session)
    _check_person(session, client.id, whose)
    values |= work.of(session, client.id, **{name: values[name] for name in work.NAMES})
    worked_on = values.pop("worked_on") or clock.today(client.timezone)
    _check_begun(client, worked_on)
    books.check_open(session, worked_on)
    _count(session, whose, Counter({worked_on: values["minutes"]}))
    entry = TimeEntry(
        client_id=client.id,
        membership_id=whose,
        worked_on=worked_on,
        entered_by=_me(session),
        **values,
    )
    database.add(session, entry)
    outbox.emit(session, "time_entry.created", entry, audience=books.INTERNAL)
    return entry


def update(session: Session, entry_id: UUID, **changes: Any) -> TimeEntry:
    """Change an entry whose day is open, and stays so."""
    entry = _held(session, entry_id)
    client = database.get(session, Client, entry.client_id)
    if changes.keys() & set(work.NAMES):
        stated = work.named(entry.model_dump(), changes)
        changes |= work.of(session, client.id, **stated)
    worked_on = changes.get("worked_on", entry.worked_on)
    minutes = changes.get("minutes", entry.minutes)
    _check_begun(client, worked_on)
    books.check_open(session, entry.worked_on, worked_on)
    moved = Counter({entry.worked_on: -entry.minutes})
    moved.update({worked_on: minutes})
    _count(session, entry.membership_id, moved)
    entry.sqlmodel_update(changes)
    database.touch(entry)
    outbox.emit(session, "time_entry.updated", entry, audience=books.INTERNAL)
    return entry


def remove(session: Session, entry_id: UUID) -> None:
    """Take an entry back while its day is open."""
    entry = _held(session, entry_id)
    books.check_open(session, entry.worked_on)
    _count(session, entry.membership_id, Counter({entry.worked_on: -entry.minutes}))
    outbox.emit(session, "time_entry.removed", entry, audience=books.INTERNAL)
    session.delete(entry)


def _held(session: Session, entry_id: UUID) -> TimeEntry:
    """An entry to change. Whose it is comes before If-Match: a version would tell of it."""
    entry = read(session, entry_id)
    if entry.membership_id != _me(session) and not _may(session, WRITE_ALL, entry.client_id):
        raise Forbidden
    return database.get(session, TimeEntry, entry_id, lock=True)


def _shown(session: Session) -> Any:
    """The condition of what is one's own, or of a client whose time one may read."""
    seen = _sight(session).client_ids
    own = col(TimeEntry.membership_id) == _me(session)
    if seen is None:
        return true()
    led = [each for each in sorted(seen) if _may(session, READ_ALL, each)]
    return or_(own, col(TimeEntry.client_id).in_(led))


def _check_person(session: Session, client_id: UUID, whose: UUID) -> None:
    if whose == _me(session):
        return
    if not _may(session, WRITE_ALL, client_id):
        raise Forbidden
    serves = select(Assignment.membership_id).where(col(Assignment.client_id) == client_id)
    query = select(Membership.id).where(
        col(Membership.id) == whose,
        col(Membership.kind) == MembershipKind.staff,
        col(Membership.status) == MembershipStatus.active,
        or_(col(Membership.role) != AgencyRole.member, col(Membership.id).in_(serves)),
    )
    if session.exec(query).first() is None:
        raise NotOnTheClient(pointer="/membership_id")


def _check_begun(client: Client, worked_on: date) -> None:
    if worked_on > clock.today(client.timezone):
        raise NotWorkedYet(pointer="/worked_on")


def _count(session: Session, whose: UUID, minutes: Counter[date]) -> None:
    """
    Add minutes to a person's days, or take them off, if the days hold that many. A day's counter
    stays locked: two who enter at once are added up one after the other.
    """
    of_whom = {"agency": _sight(session).agency_id, "member": whose}
    for day, change in sorted(minutes.items()):
        if not change:
            continue
        asked = {**of_whom, "day": day, "change": change, "most": DAY_MINUTES}
        counted = _ADD if change > 0 else _TAKE_OFF
        if session.connection().execute(counted, asked).first() is None:
            there = session.connection().execute(_THERE, {**of_whom, "day": day}).scalar_one()
            raise DayFull(DAY_MINUTES - there)


_ADD = text(
    """
    insert into time_days as d (agency_id, membership_id, worked_on, minutes)
    values (:agency, :member, :day, :change)
    on conflict (agency_id, membership_id, worked_on)
        do update set minutes = d.minutes + :change where d.minutes + :change <= :most
    returning minutes
    """
)
_TAKE_OFF = text(
    """
    update time_days set minutes = minutes + :change
    where agency_id = :agency and membership_id = :member and worked_on = :day
    returning minutes
    """
)
_THERE = text(
    """
    select minutes from time_days
    where agency_id = :agency and membership_id = :member and worked_on = :day
    """
)


def _sight(session: Session) -> Any:
    return cast(database.Session, session).sight


def _me(session: Session) -> UUID:
    return cast(UUID, _sight(session).membership_id)


def _may(session: Session, permission: str, client_id: UUID | None = None) -> bool:
    return bool(_sight(session).may(permission, client_id))
