"""Budgets, their lines and ledgers, and expenses."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.isolation import APPEND, FULL, isolate

revision = "budgets"
down_revision = "approvals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "budgets",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "proposed",
                "active",
                "closed",
                name="budgetstatus_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("approval_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "period_end >= period_start", name=op.f("ck_budgets_ends_after_it_starts")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "approval_id"],
            ["approvals.agency_id", "approvals.client_id", "approvals.id"],
            name=op.f("fk_budgets_agency_id_client_id_approval_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_budgets_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_budgets")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_budgets_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_budgets_agency_id_client_id_period_start"),
        "budgets",
        ["agency_id", "client_id", "period_start"],
        unique=False,
    )
    op.create_index(
        op.f("ix_budgets_agency_id_client_id_status_id"),
        "budgets",
        ["agency_id", "client_id", "status", "id"],
        unique=False,
    )
    op.create_table(
        "budget_lines",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("budget_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "proposed",
                "active",
                "closed",
                name="budgetstatus_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "category",
            sa.Enum(
                "paid_media",
                "production",
                "influencers",
                "tools",
                "fees",
                "contingency",
                "events",
                "prizes",
                "travel",
                "other",
                name="linecategory_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("label", JSONB(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(200), nullable=True),
        sa.Column("activity", sa.String(200), nullable=True),
        sa.Column(
            "paid_by",
            sa.Enum(
                "client",
                "agency",
                name="paidby_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("planned_minor", sa.BigInteger(), nullable=False),
        sa.Column("allocated_minor", sa.BigInteger(), nullable=False),
        sa.Column("committed_minor", sa.BigInteger(), nullable=False),
        sa.Column("spent_minor", sa.BigInteger(), nullable=False),
        sa.Column("unfunded_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "committed_minor + spent_minor <= allocated_minor",
            name=op.f("ck_budget_lines_within_its_allocation"),
        ),
        sa.CheckConstraint(
            "planned_minor >= 0 and allocated_minor >= 0 and committed_minor >= 0 and spent_minor >= 0 and unfunded_minor >= 0",
            name=op.f("ck_budget_lines_nothing_below_zero"),
        ),
        sa.CheckConstraint(
            "unfunded_minor = 0 or committed_minor + spent_minor = allocated_minor",
            name=op.f("ck_budget_lines_room_covers_what_is_unfunded_first"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "budget_id"],
            ["budgets.agency_id", "budgets.client_id", "budgets.id"],
            name=op.f("fk_budget_lines_agency_id_client_id_budget_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_budget_lines_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_budget_lines")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_budget_lines_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_budget_lines_agency_id_budget_id_id"),
        "budget_lines",
        ["agency_id", "budget_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_budget_lines_agency_id_campaign_id"),
        "budget_lines",
        ["agency_id", "campaign_id"],
        unique=False,
    )
    op.create_table(
        "budget_entries",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "allocation",
                "transfer",
                "commitment",
                "release",
                "expense",
                "refund",
                name="entrykind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("funded", sa.Boolean(), nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "paid_media",
                "production",
                "influencers",
                "tools",
                "fees",
                "contingency",
                "events",
                "prizes",
                "travel",
                "other",
                name="linecategory_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "paid_by",
            sa.Enum(
                "client",
                "agency",
                name="paidby_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("reversal_of", sa.Uuid(), nullable=True),
        sa.Column("source_type", sa.String(40), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.String(128), nullable=True),
        sa.CheckConstraint(
            "case when kind = 'commitment' then amount_minor > 0 when kind in ('release', 'refund') then amount_minor < 0 and reversal_of is not null else amount_minor <> 0 end",
            name=op.f("ck_budget_entries_signed_by_its_kind"),
        ),
        sa.CheckConstraint(
            "funded or kind in ('expense', 'refund')",
            name=op.f("ck_budget_entries_only_spending_is_unfunded"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "line_id"],
            ["budget_lines.agency_id", "budget_lines.client_id", "budget_lines.id"],
            name=op.f("fk_budget_entries_agency_id_client_id_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "reversal_of"],
            ["budget_entries.agency_id", "budget_entries.client_id", "budget_entries.id"],
            name=op.f("fk_budget_entries_agency_id_client_id_reversal_of"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_budget_entries_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_budget_entries")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_budget_entries_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_budget_entries_agency_id_line_id_id"),
        "budget_entries",
        ["agency_id", "line_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_budget_entries_agency_id_reversal_of"),
        "budget_entries",
        ["agency_id", "reversal_of"],
        unique=False,
    )
    op.create_index(
        "uq_budget_entries_source",
        "budget_entries",
        ["agency_id", "source_type", "source_id", "line_id", "kind", "funded"],
        unique=True,
    )
    op.create_table(
        "budget_entry_notes",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("payee", sa.String(120), nullable=True),
        sa.Column("note", sa.String(4000), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "id"],
            ["budget_entries.agency_id", "budget_entries.client_id", "budget_entries.id"],
            name=op.f("fk_budget_entry_notes_agency_id_client_id_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_budget_entry_notes_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_budget_entry_notes")),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "id",
            name=op.f("uq_budget_entry_notes_agency_id_client_id_id"),
        ),
    )
    op.create_table(
        "expenses",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("budget_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("commitment_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "posted",
                "refused",
                name="expensestatus_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("original_amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("original_currency", sa.String(3), nullable=True),
        sa.Column(
            "paid_by",
            sa.Enum(
                "client",
                "agency",
                name="paidby_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("already_spent", sa.Boolean(), nullable=False),
        sa.Column("spent_on", sa.Date(), nullable=False),
        sa.Column("supplier", sa.String(120), nullable=False),
        sa.Column("document_number", sa.String(200), nullable=True),
        sa.Column("document_date", sa.Date(), nullable=True),
        sa.Column("evidence", sa.String(4000), nullable=True),
        sa.Column("note", sa.String(4000), nullable=True),
        sa.Column("requested_by", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refusal", sa.String(4000), nullable=True),
        sa.Column("self_approved", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(status = 'refused') = (refusal is not null)",
            name=op.f("ck_expenses_a_refusal_says_why"),
        ),
        sa.CheckConstraint(
            "(original_amount_minor is null) = (original_currency is null)",
            name=op.f("ck_expenses_original_is_whole"),
        ),
        sa.CheckConstraint(
            "amount_minor > 0 and tax_minor >= 0", name=op.f("ck_expenses_an_amount")
        ),
        sa.CheckConstraint(
            "refunded_minor between 0 and amount_minor",
            name=op.f("ck_expenses_refunded_within_the_amount"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "budget_id"],
            ["budgets.agency_id", "budgets.client_id", "budgets.id"],
            name=op.f("fk_expenses_agency_id_client_id_budget_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "commitment_id"],
            ["budget_entries.agency_id", "budget_entries.client_id", "budget_entries.id"],
            name=op.f("fk_expenses_agency_id_client_id_commitment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "line_id"],
            ["budget_lines.agency_id", "budget_lines.client_id", "budget_lines.id"],
            name=op.f("fk_expenses_agency_id_client_id_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_expenses_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_expenses")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_expenses_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_expenses_agency_id_budget_id_status_id"),
        "expenses",
        ["agency_id", "budget_id", "status", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_expenses_agency_id_client_id_status_id"),
        "expenses",
        ["agency_id", "client_id", "status", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_expenses_agency_id_line_id_id"),
        "expenses",
        ["agency_id", "line_id", "id"],
        unique=False,
    )

    # Drafts and their lines are deleted; a line with entries is held by their foreign key.
    isolate("budgets", "client", staff=FULL, shared="status <> 'draft'")
    isolate("budget_lines", "client", staff=FULL, shared="status <> 'draft'")
    isolate("budget_entries", "client", staff=APPEND, shared="true")
    isolate("budget_entry_notes", "client_internal", staff=APPEND)
    isolate("expenses", "client_internal")


def downgrade() -> None:
    for table in ("expenses", "budget_entry_notes", "budget_entries", "budget_lines", "budgets"):
        op.drop_table(table)
