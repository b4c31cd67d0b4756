"""Wire shapes of credit notes. Amounts: minor units."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field as Constraint

from tenants.money import MinorUnits
from tenants.pages import PageQuery
from tenants.shapes import ReadShape, Reason, Shape


class CreditNoteLineWrite(Shape):
    """How much of a line of the invoice to take back, net, with the line's sign."""

    line_id: UUID
    amount_minor: MinorUnits


class CreditNoteCreate(Shape):
    """What of an invoice to take back, and why: without lines, all that is left of it."""

    invoice_id: UUID
    reason: Reason
    lines: Annotated[list[CreditNoteLineWrite], Constraint(min_length=1, max_length=500)] | None = (
        None
    )


class CreditNoteRead(ReadShape):
    """
    A credit note. `applied_minor` lowered what was open of its invoice; the rest, paid already, is
    the credit `credit_id`.
    """

    id: UUID
    client_id: UUID
    invoice_id: UUID
    number: str
    issued_on: date
    reason: str
    currency: str
    net_minor: int
    tax_minor: int
    total_minor: int
    applied_minor: int
    credit_id: UUID | None
    created_at: datetime


class CreditNoteQuery(PageQuery):
    """Filters of the list of credit notes."""

    client_id: UUID | None = None
    invoice_id: UUID | None = None
