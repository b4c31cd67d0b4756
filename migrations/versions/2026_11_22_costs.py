"""Time, what an hour of it costs, and through which day that is final."""

import sqlalchemy as sa
from alembic import op

from migrations.isolation import EDIT, FULL, READ, isolate

revision = "costs"
down_revision = "payers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "time_entries",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("worked_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column(
            "activity",
            sa.Enum(
                "strategy",
                "content",
                "design",
                "production",
                "community",
                "paid_media",
                "influencers",
                "reporting",
                "meetings",
                "other",
                name="activity_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("scope_line_id", sa.Uuid(), nullable=True),
        sa.Column("deliverable_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(4000), nullable=True),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("minutes between 1 and 1440", name=op.f("ck_time_entries_of_one_day")),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_time_entries_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "membership_id"],
            ["memberships.agency_id", "memberships.id"],
            name=op.f("fk_time_entries_agency_id_membership_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "entered_by"],
            ["memberships.agency_id", "memberships.id"],
            name=op.f("fk_time_entries_agency_id_entered_by"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "campaign_id"],
            ["campaigns.agency_id", "campaigns.client_id", "campaigns.id"],
            name=op.f("fk_time_entries_agency_id_client_id_campaign_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "scope_line_id"],
            ["scope_lines.agency_id", "scope_lines.client_id", "scope_lines.id"],
            name=op.f("fk_time_entries_agency_id_client_id_scope_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "deliverable_id"],
            ["deliverables.agency_id", "deliverables.client_id", "deliverables.id"],
            name=op.f("fk_time_entries_agency_id_client_id_deliverable_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_time_entries")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_time_entries_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_time_entries_agency_id_membership_id_worked_on"),
        "time_entries",
        ["agency_id", "membership_id", "worked_on"],
        unique=False,
    )
    op.create_index(
        "ix_time_entries_margin",
        "time_entries",
        ["agency_id", "client_id", "worked_on"],
        unique=False,
        postgresql_include=["membership_id", "minutes", "campaign_id", "scope_line_id"],
    )
    op.create_table(
        "time_days",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("worked_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes between 0 and 1440", name=op.f("ck_time_days_of_24_hours")),
        sa.ForeignKeyConstraint(
            ["agency_id", "membership_id"],
            ["memberships.agency_id", "memberships.id"],
            name=op.f("fk_time_days_agency_id_membership_id"),
        ),
        sa.PrimaryKeyConstraint(
            "agency_id", "membership_id", "worked_on", name=op.f("pk_time_days")
        ),
    )
    op.create_table(
        "cost_rates",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("hourly_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.CheckConstraint("hourly_minor >= 0", name=op.f("ck_cost_rates_not_below_zero")),
        sa.ForeignKeyConstraint(
            ["agency_id", "membership_id"],
            ["memberships.agency_id", "memberships.id"],
            name=op.f("fk_cost_rates_agency_id_membership_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_cost_rates")),
        sa.UniqueConstraint(
            "agency_id",
            "membership_id",
            "starts_on",
            name=op.f("uq_cost_rates_agency_id_membership_id_starts_on"),
        ),
    )
    op.create_table(
        "books",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("closed_through", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(4000), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_books_agency_id")),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_books")),
        sa.UniqueConstraint("agency_id", name=op.f("uq_books_agency_id")),
    )

    isolate("time_entries", "client_internal", staff=FULL)
    isolate("time_days", "agency", staff=EDIT)
    isolate("cost_rates", "agency", staff=FULL, scoped=READ)
    isolate("books", "agency", staff=EDIT, scoped=READ)


def downgrade() -> None:
    for table in ("books", "cost_rates", "time_days", "time_entries"):
        op.drop_table(table)
