"""
Wire shapes of a client, and the tables of what surrounds it.

contact         active ⇄ archived; a person at the client, one with a membership can log in
contract        draft → active → in_notice → ended
client request  open → done · dropped; what the client owes us
commitment      open → done · dropped; what we owe the client
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import MISSING
from pydantic import Field as Constraint
from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from tenants.models import ApprovalMode, ClientStatus, OverScope
from tenants.money import CurrencyCode, MoneyRead, MoneyWrite
from tenants.pages import PageQuery
from tenants.shapes import (
    Count,
    Day,
    Email,
    Flag,
    Line,
    LocaleTag,
    Localized,
    Name,
    ReadShape,
    Shape,
    Slug,
    Text,
    Words,
    Zone,
)
from tenants.tables import (
    INTERNAL,
    PERSONAL,
    UTC_TIMESTAMP,
    ClientOwned,
    Resource,
    Wall,
    client_owned,
    foreign,
    text_enum,
)


class ContactStatus(StrEnum):
    active = "active"
    archived = "archived"


class ContractStatus(StrEnum):
    draft = "draft"
    active = "active"
    in_notice = "in_notice"
    ended = "ended"


class PromiseStatus(StrEnum):
    open = "open"
    done = "done"
    dropped = "dropped"


class PromiseSubject(StrEnum):
    """What a request or a commitment is about."""

    approval = "approval"
    file = "file"
    access = "access"
    payment = "payment"
    other = "other"


class Contact(ClientOwned, Resource, table=True):
    """A person at the client."""

    __tablename__ = "contacts"
    __table_args__ = client_owned(
        foreign("membership_id", "memberships"),
        Index(None, "agency_id", "client_id", "status", "id"),
    )
    wall = Wall.client_internal

    name: str = Field(max_length=120, sa_column_kwargs=PERSONAL)
    email: str | None = Field(default=None, max_length=254, sa_column_kwargs=PERSONAL)
    phone: str | None = Field(default=None, max_length=40, sa_column_kwargs=PERSONAL)
    title: dict[str, str] = Field(default_factory=dict, sa_type=JSONB, sa_column_kwargs=PERSONAL)
    locale: str = Field(max_length=35, sa_column_kwargs=INTERNAL)
    membership_id: UUID | None = None
    receives_reports: bool = Field(default=False)
    status: ContactStatus = Field(default=ContactStatus.active, sa_type=text_enum(ContactStatus))


class Contract(ClientOwned, Resource, table=True):
    """The paper above the scopes: its term, its notice, its monthly fee and who pays."""

    __tablename__ = "contracts"
    __table_args__ = client_owned(
        CheckConstraint("ends_on is null or ends_on >= starts_on", "ends_after_it_starts"),
        CheckConstraint(
            "(monthly_fee_minor is null) = (currency is null)", "a_fee_names_its_currency"
        ),
        CheckConstraint("monthly_fee_minor > 0", "a_fee_is_positive"),
        CheckConstraint("notice_days >= 0", "notice_is_not_negative"),
        Index(None, "agency_id", "client_id", "status", "id"),
        Index(None, "agency_id", "renews_on", "id"),
    )
    wall = Wall.client  # what the client signed

    title: str = Field(max_length=200, sa_column_kwargs=INTERNAL)
    status: ContractStatus = Field(default=ContractStatus.draft, sa_type=text_enum(ContractStatus))
    starts_on: date
    ends_on: date | None = None
    agreed_ends_on: date | None = None  # the end that was signed, while a notice names another
    renews_on: date | None = None
    in_force_on: date | None = None  # when it was put in force here: its fees are billed from then
    notice_days: int
    notice_given_on: date | None = None
    monthly_fee_minor: int | None = Field(default=None, sa_type=BigInteger)
    currency: str | None = Field(default=None, max_length=3, sa_column_kwargs=INTERNAL)
    payer_name: str | None = Field(default=None, max_length=200, sa_column_kwargs=INTERNAL)
    payer_tax_id: str | None = Field(default=None, max_length=40, sa_column_kwargs=PERSONAL)
    sla_version: str | None = Field(default=None, max_length=40, sa_column_kwargs=INTERNAL)

    @property
    def monthly_fee(self) -> MoneyRead | None:
        if self.monthly_fee_minor is None or self.currency is None:
            return None
        return MoneyRead(amount_minor=self.monthly_fee_minor, currency=self.currency)


class Promise(SQLModel):
    """What a request and a commitment have alike: something owed, by whom, until when."""

    text: dict[str, str] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    owner_membership_id: UUID | None = None
    owner_name: str = Field(max_length=120, sa_column_kwargs=PERSONAL)
    due_on: date
    subject_kind: PromiseSubject = Field(sa_type=text_enum(PromiseSubject))
    subject_id: UUID | None = None
    status: PromiseStatus = Field(default=PromiseStatus.open, sa_type=text_enum(PromiseStatus))
    settled_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    settled_reason: str | None = Field(default=None, max_length=4000, sa_column_kwargs=INTERNAL)


def _promised() -> tuple[object, ...]:
    """Table arguments of a table of promises."""
    return client_owned(
        foreign("owner_membership_id", "memberships"),
        CheckConstraint("(status = 'open') = (settled_at is null)", "what_is_settled_says_when"),
        Index(None, "agency_id", "client_id", "due_on", "id"),
        Index(None, "agency_id", "due_on", "id"),
    )


class ClientRequest(Promise, ClientOwned, Resource, table=True):
    """Something the client owes us: an approval, a file, an access, a payment."""

    __tablename__ = "client_requests"
    __table_args__ = _promised()
    wall = Wall.client


class Commitment(Promise, ClientOwned, Resource, table=True):
    """Something we promised the client."""

    __tablename__ = "commitments"
    __table_args__ = _promised()
    wall = Wall.client


class ClientCreate(Shape):
    """A client to take on. What is left out comes from the agency."""

    name: Name
    slug: Slug | None = None
    sector: Words | None = None
    locale: LocaleTag | None = None
    timezone: Zone | None = None
    currency: CurrencyCode | None = None
    status: ClientStatus = ClientStatus.prospect
    approval_mode: ApprovalMode = ApprovalMode.internal_and_client
    over_scope: OverScope = OverScope.block
    lead_membership_id: UUID


class ClientUpdate(Shape):
    """What of a client may be changed; absent members stay as they are."""

    name: Name | MISSING = MISSING
    sector: Words | MISSING = MISSING
    locale: LocaleTag | MISSING = MISSING
    timezone: Zone | MISSING = MISSING
    status: ClientStatus | MISSING = MISSING
    approval_mode: ApprovalMode | MISSING = MISSING
    over_scope: OverScope | MISSING = MISSING


class ClientRead(ReadShape):
    """A brand the agency serves."""

    id: UUID
    version: int
    name: str
    slug: str
    sector: Localized
    status: ClientStatus
    locale: str
    timezone: str
    currency: str
    approval_mode: ApprovalMode
    over_scope: OverScope
    lead_membership_id: UUID
    created_at: datetime
    updated_at: datetime


class ClientQuery(PageQuery):
    """Filters of the client list."""

    status: ClientStatus | None = None


Phone = Annotated[str, Constraint(max_length=40, pattern=r"^\+?[0-9 ().-]{4,39}$")]
TaxId = Annotated[str, Constraint(max_length=40, pattern=r"^[A-Za-z0-9 ./-]{2,40}$")]


class ContactCreate(Shape):
    """
    A person at the client. `membership_id`: the log-in of that person, if there is one.
    `receives_reports`: whether they are written to when a report is delivered to all who get it.
    """

    name: Name
    email: Email | None = None
    phone: Phone | None = None
    title: Words | None = None
    locale: LocaleTag | None = None
    membership_id: UUID | None = None
    receives_reports: Flag = False


class ContactUpdate(Shape):
    """What of a contact may be changed."""

    name: Name | MISSING = MISSING
    email: Email | None | MISSING = MISSING
    phone: Phone | None | MISSING = MISSING
    title: Words | MISSING = MISSING
    locale: LocaleTag | MISSING = MISSING
    membership_id: UUID | None | MISSING = MISSING
    receives_reports: Flag | MISSING = MISSING
    status: ContactStatus | MISSING = MISSING


class ContactRead(ReadShape):
    """A person at the client."""

    id: UUID
    version: int
    client_id: UUID
    name: str
    email: str | None
    phone: str | None
    title: Localized
    locale: str
    membership_id: UUID | None
    receives_reports: bool
    status: ContactStatus
    created_at: datetime
    updated_at: datetime


class ContactQuery(PageQuery):
    """Filters of a client's contacts; archived ones only when `status` names them."""

    status: ContactStatus = ContactStatus.active


class ContractCreate(Shape):
    """A contract to agree. Without `ends_on` it runs until notice is given."""

    client_id: UUID
    title: Line
    starts_on: Day
    ends_on: Day | None = None
    renews_on: Day | None = None
    notice_days: Annotated[Count, Constraint(le=3650)] = 30
    monthly_fee: MoneyWrite | None = None
    payer_name: Line | None = None
    payer_tax_id: TaxId | None = None
    sla_version: Annotated[Line, Constraint(max_length=40)] | None = None


class ContractUpdate(Shape):
    """What of a contract may be changed; in force, only `renews_on`, the payer and the SLA."""

    title: Line | MISSING = MISSING
    starts_on: Day | MISSING = MISSING
    ends_on: Day | None | MISSING = MISSING
    renews_on: Day | None | MISSING = MISSING
    notice_days: Annotated[Count, Constraint(le=3650)] | MISSING = MISSING
    monthly_fee: MoneyWrite | None | MISSING = MISSING
    payer_name: Line | None | MISSING = MISSING
    payer_tax_id: TaxId | None | MISSING = MISSING
    sla_version: Annotated[Line, Constraint(max_length=40)] | None | MISSING = MISSING


class NoticeGiven(Shape):
    """The day notice was given (today, unless said), and the last day, if agreed otherwise."""

    given_on: Day | None = None
    ends_on: Day | None = None


class ContractRead(ReadShape):
    """A contract with a client. `renews_on`: when its renewal is to be settled."""

    id: UUID
    version: int
    client_id: UUID
    title: str
    status: ContractStatus
    starts_on: date
    ends_on: date | None
    renews_on: date | None
    notice_days: int
    notice_given_on: date | None
    monthly_fee: MoneyRead | None
    payer_name: str | None
    payer_tax_id: str | None
    sla_version: str | None
    created_at: datetime
    updated_at: datetime


class ContractQuery(PageQuery):
    """Filters of the contract list; ended ones only when `status` names them."""

    client_id: UUID | None = None
    status: ContractStatus | None = None
    renews_before: Annotated[
        Day | None, Constraint(description="Renewal is to be settled before this day.")
    ] = None


class PromiseCreate(Shape):
    """Something owed. Its owner is a member, or anybody by name."""

    client_id: UUID
    text: Words
    owner_membership_id: UUID | None = None
    owner_name: Name | None = None
    due_on: Day
    subject_kind: PromiseSubject = PromiseSubject.other
    subject_id: UUID | None = None


class PromiseUpdate(Shape):
    """What of an open request or commitment may be changed."""

    text: Words | MISSING = MISSING
    owner_membership_id: UUID | None | MISSING = MISSING
    owner_name: Name | MISSING = MISSING
    due_on: Day | MISSING = MISSING
    subject_kind: PromiseSubject | MISSING = MISSING
    subject_id: UUID | None | MISSING = MISSING


class PromiseDrop(Shape):
    """Why it is no longer owed."""

    reason: Text


class PromiseRead(ReadShape):
    """Something owed: by the client (a request), or by us (a commitment)."""

    id: UUID
    version: int
    client_id: UUID
    text: Localized
    owner_membership_id: UUID | None
    owner_name: str
    due_on: date
    subject_kind: PromiseSubject
    subject_id: UUID | None
    status: PromiseStatus
    settled_at: datetime | None
    settled_reason: str | None
    created_at: datetime
    updated_at: datetime


class PromiseQuery(PageQuery):
    """Filters of requests and commitments."""

    client_id: UUID | None = None
    status: PromiseStatus | None = None
    due_before: Annotated[Day | None, Constraint(description="Due before this day.")] = None
    due_after: Annotated[Day | None, Constraint(description="Due after this day.")] = None
