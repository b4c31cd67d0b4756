"""Wire shapes of a client's statement. Amounts: minor units, net of tax."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from api.budgets.models import LineCategory, PaidBy
from billing.receivable.billable_models import BillableKind
from tenants.shapes import Localized, ReadShape


class StatementSection(StrEnum):
    """What money is for: the agency's own work, or what is spent for the client."""

    fees = "fees"  # contracts' monthly fees
    scopes = "scopes"  # what was sold once
    retainers = "retainers"  # what renews, and what was used beyond it
    budgets = "budgets"  # spent on the client's budgets


class StatementFigures(ReadShape):
    """
    `planned`: offered, or allocated. `committed`: agreed or set aside, and not actual yet.
    `actual`: billed, or spent. `forecast`: what it will come to by the end.
    """

    planned_minor: int
    committed_minor: int
    actual_minor: int
    forecast_minor: int


class StatementDocument(ReadShape):
    """What stands behind a figure: a contract, a scope or a line of one, a line of a budget."""

    type: str
    id: UUID
    label: Localized
    period_start: date | None
    period_end: date | None
    figures: StatementFigures


class StatementRow(ReadShape):
    """One kind of money in one currency; its figures are the sums of its documents'."""

    section: StatementSection
    category: LineCategory | None
    pass_through: bool
    paid_by: PaidBy
    currency: str
    figures: StatementFigures
    documents: list[StatementDocument]


class StatementTotal(ReadShape):
    """The rows of one currency and payer, added up. `paid_by` client: the agency never sees it."""

    currency: str
    paid_by: PaidBy
    figures: StatementFigures


class StatementSettlement(ReadShape):
    """
    What was earned in the period by one document, net, and what became of it: on invoices that are
    out, less what credit notes took back, on those that are paid, written off or still open.
    `type` and `id`: a contract, a scope or a line of one; null for what was passed on at cost.
    """

    currency: str
    kind: BillableKind
    type: str | None
    id: UUID | None
    label: Localized
    delivered_minor: int
    invoiced_minor: int
    credited_minor: int
    paid_minor: int
    written_off_minor: int
    open_minor: int


class StatementInvoices(ReadShape):
    """
    What the invoices come to that were issued in the period, with their taxes: the total is what
    was paid, applied, credited and written off, and what is open. `returned_minor` was credited
    after it was paid.
    """

    currency: str
    invoices: int
    total_minor: int
    paid_minor: int
    applied_minor: int
    credited_minor: int
    written_off_minor: int
    open_minor: int
    returned_minor: int


class StatementRead(ReadShape):
    """
    A client's money in the documents that touch a period, each of them whole; of a contract and of
    what renews, the months and periods that begin in it. What was earned in the period is followed
    to its invoices and to what was paid. Currencies are never added up.
    """

    client_id: UUID
    period_start: date
    period_end: date
    rows: list[StatementRow]
    totals: list[StatementTotal]
    settlement: list[StatementSettlement]
    invoices: list[StatementInvoices]
