"""What invoices were too much: credit notes, and how much of each line they take back."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from tenants.tables import INTERNAL, AgencyModel, ClientOwned, Wall, client_owned, foreign


class CreditNote(ClientOwned, AgencyModel, table=True):
    """
    What an invoice was too much. `applied_minor` lowered what was open of it; the rest became the
    credit `credit_id`.
    """

    __tablename__ = "credit_notes"
    __table_args__ = client_owned(
        foreign("invoice_id", "invoices", client=True),
        foreign("credit_id", "client_credits", client=True),
        CheckConstraint(
            "total_minor > 0 and total_minor = net_minor + tax_minor"
            " and applied_minor between 0 and total_minor",
            "amounts_fit",
        ),
        CheckConstraint(
            "(applied_minor = total_minor) = (credit_id is null)", "the_rest_is_credit"
        ),
        Index(None, "agency_id", "invoice_id", "id"),
        Index(None, "agency_id", "client_id", "id"),
    )
    wall = Wall.client

    invoice_id: UUID
    number: str = Field(max_length=40, sa_column_kwargs=INTERNAL)
    issued_on: date
    reason: str = Field(max_length=4000, sa_column_kwargs=INTERNAL)
    currency: str = Field(max_length=3, sa_column_kwargs=INTERNAL)
    net_minor: int = Field(sa_type=BigInteger)
    tax_minor: int = Field(sa_type=BigInteger)
    total_minor: int = Field(sa_type=BigInteger)
    applied_minor: int = Field(sa_type=BigInteger)
    credit_id: UUID | None = None
    issued_by: UUID | None = None


class CreditNoteLine(ClientOwned, AgencyModel, table=True):
    """How much of an invoice's line a credit note takes back, net."""

    __tablename__ = "credit_note_lines"
    __table_args__ = client_owned(
        foreign("credit_note_id", "credit_notes", client=True),
        foreign("invoice_line_id", "invoice_lines", client=True),
        CheckConstraint("amount_minor <> 0", "an_amount"),
        UniqueConstraint("agency_id", "credit_note_id", "invoice_line_id"),
        Index(None, "agency_id", "invoice_line_id"),
    )
    wall = Wall.client

    credit_note_id: UUID
    invoice_line_id: UUID
    amount_minor: int = Field(sa_type=BigInteger)
