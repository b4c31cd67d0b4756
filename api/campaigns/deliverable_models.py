"""
planned → in_progress → internal_review → client_review → approved → delivered; a review may answer
changes_requested → in_progress; cancelled until delivered
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.hybrid import hybrid_property
from sqlmodel import Field

from tenants.models import ApprovalMode
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


class DeliverableStatus(StrEnum):
    planned = "planned"
    in_progress = "in_progress"
    internal_review = "internal_review"
    client_review = "client_review"
    changes_requested = "changes_requested"
    approved = "approved"
    delivered = "delivered"
    cancelled = "cancelled"


class WaitCause(StrEnum):
    """On whom something waits."""

    client = "client"
    agency = "agency"
    third_party = "third_party"
    crisis = "crisis"


class Deliverable(ClientOwned, Resource, table=True):
    """
    Units of a line on their way, with who makes them, until when, and the proof of it. One that is
    `over_scope` draws on no lot: nobody has sold it yet, and delivered it is over-serviced.
    """

    __tablename__ = "deliverables"
    __table_args__ = client_owned(
        foreign("lot_id", "scope_lots", client=True),
        foreign("campaign_id", "campaigns", client=True),
        foreign("assignee_id", "memberships"),
        foreign("work_file_id", "files"),
        foreign("proof_file_id", "files"),
        foreign("approval_id", "approvals", client=True),
        CheckConstraint("units > 0", "units_are_positive"),
        CheckConstraint(
            "(blocked_cause is null) = (blocked_since is null)", "a_block_has_cause_and_start"
        ),
        CheckConstraint("(status = 'delivered') = (delivered_on is not null)", "delivered_when"),
        CheckConstraint(
            "waited_on in ('client', 'agency', 'third_party', 'crisis')", "waited_on_known"
        ),
        Index(None, "agency_id", "due_on", "id"),
        Index(None, "agency_id", "client_id", "due_on", "id"),
        Index(
            None,
            "agency_id",
            "client_id",
            "delivered_on",
            postgresql_where=text("delivered_on is not null"),
        ),
        Index(None, "agency_id", "assignee_id", "due_on", "id"),
        Index(None, "agency_id", "campaign_id", "due_on", "id"),
        Index(None, "agency_id", "lot_id"),
    )
    wall = Wall.client

    lot_id: UUID
    campaign_id: UUID | None = None
    label: dict[str, str] = Field(sa_type=JSONB, sa_column_kwargs=INTERNAL)
    units: int = 1
    over_scope: bool = Field(default=False)
    status: DeliverableStatus = Field(
        default=DeliverableStatus.planned, sa_type=text_enum(DeliverableStatus)
    )
    assignee_id: UUID | None = None
    due_on: date
    original_due_on: date
    blocked_cause: WaitCause | None = Field(
        default=None, sa_type=text_enum(WaitCause), nullable=True
    )
    blocked_since: date | None = None
    waited_on: str | None = Field(default=None, max_length=40, sa_column_kwargs=INTERNAL)
    rounds_included: int = 0
    rounds_used: int = 0
    criteria: dict[str, str] = Field(default_factory=dict, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    links: list[str] = Field(default_factory=list, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    file_ids: list[str] = Field(default_factory=list, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    depends_on: list[str] = Field(default_factory=list, sa_type=JSONB, sa_column_kwargs=INTERNAL)
    work_url: str | None = Field(default=None, max_length=2048, sa_column_kwargs=INTERNAL)
    work_file_id: UUID | None = None
    work_text: dict[str, str] = Field(
        default_factory=dict, sa_type=JSONB, sa_column_kwargs=INTERNAL
    )
    proof_url: str | None = Field(default=None, max_length=2048, sa_column_kwargs=INTERNAL)
    proof_network: str | None = Field(default=None, max_length=60, sa_column_kwargs=INTERNAL)
    proof_file_id: UUID | None = None
    published_at: datetime | None = Field(default=None, sa_type=UTC_TIMESTAMP)
    delivered_on: date | None = None
    review_mode: ApprovalMode | None = Field(
        default=None, sa_type=text_enum(ApprovalMode), nullable=True
    )  # the client's mode as it was handed in: which reviews it has
    approval_id: UUID | None = None

    model_config = {"ignored_types": (hybrid_property,)}

    @hybrid_property
    def rounds_over(self) -> int:
        """Rounds the client asked for beyond those included."""
        return max(0, self.rounds_used - self.rounds_included)

    @rounds_over.inplace.expression
    @classmethod
    def _rounds_over(cls) -> Any:
        return func.greatest(0, cls.rounds_used - cls.rounds_included)


class DeliverableDependency(ClientOwned, AgencyModel, table=True):
    """An edge: a deliverable waits for another of its client. The row itself names them too."""

    __tablename__ = "deliverable_dependencies"
    __table_args__ = client_owned(
        foreign("deliverable_id", "deliverables", client=True),
        foreign("depends_on_id", "deliverables", client=True),
        CheckConstraint("deliverable_id <> depends_on_id", "not_of_itself"),
        Index(
            "uq_deliverable_dependencies_edge",
            "agency_id",
            "deliverable_id",
            "depends_on_id",
            unique=True,
        ),
        Index(None, "agency_id", "depends_on_id"),
    )
    wall = Wall.client

    deliverable_id: UUID
    depends_on_id: UUID


class DeliverableDate(ClientOwned, AgencyModel, table=True):
    """One new date of a deliverable, and why. Never edited."""

    __tablename__ = "deliverable_dates"
    __table_args__ = client_owned(
        foreign("deliverable_id", "deliverables", client=True),
        Index(None, "agency_id", "deliverable_id", "id"),
    )
    wall = Wall.client_internal

    deliverable_id: UUID
    old_due_on: date
    new_due_on: date
    cause: WaitCause = Field(sa_type=text_enum(WaitCause))
    reason: str = Field(max_length=4000, sa_column_kwargs=INTERNAL)
    moved_by: UUID | None = None
