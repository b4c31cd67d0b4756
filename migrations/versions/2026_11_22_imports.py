"""Files of figures, and what the headers of a client's own files mean."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.isolation import FULL, isolate

revision = "imports"
down_revision = "metric_months"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_mappings",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("columns", JSONB(), nullable=False),
        sa.Column("lifetime", sa.Boolean(), nullable=False),
        sa.Column(
            "date_order",
            sa.Enum(
                "mdy",
                "dmy",
                name="dateorder_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "decimals",
            sa.Enum(
                ".",
                ",",
                name="decimals_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("delimiter", sa.String(1), nullable=True),
        sa.Column("currency", sa.String(3), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_import_mappings_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_import_mappings")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_import_mappings_agency_id_client_id_id")
        ),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "name",
            name=op.f("uq_import_mappings_agency_id_client_id_name"),
        ),
    )
    op.create_table(
        "imports",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=True),
        sa.Column("mapping_id", sa.Uuid(), nullable=True),
        sa.Column("requested_by", sa.Uuid(), nullable=True),
        sa.Column("format", sa.String(40), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column(
            "date_order",
            sa.Enum(
                "mdy",
                "dmy",
                name="dateorder_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("timezone", sa.String(64), nullable=True),
        sa.Column("exported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("mapping", JSONB(), nullable=True),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("stored", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("tables", JSONB(), nullable=False),
        sa.Column("sample", JSONB(), nullable=False),
        sa.Column("faults", JSONB(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "channel_id"],
            ["channels.agency_id", "channels.client_id", "channels.id"],
            name=op.f("fk_imports_agency_id_client_id_channel_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_imports_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "file_id"],
            ["files.agency_id", "files.id"],
            name=op.f("fk_imports_agency_id_file_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "job_id"],
            ["jobs.agency_id", "jobs.id"],
            name=op.f("fk_imports_agency_id_job_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "requested_by"],
            ["memberships.agency_id", "memberships.id"],
            name=op.f("fk_imports_agency_id_requested_by"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_imports")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_imports_agency_id_client_id_id")
        ),
    )

    isolate("import_mappings", "client_internal", staff=FULL)
    isolate("imports", "client_internal")


def downgrade() -> None:
    op.drop_table("imports")
    op.drop_table("import_mappings")
