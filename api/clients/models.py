"""
Wire shapes of a client, and the tables of what surrounds it.

contact   a person at the client; one with a membership can log in
contract  draft → active → in_notice → ended
"""

from datetime import datetime
from uuid import UUID

from pydantic import MISSING

from tenants.models import ApprovalMode, ClientStatus
from tenants.money import CurrencyCode
from tenants.pages import PageQuery
from tenants.shapes import LocaleTag, Name, ReadShape, Shape, Slug, Words, Zone


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
    lead_membership_id: UUID


class ClientUpdate(Shape):
    """What of a client may be changed; absent members stay as they are."""

    name: Name | MISSING = MISSING
    sector: Words | MISSING = MISSING
    locale: LocaleTag | MISSING = MISSING
    timezone: Zone | MISSING = MISSING
    status: ClientStatus | MISSING = MISSING
    approval_mode: ApprovalMode | MISSING = MISSING


class ClientRead(ReadShape):
    """A brand the agency serves."""

    id: UUID
    version: int
    name: str
    slug: str
    sector: dict[str, str]
    status: ClientStatus
    locale: str
    timezone: str
    currency: str
    approval_mode: ApprovalMode
    lead_membership_id: UUID
    created_at: datetime
    updated_at: datetime


class ClientQuery(PageQuery):
    """Filters of the client list."""

    status: ClientStatus | None = None
