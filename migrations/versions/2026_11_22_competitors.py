"""Whom a client competes with."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.isolation import EDIT, isolate

revision = "competitors"
down_revision = "objectives"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "competitors",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("url", sa.String(500), nullable=True),
        sa.Column("handles", postgresql.JSONB(), nullable=False),
        sa.Column("note", sa.String(4000), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "archived",
                name="competitorstatus_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_competitors_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_competitors")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_competitors_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_competitors_agency_id_client_id_status_id"),
        "competitors",
        ["agency_id", "client_id", "status", "id"],
    )

    isolate("competitors", "client_internal", staff=EDIT)


def downgrade() -> None:
    op.drop_table("competitors")
