"""
Wire shapes of who is who. Their tables, with the states, are in `tenants/models.py`.

invitation   open → accepted · revoked · expired (by time)
member       active ⇄ suspended → removed
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import MISSING, AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from tenants import clock
from tenants.models import AgencyStatus, InvitationStatus, MembershipKind, MembershipStatus
from tenants.money import LARGEST, CurrencyCode
from tenants.pages import PageQuery
from tenants.passwords import LONGEST, SHORTEST
from tenants.permissions import AgencyRole, Duty
from tenants.shapes import (
    Day,
    Email,
    LocaleTag,
    Localized,
    Name,
    ReadShape,
    Shape,
    Slug,
    Words,
    Zone,
)


def _storable(value: str) -> str:
    """No longer than is hashed whole: nothing is ever cut off a password."""
    if len(value.encode()) > LONGEST:
        raise PydanticCustomError("string_too_long", "too long", {"max_length": LONGEST})
    return value


Password = Annotated[str, Field(min_length=1, max_length=LONGEST), AfterValidator(_storable)]
NewPassword = Annotated[
    str, Field(min_length=SHORTEST, max_length=LONGEST), AfterValidator(_storable)
]
Token = Annotated[str, Field(min_length=1, max_length=256, pattern="^[A-Za-z0-9_]*$")]
# Sent empty is not sent (RFC 6749 §3.1): no shortest length.
FormToken = Annotated[str, Field(max_length=4096)]
Colour = Annotated[str, Field(pattern="^#[0-9A-Fa-f]{6}$", examples=["#1F5673"])]
MinorUnits = Annotated[int, Field(ge=0, le=LARGEST)]


def _whole_shape(kind: type[ReadShape]) -> Any:
    """Read a stored object whose absent members are null."""
    names = list(kind.model_fields)
    return BeforeValidator(lambda stored: {name: stored.get(name) for name in names})


class TokenForm(Shape):
    """A request for tokens (RFC 6749 §4.3.2, §6), with the agency when a person has several."""

    grant_type: Annotated[
        str, Field(max_length=100, json_schema_extra={"enum": ["password", "refresh_token"]})
    ]
    username: Annotated[str | None, Field(max_length=254, description="E-mail.")] = None
    password: Annotated[str | None, Field(max_length=LONGEST)] = None
    agency: Annotated[str | None, Field(max_length=63, description="Its slug.")] = None
    refresh_token: FormToken | None = None


class RevokeForm(Shape):
    """A token that is no longer needed (RFC 7009)."""

    token: Annotated[FormToken, Field(min_length=1)]
    token_type_hint: Annotated[str | None, Field(max_length=40)] = None


class TokensRead(ReadShape):
    """RFC 6749 §5.1. The refresh token works once: each use answers the next one."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: Annotated[int, Field(description="Seconds.")]
    refresh_token: str


class PasswordResetAsk(Shape):
    """Whose password is to be replaced: a token is mailed there."""

    email: Email


class PasswordReset(Shape):
    """The token that was mailed, good once and for half an hour, and a new password."""

    token: Token
    password: NewPassword


class EmailVerify(Shape):
    """The token that was mailed, good once and for a day."""

    token: Token


class JwkRead(ReadShape):
    """A public key (RFC 8037)."""

    crv: str
    kty: str
    x: str
    kid: str
    alg: str
    use: str


class JwksRead(ReadShape):
    """The keys that access tokens are signed with (RFC 7517)."""

    keys: list[JwkRead]


class BrandingUpdate(Shape):
    """Two colours and a line, for reports and messages; null takes one away."""

    primary: Colour | None | MISSING = MISSING
    accent: Colour | None | MISSING = MISSING
    tagline: Words | None | MISSING = MISSING


class BrandingRead(ReadShape):
    """How the agency looks; null where it has not chosen."""

    primary: str | None
    accent: str | None
    tagline: Localized | None


class SettingsUpdate(Shape):
    """The agency's own rules; null takes one away."""

    expense_approval_threshold_minor: MinorUnits | None | MISSING = MISSING
    recorded_decision_limit_minor: MinorUnits | None | MISSING = MISSING
    four_eyes: Literal["required", "when_possible"] | None | MISSING = MISSING


class SettingsRead(ReadShape):
    """The agency's own rules, amounts in its currency; null where it has not chosen."""

    expense_approval_threshold_minor: int | None
    recorded_decision_limit_minor: int | None
    four_eyes: Literal["required", "when_possible"] | None


class OwnerCreate(Shape):
    """Who signs up: a new person, or one known from another agency with their password."""

    name: Name
    email: Email
    password: NewPassword


class AgencyCreate(Shape):
    """An agency and its first owner. Without a slug one is made from the name."""

    name: Name
    slug: Slug | None = None
    locale: LocaleTag
    timezone: Zone
    currency: CurrencyCode
    owner: OwnerCreate


class AgencyUpdate(Shape):
    """What of an agency may be changed; absent members stay as they are."""

    name: Name | MISSING = MISSING
    locale: LocaleTag | MISSING = MISSING
    timezone: Zone | MISSING = MISSING
    branding: BrandingUpdate | MISSING = MISSING
    settings: SettingsUpdate | MISSING = MISSING


class AgencyRead(ReadShape):
    """The agency."""

    id: UUID
    version: int
    name: str
    slug: str
    status: AgencyStatus
    locale: str
    timezone: str
    currency: str
    branding: Annotated[BrandingRead, _whole_shape(BrandingRead)]
    settings: Annotated[SettingsRead, _whole_shape(SettingsRead)]
    created_at: datetime
    updated_at: datetime


class AgencySignedUp(ReadShape):
    """A new agency, and its owner's first log-in."""

    agency: AgencyRead
    tokens: TokensRead


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
    branding: Annotated[BrandingRead, _whole_shape(BrandingRead)]


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
    is_lead: bool = False
    starts_on: Day | None = None
    ends_on: Day | None = None
    stands_in_for: Annotated[UUID | None, Field(description="Another member of that duty.")] = None


class AssignmentUpdate(Shape):
    """What of a duty may be changed; absent members stay as they are."""

    is_lead: bool | MISSING = MISSING
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
