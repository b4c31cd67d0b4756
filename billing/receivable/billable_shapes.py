"""Wire shapes of what is billed."""

from datetime import date, datetime
from uuid import UUID

from billing.receivable.billable_models import BillableKind
from tenants.money import MoneyRead
from tenants.pages import PageQuery
from tenants.shapes import Day, Localized, ReadShape


class BillableRead(ReadShape):
    """
    Something to bill, net of tax: what for, for which days, and the document that earned it. An
    amount below zero takes back.
    """

    id: UUID
    client_id: UUID
    kind: BillableKind
    source_type: str
    source_id: UUID
    label: Localized
    period_start: date | None
    period_end: date | None
    earned_on: date
    amount: MoneyRead
    created_at: datetime


class BillableQuery(PageQuery):
    """Filters of the list of billables."""

    client_id: UUID | None = None
    kind: BillableKind | None = None
    source_id: UUID | None = None
    earned_from: Day | None = None
    earned_to: Day | None = None
