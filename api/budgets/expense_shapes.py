"""Wire shapes of expenses. Amounts: minor units, net of tax."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic import Field as Constraint
from pydantic_core import PydanticCustomError

from api.budgets.models import ExpenseStatus, PaidBy
from api.budgets.shapes import Amount, ZeroOrMore
from tenants.money import CurrencyCode, PositiveMinorUnits
from tenants.pages import PageQuery
from tenants.shapes import Day, Flag, Line, Name, ReadShape, Shape, Text


def _above_zero(value: str) -> str:
    if not value.strip("0."):
        raise PydanticCustomError("greater_than", "a number above zero", {"gt": 0})
    return value


Rate = Annotated[
    str,
    Constraint(
        min_length=1,
        max_length=21,
        pattern="^(?:0|[1-9][0-9]{0,9})(?:[.][0-9]{1,10})?$",
        description="Above zero, with up to 10 decimals.",
        examples=["0.9259"],
        json_schema_extra={"not": {"pattern": "^[0.]*$"}},
    ),
    AfterValidator(_above_zero),
]
ReceiptIds = Annotated[list[UUID], Constraint(max_length=20)]


class OriginalWrite(Shape):
    """
    What a document says: an amount, and where its currency is another than the budget's, how many
    units of the budget's currency one of it was worth (`rate`) on what day.
    """

    amount_minor: PositiveMinorUnits
    currency: CurrencyCode
    rate: Rate | None = None
    rate_on: Day | None = None


class ExpenseCreate(Shape):
    """
    An expense on one line, net of tax. `already_spent` with evidence makes it a fact, which no
    line's end refuses. `commitment_id`: what was set aside for it. `receipt_ids`: files of the
    client. Without a day it is today's, or the first day's of a period that is still to come.
    """

    line_id: UUID
    amount_minor: Amount
    currency: CurrencyCode
    tax_minor: ZeroOrMore = 0
    original: OriginalWrite | None = None
    units: ZeroOrMore = 0
    commitment_id: UUID | None = None
    paid_by: PaidBy | None = None
    already_spent: Flag = False
    spent_on: Day | None = None
    supplier: Name
    document_number: Line | None = None
    document_date: Day | None = None
    evidence: Text | None = None
    receipt_ids: ReceiptIds = []
    note: Text | None = None


class ExpenseRefuse(Shape):
    """Why an expense is not paid from the budget."""

    reason: Text


class ExpenseRefund(Shape):
    """
    What came back of an expense, or was wrong with it; all of it when no amount is given. The last
    of the money takes the last of the units along.
    """

    amount_minor: Amount | None = None
    units: ZeroOrMore = 0
    booked_on: Day | None = None
    reason: Text


class ExpenseRead(ReadShape):
    """An expense and its document. `self_approved`: nobody else could have approved it."""

    id: UUID
    version: int
    client_id: UUID
    budget_id: UUID
    line_id: UUID
    commitment_id: UUID | None
    status: ExpenseStatus
    amount_minor: int
    tax_minor: int
    total_minor: int
    refunded_minor: int
    currency: str
    original_amount_minor: int | None
    original_currency: str | None
    original_rate: str | None
    original_rate_on: date | None
    units: int
    refunded_units: int
    paid_by: PaidBy
    already_spent: bool
    spent_on: date
    supplier: str
    document_number: str | None
    document_date: date | None
    evidence: str | None
    receipt_ids: list[UUID]
    note: str | None
    requested_by: UUID | None
    decided_by: UUID | None
    decided_at: datetime | None
    refusal: str | None
    self_approved: bool
    created_at: datetime
    updated_at: datetime


class ExpenseFilter(BaseModel):
    """Which expenses; the days are those on which they were spent."""

    model_config = ConfigDict(extra="ignore")

    client_id: UUID | None = None
    budget_id: UUID | None = None
    line_id: UUID | None = None
    status: ExpenseStatus | None = None
    first: Annotated[Day | None, Constraint(alias="from", description="First day.")] = None
    last: Annotated[Day | None, Constraint(alias="to", description="Last day, included.")] = None


class ExpenseQuery(PageQuery, ExpenseFilter):
    """Filters of the expense list."""
