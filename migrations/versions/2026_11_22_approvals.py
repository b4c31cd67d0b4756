"""What is asked of approvers, and what they decided."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.isolation import APPEND, isolate, let_lock

revision = "approvals"
down_revision = "relations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "approvals",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "internal",
                "client",
                name="level_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "quorum",
            sa.Enum(
                "any",
                "all",
                name="quorum_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "approved",
                "changes_requested",
                "rejected",
                "withdrawn",
                "expired",
                "superseded",
                name="approvalstatus_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("document", JSONB(), nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("respond_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_approvals_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_approvals")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_approvals_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_approvals_agency_id_client_id_status_id"),
        "approvals",
        ["agency_id", "client_id", "status", "id"],
        unique=False,
    )
    op.create_table(
        "approval_decisions",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("approval_id", sa.Uuid(), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "internal",
                "client",
                name="level_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "outcome",
            sa.Enum(
                "approved",
                "changes_requested",
                "rejected",
                name="outcome_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(4000), nullable=True),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_by_name", sa.String(120), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("evidence", sa.String(4000), nullable=True),
        sa.Column("self_approved", sa.Boolean(), nullable=False),
        sa.Column("request_id", sa.String(128), nullable=True),
        sa.CheckConstraint(
            "(recorded_by is null) = (evidence is null)",
            name=op.f("ck_approval_decisions_a_recorded_decision_has_evidence"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "approval_id"],
            ["approvals.agency_id", "approvals.client_id", "approvals.id"],
            name=op.f("fk_approval_decisions_agency_id_client_id_approval_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_approval_decisions_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_approval_decisions")),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "id",
            name=op.f("uq_approval_decisions_agency_id_client_id_id"),
        ),
    )
    op.create_index(
        op.f("ix_approval_decisions_agency_id_approval_id"),
        "approval_decisions",
        ["agency_id", "approval_id"],
        unique=False,
    )
    op.create_table(
        "approval_subjects",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("approval_id", sa.Uuid(), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "internal",
                "client",
                name="level_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject_type", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "approval_id"],
            ["approvals.agency_id", "approvals.client_id", "approvals.id"],
            name=op.f("fk_approval_subjects_agency_id_client_id_approval_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_approval_subjects_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_approval_subjects")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_approval_subjects_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_approval_subjects_agency_id_approval_id"),
        "approval_subjects",
        ["agency_id", "approval_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_approval_subjects_agency_id_subject_type_subject_id"),
        "approval_subjects",
        ["agency_id", "subject_type", "subject_id"],
        unique=False,
    )

    of_the_client = "level = 'client'"
    isolate("approvals", "client", shared=of_the_client)
    let_lock("approvals", of_the_client)
    isolate("approval_subjects", "client", staff=APPEND, shared=of_the_client)
    isolate("approval_decisions", "client", staff=APPEND, shared=of_the_client, contact=APPEND)


def downgrade() -> None:
    for table in ("approval_subjects", "approval_decisions", "approvals"):
        op.drop_table(table)
