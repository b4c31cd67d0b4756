"""
The tables of what surrounds a client.

contact         active ⇄ archived; a person at the client, one with a membership can log in
contract        draft → active → in_notice → ended
client request  open → done · dropped; what the client owes us
commitment      open → done · dropped; what we owe the client
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from tenants.money import MoneyRead
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
