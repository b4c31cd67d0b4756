"""
budget   draft → proposed → active → closed; proposed → draft when changes are asked for, when it is
         rejected or withdrawn; draft → active for a client whose policy asks for no decision
expense  pending → posted · refused

Amounts are net of tax, in minor units of the budget's currency. An entry's amount is what it adds
to its balance, so that every balance is a plain sum:

    allocated = Σ allocation + transfer          committed = Σ commitment + release
    spent     = Σ expense + refund, funded       unfunded  = Σ expense + refund, not funded

A line may count units (hours, pieces) beside money, by the same sums of its entries' units. A plan
keeps within both. What was spent as a fact is counted whatever it is: units beyond the line are
over, which follows from its sums; nobody pays for a unit, so that there is nothing to cover:

    over = committed + spent - allocated, if above zero

Commitments are above zero, releases and refunds below; a transfer is one entry below zero and one
above, a cover (unfunded money that found room) an expense below zero unfunded and one above funded.
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from tenants.tables import (
    INTERNAL,
    PERSONAL,
    UTC_TIMESTAMP,
    AgencyModel,
    ClientOwned,
    Resource,
    Wall,
    client_owned,
    foreign,
    text_enum,
)


class BudgetStatus(StrEnum):
    draft = "draft"
    proposed = "proposed"
    active = "active"
    closed = "closed"


class LineCategory(StrEnum):
    """What a line is for. The agency's own fee stands in the contract; `fees` are others'."""

    paid_media = "paid_media"
    production = "production"
    influencers = "influencers"
    tools = "tools"
    fees = "fees"
    contingency = "contingency"
    events = "events"
    prizes = "prizes"
    travel = "travel"
    other = "other"


class PaidBy(StrEnum):
    """Whose money leaves: what the client pays itself is neither our cost nor billable."""

    client = "client"
    agency = "agency"


class EntryKind(StrEnum):
    allocation = "allocation"
    transfer = "transfer"
    commitment = "commitment"
    release = "release"
    expense = "expense"
    refund = "refund"


class ExpenseStatus(StrEnum):
    pending = "pending"
    posted = "posted"
    refused = "refused"


class Budget(ClientOwned, Resource, table=True):
    """
    A client's money for a period, in one currency. `alerted_percent` and `at_risk_on` remember what
    was told already: each alert is told once in the period, which is the budget's one and only.
    """

    __tablename__ = "budgets"
    __table_args__ = client_owned(
        foreign("approval_id", "approvals", client=True),
        CheckConstraint("period_end >= period_start", "ends_after_it_starts"),
        CheckConstraint("alerted_percent >= 0", "alerted_by_a_percentage"),
        Index(None, "agency_id", "client_id", "status", "id"),
        Index(None, "agency_id", "client_id", "period_start"),
    )
    wall = Wall.client

    name: str = Field(max_length=120, sa_column_kwargs=INTERNAL)
    period_start: date
    period_end: date
    currency: str = Field(max_length=3, sa_column_kwargs=INTERNAL)
    status: BudgetStatus = Field(default=BudgetStatus.draft, sa_type=text_enum(BudgetStatus))
    inside: bool = Field(default=False)  # decided on inside first: the client does not see it yet
    approval_id: UUID | None = None
    alerted_percent: int = Field(default=0)
    at_risk_on: date | None = None


class BudgetLine(ClientOwned, Resource, table=True):
    """
    One line (partida): `planned_minor` is what was proposed, the other four are the sums of its
    entries; so with its units. `pass_through`: what the agency spends here is billed on at cost
    and stays out of its margin. `status` and `inside` are its budget's and move with it, so that
    holding a line tells all there is to check, and so that a contact's policy can read it.
    """

    __tablename__ = "budget_lines"
    __table_args__ = client_owned(
        foreign("budget_id", "budgets", client=True),
        CheckConstraint(
            "planned_minor >= 0 and allocated_minor >= 0 and committed_minor >= 0"
            " and spent_minor >= 0 and unfunded_minor >= 0",
            "nothing_below_zero",
        ),
        CheckConstraint(
            "committed_minor + spent_minor <= allocated_minor", "within_its_allocation"
        ),
        CheckConstraint(
            "unfunded_minor = 0 or committed_minor + spent_minor = allocated_minor",
            "room_covers_what_is_unfunded_first",
        ),
        CheckConstraint(
            "planned_units >= 0 and allocated_units >= 0 and committed_units >= 0"
            " and spent_units >= 0",
            "no_units_below_zero",
        ),
        CheckConstraint(
            "unit is not null or planned_units = 0 and allocated_units = 0"
            " and committed_units = 0 and spent_units = 0",
            "units_are_named",
        ),
        CheckConstraint("alerted_percent >= 0", "alerted_by_a_percentage"),
        Index(None, "agency_id", "budget_id", "id"),
        Index(None, "agency_id", "campaign_id"),
    )
    wall = Wall.client

    budget_id: UUID
    status: BudgetStatus = Field(default=BudgetStatus.draft, sa_type=text_enum(BudgetStatus))
    inside: bool = Field(default=False)
    category: LineCategory = Field(sa_type=text_enum(LineCategory))
    label: dict[str, str] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    # Budgets know no campaign: only its id, for those who do.
    campaign_id: UUID | None = None
    channel: str | None = Field(default=None, max_length=200, sa_column_kwargs=INTERNAL)
    activity: str | None = Field(default=None, max_length=200, sa_column_kwargs=INTERNAL)
    paid_by: PaidBy = Field(default=PaidBy.agency, sa_type=text_enum(PaidBy))
    pass_through: bool
    currency: str = Field(max_length=3, sa_column_kwargs=INTERNAL)
    planned_minor: int = Field(sa_type=BigInteger)
    allocated_minor: int = Field(default=0, sa_type=BigInteger)
    committed_minor: int = Field(default=0, sa_type=BigInteger)
    spent_minor: int = Field(default=0, sa_type=BigInteger)
    unfunded_minor: int = Field(default=0, sa_type=BigInteger)
    # What of spent and unfunded the other side paid: not who `paid_by` says.
    other_payer_minor: int = Field(default=0, sa_type=BigInteger)
    unit: str | None = Field(default=None, max_length=200, sa_column_kwargs=INTERNAL)
    planned_units: int = Field(default=0, sa_type=BigInteger)
    allocated_units: int = Field(default=0, sa_type=BigInteger)
    committed_units: int = Field(default=0, sa_type=BigInteger)
    spent_units: int = Field(default=0, sa_type=BigInteger)
    alerted_percent: int = Field(default=0)

    @property
    def available_minor(self) -> int:
        return self.allocated_minor - self.committed_minor - self.spent_minor

    @property
    def available_units(self) -> int:
        return max(self._units_left, 0)

    @property
    def over_units(self) -> int:
        return max(-self._units_left, 0)

    @property
    def _units_left(self) -> int:
        return self.allocated_units - self.committed_units - self.spent_units


class BudgetEntry(ClientOwned, AgencyModel, table=True):
    """
    One movement of one line: the application may add it and nothing else. One source makes it
    once. `amount_minor` and `units` are what it adds to its balances. `reversal_of`: the commitment
    it releases, the expense it refunds or covers.
    """

    __tablename__ = "budget_entries"
    __table_args__ = client_owned(
        foreign("line_id", "budget_lines", client=True),
        foreign("reversal_of", "budget_entries", client=True),
        CheckConstraint(
            "case when kind = 'commitment' then amount_minor > 0 and units >= 0"
            " when kind in ('release', 'refund')"
            " then amount_minor < 0 and units <= 0 and reversal_of is not null"
            " else amount_minor <> 0 or units <> 0 end",
            "signed_by_its_kind",
        ),
        CheckConstraint("funded or kind in ('expense', 'refund')", "only_spending_is_unfunded"),
        Index(None, "agency_id", "line_id", "id"),
        Index(None, "agency_id", "client_id", "booked_on"),
        Index(None, "agency_id", "reversal_of"),
        Index(
            "uq_budget_entries_source",
            *("agency_id", "source_type", "source_id", "line_id", "kind", "funded"),
            unique=True,
        ),
    )
    wall = Wall.client

    line_id: UUID
    kind: EntryKind = Field(sa_type=text_enum(EntryKind))
    amount_minor: int = Field(sa_type=BigInteger)
    units: int = Field(default=0, sa_type=BigInteger)
    currency: str = Field(max_length=3, sa_column_kwargs=INTERNAL)
    funded: bool = Field(default=True)
    category: LineCategory = Field(sa_type=text_enum(LineCategory))
    paid_by: PaidBy = Field(sa_type=text_enum(PaidBy))
    booked_on: date
    reversal_of: UUID | None = None
    source_type: str = Field(max_length=40, sa_column_kwargs=INTERNAL)
    source_id: UUID
    entered_by: UUID | None = None
    request_id: str | None = Field(default=None, max_length=128, sa_column_kwargs=INTERNAL)


class EntryNote(ClientOwned, AgencyModel, table=True):
    """What of an entry only the staff may read; its id is the entry's."""

    __tablename__ = "budget_entry_notes"
    __table_args__ = client_owned(foreign("id", "budget_entries", client=True))
    wall = Wall.client_internal

    payee: str | None = Field(default=None, max_length=120, sa_column_kwargs=PERSONAL)
    note: str | None = Field(default=None, max_length=4000, sa_column_kwargs=INTERNAL)


class Expense(ClientOwned, Resource, table=True):
    """
    Money that goes out on one line, with its document. Its entries name it as their source.
    `original_rate`: units of the budget's currency for one of the document's, as it was written.
    """

    __tablename__ = "expenses"
    __table_args__ = client_owned(
        foreign("budget_id", "budgets", client=True),
        foreign("line_id", "budget_lines", client=True),
        foreign("commitment_id", "budget_entries", client=True),
        CheckConstraint("amount_minor > 0 and tax_minor >= 0", "an_amount"),
        CheckConstraint("refunded_minor between 0 and amount_minor", "refunded_within_the_amount"),
        CheckConstraint(
            "(original_amount_minor is null) = (original_currency is null)"
            " and (original_rate is null) = (original_rate_on is null)"
            " and (original_rate is null or original_currency is not null)",
            "original_is_whole",
        ),
        CheckConstraint("refunded_units between 0 and units", "refunded_within_the_units"),
        CheckConstraint("(status = 'refused') = (refusal is not null)", "a_refusal_says_why"),
        Index(None, "agency_id", "client_id", "status", "id"),
        Index(None, "agency_id", "budget_id", "status", "id"),
        Index(None, "agency_id", "line_id", "id"),
    )
    wall = Wall.client_internal

    budget_id: UUID
    line_id: UUID
    commitment_id: UUID | None = None
    status: ExpenseStatus = Field(default=ExpenseStatus.pending, sa_type=text_enum(ExpenseStatus))
    amount_minor: int = Field(sa_type=BigInteger)
    tax_minor: int = Field(default=0, sa_type=BigInteger)
    refunded_minor: int = Field(default=0, sa_type=BigInteger)
    currency: str = Field(max_length=3, sa_column_kwargs=INTERNAL)
    original_amount_minor: int | None = Field(default=None, sa_type=BigInteger)
    original_currency: str | None = Field(default=None, max_length=3, sa_column_kwargs=INTERNAL)
    original_rate: str | None = Field(default=None, max_length=21, sa_column_kwargs=INTERNAL)
    original_rate_on: date | None = None
    units: int = Field(default=0, sa_type=BigInteger)
    refunded_units: int = Field(default=0, sa_type=BigInteger)
    paid_by: PaidBy = Field(sa_type=text_enum(PaidBy))
    already_spent: bool = Field(default=False)
    spent_on: date
    supplier: str = Field(max_length=120, sa_column_kwargs=PERSONAL)
    document_number: str | None = Field(default=None, max_length=200, sa_column_kwargs=INTERNAL)
    document_date: date | None = None
    evidence: str | None = Field(default=None, max_length=4000, sa_column_kwargs=INTERNAL)
    receipt_ids: list[str] = Field(default_factory=list, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    note: str | None = Field(default=None, max_length=4000, sa_column_kwargs=INTERNAL)
    requested_by: UUID | None = None
    decided_by: UUID | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    refusal: str | None = Field(default=None, max_length=4000, sa_column_kwargs=INTERNAL)
    self_approved: bool = Field(default=False)

    @property
    def total_minor(self) -> int:
        return self.amount_minor + self.tax_minor
