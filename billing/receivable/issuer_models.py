"""Whose name stands on invoices, whom they are for, and the taxes on them."""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from tenants.tables import (
    INTERNAL,
    PERSONAL,
    ClientOwned,
    Resource,
    Wall,
    client_owned,
    text_enum,
)


class TaxKind(StrEnum):
    """
    Added to the price, or withheld from it (IRPF: the client pays it to the treasury); `exempt` and
    `reverse_charge` are no tax, for a reason that is printed.
    """

    added = "added"
    withheld = "withheld"
    exempt = "exempt"
    reverse_charge = "reverse_charge"


class TaxRounding(StrEnum):
    """How the tax of all lines with one rate is rounded to whole minor units."""

    half_up = "half_up"
    half_even = "half_even"


class InvoiceSettings(Resource, table=True):
    """
    The agency as it issues invoices; there is one. `number_format` is made of `{series}`, `{year}`
    and `{number}`; with the year, numbers begin anew each year.
    """

    __tablename__ = "invoice_settings"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id"], ["agencies.id"]),
        UniqueConstraint("agency_id"),
        CheckConstraint("invoice_series <> credit_note_series", "two_series"),
        CheckConstraint("terms_days between 0 and 365", "terms_within_a_year"),
        CheckConstraint("number_digits between 1 and 9", "digits"),
    )
    wall = Wall.agency

    name: str = Field(max_length=200, sa_column_kwargs=INTERNAL)
    tax_id: str = Field(max_length=40, sa_column_kwargs=INTERNAL)
    address: str = Field(max_length=4000, sa_column_kwargs=INTERNAL)
    invoice_series: str = Field(max_length=10, sa_column_kwargs=INTERNAL)
    credit_note_series: str = Field(max_length=10, sa_column_kwargs=INTERNAL)
    number_format: str = Field(max_length=40, sa_column_kwargs=INTERNAL)
    number_digits: int
    terms_days: int
    tax_rounding: TaxRounding = Field(sa_type=text_enum(TaxRounding))
    bank_text: dict[str, str] | None = Field(default=None, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    footer: dict[str, str] | None = Field(default=None, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    dunning_days: list[int] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)


class BillingProfile(ClientOwned, Resource, table=True):
    """Whom a client's invoices are for and go to; its id is made of the client's: there is one."""

    __tablename__ = "billing_profiles"
    __table_args__ = client_owned(
        CheckConstraint("terms_days between 0 and 365", "terms_within_a_year"),
    )
    wall = Wall.client_internal

    legal_name: str = Field(max_length=200, sa_column_kwargs=INTERNAL)
    tax_id: str | None = Field(default=None, max_length=40, sa_column_kwargs=INTERNAL)
    address: str = Field(max_length=4000, sa_column_kwargs=PERSONAL)
    contacts: list[dict[str, Any]] = Field(sa_type=JSONB, sa_column_kwargs=PERSONAL)
    locale: str = Field(max_length=35, sa_column_kwargs=INTERNAL)
    terms_days: int | None = None
    reminded: bool = Field(default=True)


class TaxRate(Resource, table=True):
    """
    A tax of the agency: `percent` is an exact decimal. What it says never changes; a new rate is
    another row, and one that is over is no longer `active`.
    """

    __tablename__ = "tax_rates"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id"], ["agencies.id"]),
        CheckConstraint("kind in ('added', 'withheld') or reason is not null", "no_tax_says_why"),
    )
    wall = Wall.agency

    name: dict[str, str] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    kind: TaxKind = Field(sa_type=text_enum(TaxKind))
    percent: str = Field(max_length=9, sa_column_kwargs=INTERNAL)
    reason: dict[str, str] | None = Field(default=None, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    active: bool = Field(default=True)
