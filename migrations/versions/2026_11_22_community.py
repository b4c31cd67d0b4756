"""How a client's community was answered, day by day, as it was told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.isolation import APPEND, isolate

revision = "community"
down_revision = "imports"
branch_labels = None
depends_on = None

_GROUPS = (
    "messages",
    "items",
    "first_response",
    "first_response_business",
    "sla",
    "sentiment",
)


def upgrade() -> None:
    op.create_table(
        "community_figures",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        *(sa.Column(name, postgresql.JSONB(), nullable=True) for name in _GROUPS),
        sa.CheckConstraint(
            f"num_nonnulls({', '.join(_GROUPS)}) > 0",
            name=op.f("ck_community_figures_says_something"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_community_figures_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "channel_id"],
            ["channels.agency_id", "channels.client_id", "channels.id"],
            name=op.f("fk_community_figures_agency_id_client_id_channel_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_community_figures")),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "id",
            name=op.f("uq_community_figures_agency_id_client_id_id"),
        ),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "day",
            "channel_id",
            "source",
            "captured_at",
            name="uq_community_figures_told",
            postgresql_nulls_not_distinct=True,
        ),
    )

    isolate("community_figures", "client_internal", staff=APPEND)


def downgrade() -> None:
    op.drop_table("community_figures")
