"""Campaigns, scopes, lots and deliverables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.isolation import APPEND, FULL, isolate

revision = "campaigns"
down_revision = "budgets"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scope_counters",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_scope_counters_agency_id")
        ),
        sa.PrimaryKeyConstraint("agency_id", name=op.f("pk_scope_counters")),
    )
    op.create_table(
        "campaigns",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column(
            "goal",
            sa.Enum(
                "awareness",
                "leads",
                "sales",
                "engagement",
                "loyalty",
                "service",
                name="campaigngoal_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("formats", JSONB(), nullable=False),
        sa.Column("brief", JSONB(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("paused_on", sa.Date(), nullable=True),
        sa.Column(
            "paused_cause",
            sa.Enum(
                "client",
                "agency",
                "third_party",
                "crisis",
                name="waitcause_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "proposed",
                "approved",
                "active",
                "paused",
                "completed",
                "rejected",
                "cancelled",
                name="campaignstatus_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("budget_id", sa.Uuid(), nullable=True),
        sa.Column("contract_id", sa.Uuid(), nullable=True),
        sa.Column("approval_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(status = 'paused') = (paused_on is not null) and (paused_on is null) = (paused_cause is null)",
            name=op.f("ck_campaigns_a_pause_has_start_and_cause"),
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_campaigns_ends_after_it_starts")),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "approval_id"],
            ["approvals.agency_id", "approvals.client_id", "approvals.id"],
            name=op.f("fk_campaigns_agency_id_client_id_approval_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "budget_id"],
            ["budgets.agency_id", "budgets.client_id", "budgets.id"],
            name=op.f("fk_campaigns_agency_id_client_id_budget_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "contract_id"],
            ["contracts.agency_id", "contracts.client_id", "contracts.id"],
            name=op.f("fk_campaigns_agency_id_client_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_campaigns_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_campaigns_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_campaigns_agency_id_client_id_status_id"),
        "campaigns",
        ["agency_id", "client_id", "status", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_campaigns_agency_id_status_id"),
        "campaigns",
        ["agency_id", "status", "id"],
        unique=False,
    )
    op.create_table(
        "scopes",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("contract_id", sa.Uuid(), nullable=True),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("copy_of", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "submitted",
                "accepted",
                "rejected",
                "withdrawn",
                "expired",
                "superseded",
                name="scopestatus_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("approval_id", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_scopes_ends_after_it_starts")),
        sa.CheckConstraint("total_minor >= 0", name=op.f("ck_scopes_a_total_is_not_negative")),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "approval_id"],
            ["approvals.agency_id", "approvals.client_id", "approvals.id"],
            name=op.f("fk_scopes_agency_id_client_id_approval_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "campaign_id"],
            ["campaigns.agency_id", "campaigns.client_id", "campaigns.id"],
            name=op.f("fk_scopes_agency_id_client_id_campaign_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "contract_id"],
            ["contracts.agency_id", "contracts.client_id", "contracts.id"],
            name=op.f("fk_scopes_agency_id_client_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "copy_of"],
            ["scopes.agency_id", "scopes.client_id", "scopes.id"],
            name=op.f("fk_scopes_agency_id_client_id_copy_of"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_scopes_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_scopes")),
        sa.UniqueConstraint(
            "agency_id",
            "campaign_id",
            "version_number",
            name=op.f("uq_scopes_agency_id_campaign_id_version_number"),
        ),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_scopes_agency_id_client_id_id")
        ),
        sa.UniqueConstraint("agency_id", "number", name=op.f("uq_scopes_agency_id_number")),
    )
    op.create_index(
        op.f("ix_scopes_agency_id_client_id_status_id"),
        "scopes",
        ["agency_id", "client_id", "status", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_scopes_agency_id_status_valid_until"),
        "scopes",
        ["agency_id", "status", "valid_until"],
        unique=False,
    )
    op.create_index(
        "uq_scopes_baseline",
        "scopes",
        ["agency_id", "campaign_id"],
        unique=True,
        postgresql_where=sa.text("status = 'accepted'"),
    )
    op.create_index(
        "uq_scopes_submitted",
        "scopes",
        ["agency_id", "campaign_id"],
        unique=True,
        postgresql_where=sa.text("status = 'submitted'"),
    )
    op.create_table(
        "scope_lines",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("continues", sa.Uuid(), nullable=True),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("label", JSONB(), nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column(
            "measure",
            sa.Enum(
                "piece",
                "service_period",
                "hours",
                "milestone",
                "pass_through",
                name="measure_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("network", sa.String(60), nullable=True),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("revision_rounds", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_days", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "due_on is null or due_days is null", name=op.f("ck_scope_lines_one_due_rule")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_scope_lines_a_quantity_is_positive")),
        sa.CheckConstraint(
            "revision_rounds >= 0", name=op.f("ck_scope_lines_rounds_are_not_negative")
        ),
        sa.CheckConstraint(
            "unit_price_minor >= 0", name=op.f("ck_scope_lines_a_price_is_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "continues"],
            ["scope_lines.agency_id", "scope_lines.client_id", "scope_lines.id"],
            name=op.f("fk_scope_lines_agency_id_client_id_continues"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "scope_id"],
            ["scopes.agency_id", "scopes.client_id", "scopes.id"],
            name=op.f("fk_scope_lines_agency_id_client_id_scope_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_scope_lines_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_scope_lines")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_scope_lines_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_scope_lines_agency_id_scope_id_position_id"),
        "scope_lines",
        ["agency_id", "scope_id", "position", "id"],
        unique=False,
    )
    op.create_table(
        "scope_lots",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("delivered", sa.BigInteger(), nullable=False),
        sa.Column("over_serviced", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "reserved + delivered <= quantity", name=op.f("ck_scope_lots_no_more_than_was_sold")
        ),
        sa.CheckConstraint(
            "reserved >= 0 and delivered >= 0 and over_serviced >= 0",
            name=op.f("ck_scope_lots_counts_are_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "line_id"],
            ["scope_lines.agency_id", "scope_lines.client_id", "scope_lines.id"],
            name=op.f("fk_scope_lots_agency_id_client_id_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_scope_lots_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_scope_lots")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_scope_lots_agency_id_client_id_id")
        ),
        sa.UniqueConstraint(
            "agency_id", "line_id", "number", name=op.f("uq_scope_lots_agency_id_line_id_number")
        ),
    )
    op.create_index(
        op.f("ix_scope_lots_agency_id_client_id_id"),
        "scope_lots",
        ["agency_id", "client_id", "id"],
        unique=False,
    )
    op.create_table(
        "deliverables",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("label", JSONB(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "planned",
                "in_progress",
                "internal_review",
                "client_review",
                "changes_requested",
                "approved",
                "delivered",
                "cancelled",
                name="deliverablestatus_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("original_due_on", sa.Date(), nullable=False),
        sa.Column(
            "blocked_cause",
            sa.Enum(
                "client",
                "agency",
                "third_party",
                "crisis",
                name="waitcause_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("blocked_since", sa.Date(), nullable=True),
        sa.Column("rounds_included", sa.Integer(), nullable=False),
        sa.Column("rounds_used", sa.Integer(), nullable=False),
        sa.Column("work_url", sa.String(2048), nullable=True),
        sa.Column("work_file_id", sa.Uuid(), nullable=True),
        sa.Column("work_text", JSONB(), nullable=False),
        sa.Column("proof_url", sa.String(2048), nullable=True),
        sa.Column("proof_network", sa.String(60), nullable=True),
        sa.Column("proof_file_id", sa.Uuid(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("approval_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(status = 'delivered') = (delivered_on is not null)",
            name=op.f("ck_deliverables_delivered_when"),
        ),
        sa.CheckConstraint(
            "(blocked_cause is null) = (blocked_since is null)",
            name=op.f("ck_deliverables_a_block_has_cause_and_start"),
        ),
        sa.CheckConstraint("units > 0", name=op.f("ck_deliverables_units_are_positive")),
        sa.ForeignKeyConstraint(
            ["agency_id", "assignee_id"],
            ["memberships.agency_id", "memberships.id"],
            name=op.f("fk_deliverables_agency_id_assignee_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "approval_id"],
            ["approvals.agency_id", "approvals.client_id", "approvals.id"],
            name=op.f("fk_deliverables_agency_id_client_id_approval_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "campaign_id"],
            ["campaigns.agency_id", "campaigns.client_id", "campaigns.id"],
            name=op.f("fk_deliverables_agency_id_client_id_campaign_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "lot_id"],
            ["scope_lots.agency_id", "scope_lots.client_id", "scope_lots.id"],
            name=op.f("fk_deliverables_agency_id_client_id_lot_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_deliverables_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "proof_file_id"],
            ["files.agency_id", "files.id"],
            name=op.f("fk_deliverables_agency_id_proof_file_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "work_file_id"],
            ["files.agency_id", "files.id"],
            name=op.f("fk_deliverables_agency_id_work_file_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_deliverables")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_deliverables_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_deliverables_agency_id_assignee_id_due_on_id"),
        "deliverables",
        ["agency_id", "assignee_id", "due_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_deliverables_agency_id_campaign_id_due_on_id"),
        "deliverables",
        ["agency_id", "campaign_id", "due_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_deliverables_agency_id_client_id_due_on_id"),
        "deliverables",
        ["agency_id", "client_id", "due_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_deliverables_agency_id_due_on_id"),
        "deliverables",
        ["agency_id", "due_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_deliverables_agency_id_lot_id"),
        "deliverables",
        ["agency_id", "lot_id"],
        unique=False,
    )
    op.create_table(
        "deliverable_dates",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("old_due_on", sa.Date(), nullable=False),
        sa.Column("new_due_on", sa.Date(), nullable=False),
        sa.Column(
            "cause",
            sa.Enum(
                "client",
                "agency",
                "third_party",
                "crisis",
                name="waitcause_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(4000), nullable=False),
        sa.Column("moved_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "deliverable_id"],
            ["deliverables.agency_id", "deliverables.client_id", "deliverables.id"],
            name=op.f("fk_deliverable_dates_agency_id_client_id_deliverable_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_deliverable_dates_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_deliverable_dates")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_deliverable_dates_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_deliverable_dates_agency_id_deliverable_id_id"),
        "deliverable_dates",
        ["agency_id", "deliverable_id", "id"],
        unique=False,
    )
    op.create_table(
        "unit_entries",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "delivery",
                "accrual",
                "reversal",
                name="unitentrykind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("over_quantity", sa.BigInteger(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("deliverable_id", sa.Uuid(), nullable=True),
        sa.Column("reverses", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'delivery') = (deliverable_id is not null)",
            name=op.f("ck_unit_entries_of_a_deliverable"),
        ),
        sa.CheckConstraint(
            "(kind = 'reversal') = (reverses is not null)",
            name=op.f("ck_unit_entries_a_reversal_says_of_what"),
        ),
        sa.CheckConstraint(
            "quantity <> 0 and abs(over_quantity) <= abs(quantity)",
            name=op.f("ck_unit_entries_counts_something"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "deliverable_id"],
            ["deliverables.agency_id", "deliverables.client_id", "deliverables.id"],
            name=op.f("fk_unit_entries_agency_id_client_id_deliverable_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "lot_id"],
            ["scope_lots.agency_id", "scope_lots.client_id", "scope_lots.id"],
            name=op.f("fk_unit_entries_agency_id_client_id_lot_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "reverses"],
            ["unit_entries.agency_id", "unit_entries.client_id", "unit_entries.id"],
            name=op.f("fk_unit_entries_agency_id_client_id_reverses"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_unit_entries_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_unit_entries")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_unit_entries_agency_id_client_id_id")
        ),
        sa.UniqueConstraint(
            "agency_id", "reverses", name=op.f("uq_unit_entries_agency_id_reverses")
        ),
    )
    op.create_index(
        op.f("ix_unit_entries_agency_id_lot_id_counted_on_id"),
        "unit_entries",
        ["agency_id", "lot_id", "counted_on", "id"],
        unique=False,
    )
    op.create_table(
        "unit_entry_notes",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("note", sa.String(4000), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "entry_id"],
            ["unit_entries.agency_id", "unit_entries.client_id", "unit_entries.id"],
            name=op.f("fk_unit_entry_notes_agency_id_client_id_entry_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_unit_entry_notes_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_unit_entry_notes")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_unit_entry_notes_agency_id_client_id_id")
        ),
        sa.UniqueConstraint(
            "agency_id", "entry_id", name=op.f("uq_unit_entry_notes_agency_id_entry_id")
        ),
    )

    isolate("campaigns", "client", shared="status <> 'draft'")
    isolate("scopes", "client", shared="status <> 'draft'")
    isolate("scope_lines", "client", staff=FULL, shared="shared")
    isolate("scope_lots", "client", shared="true")
    isolate("deliverables", "client", shared="true")
    isolate("deliverable_dates", "client_internal", staff=APPEND)
    isolate("unit_entries", "client", staff=APPEND, shared="true")
    isolate("unit_entry_notes", "client_internal", staff=APPEND)
    isolate("scope_counters", "agency")


def downgrade() -> None:
    for table in (
        "unit_entry_notes",
        "unit_entries",
        "deliverable_dates",
        "deliverables",
        "scope_lots",
        "scope_lines",
        "scopes",
        "campaigns",
        "scope_counters",
    ):
        op.drop_table(table)
