"""What clients, their contacts, contracts and promises look like over the wire."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import MISSING
from pydantic import Field as Constraint

from api.clients.models import ContactStatus, ContractStatus, PromiseStatus, PromiseSubject
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
