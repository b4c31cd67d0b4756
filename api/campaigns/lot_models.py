"""
A lot counts the units of a scope line: reserved + delivered never exceed its quantity. A line that
renews opens one a period, and how long each lives is what the client agreed on:

    none           to the last day of its period
    expiring       so many periods more
    capped         on; of the units of periods that are over, the oldest beyond the cap expire
    deficit_carry  on; and units used beyond a period are taken off the next one

A period is settled some days after its end. Until then what was done in it still counts in it, also
out of units that expired since; from then on it is beyond what was sold.
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from tenants.tables import (
    INTERNAL,
    UTC_TIMESTAMP,
    AgencyModel,
    ClientOwned,
    Resource,
    Wall,
    client_owned,
    foreign,
    text_enum,
)


class Renews(StrEnum):
    """How often a line's units are granted anew."""

    month = "month"
    quarter = "quarter"


class Rollover(StrEnum):
    """What becomes of units that are left when a period ends."""

    none = "none"
    capped = "capped"
    expiring = "expiring"
    deficit_carry = "deficit_carry"


class UnitEntryKind(StrEnum):
    """
    What became of units. Deliveries, accruals and their reversals were done; the others change what
    is left of a lot and nothing else: granted, expired, taken off for what was used beyond before.
    """

    delivery = "delivery"
    accrual = "accrual"
    reversal = "reversal"
    grant = "grant"
    expiry = "expiry"
    deduction = "deduction"


DONE = (UnitEntryKind.delivery, UnitEntryKind.accrual, UnitEntryKind.reversal)


class ScopeLot(ClientOwned, Resource, table=True):
    """
    The one counter of a line's units; a line that renews opens one a period. `expires_on`: the last
    day it lives, by what was agreed; `settles_on`: the last on which its period can be counted.
    """

    __tablename__ = "scope_lots"
    __table_args__ = client_owned(
        foreign("line_id", "scope_lines", client=True),
        UniqueConstraint("agency_id", "line_id", "number"),
        CheckConstraint(
            "reserved >= 0 and delivered >= 0 and over_serviced >= 0 and expired >= 0"
            " and deducted >= 0",
            "counts_are_not_negative",
        ),
        CheckConstraint(
            "reserved + delivered + expired + deducted <= quantity", "no_more_than_was_sold"
        ),
        CheckConstraint("settled_at is null or settles_on is not null", "settled_when_it_is_due"),
        Index(None, "agency_id", "client_id", "id"),
        Index(
            "ix_scope_lots_unsettled",
            *("agency_id", "settles_on"),
            postgresql_where=text("settles_on is not null and settled_at is null"),
        ),
    )
    wall = Wall.client

    line_id: UUID
    number: int = 1
    starts_on: date | None = None
    ends_on: date | None = None
    quantity: int = Field(sa_type=BigInteger)
    reserved: int = Field(default=0, sa_type=BigInteger)
    delivered: int = Field(default=0, sa_type=BigInteger)
    over_serviced: int = Field(default=0, sa_type=BigInteger)
    expired: int = Field(default=0, sa_type=BigInteger)
    deducted: int = Field(default=0, sa_type=BigInteger)
    expires_on: date | None = None
    settles_on: date | None = None
    settled_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    closed_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)

    @property
    def available(self) -> int:
        """What is free of it; of one that is closed everything has expired."""
        return self.quantity - self.reserved - self.delivered - self.expired - self.deducted

    def lives(self, day: date) -> bool:
        """Whether its units can be used on a day, as far as days go; one sold once always lives."""
        if self.settles_on is None:
            return True
        begun = self.starts_on is None or self.starts_on <= day
        return begun and (self.expires_on is None or day <= self.expires_on)


class UnitEntry(ClientOwned, AgencyModel, table=True):
    """
    Units counted on a line, `over_quantity` of them beyond what was sold. Never edited. What one
    accrual took of several lots is an entry on each, `part_of` the first.

    A lot's balance on any day is the sum over its entries until then of `quantity`, where it was
    granted, and of `over_quantity - quantity`, where it was done, expired or was taken off.
    """

    __tablename__ = "unit_entries"
    __table_args__ = client_owned(
        foreign("lot_id", "scope_lots", client=True),
        foreign("deliverable_id", "deliverables", client=True),
        foreign("reverses", "unit_entries", client=True),
        foreign("part_of", "unit_entries", client=True),
        UniqueConstraint("agency_id", "reverses"),
        CheckConstraint(
            "quantity <> 0 and abs(over_quantity) <= abs(quantity)", "counts_something"
        ),
        CheckConstraint("(kind = 'reversal') = (reverses is not null)", "a_reversal_says_of_what"),
        CheckConstraint("(kind = 'delivery') = (deliverable_id is not null)", "of_a_deliverable"),
        Index(None, "agency_id", "lot_id", "counted_on", "id"),
        Index(None, "agency_id", "part_of", postgresql_where=text("part_of is not null")),
    )
    wall = Wall.client

    lot_id: UUID
    kind: UnitEntryKind = Field(sa_type=text_enum(UnitEntryKind))
    quantity: int = Field(sa_type=BigInteger)
    over_quantity: int = Field(default=0, sa_type=BigInteger)
    counted_on: date
    deliverable_id: UUID | None = None
    reverses: UUID | None = None
    part_of: UUID | None = None


class UnitEntryNote(ClientOwned, AgencyModel, table=True):
    """What only the agency knows of an entry: why it went beyond, or was reversed."""

    __tablename__ = "unit_entry_notes"
    __table_args__ = client_owned(
        foreign("entry_id", "unit_entries", client=True), UniqueConstraint("agency_id", "entry_id")
    )
    wall = Wall.client_internal

    entry_id: UUID
    note: str = Field(max_length=4000, sa_column_kwargs=INTERNAL)
