"""
The agency's book of what it owes and is owed, in double entry: transactions and their entries.

That a transaction's entries sum to zero is held by keys alone, for whoever writes. Each entry
carries what the entries up to it come to (`after_minor`), and points at the one before it, whose
`after_minor` is its `before_minor`. The transaction says how many entries it has, and points at
the last of them, at which nothing may be left. An entry more, an entry less or another amount
finds no row to point at.
"""

from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
)
from sqlmodel import Field

from tenants.tables import INTERNAL, AgencyModel, InfluencerOwned, MaybeClientOwned, Wall

# What an entry says of its transaction, in its key: whoever sees the entry alone knows it too.
_SHARED = ("entry_count", "currency", "kind", "booked_on", "source_type", "source_id")


class LedgerTransaction(AgencyModel, table=True):
    """Something that happened to money, once for its kind and source; it never changes."""

    __tablename__ = "ledger_transactions"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id"], ["agencies.id"]),
        # Written in one statement with its entries: the two tables point at each other.
        ForeignKeyConstraint(
            ["agency_id", "id", "entry_count", "left_minor"],
            [
                f"ledger_entries.{name}"
                for name in ("agency_id", "transaction_id", "position", "after_minor")
            ],
            name="fk_ledger_transactions_last_entry",
            use_alter=True,
        ),
        CheckConstraint("left_minor = 0", "nothing_is_left"),
        CheckConstraint("entry_count >= 2", "two_sides"),
        UniqueConstraint("agency_id", "kind", "source_type", "source_id"),
        UniqueConstraint("agency_id", "id", *_SHARED, name="uq_ledger_transactions_entries"),
    )

    kind: str = Field(max_length=40, sa_column_kwargs=INTERNAL)
    source_type: str = Field(max_length=40, sa_column_kwargs=INTERNAL)
    source_id: UUID
    currency: str = Field(max_length=3, sa_column_kwargs=INTERNAL)
    booked_on: date
    entry_count: int
    left_minor: int = Field(default=0, sa_type=BigInteger)
    entered_by: UUID | None = None
    request_id: str | None = Field(default=None, max_length=128, sa_column_kwargs=INTERNAL)


class LedgerEntry(InfluencerOwned, MaybeClientOwned, AgencyModel, table=True):
    """
    One side of a transaction: above zero is debit, below it credit. `account` is the word of who
    posts; `client_id` and `payee_id` say for whom, where it is for somebody.
    """

    __tablename__ = "ledger_entries"
    __table_args__ = (
        ForeignKeyConstraint(
            ["agency_id", "transaction_id", *_SHARED],
            [f"ledger_transactions.{name}" for name in ("agency_id", "id", *_SHARED)],
            name="fk_ledger_entries_transaction",
        ),
        ForeignKeyConstraint(
            ["agency_id", "transaction_id", "previous", "before_minor"],
            [
                f"ledger_entries.{name}"
                for name in ("agency_id", "transaction_id", "position", "after_minor")
            ],
            name="fk_ledger_entries_previous",
        ),
        ForeignKeyConstraint(["agency_id", "client_id"], ["clients.agency_id", "clients.id"]),
        CheckConstraint("amount_minor <> 0", "an_amount"),
        CheckConstraint("after_minor = before_minor + amount_minor", "adds_up"),
        CheckConstraint(
            "case when position = 1 then previous is null and before_minor = 0"
            " else previous is not null and previous = position - 1 end",
            "follows_the_one_before",
        ),
        CheckConstraint("position between 1 and entry_count", "is_one_of_them"),
        UniqueConstraint("agency_id", "transaction_id", "position"),
        UniqueConstraint(
            *("agency_id", "transaction_id", "position", "after_minor"),
            name="uq_ledger_entries_after",
        ),
        Index(None, "agency_id", "account", "payee_id", "currency"),
        Index(None, "agency_id", "source_id", "kind"),
        Index(None, "agency_id", "client_id", "id"),
    )
    wall = Wall.client_internal
    influencer_column: ClassVar[str] = "payee_id"

    transaction_id: UUID
    kind: str = Field(max_length=40, sa_column_kwargs=INTERNAL)
    source_type: str = Field(max_length=40, sa_column_kwargs=INTERNAL)
    source_id: UUID
    booked_on: date
    position: int
    entry_count: int
    previous: int | None = None
    account: str = Field(max_length=40, sa_column_kwargs=INTERNAL)
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str = Field(max_length=3, sa_column_kwargs=INTERNAL)
    before_minor: int = Field(sa_type=BigInteger)
    after_minor: int = Field(sa_type=BigInteger)
    payee_id: UUID | None = None
