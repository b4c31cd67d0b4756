"""
Wire shapes of who is who. Their tables, with the states, are in `tenants/models.py`.

invitation   open → accepted · revoked · expired (by time)
member       active ⇄ suspended → removed
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import MISSING, Field, model_validator
from pydantic_core import PydanticCustomError

from api.identity.agency_shapes import BrandingRead, whole_shape
from api.identity.log_in_shapes import NewPassword, Password, Token, TokensRead
from tenants import clock
from tenants.models import AgencyStatus, InvitationStatus, MembershipKind, MembershipStatus
from tenants.pages import PageQuery
from tenants.permissions import AgencyRole, Duty
from tenants.shapes import (
    Day,
    Email,
    Flag,
    LocaleTag,
    Localized,
    Name,
    ReadShape,
    Shape,
    Words,
)


class PasswordUpdate(Shape):
    """A new password; the current one proves who asks. Every other log-in ends."""

    current: Password
    new: NewPassword


class MeUpdate(Shape):
    """What people may change of themselves."""

    name: Name | MISSING = MISSING
    locale: LocaleTag | MISSING = MISSING
    password: PasswordUpdate | MISSING = MISSING


class PersonRead(ReadShape):
    """The person, in every agency the same one."""

    id: UUID
    name: str
    email: str
    email_verified_at: datetime | None
    locale: str


class MyMembershipRead(ReadShape):
    """What the person is to this agency."""

    id: UUID
    name: str
    title: Localized
    kind: MembershipKind
    role: AgencyRole


class MyAgencyRead(ReadShape):
    """The agency of this log-in, as everybody in it may know it."""

    id: UUID
    name: str
    slug: str
    status: AgencyStatus
    locale: str
    timezone: str
    currency: str
    branding: Annotated[BrandingRead, whole_shape(BrandingRead)]


class MyDutiesRead(ReadShape):
    """What the person does for one client, and every permission they hold there."""

    client_id: UUID
    client_name: str
    duties: list[Duty]
    permissions: list[str]


class MeRead(ReadShape):
    """The caller. `permissions` hold for the agency and every client; a client's own, for it."""

    version: int
    user: PersonRead
    membership: MyMembershipRead
    agency: MyAgencyRead
    duties: list[MyDutiesRead]
    permissions: list[str]


class MemberUpdate(Shape):
    """What of a member may be changed; absent members stay as they are."""

    title: Words | MISSING = MISSING
    role: AgencyRole | MISSING = MISSING
    status: (
        Annotated[
            Literal[MembershipStatus.active, MembershipStatus.suspended],
            Field(description="Removing is DELETE."),
        ]
        | MISSING
    ) = MISSING


class MemberRead(ReadShape):
    """A person in the agency."""

    id: UUID
    version: int
    name: str
    email: str
    title: Localized
    kind: MembershipKind
    role: AgencyRole
    status: MembershipStatus
    created_at: datetime
    updated_at: datetime


class MemberQuery(PageQuery):
    """Filters of the member list."""

    kind: MembershipKind | None = None
    role: AgencyRole | None = None
    status: MembershipStatus | None = None


class InvitationState(StrEnum):
    """An invitation's state as people see it."""

    open = "open"
    accepted = "accepted"
    revoked = "revoked"
    expired = "expired"


class InvitedDuty(Shape):
    """A duty on a client that comes with an invitation."""

    client_id: UUID
    duty: Duty


class InvitationCreate(Shape):
    """Whom to invite, and as what. Only staff have a role; a client contact needs a duty."""

    email: Email
    name: Name | None = None
    kind: MembershipKind
    role: AgencyRole = AgencyRole.member
    duties: Annotated[list[InvitedDuty], Field(max_length=100)] = []
    days: Annotated[int, Field(ge=1, le=7, description="How long it is good for.")] = 7

    @model_validator(mode="after")
    def _once(self) -> "InvitationCreate":
        pairs = {(each.client_id, each.duty) for each in self.duties}
        if len(pairs) != len(self.duties):
            raise PydanticCustomError("named_twice", "a duty is named twice")
        return self


class InvitedDutyRead(ReadShape):
    """A duty on a client that comes with an invitation."""

    client_id: UUID
    duty: Duty


class InvitationRead(ReadShape):
    """A way in for one e-mail address."""

    id: UUID
    version: int
    email: str
    name: str
    kind: MembershipKind
    role: AgencyRole
    duties: list[InvitedDutyRead]
    status: InvitationState
    invited_by: UUID
    expires_at: datetime
    created_at: datetime
    updated_at: datetime

    @model_validator(mode="before")
    @classmethod
    def _by_time(cls, row: Any) -> Any:
        """An open invitation whose time has passed is expired; no job has to say so."""
        late = row.status is InvitationStatus.open and row.expires_at <= clock.now()
        state = InvitationState.expired if late else InvitationState(row.status)
        return {name: getattr(row, name) for name in cls.model_fields} | {"status": state}


class InvitationWritten(InvitationRead):
    """A new invitation, and the token to hand to the person: it is shown this once."""

    token: str


class InvitationQuery(PageQuery):
    """Filters of the invitation list."""

    status: InvitationState | None = None


class InvitationAccept(Shape):
    """Who comes in: a new person chooses a password, a known one proves theirs."""

    token: Token
    password: NewPassword
    name: Name | None = None


class AdmittedAgency(ReadShape):
    """The agency somebody came in to."""

    id: UUID
    name: str
    slug: str


class Admitted(ReadShape):
    """Somebody who came in, and their first log-in."""

    agency: AdmittedAgency
    membership: MyMembershipRead
    tokens: TokensRead


class SessionRead(ReadShape):
    """One of the caller's log-ins to this agency."""

    id: UUID
    version: int
    user_agent: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    current: Annotated[bool, Field(description="The one that asks.")]


class SessionQuery(PageQuery):
    """The session list has no filters of its own."""


class AssignmentCreate(Shape):
    """A duty for somebody on a client; without a first day it begins today."""

    membership_id: UUID
    duty: Duty
    is_lead: Flag = False
    starts_on: Day | None = None
    ends_on: Day | None = None
    stands_in_for: Annotated[UUID | None, Field(description="Another member of that duty.")] = None


class AssignmentUpdate(Shape):
    """What of a duty may be changed; absent members stay as they are."""

    is_lead: Flag | MISSING = MISSING
    starts_on: Day | MISSING = MISSING
    ends_on: Day | None | MISSING = MISSING
    stands_in_for: UUID | None | MISSING = MISSING


class AssignmentRead(ReadShape):
    """A duty of one person on one client."""

    id: UUID
    version: int
    client_id: UUID
    membership_id: UUID
    duty: Duty
    is_lead: bool
    starts_on: date
    ends_on: date | None
    stands_in_for: UUID | None
    created_at: datetime
    updated_at: datetime


class AssignmentQuery(PageQuery):
    """Filters of the assignment list."""

    duty: Duty | None = None
    membership_id: UUID | None = None


class ServerRead(ReadShape):
    """Somebody who serves the client today; not `active`: suspended, so nobody does it."""

    assignment_id: UUID
    membership_id: UUID
    name: str
    title: Localized
    duty: Duty
    is_lead: bool
    active: bool
    starts_on: date
    ends_on: date | None
    stands_in_for: UUID | None


class TeamRead(ReadShape):
    """Who serves a client on a day, and the duties an active client has nobody for."""

    client_id: UUID
    on: date
    lead_membership_id: UUID
    members: list[ServerRead]
    gaps: list[Duty]
