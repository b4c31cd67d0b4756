"""
What the agency owes to creators, and what it takes before that may be paid.

payable   accruing → blocked ⇄ ready → submitted → paid; ready → below_minimum → submitted
          held from blocked, ready, below_minimum or submitted, and back by its gates;
          cancelled from what is in no payout
claw-back clawback_due → recovered · written_off

An accruing payable still grows. A blocked one has gates that nobody satisfied: `open_gates`. A
claw-back is a row of its own, about what was owed by the same source; payouts set some of it aside
(`deducted_minor`), which is recovered (`recovered_minor`) when they are paid.
"""

from datetime import date
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from tenants.money import money_of
from tenants.tables import (
    INTERNAL,
    AgencyModel,
    ClientOwned,
    InfluencerOwned,
    Resource,
    Wall,
    client_owned,
    foreign,
    text_enum,
)


class PayeeStatus(StrEnum):
    """How far somebody is from being paid."""

    no_account = "no_account"  # nothing is known of where to
    incomplete = "incomplete"  # something is missing, or waits for a second person
    ready = "ready"


class PayableKind(StrEnum):
    owed = "owed"  # by the agency, to the payee
    clawback = "clawback"  # by the payee, to the agency


class PayableStatus(StrEnum):
    accruing = "accruing"
    blocked = "blocked"
    ready = "ready"
    below_minimum = "below_minimum"
    submitted = "submitted"
    paid = "paid"
    held = "held"
    cancelled = "cancelled"
    clawback_due = "clawback_due"
    recovered = "recovered"
    written_off = "written_off"


class Payee(InfluencerOwned, Resource, table=True):
    """
    Somebody the agency pays; their id is that of the creator whose work it is. `provider_ready`: a
    provider of transfers knows them (`provider_account`), and pays them out.
    """

    __tablename__ = "payees"
    __table_args__ = (
        # All that billing knows of creators is that there is one of this id.
        ForeignKeyConstraint(["agency_id", "id"], ["influencers.agency_id", "influencers.id"]),
    )
    influencer_column: ClassVar[str] = "id"

    status: PayeeStatus = Field(default=PayeeStatus.no_account, sa_type=text_enum(PayeeStatus))
    provider_account: str | None = Field(default=None, max_length=200, sa_column_kwargs=INTERNAL)
    provider_ready: bool = Field(default=False)


class Payable(InfluencerOwned, ClientOwned, Resource, table=True):
    """An amount owed to one payee for one client's work, in the words of the work that owes it."""

    __tablename__ = "payables"
    __table_args__ = client_owned(
        foreign("payee_id", "payees"),
        foreign("payout_id", "payouts"),
        CheckConstraint("amount_minor between 1 and 9007199254740991", "an_amount"),
        CheckConstraint(
            "(kind = 'clawback') = (status in ('clawback_due', 'recovered', 'written_off'))",
            "states_of_its_kind",
        ),
        CheckConstraint(
            "case when status in ('ready', 'below_minimum') then open_gates = '[]'::jsonb"
            " when status = 'blocked' then open_gates <> '[]'::jsonb else true end",
            "is_as_open_as_its_gates",
        ),
        CheckConstraint(
            "case when status in ('submitted', 'paid') then payout_id is not null"
            " else payout_id is null or status = 'held' end",
            "is_in_a_payout_or_not",
        ),
        CheckConstraint(
            "deducted_minor between 0 and amount_minor and recovered_minor between 0 and"
            " deducted_minor and (kind = 'clawback' or deducted_minor = 0)",
            "deducted_within_the_amount",
        ),
        CheckConstraint(
            "reason is not null or status not in ('held', 'cancelled') and kind = 'owed'",
            "says_why",
        ),
        Index(
            "uq_payables_source",
            *("agency_id", "source_type", "source_id", "part", "kind", "instalment"),
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index(None, "agency_id", "client_id", "status", "id"),
        Index(None, "agency_id", "payee_id", "status", "id"),
        Index(None, "agency_id", "payout_id"),
    )
    wall = Wall.client_internal
    influencer_column: ClassVar[str] = "payee_id"

    kind: PayableKind = Field(default=PayableKind.owed, sa_type=text_enum(PayableKind))
    payee_id: UUID
    source_type: str = Field(max_length=40, sa_column_kwargs=INTERNAL)
    source_id: UUID
    part: UUID | None = None
    instalment: int
    label: dict[str, str] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str = Field(max_length=3, sa_column_kwargs=INTERNAL)
    due_on: date | None = None
    status: PayableStatus = Field(sa_type=text_enum(PayableStatus))
    gates: list[str] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    open_gates: list[str] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    payout_id: UUID | None = None
    reason: str | None = Field(default=None, max_length=4000, sa_column_kwargs=INTERNAL)
    settlement: str | None = Field(default=None, max_length=4000, sa_column_kwargs=INTERNAL)
    deducted_minor: int = Field(default=0, sa_type=BigInteger)
    recovered_minor: int = Field(default=0, sa_type=BigInteger)
    paid_on: date | None = None

    amount: ClassVar[Any] = money_of("amount_minor")


class GateWord(ClientOwned, AgencyModel, table=True):
    """
    What was said of a gate of one source, of one part of it or of all: satisfied or not, with what
    shows it. The newest word counts; none is ever taken back.
    """

    __tablename__ = "gate_words"
    __table_args__ = client_owned(
        foreign("payee_id", "payees"),
        CheckConstraint("satisfied or reason is not null", "a_refusal_says_why"),
        UniqueConstraint(
            *("agency_id", "source_type", "source_id", "code", "number"),
            name="uq_gate_words_number",
        ),
    )
    wall = Wall.client_internal

    payee_id: UUID
    source_type: str = Field(max_length=40, sa_column_kwargs=INTERNAL)
    source_id: UUID
    part: UUID | None = None
    code: str = Field(max_length=40, sa_column_kwargs=INTERNAL)
    number: int  # of the words about this gate of the source
    satisfied: bool
    evidence: dict[str, Any] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    reason: str | None = Field(default=None, max_length=4000, sa_column_kwargs=INTERNAL)
    said_by: UUID | None = None
