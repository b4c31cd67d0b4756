"""Wire shapes of fees and their parts. Amounts: minor units."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field as Constraint

from api.collaborations.money.models import FeeKind, InstalmentStatus, Milestone
from tenants.money import CurrencyCode, PositiveMinorUnits
from tenants.shapes import Line, ReadShape, Shape

Percent = Annotated[int, Constraint(strict=True, ge=1, le=100)]


class FeeWrite(Shape):
    """
    What is given for the work. `commission_bp`: hundredths of a percent of what is sold, which come
    to `commission_cap_minor` at most. What a product is worth is said, and not set aside.
    """

    currency: CurrencyCode
    fixed_minor: PositiveMinorUnits | None = None
    per_post_minor: PositiveMinorUnits | None = None
    commission_bp: Annotated[int, Constraint(strict=True, ge=1, le=10_000)] | None = None
    commission_cap_minor: PositiveMinorUnits | None = None
    product: Line | None = None
    product_value_minor: PositiveMinorUnits | None = None


class InstalmentWrite(Shape):
    """A part of the fixed fee, and what it falls due with."""

    milestone: Milestone
    percent: Percent


class InstalmentRead(ReadShape):
    """
    A part of the fee. Earned, it is an expense of the budget and, if we pay it, a payable.
    `month`: of commission, the first day of the month whose sales it closes.
    """

    id: UUID
    number: int
    deliverable_id: UUID | None
    kind: FeeKind
    milestone: Milestone
    month: date | None
    amount_minor: int
    clawed_back_minor: int
    currency: str
    status: InstalmentStatus
    earned_at: datetime | None
    payable_id: UUID | None


class InstalmentsRead(ReadShape):
    """The parts of a fee, in the order of the terms."""

    data: list[InstalmentRead]
