"""What a deliverable waits for."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.isolation import isolate

revision = "dependencies"
down_revision = "mail"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "deliverables", sa.Column("depends_on", JSONB(), nullable=False, server_default="[]")
    )
    op.alter_column("deliverables", "depends_on", server_default=None)
    op.create_table(
        "deliverable_dependencies",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("depends_on_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "deliverable_id <> depends_on_id",
            name=op.f("ck_deliverable_dependencies_not_of_itself"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_deliverable_dependencies_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "deliverable_id"],
            ["deliverables.agency_id", "deliverables.client_id", "deliverables.id"],
            name=op.f("fk_deliverable_dependencies_agency_id_client_id_deliverable_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "depends_on_id"],
            ["deliverables.agency_id", "deliverables.client_id", "deliverables.id"],
            name=op.f("fk_deliverable_dependencies_agency_id_client_id_depends_on_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_deliverable_dependencies")),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "id",
            name=op.f("uq_deliverable_dependencies_agency_id_client_id_id"),
        ),
    )
    op.create_index(
        "uq_deliverable_dependencies_edge",
        "deliverable_dependencies",
        ["agency_id", "deliverable_id", "depends_on_id"],
        unique=True,
    )
    op.create_index(
        op.f("ix_deliverable_dependencies_agency_id_depends_on_id"),
        "deliverable_dependencies",
        ["agency_id", "depends_on_id"],
        unique=False,
    )
    isolate("deliverable_dependencies", "client", staff="select, insert, delete", shared="true")


def downgrade() -> None:
    op.drop_table("deliverable_dependencies")
    op.drop_column("deliverables", "depends_on")
