"""
change order  draft → submitted → accepted · rejected · withdrawn · expired

What changes a scope in force: lines added, altered and taken out, money moved on budget lines, work
called off. A line is known by its origin, the line of the first version that it goes on from, so a
change order says the same whatever other change is accepted before it.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from api.campaigns.models import Measure
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


class ChangeOrderStatus(StrEnum):
    draft = "draft"
    submitted = "submitted"
    accepted = "accepted"
    rejected = "rejected"
    withdrawn = "withdrawn"
    expired = "expired"


class ChangeAction(StrEnum):
    """What a line of a change order does to a scope."""

    add = "add"
    alter = "alter"
    remove = "remove"


class ChangeOrder(ClientOwned, Resource, table=True):
    """A change of what was sold, put to the client. Submitted, it never changes again."""

    __tablename__ = "change_orders"
    __table_args__ = client_owned(
        foreign("scope_id", "scopes", client=True),
        foreign("result_scope_id", "scopes", client=True),
        foreign("campaign_id", "campaigns", client=True),
        foreign("approval_id", "approvals", client=True),
        UniqueConstraint("agency_id", "number"),
        CheckConstraint(
            "(status = 'accepted') = (result_scope_id is not null)"
            " and (status = 'accepted') = (accepted_at is not null)",
            "accepted_it_has_a_result",
        ),
        Index(None, "agency_id", "client_id", "status", "id"),
        Index(None, "agency_id", "status", "valid_until"),
        Index(None, "agency_id", "campaign_id", "id"),
        Index(None, "agency_id", "scope_id"),
    )
    wall = Wall.client

    number: int = Field(sa_type=BigInteger)
    scope_id: UUID
    campaign_id: UUID | None = None
    title: str = Field(max_length=200, sa_column_kwargs=INTERNAL)
    reason: dict[str, str] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    currency: str = Field(max_length=3, sa_column_kwargs=INTERNAL)
    ends_on: date | None = None
    valid_until: date | None = None
    drafted_by_us: bool = Field(default=False)
    status: ChangeOrderStatus = Field(
        default=ChangeOrderStatus.draft, sa_type=text_enum(ChangeOrderStatus)
    )
    inside: bool = Field(default=False)  # decided on inside first: the client does not see it yet
    approval_id: UUID | None = None
    result_scope_id: UUID | None = None
    submitted_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    accepted_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)


class ChangeLine(ClientOwned, AgencyModel, table=True):
    """
    One change of one line. `quantity` is what an added line holds, `quantity_delta` what is added
    to an existing one; null leaves a member as it is. `plan`: its new units are planned at once.
    """

    __tablename__ = "change_order_lines"
    __table_args__ = client_owned(
        foreign("change_order_id", "change_orders", client=True),
        foreign("origin_id", "scope_lines", client=True),
        UniqueConstraint("agency_id", "change_order_id", "origin_id"),
        UniqueConstraint("agency_id", "change_order_id", "position"),
        CheckConstraint("(action = 'add') = (origin_id is null)", "changes_a_line_or_adds_one"),
        CheckConstraint(
            "action <> 'add' or (label is not null and kind is not null and measure is not null"
            " and quantity is not null and unit_price_minor is not null"
            " and revision_rounds is not null)",
            "an_added_line_is_whole",
        ),
        CheckConstraint("quantity > 0", "a_quantity_is_positive"),
        CheckConstraint("quantity_delta <> 0", "a_delta_changes_something"),
        CheckConstraint("unit_price_minor >= 0", "a_price_is_not_negative"),
        CheckConstraint("due_on is null or due_days is null", "one_due_rule"),
    )
    wall = Wall.client

    change_order_id: UUID
    shared: bool = Field(default=False)
    position: int
    action: ChangeAction = Field(sa_type=text_enum(ChangeAction))
    origin_id: UUID | None = None
    label: dict[str, str] | None = Field(default=None, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    kind: str | None = Field(default=None, max_length=60, sa_column_kwargs=INTERNAL)
    measure: Measure | None = Field(default=None, sa_type=text_enum(Measure), nullable=True)
    network: str | None = Field(default=None, max_length=60, sa_column_kwargs=INTERNAL)
    quantity: int | None = Field(default=None, sa_type=BigInteger)
    quantity_delta: int | None = Field(default=None, sa_type=BigInteger)
    unit_price_minor: int | None = Field(default=None, sa_type=BigInteger)
    revision_rounds: int | None = None
    due_on: date | None = None
    due_days: int | None = None
    renewal: dict[str, Any] | None = Field(
        default=None, sa_type=JSONB(none_as_null=True), sa_column_kwargs=INTERNAL
    )
    plan: bool = Field(default=False)


class ChangeBudget(ClientOwned, AgencyModel, table=True):
    """What a change order adds to a budget line, or below zero takes off it."""

    __tablename__ = "change_order_budgets"
    __table_args__ = client_owned(
        foreign("change_order_id", "change_orders", client=True),
        foreign("budget_line_id", "budget_lines", client=True),
        UniqueConstraint("agency_id", "change_order_id", "budget_line_id"),
        CheckConstraint("amount_minor <> 0", "changes_something"),
    )
    wall = Wall.client

    change_order_id: UUID
    shared: bool = Field(default=False)
    budget_line_id: UUID
    amount_minor: int = Field(sa_type=BigInteger)


class ChangeCancellation(ClientOwned, AgencyModel, table=True):
    """A deliverable that a change order calls off."""

    __tablename__ = "change_order_cancels"
    __table_args__ = client_owned(
        foreign("change_order_id", "change_orders", client=True),
        foreign("deliverable_id", "deliverables", client=True),
        UniqueConstraint("agency_id", "change_order_id", "deliverable_id"),
    )
    wall = Wall.client

    change_order_id: UUID
    shared: bool = Field(default=False)
    deliverable_id: UUID
