"""The logos that reports bear: the agency's own, and one for each client that has its own.

One idea. Imports nothing of the application. Names each new table's wall (migrations/isolation.py).
"""

import sqlalchemy as sa
from alembic import op

from migrations.isolation import FULL, isolate

revision = "report_logos"
down_revision = "report_deliveries"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report_logos",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("of_client_id", sa.Uuid(), nullable=True),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.CheckConstraint("octet_length(png) <= 131072", name=op.f("ck_report_logos_is_small")),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_report_logos_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "of_client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_report_logos_agency_id_of_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_report_logos")),
        sa.UniqueConstraint(
            *("agency_id", "of_client_id"),
            name="uq_report_logos_whose",
            postgresql_nulls_not_distinct=True,
        ),
    )
    isolate("report_logos", "agency", staff=FULL)


def downgrade() -> None:
    op.drop_table("report_logos")
