"""Wire shapes of who issues invoices, whom for, and at which taxes."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import MISSING, AfterValidator
from pydantic import Field as Constraint

from billing.receivable.issuer_models import TaxKind, TaxRounding
from tenants.pages import PageQuery
from tenants.shapes import (
    Count,
    Email,
    Flag,
    Line,
    LocaleTag,
    Localized,
    LongWords,
    Name,
    Positive,
    ReadShape,
    Shape,
    Text,
    Words,
)

Series = Annotated[
    str, Constraint(min_length=1, max_length=10, pattern="^[A-Z0-9]+$", examples=["F"])
]
Terms = Annotated[Count, Constraint(le=365, description="Days to pay, from the day of issue.")]
NumberFormat = Annotated[
    str,
    Constraint(
        min_length=12,
        max_length=30,
        pattern=r"^\{series\}[-/. ](?:\{year\}[-/. ])?\{number\}$",
        description="With `{year}` numbers begin anew each year.",
        examples=["{series}-{year}-{number}"],
    ),
]
Percent = Annotated[
    str,
    Constraint(
        min_length=1,
        max_length=9,
        pattern="^(?:100(?:[.]0{1,4})?|[1-9]?[0-9](?:[.][0-9]{1,4})?)$",
        description="An exact decimal, up to four places.",
        examples=["21"],
    ),
]
TaxId = Annotated[str, Constraint(max_length=40, pattern="^[A-Za-z0-9 ./-]{2,40}$")]
DunningDays = Annotated[
    list[Annotated[Positive, Constraint(le=365)]],
    Constraint(max_length=10, description="Days after the due day; kept in order, each once."),
    AfterValidator(lambda days: sorted(set(days))),
]


class TaxGroupRead(ReadShape):
    """What one tax rate comes to; below zero where it is withheld."""

    rate_id: UUID
    name: Localized
    kind: TaxKind
    percent: str
    base_minor: int
    tax_minor: int


class TaxRateCreate(Shape):
    """A tax: an exemption or reverse charge has no percentage, and a reason that is printed."""

    name: Words
    kind: TaxKind = TaxKind.added
    percent: Percent
    reason: Words | None = None


class TaxRateUpdate(Shape):
    """Whether a rate is still used; what it says never changes."""

    active: Flag | MISSING = MISSING


class TaxRateRead(ReadShape):
    """A tax of the agency."""

    id: UUID
    version: int
    name: Localized
    kind: TaxKind
    percent: str
    reason: Localized | None
    active: bool
    created_at: datetime
    updated_at: datetime


class TaxRateQuery(PageQuery):
    """Filters of the tax rates."""

    active: bool | None = None


class InvoiceSettingsPut(Shape):
    """
    In whose name invoices are issued, how they are numbered, and when they are due. A document
    prints `bank_text` and `footer` in its own language; where they lack it, in the other one, and
    says so.
    """

    name: Line
    tax_id: TaxId
    address: Text
    invoice_series: Series = "F"
    credit_note_series: Series = "R"
    number_format: NumberFormat = "{series}-{year}-{number}"
    number_digits: Annotated[Positive, Constraint(le=9)] = 4
    terms_days: Terms = 30
    tax_rounding: TaxRounding = TaxRounding.half_up
    bank_text: LongWords | None = None
    footer: LongWords | None = None
    dunning_days: DunningDays = [3, 10, 20]


class InvoiceSettingsRead(ReadShape):
    """How the agency issues invoices."""

    version: int
    name: str
    tax_id: str
    address: str
    invoice_series: str
    credit_note_series: str
    number_format: str
    number_digits: int
    terms_days: int
    tax_rounding: TaxRounding
    bank_text: Localized | None
    footer: Localized | None
    dunning_days: list[int]
    updated_at: datetime


class BillingContact(Shape):
    """Somebody who gets the client's invoices, in their language."""

    name: Name | None = None
    email: Email
    locale: LocaleTag | None = None


class BillingProfilePut(Shape):
    """Whom a client's invoices are for, and who gets them. `reminded`: of what is overdue."""

    legal_name: Line
    tax_id: TaxId | None = None
    address: Text
    contacts: Annotated[list[BillingContact], Constraint(max_length=20)] = []
    locale: LocaleTag | None = None
    terms_days: Terms | None = None
    reminded: Flag = True


class BillingContactRead(ReadShape):
    """Somebody who gets the client's invoices."""

    id: str
    name: str | None
    email: str
    locale: str | None


class BillingProfileRead(ReadShape):
    """Whom a client's invoices are for."""

    version: int
    client_id: UUID
    legal_name: str
    tax_id: str | None
    address: str
    contacts: list[BillingContactRead]
    locale: str
    terms_days: int | None
    reminded: bool
    updated_at: datetime


def group_of(said: dict[str, Any]) -> TaxGroupRead:
    """A tax group as a document says it."""
    return TaxGroupRead.model_validate({name: said[name] for name in TaxGroupRead.model_fields})
