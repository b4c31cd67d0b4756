"""
How much of something an agency may have, and how much it has: one row for each, counted by the very
transaction that adds or takes away. Who sells it, and for what, is billing's affair.

An agency without a row is not limited, and nothing of it is counted.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar, cast
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from tenants import database
from tenants.errors import Conflict
from tenants.pipeline import Statement, ask_together
from tenants.tables import Wall, text_enum


class QuotaKind(StrEnum):
    """What is counted."""

    seats = "seats"  # staff, suspended ones too; contacts and creators take none
    clients = "clients"  # all but ended ones
    report_schedules = "report_schedules"  # active ones
    stored_bytes = "stored_bytes"  # of uploads


class QuotaExceeded(Conflict):
    """The agency's plan has no more room for this; `quota` says for what, `allowed` how much."""


class Quota(SQLModel, table=True):
    """What an agency may have of one thing; null: as much as it likes."""

    __tablename__ = "quotas"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id"], ["agencies.id"]),
        CheckConstraint("used >= 0", "nothing_below_none"),
    )
    wall: ClassVar[Wall] = Wall.agency

    agency_id: UUID = Field(primary_key=True)
    kind: QuotaKind = Field(sa_type=text_enum(QuotaKind), primary_key=True)
    allowed: int | None = Field(default=None, sa_type=BigInteger)
    used: int = Field(default=0, sa_type=BigInteger)


# kind → how it is counted from the rows themselves; a domain above adds its own.
_counts: dict[QuotaKind, str] = {
    QuotaKind.seats: "select count(*) from memberships"
    " where agency_id = %(agency)s and kind = 'staff' and status <> 'removed'",
    QuotaKind.clients: "select count(*) from clients"
    " where agency_id = %(agency)s and status <> 'ended'",
    QuotaKind.stored_bytes: "select coalesce(sum(size), 0)::bigint from files"
    " where agency_id = %(agency)s",
}

# The row stays locked until the transaction ends: two that add at once are one after the other.
_ADD = """
update quotas set used = greatest(used + %(count)s, 0)
where agency_id = %(agency)s and kind = %(kind)s
    and (%(count)s <= 0 or allowed is null or used + %(count)s <= allowed)
returning used
"""
_ALLOW = """
insert into quotas (agency_id, kind, allowed, used) values (%(agency)s, %(kind)s, %(allowed)s, 0)
on conflict (agency_id, kind) do update set allowed = excluded.allowed
"""
_HOLD = "select 1 from quotas where agency_id = %(agency)s and kind = %(kind)s for update"
_RECOUNT = "update quotas set used = ({}) where agency_id = %(agency)s and kind = %(kind)s"
_LOOK = "select allowed, used from quotas where agency_id = %(agency)s and kind = %(kind)s"


def add(session: Session, kind: QuotaKind, count: int = 1) -> None:
    """Count what this transaction adds, or takes away (below zero). Refuses what has no room."""
    if not count or _ask(session, _ADD, kind, count=count):
        return
    found = _ask(session, _LOOK, kind)
    if found and count > 0:
        raise _exceeded(kind, *found[0])


def check(session: Session, kind: QuotaKind, count: int = 1) -> None:
    """Refuse now what would be refused later; nothing is held."""
    for allowed, used in _ask(session, _LOOK, kind):
        if allowed is not None and used + count > allowed:
            raise _exceeded(kind, allowed, used)


def count_as(kind: QuotaKind, query: str) -> None:
    """Say how something is counted: one number, of `%(agency)s`."""
    _counts[kind] = query


def allow(session: Session, allowed: Mapping[QuotaKind, int | None]) -> None:
    """
    Say how much the agency may have, and count anew what it has. What is there already stays,
    however little is allowed.
    """
    for kind in sorted(allowed):
        values = {"allowed": allowed[kind]}
        _ask(session, _ALLOW, kind, **values)
        # A statement of its own, after the lock: it sees all that others have added by then.
        _ask(session, _RECOUNT.format(_counts.get(kind, "select 0")), kind)


def of_agency(session: Session) -> list[Quota]:
    """What the agency may have, and has."""
    agency = cast(database.Session, session).sight.agency_id
    query = select(Quota).where(col(Quota.agency_id) == agency).order_by(col(Quota.kind))
    return list(session.exec(query))


def counted(session: Session) -> dict[QuotaKind, int]:
    """What the agency has, from the rows themselves."""
    return {kind: int(_ask(session, query, kind)[0][0]) for kind, query in _counts.items()}


def recount(session: Session) -> list[QuotaKind]:
    """Count anew what is counted; which counts were wrong."""
    wrong = []
    for row in of_agency(session):
        _ask(session, _HOLD, row.kind)
        query = _RECOUNT.format(_counts.get(row.kind, "select 0"))
        if _ask(
            session, f"{query} and used <> ({_counts.get(row.kind, '0')}) returning 1", row.kind
        ):
            wrong.append(row.kind)
    return wrong


def _ask(session: Session, sql: str, kind: QuotaKind, **more: Any) -> list[Any]:
    agency = cast(database.Session, session).sight.agency_id
    values = {"agency": agency, "kind": str(kind), **more}
    return ask_together(session.connection(), [Statement(sql, values)])[0]


def _exceeded(kind: QuotaKind, allowed: int, used: int) -> QuotaExceeded:
    told = {"quota": str(kind), "allowed": allowed, "used": used}
    return QuotaExceeded(extra=told, allowed=allowed, used=used)
