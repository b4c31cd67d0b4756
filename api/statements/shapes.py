"""Wire shapes of a client's statement. Amounts: minor units, net of tax."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from api.budgets.models import LineCategory, PaidBy
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


class StatementRead(ReadShape):
    """
    A client's money in the documents that touch a period, each of them whole; of a contract and of
    what renews, the months and periods that begin in it. Currencies are never added up.
    """

    client_id: UUID
    period_start: date
    period_end: date
    rows: list[StatementRow]
    totals: list[StatementTotal]
