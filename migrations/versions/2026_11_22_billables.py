"""What clients are billed for, once for what earned it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.isolation import APPEND, isolate

revision = "billables"
down_revision = "delivered"
branch_labels = None
depends_on = None

KINDS = (
    "scope",
    "scope_change",
    "milestone",
    "monthly_fee",
    "retainer_period",
    "overage",
    "pass_through",
)


def upgrade() -> None:
    op.create_table(
        "billables",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                *KINDS,
                name="billablekind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("source_type", sa.String(40), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("label", JSONB(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=True),
        sa.Column("period_end", sa.Date(), nullable=True),
        sa.Column("earned_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_billables_an_amount")),
        sa.CheckConstraint(
            "(period_start is null) = (period_end is null) and period_end >= period_start",
            name=op.f("ck_billables_a_period_is_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_billables_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_billables")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_billables_agency_id_client_id_id")
        ),
    )
    op.create_index(
        "uq_billables_source",
        "billables",
        ["agency_id", "source_type", "source_id", "kind", "period_start"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index(
        op.f("ix_billables_agency_id_client_id_earned_on_id"),
        "billables",
        ["agency_id", "client_id", "earned_on", "id"],
    )
    isolate("billables", "client", staff=APPEND, shared="true")


def downgrade() -> None:
    op.drop_table("billables")
