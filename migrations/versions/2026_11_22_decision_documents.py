"""What is decided on, as a PDF: its hash, who was served it, and what a decision keeps of it."""

import sqlalchemy as sa
from alembic import op

from migrations.isolation import APPEND, isolate

revision = "decision_documents"
down_revision = "calendar_feeds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("approvals", sa.Column("pdf_sha256", sa.String(64), nullable=True))
    op.add_column("approvals", sa.Column("pdf_job_id", sa.Uuid(), nullable=True))
    op.add_column("approval_decisions", sa.Column("pdf_sha256", sa.String(64), nullable=True))
    op.create_table(
        "approval_servings",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approval_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("pdf_sha256", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "approval_id"],
            ["approvals.agency_id", "approvals.id"],
            name=op.f("fk_approval_servings_agency_id_approval_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "membership_id"],
            ["memberships.agency_id", "memberships.id"],
            name=op.f("fk_approval_servings_agency_id_membership_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_approval_servings")),
        sa.UniqueConstraint(
            "agency_id",
            "membership_id",
            "approval_id",
            name=op.f("uq_approval_servings_agency_id_membership_id_approval_id"),
        ),
    )
    op.create_index(
        op.f("ix_approval_servings_agency_id_approval_id"),
        "approval_servings",
        ["agency_id", "approval_id"],
        unique=False,
    )
    isolate("approval_servings", "personal", staff=APPEND)


def downgrade() -> None:
    op.drop_table("approval_servings")
    op.drop_column("approval_decisions", "pdf_sha256")
    op.drop_column("approvals", "pdf_job_id")
    op.drop_column("approvals", "pdf_sha256")
