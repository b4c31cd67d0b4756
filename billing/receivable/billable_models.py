"""
What a client is billed for. A billable is a fact: it is added once by what earned it, and undone
only by another one.
"""

from datetime import date
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from tenants.money import money_of
from tenants.tables import (
    INTERNAL,
    AgencyModel,
    ClientOwned,
    Wall,
    client_owned,
    text_enum,
)


class BillableKind(StrEnum):
    """Why it is billed."""

    scope = "scope"  # what was sold once, when the client accepted it
    scope_change = "scope_change"  # what a later version added to that, or took off it
    milestone = "milestone"  # a milestone, when it was delivered
    monthly_fee = "monthly_fee"  # a contract's fee for a month
    retainer_period = "retainer_period"  # a period of what renews, as it begins
    overage = "overage"  # what was used beyond a period, once that is settled
    pass_through = "pass_through"  # what we paid for the client, at cost


class Billable(ClientOwned, AgencyModel, table=True):
    """Something to bill, net of tax; below zero where it takes back."""

    __tablename__ = "billables"
    __table_args__ = client_owned(
        CheckConstraint("amount_minor <> 0", "an_amount"),
        CheckConstraint(
            "(period_start is null) = (period_end is null) and period_end >= period_start",
            "a_period_is_whole",
        ),
        # What takes back stands beside what it takes back, of the same days.
        Index(
            "uq_billables_source",
            *("agency_id", "source_type", "source_id", "kind", "period_start"),
            text("(amount_minor < 0)"),
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index(None, "agency_id", "client_id", "earned_on", "id"),
    )
    wall = Wall.client  # what a client owes is the client's to read

    kind: BillableKind = Field(sa_type=text_enum(BillableKind))
    source_type: str = Field(max_length=40, sa_column_kwargs=INTERNAL)
    source_id: UUID
    label: dict[str, str] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    period_start: date | None = None
    period_end: date | None = None
    earned_on: date
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str = Field(max_length=3, sa_column_kwargs=INTERNAL)

    amount: ClassVar[Any] = money_of("amount_minor")
