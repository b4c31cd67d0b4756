"""
The agency, its people, its clients, and who does what for whom.

agency       trialing → active ⇄ past_due → read_only → suspended → closed
membership   active ⇄ suspended; removed from either, and active again by a new invitation
client       prospect → onboarding → active ⇄ paused → in_notice → ended
invitation   open → accepted · revoked · (expired by time)
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from tenants import clock
from tenants.permissions import AgencyRole, Duty
from tenants.tables import (
    INTERNAL,
    PERSONAL,
    PUBLIC,
    SECRET,
    UTC_TIMESTAMP,
    AgencyModel,
    ClientOwned,
    PlatformModel,
    Resource,
    Wall,
    foreign,
    text_enum,
)


class AgencyStatus(StrEnum):
    trialing = "trialing"
    active = "active"
    past_due = "past_due"
    read_only = "read_only"  # nothing is changed until it has settled what it pays for
    suspended = "suspended"
    closed = "closed"


class MembershipKind(StrEnum):
    staff = "staff"
    influencer = "influencer"
    client_contact = "client_contact"


class Audience(StrEnum):
    """Whom something is for: the agency alone, or its client too."""

    client = "client"
    internal = "internal"


class MembershipStatus(StrEnum):
    active = "active"
    suspended = "suspended"
    removed = "removed"


class ClientStatus(StrEnum):
    prospect = "prospect"
    onboarding = "onboarding"
    active = "active"
    paused = "paused"
    in_notice = "in_notice"
    ended = "ended"


class OverScope(StrEnum):
    """What happens to work that is planned beyond what was sold."""

    block = "block"
    flag = "flag"
    draft_change_order = "draft_change_order"


class ApprovalMode(StrEnum):
    """Who decides on the client's work before it goes out."""

    none = "none"
    internal = "internal"
    internal_and_client = "internal_and_client"


class InvitationStatus(StrEnum):
    open = "open"
    accepted = "accepted"
    revoked = "revoked"


class Agency(PlatformModel, table=True):
    """The tenant. Its own id is every other row's `agency_id`."""

    __tablename__ = "agencies"
    wall = Wall.agency

    name: str = Field(max_length=120, sa_column_kwargs=PUBLIC)
    slug: str = Field(max_length=63, unique=True, sa_column_kwargs=PUBLIC)
    status: AgencyStatus = Field(default=AgencyStatus.trialing, sa_type=text_enum(AgencyStatus))
    locale: str = Field(max_length=35, sa_column_kwargs=INTERNAL)
    timezone: str = Field(max_length=64, sa_column_kwargs=INTERNAL)
    currency: str = Field(max_length=3, sa_column_kwargs=INTERNAL)
    branding: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, sa_column_kwargs=PUBLIC)
    settings: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    updated_at: datetime = Field(
        default_factory=clock.now, sa_type=UTC_TIMESTAMP, sa_column_kwargs={"onupdate": clock.now}
    )
    version: int = Field(default=1, sa_type=BigInteger)


class User(PlatformModel, table=True):
    """A person, in every agency the same one."""

    __tablename__ = "users"

    email: str = Field(max_length=254, sa_column_kwargs=PERSONAL)
    email_key: str = Field(max_length=254, unique=True, sa_column_kwargs=PERSONAL)
    name: str = Field(max_length=120, sa_column_kwargs=PERSONAL)
    locale: str = Field(max_length=35, default="en", sa_column_kwargs=INTERNAL)
    password_hash: str = Field(max_length=255, sa_column_kwargs=SECRET)
    email_verified_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    disabled_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    updated_at: datetime = Field(
        default_factory=clock.now, sa_type=UTC_TIMESTAMP, sa_column_kwargs={"onupdate": clock.now}
    )
    version: int = Field(default=1, sa_type=BigInteger)


class ProofPurpose(StrEnum):
    """What somebody proves their mailbox for."""

    password_reset = "password_reset"
    email_verification = "email_verification"


class MailProof(PlatformModel, table=True):
    """
    Somebody said that an address is theirs, and a token is mailed there. Nobody is looked up while
    it waits to be `settled`; the token is made of the row, and kept nowhere.
    """

    __tablename__ = "mail_proofs"
    __table_args__ = (
        ForeignKeyConstraint(["user_id"], ["users.id"]),
        Index(
            "ix_mail_proofs_waiting",
            "id",
            postgresql_where=text("settled_at is null"),
        ),
        Index(None, "user_id", "created_at"),
        Index(None, "expires_at"),
    )

    purpose: ProofPurpose = Field(sa_type=text_enum(ProofPurpose))
    email: str = Field(max_length=254, sa_column_kwargs=PERSONAL)
    user_id: UUID | None = None
    expires_at: datetime = Field(sa_type=UTC_TIMESTAMP)
    settled_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    used_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)


class UserSession(Resource, table=True):
    """One log-in of a person to one agency: a family of refresh tokens."""

    __tablename__ = "sessions"
    __table_args__ = (
        Index(None, "agency_id", "membership_id", "id"),
        Index(None, "user_id", "address_hash"),
        ForeignKeyConstraint(["user_id"], ["users.id"]),
        foreign("membership_id", "memberships"),
    )
    wall = Wall.personal

    user_id: UUID
    membership_id: UUID
    user_agent: str = Field(max_length=200, sa_column_kwargs=PERSONAL)
    address_hash: str = Field(max_length=64, sa_column_kwargs=PERSONAL)
    last_used_at: datetime = Field(default_factory=clock.now, sa_type=UTC_TIMESTAMP)
    expires_at: datetime = Field(sa_type=UTC_TIMESTAMP)
    revoked_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    revoked_because: str | None = Field(default=None, max_length=40, sa_column_kwargs=INTERNAL)


class RefreshToken(AgencyModel, table=True):
    """One token of a family; `successor` keeps the answer for a retry after a lost one."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (Index(None, "agency_id", "session_id"), foreign("session_id", "sessions"))
    wall = Wall.platform

    session_id: UUID
    secret_hash: str = Field(max_length=64, sa_column_kwargs=SECRET)
    used_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    successor_id: UUID | None = None
    successor: bytes | None = Field(default=None, sa_column_kwargs=SECRET)


class Membership(Resource, table=True):
    """A person in one agency, under the name and address this agency knows."""

    __tablename__ = "memberships"
    __table_args__ = (
        UniqueConstraint("agency_id", "user_id"),
        ForeignKeyConstraint(["agency_id"], ["agencies.id"]),
        ForeignKeyConstraint(["user_id"], ["users.id"]),
        Index(None, "user_id"),
    )

    user_id: UUID
    name: str = Field(max_length=120, sa_column_kwargs=PERSONAL)
    email: str = Field(max_length=254, sa_column_kwargs=PERSONAL)
    title: dict[str, str] = Field(default_factory=dict, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    kind: MembershipKind = Field(sa_type=text_enum(MembershipKind))
    role: AgencyRole = Field(default=AgencyRole.member, sa_type=text_enum(AgencyRole))
    status: MembershipStatus = Field(
        default=MembershipStatus.active, sa_type=text_enum(MembershipStatus)
    )


class Client(Resource, table=True):
    """A brand the agency serves. The wall's other half: its id is every `client_id`."""

    __tablename__ = "clients"
    __table_args__ = (
        UniqueConstraint("agency_id", "slug"),
        ForeignKeyConstraint(["agency_id"], ["agencies.id"]),
        foreign("lead_membership_id", "memberships"),
        Index(None, "agency_id", "status", "id"),
    )
    wall = Wall.client

    name: str = Field(max_length=120, sa_column_kwargs=PUBLIC)
    slug: str = Field(max_length=63, sa_column_kwargs=INTERNAL)
    sector: dict[str, str] = Field(default_factory=dict, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    status: ClientStatus = Field(default=ClientStatus.prospect, sa_type=text_enum(ClientStatus))
    locale: str = Field(max_length=35, sa_column_kwargs=INTERNAL)
    timezone: str = Field(max_length=64, sa_column_kwargs=INTERNAL)
    currency: str = Field(max_length=3, sa_column_kwargs=INTERNAL)
    approval_mode: ApprovalMode = Field(
        default=ApprovalMode.internal_and_client, sa_type=text_enum(ApprovalMode)
    )
    over_scope: OverScope = Field(default=OverScope.block, sa_type=text_enum(OverScope))
    lead_membership_id: UUID


class Assignment(ClientOwned, Resource, table=True):
    """A duty of one person on one client, from a day until a day; a lead is one per duty."""

    __tablename__ = "assignments"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "client_id"], ["clients.agency_id", "clients.id"]),
        foreign("membership_id", "memberships"),
        foreign("stands_in_for", "memberships"),
        CheckConstraint("ends_on is null or ends_on >= starts_on", "ends_after_it_starts"),
        Index(
            "uq_assignments_lead",
            "agency_id",
            "client_id",
            "duty",
            unique=True,
            postgresql_where=text("is_lead"),
        ),
        Index(None, "agency_id", "membership_id"),
        Index(None, "agency_id", "client_id"),
    )
    wall = Wall.client_internal

    membership_id: UUID
    duty: Duty = Field(sa_type=text_enum(Duty))
    is_lead: bool = Field(default=False)
    starts_on: date
    ends_on: date | None = None
    stands_in_for: UUID | None = None


class Invitation(Resource, table=True):
    """A way in for one e-mail address, once, for seven days at most."""

    __tablename__ = "invitations"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id"], ["agencies.id"]),
        foreign("invited_by", "memberships"),
        Index(
            "uq_invitations_open",
            "agency_id",
            "email_key",
            unique=True,
            postgresql_where=text("status = 'open'"),
        ),
    )

    email: str = Field(max_length=254, sa_column_kwargs=PERSONAL)
    email_key: str = Field(max_length=254, sa_column_kwargs=PERSONAL)
    name: str = Field(max_length=120, sa_column_kwargs=PERSONAL)
    kind: MembershipKind = Field(sa_type=text_enum(MembershipKind))
    role: AgencyRole = Field(default=AgencyRole.member, sa_type=text_enum(AgencyRole))
    duties: list[dict[str, str]] = Field(
        default_factory=list, sa_type=JSONB, sa_column_kwargs=INTERNAL
    )
    status: InvitationStatus = Field(
        default=InvitationStatus.open, sa_type=text_enum(InvitationStatus)
    )
    secret_hash: str = Field(max_length=64, sa_column_kwargs=SECRET)
    expires_at: datetime = Field(sa_type=UTC_TIMESTAMP)
    invited_by: UUID
