"""Wire shapes of what a client owes. Amounts: minor units."""

from datetime import date
from uuid import UUID

from tenants.shapes import ReadShape


class AgedRead(ReadShape):
    """What is open, by how many days it is late on the day asked about."""

    not_due_minor: int
    days_1_30_minor: int
    days_31_60_minor: int
    days_61_90_minor: int
    days_over_90_minor: int


class OpenItemRead(ReadShape):
    """An invoice of which something is open."""

    invoice_id: UUID
    number: str
    issued_on: date
    due_on: date
    days_late: int
    total_minor: int
    open_minor: int
    disputed: bool


class ClientAccountRead(ReadShape):
    """
    What a client owes in one currency: open items, by age. `credit_minor` is money to its credit,
    `deposit_minor` what deposits hold, net; the balance is what is open less that money.
    """

    currency: str
    open_minor: int
    credit_minor: int
    deposit_minor: int
    balance_minor: int
    aged: AgedRead
    items: list[OpenItemRead]


class AccountStatementRead(ReadShape):
    """What a client owes today, where it is; currencies are never added up."""

    client_id: UUID
    as_of: date
    accounts: list[ClientAccountRead]
