"""What a client wants by a day."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.isolation import EDIT, isolate

revision = "objectives"
down_revision = "retainers"
branch_labels = None
depends_on = None


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "objectives",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("horizon", _one_of("horizon_known", "short", "long"), nullable=False),
        sa.Column("statement", postgresql.JSONB(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            _one_of("objectivestatus_known", "open", "reached", "missed", "dropped"),
            nullable=False,
        ),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_reason", sa.String(4000), nullable=True),
        sa.CheckConstraint(
            "(status = 'open') = (settled_at is null)",
            name=op.f("ck_objectives_what_is_settled_says_when"),
        ),
        sa.CheckConstraint(
            "status <> 'dropped' or settled_reason is not null",
            name=op.f("ck_objectives_dropped_for_a_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_objectives_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_objectives")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_objectives_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_objectives_agency_id_client_id_position_id"),
        "objectives",
        ["agency_id", "client_id", "position", "id"],
    )
    op.create_index(
        op.f("ix_objectives_agency_id_position_id"),
        "objectives",
        ["agency_id", "position", "id"],
    )

    isolate("objectives", "client_internal", staff=EDIT)


def downgrade() -> None:
    op.drop_table("objectives")
