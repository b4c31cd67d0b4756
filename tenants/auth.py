"""
Credentials → Actor: who calls, for which agency, and what they may see and do, live.

A token says only who it is (`tokens`). What the person may do is read from the database by the
statement that enters the transaction, so that a removal, a suspension or a change of role bites on
the next request.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.engine import Connection

from tenants import clock
from tenants.errors import Forbidden, PaymentRequired, Unauthenticated
from tenants.models import AgencyStatus, MembershipKind
from tenants.permissions import EVERYBODY, INFLUENCER, AgencyRole, Duty, by_rank, duties_with
from tenants.pipeline import Statement, ask_together
from tenants.sight import set_sight


class InvalidToken(Unauthenticated):
    """The access token is missing, wrong, expired or revoked; ask for a new one."""


class AgencySuspended(Forbidden):
    """The agency is suspended: its owner can settle that, nothing else is open."""


class SubscriptionReadOnly(PaymentRequired):
    """The agency's subscription has lapsed: all can be read and taken out, nothing changed."""


@dataclass(frozen=True)
class Actor:
    """The caller of one request, link or job."""

    kind: str  # user · key · link · feed · system
    agency_id: UUID
    label: str
    user_id: UUID | None = None
    membership_id: UUID | None = None
    credential_id: UUID | None = None
    membership: MembershipKind = MembershipKind.staff
    role: AgencyRole = AgencyRole.member
    duties: dict[UUID, frozenset[Duty]] = field(default_factory=dict)
    agency_status: AgencyStatus = AgencyStatus.active
    locale: str = "en"
    every_client: bool = False
    influencer_id: UUID | None = None

    @property
    def client_ids(self) -> frozenset[UUID] | None:
        return None if self.every_client else frozenset(self.duties)

    @property
    def db_role(self) -> str:
        if self.membership is MembershipKind.client_contact:
            return "app_link" if self.kind == "link" else "app_contact"
        if self.membership is MembershipKind.influencer:
            return "app_influencer"
        return "app_staff" if self.every_client else "app_scoped"

    @property
    def is_influencer(self) -> bool:
        return self.db_role == "app_influencer"

    @property
    def is_contact(self) -> bool:
        return self.db_role == "app_contact"

    def may(self, permission: str, client_id: UUID | None = None) -> bool:
        """Whether the actor holds a permission: for one client, or (None) for any at all."""
        if self.kind == "system" or permission in EVERYBODY:
            return True
        if self.membership is MembershipKind.influencer:
            return permission in INFLUENCER
        if self.membership is MembershipKind.staff and by_rank(self.role, permission):
            return True
        carriers = duties_with(permission)
        if client_id is not None:
            return bool(carriers & self.duties.get(client_id, frozenset()))
        return any(carriers & held for held in self.duties.values())

    def as_agency(self, client_id: UUID | None) -> "Actor":
        """The same actor, with the agency's hand for what follows from what an outsider decided."""
        return replace(
            self,
            membership=MembershipKind.staff,
            every_client=False,
            duties={} if client_id is None else {client_id: frozenset()},
        )

    def with_client(self, client_id: UUID) -> "Actor":
        """The same actor, with a client made in this transaction in sight."""
        known = self.duties.get(client_id, frozenset())
        return replace(self, duties={**self.duties, client_id: known})


def system(agency_id: UUID, label: str = "system") -> Actor:
    """The agency's own machinery: a job or a handler, seeing every client of one agency."""
    return Actor("system", agency_id, label, role=AgencyRole.owner, every_client=True)


@dataclass(frozen=True)
class AccessToken:
    """A verified token: which log-in to which agency. It has not been looked up yet."""

    agency_id: UUID
    session_id: UUID
    user_id: UUID

    def enter(self, connection: Connection) -> Actor:
        """Look the log-in up and take its sight, in one statement."""
        return self.entered(ask_together(connection, [self.statement])[0])

    @property
    def statement(self) -> Statement:
        """What looks the log-in up."""
        values = {"agency": self.agency_id, "session": self.session_id, "now": clock.now()}
        return Statement(_ENTER, values)

    def entered(self, rows: Sequence[Any]) -> Actor:
        """Who it is that `statement` answered with; nobody, when that is no row."""
        if not rows or rows[0][0] != self.user_id:
            raise InvalidToken
        return actor(rows[0], self.agency_id, self.session_id)


class SightRow(NamedTuple):
    """What a look-up says of a member: `sight_of_session`, for one, of a log-in."""

    user_id: UUID
    membership_id: UUID
    name: str
    locale: str
    kind: str
    role: str
    duties: dict[str, list[str]]
    client_ids: list[UUID]
    agency_status: str
    db_role: str
    influencer_id: UUID | None


_SIGHT = len(SightRow._fields)


# `set_config('role')` may not stand inside a security definer function, so it stands beside it.
def entering(sight: str) -> str:
    """The statement that takes the sight of somebody whom a look-up answers with."""
    return (
        f"select {', '.join('s.' + name for name in SightRow._fields)},"  # noqa: S608
        " set_config('app.agency_id', (%(agency)s::uuid)::text, true),"
        " set_config('app.client_ids', s.client_ids::text, true),"
        " set_config('app.membership_id', coalesce(s.membership_id::text, ''), true),"
        " set_config('app.influencer_id', coalesce(s.influencer_id::text, ''), true),"
        f" set_config('role', s.db_role, true) from {sight} s"
    )


_ENTER = entering("sight_of_session(%(agency)s::uuid, %(session)s::uuid, %(now)s::timestamptz)")


def actor(found: Sequence[Any], agency_id: UUID, credential_id: UUID, kind: str = "user") -> Actor:
    """Who it is that `entering` answered with."""
    row = SightRow(*found[:_SIGHT])
    return Actor(
        kind=kind,
        agency_id=agency_id,
        label=row.name,
        user_id=row.user_id,
        membership_id=row.membership_id,
        credential_id=credential_id,
        membership=MembershipKind(row.kind),
        role=AgencyRole(row.role),
        duties={
            UUID(client): frozenset(map(Duty, duties)) for client, duties in row.duties.items()
        },
        agency_status=AgencyStatus(row.agency_status),
        locale=row.locale,
        every_client=row.db_role == "app_staff",
        influencer_id=row.influencer_id,
    )


@dataclass(frozen=True)
class SystemEntry:
    """The way in of a job or a handler."""

    actor: Actor

    def __call__(self, connection: Connection) -> Actor:
        set_sight(connection, self.actor)
        return self.actor
