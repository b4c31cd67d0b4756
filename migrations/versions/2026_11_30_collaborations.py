"""Collaborations: terms, pieces, what was handed in, rights, exclusivity, and what is owed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.isolation import (
    APPEND,
    close_function,
    isolate,
    let_influencer,
)

revision = "collaborations"
down_revision = "payouts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "influencer_windows",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("influencer_id", sa.Uuid(), nullable=False),
        sa.Column("contract", sa.String(64), nullable=False),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("brand", sa.String(64), nullable=False),
        sa.Column("against", JSONB(), nullable=False),
        sa.Column("category", sa.String(60), nullable=False),
        sa.Column("exclusive", sa.Boolean(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "starts_at < ends_at", name=op.f("ck_influencer_windows_a_window_holds_something")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "influencer_id"],
            ["influencers.agency_id", "influencers.id"],
            name=op.f("fk_influencer_windows_agency_id_influencer_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_influencer_windows")),
    )
    op.create_index(
        op.f("ix_influencer_windows_agency_id_contract"),
        "influencer_windows",
        ["agency_id", "contract"],
        unique=False,
    )
    op.create_index(
        op.f("ix_influencer_windows_agency_id_influencer_id_ends_at"),
        "influencer_windows",
        ["agency_id", "influencer_id", "ends_at"],
        unique=False,
    )
    op.create_table(
        "collaborations",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("influencer_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=True),
        sa.Column("influencer_name", sa.String(120), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("brief", JSONB(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "shortlisted",
                "invited",
                "negotiating",
                "terms_sent",
                "contracted",
                "content_due",
                "in_review",
                "approved",
                "live",
                "verified",
                "completed",
                "declined",
                "dropped",
                "breached",
                "cancelled",
                name="collaborationstatus_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contracted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("min_live_days", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'completed') = (completed_at is not null)",
            name=op.f("ck_collaborations_completed_when"),
        ),
        sa.CheckConstraint(
            "status not in ('contracted', 'content_due', 'in_review', 'approved', 'live', 'verified', 'completed', 'cancelled', 'breached') or contracted_at is not null",
            name=op.f("ck_collaborations_agreed_before_work"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "campaign_id"],
            ["campaigns.agency_id", "campaigns.client_id", "campaigns.id"],
            name=op.f("fk_collaborations_agency_id_client_id_campaign_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_collaborations_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "influencer_id"],
            ["influencers.agency_id", "influencers.id"],
            name=op.f("fk_collaborations_agency_id_influencer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "program_id"],
            ["programs.agency_id", "programs.client_id", "programs.id"],
            name=op.f("fk_collaborations_agency_id_client_id_program_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_collaborations")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_collaborations_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_collaborations_agency_id_campaign_id_id"),
        "collaborations",
        ["agency_id", "campaign_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_collaborations_agency_id_client_id_status_id"),
        "collaborations",
        ["agency_id", "client_id", "status", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_collaborations_agency_id_due_on_id"),
        "collaborations",
        ["agency_id", "due_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_collaborations_agency_id_influencer_id_id"),
        "collaborations",
        ["agency_id", "influencer_id", "id"],
        unique=False,
    )
    op.create_index(
        "uq_collaborations_open",
        "collaborations",
        ["agency_id", "campaign_id", "influencer_id"],
        unique=True,
        postgresql_where=sa.text(
            "status not in ('completed', 'declined', 'dropped', 'breached', 'cancelled')"
        ),
    )
    op.create_table(
        "collaboration_deliverables",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("collaboration_id", sa.Uuid(), nullable=False),
        sa.Column("influencer_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "network",
            sa.Enum(
                "instagram",
                "facebook",
                "tiktok",
                "youtube",
                "linkedin",
                "x",
                "threads",
                "pinterest",
                "snapchat",
                "twitch",
                "bluesky",
                "mastodon",
                "reddit",
                "whatsapp",
                "telegram",
                "google_business",
                "blog",
                "website",
                "newsletter",
                "podcast",
                "other",
                name="network_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "placement",
            sa.Enum(
                "post",
                "carousel",
                "story",
                "reel",
                "video",
                "short",
                "live",
                "text",
                "article",
                "podcast",
                "other",
                name="placement_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("description", sa.String(4000), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("rounds_included", sa.Integer(), nullable=False),
        sa.Column("rounds_used", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "content_due",
                "in_review",
                "approved",
                "live",
                "verified",
                "cancelled",
                name="piecestatus_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("live_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status in ('live', 'verified')) = (live_at is not null)",
            name=op.f("ck_collaboration_deliverables_live_since_when"),
        ),
        sa.CheckConstraint(
            "rounds_included >= 0 and rounds_used >= 0",
            name=op.f("ck_collaboration_deliverables_rounds_are_counted"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "collaboration_id"],
            ["collaborations.agency_id", "collaborations.client_id", "collaborations.id"],
            name=op.f("fk_collaboration_deliverables_collaboration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_collaboration_deliverables_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "influencer_id"],
            ["influencers.agency_id", "influencers.id"],
            name=op.f("fk_collaboration_deliverables_agency_id_influencer_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_collaboration_deliverables")),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "id",
            name=op.f("uq_collaboration_deliverables_agency_id_client_id_id"),
        ),
        sa.UniqueConstraint(
            "agency_id",
            "collaboration_id",
            "number",
            name=op.f("uq_collaboration_deliverables_agency_id_collaboration_id_number"),
        ),
    )
    op.create_index(
        op.f("ix_collaboration_deliverables_agency_id_client_id_status_due_on"),
        "collaboration_deliverables",
        ["agency_id", "client_id", "status", "due_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_collaboration_deliverables_agency_id_influencer_id_due_on"),
        "collaboration_deliverables",
        ["agency_id", "influencer_id", "due_on"],
        unique=False,
    )
    op.create_table(
        "collaboration_endings",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("collaboration_id", sa.Uuid(), nullable=False),
        sa.Column("influencer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "shortlisted",
                "invited",
                "negotiating",
                "terms_sent",
                "contracted",
                "content_due",
                "in_review",
                "approved",
                "live",
                "verified",
                "completed",
                "declined",
                "dropped",
                "breached",
                "cancelled",
                name="collaborationstatus_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(4000), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_by_name", sa.String(120), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "collaboration_id"],
            ["collaborations.agency_id", "collaborations.client_id", "collaborations.id"],
            name=op.f("fk_collaboration_endings_agency_id_client_id_collaboration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_collaboration_endings_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "influencer_id"],
            ["influencers.agency_id", "influencers.id"],
            name=op.f("fk_collaboration_endings_agency_id_influencer_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_collaboration_endings")),
        sa.UniqueConstraint(
            "agency_id",
            "collaboration_id",
            name=op.f("uq_collaboration_endings_agency_id_collaboration_id"),
        ),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "id",
            name=op.f("uq_collaboration_endings_agency_id_client_id_id"),
        ),
    )
    op.create_table(
        "collaboration_terms",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("collaboration_id", sa.Uuid(), nullable=False),
        sa.Column("influencer_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", JSONB(), nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("budget_line_id", sa.Uuid(), nullable=True),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("respond_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offered_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "fee_minor = 0 or budget_line_id is not null",
            name=op.f("ck_collaboration_terms_a_fee_is_set_aside_somewhere"),
        ),
        sa.CheckConstraint(
            "fee_minor >= 0", name=op.f("ck_collaboration_terms_a_fee_is_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "budget_line_id"],
            ["budget_lines.agency_id", "budget_lines.client_id", "budget_lines.id"],
            name=op.f("fk_collaboration_terms_agency_id_client_id_budget_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "collaboration_id"],
            ["collaborations.agency_id", "collaborations.client_id", "collaborations.id"],
            name=op.f("fk_collaboration_terms_agency_id_client_id_collaboration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_collaboration_terms_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "influencer_id"],
            ["influencers.agency_id", "influencers.id"],
            name=op.f("fk_collaboration_terms_agency_id_influencer_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_collaboration_terms")),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "id",
            name=op.f("uq_collaboration_terms_agency_id_client_id_id"),
        ),
        sa.UniqueConstraint(
            "agency_id",
            "collaboration_id",
            "number",
            name=op.f("uq_collaboration_terms_agency_id_collaboration_id_number"),
        ),
    )
    op.create_table(
        "exclusivities",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("collaboration_id", sa.Uuid(), nullable=False),
        sa.Column("influencer_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.String(60), nullable=False),
        sa.Column("competitors", JSONB(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "starts_at < ends_at", name=op.f("ck_exclusivities_a_window_holds_something")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "collaboration_id"],
            ["collaborations.agency_id", "collaborations.client_id", "collaborations.id"],
            name=op.f("fk_exclusivities_agency_id_client_id_collaboration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_exclusivities_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "influencer_id"],
            ["influencers.agency_id", "influencers.id"],
            name=op.f("fk_exclusivities_agency_id_influencer_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_exclusivities")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_exclusivities_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_exclusivities_agency_id_collaboration_id_id"),
        "exclusivities",
        ["agency_id", "collaboration_id", "id"],
        unique=False,
    )
    op.create_table(
        "collaboration_instalments",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("collaboration_id", sa.Uuid(), nullable=False),
        sa.Column("deliverable_id", sa.Uuid(), nullable=True),
        sa.Column("influencer_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "fixed",
                "per_post",
                "commission",
                "product",
                name="feekind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "milestone",
            sa.Enum(
                "contract",
                "content",
                "live",
                name="milestone_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("clawed_back_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "planned",
                "earned",
                "void",
                name="instalmentstatus_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("earned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expense_id", sa.Uuid(), nullable=True),
        sa.Column("payable_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(status = 'earned') = (earned_at is not null)",
            name=op.f("ck_collaboration_instalments_earned_when"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_collaboration_instalments_an_amount")),
        sa.CheckConstraint(
            "clawed_back_minor between 0 and amount_minor",
            name=op.f("ck_collaboration_instalments_no_more_than_was_paid"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "collaboration_id"],
            ["collaborations.agency_id", "collaborations.client_id", "collaborations.id"],
            name=op.f("fk_collaboration_instalments_collaboration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "deliverable_id"],
            [
                "collaboration_deliverables.agency_id",
                "collaboration_deliverables.client_id",
                "collaboration_deliverables.id",
            ],
            name=op.f("fk_collaboration_instalments_agency_id_client_id_deliverable_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "expense_id"],
            ["expenses.agency_id", "expenses.client_id", "expenses.id"],
            name=op.f("fk_collaboration_instalments_agency_id_client_id_expense_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_collaboration_instalments_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "influencer_id"],
            ["influencers.agency_id", "influencers.id"],
            name=op.f("fk_collaboration_instalments_agency_id_influencer_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_collaboration_instalments")),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "id",
            name=op.f("uq_collaboration_instalments_agency_id_client_id_id"),
        ),
    )
    op.create_index(
        "uq_collaboration_instalments_number",
        "collaboration_instalments",
        ["agency_id", "collaboration_id", "number"],
        unique=True,
    )
    op.create_table(
        "collaboration_links",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("collaboration_id", sa.Uuid(), nullable=False),
        sa.Column("terms_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "collaboration_id"],
            ["collaborations.agency_id", "collaborations.client_id", "collaborations.id"],
            name=op.f("fk_collaboration_links_agency_id_client_id_collaboration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "terms_id"],
            [
                "collaboration_terms.agency_id",
                "collaboration_terms.client_id",
                "collaboration_terms.id",
            ],
            name=op.f("fk_collaboration_links_agency_id_client_id_terms_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_collaboration_links_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_collaboration_links")),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "id",
            name=op.f("uq_collaboration_links_agency_id_client_id_id"),
        ),
    )
    op.create_index(
        op.f("ix_collaboration_links_agency_id_collaboration_id_id"),
        "collaboration_links",
        ["agency_id", "collaboration_id", "id"],
        unique=False,
    )
    op.create_table(
        "submissions",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("collaboration_id", sa.Uuid(), nullable=False),
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("influencer_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("caption", sa.String(4000), nullable=False),
        sa.Column("url", sa.String(500), nullable=True),
        sa.Column("file_ids", JSONB(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "in_review",
                "approved",
                "changes_requested",
                "rejected",
                "withdrawn",
                name="submissionstatus_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("inside", sa.Boolean(), nullable=False),
        sa.Column("approval_id", sa.Uuid(), nullable=True),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("number > 0", name=op.f("ck_submissions_numbered_from_one")),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "approval_id"],
            ["approvals.agency_id", "approvals.client_id", "approvals.id"],
            name=op.f("fk_submissions_agency_id_client_id_approval_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "collaboration_id"],
            ["collaborations.agency_id", "collaborations.client_id", "collaborations.id"],
            name=op.f("fk_submissions_agency_id_client_id_collaboration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "deliverable_id"],
            [
                "collaboration_deliverables.agency_id",
                "collaboration_deliverables.client_id",
                "collaboration_deliverables.id",
            ],
            name=op.f("fk_submissions_agency_id_client_id_deliverable_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_submissions_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "influencer_id"],
            ["influencers.agency_id", "influencers.id"],
            name=op.f("fk_submissions_agency_id_influencer_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_submissions")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_submissions_agency_id_client_id_id")
        ),
        sa.UniqueConstraint(
            "agency_id",
            "deliverable_id",
            "number",
            name=op.f("uq_submissions_agency_id_deliverable_id_number"),
        ),
    )
    op.create_index(
        op.f("ix_submissions_agency_id_client_id_status_id"),
        "submissions",
        ["agency_id", "client_id", "status", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_submissions_agency_id_collaboration_id_id"),
        "submissions",
        ["agency_id", "collaboration_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_submissions_agency_id_influencer_id_id"),
        "submissions",
        ["agency_id", "influencer_id", "id"],
        unique=False,
    )
    op.create_index(
        "uq_submissions_open",
        "submissions",
        ["agency_id", "deliverable_id"],
        unique=True,
        postgresql_where=sa.text("status = 'in_review'"),
    )
    op.create_table(
        "usage_rights",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("collaboration_id", sa.Uuid(), nullable=False),
        sa.Column("deliverable_id", sa.Uuid(), nullable=True),
        sa.Column("influencer_id", sa.Uuid(), nullable=False),
        sa.Column("asset", sa.String(200), nullable=False),
        sa.Column("media", JSONB(), nullable=False),
        sa.Column("territories", JSONB(), nullable=False),
        sa.Column("uses", JSONB(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "starts_at < ends_at", name=op.f("ck_usage_rights_a_window_holds_something")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "collaboration_id"],
            ["collaborations.agency_id", "collaborations.client_id", "collaborations.id"],
            name=op.f("fk_usage_rights_agency_id_client_id_collaboration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "deliverable_id"],
            [
                "collaboration_deliverables.agency_id",
                "collaboration_deliverables.client_id",
                "collaboration_deliverables.id",
            ],
            name=op.f("fk_usage_rights_agency_id_client_id_deliverable_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_usage_rights_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "influencer_id"],
            ["influencers.agency_id", "influencers.id"],
            name=op.f("fk_usage_rights_agency_id_influencer_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_usage_rights")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_usage_rights_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_usage_rights_agency_id_client_id_ends_at_id"),
        "usage_rights",
        ["agency_id", "client_id", "ends_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_usage_rights_agency_id_collaboration_id_id"),
        "usage_rights",
        ["agency_id", "collaboration_id", "id"],
        unique=False,
    )
    op.create_table(
        "asset_uses",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("usage_right_id", sa.Uuid(), nullable=False),
        sa.Column("influencer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "medium",
            sa.Enum(
                "social",
                "website",
                "email",
                "display",
                "print",
                "outdoor",
                "television",
                "retail",
                name="medium_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("territory", sa.String(5), nullable=False),
        sa.Column(
            "use",
            sa.Enum(
                "organic",
                "paid",
                name="use_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("url", sa.String(500), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "starts_at < ends_at", name=op.f("ck_asset_uses_a_window_holds_something")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "usage_right_id"],
            ["usage_rights.agency_id", "usage_rights.client_id", "usage_rights.id"],
            name=op.f("fk_asset_uses_agency_id_client_id_usage_right_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_asset_uses_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "influencer_id"],
            ["influencers.agency_id", "influencers.id"],
            name=op.f("fk_asset_uses_agency_id_influencer_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_asset_uses")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_asset_uses_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_asset_uses_agency_id_usage_right_id_id"),
        "asset_uses",
        ["agency_id", "usage_right_id", "id"],
        unique=False,
    )
    op.create_table(
        "collaboration_answers",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("collaboration_id", sa.Uuid(), nullable=False),
        sa.Column("terms_id", sa.Uuid(), nullable=False),
        sa.Column("influencer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "answer",
            sa.Enum(
                "accepted",
                "declined",
                "countered",
                "withdrawn",
                name="answer_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(4000), nullable=True),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_by_name", sa.String(120), nullable=False),
        sa.Column("answered_from", sa.String(64), nullable=True),
        sa.Column("link_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.String(128), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "collaboration_id"],
            ["collaborations.agency_id", "collaborations.client_id", "collaborations.id"],
            name=op.f("fk_collaboration_answers_agency_id_client_id_collaboration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "link_id"],
            [
                "collaboration_links.agency_id",
                "collaboration_links.client_id",
                "collaboration_links.id",
            ],
            name=op.f("fk_collaboration_answers_agency_id_client_id_link_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "terms_id"],
            [
                "collaboration_terms.agency_id",
                "collaboration_terms.client_id",
                "collaboration_terms.id",
            ],
            name=op.f("fk_collaboration_answers_agency_id_client_id_terms_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_collaboration_answers_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "influencer_id"],
            ["influencers.agency_id", "influencers.id"],
            name=op.f("fk_collaboration_answers_agency_id_influencer_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_collaboration_answers")),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "id",
            name=op.f("uq_collaboration_answers_agency_id_client_id_id"),
        ),
    )
    op.create_index(
        op.f("ix_collaboration_answers_agency_id_collaboration_id_id"),
        "collaboration_answers",
        ["agency_id", "collaboration_id", "id"],
        unique=False,
    )
    op.create_index(
        "uq_collaboration_answers_terms",
        "collaboration_answers",
        ["agency_id", "terms_id"],
        unique=True,
    )

    # Nothing of it is the client's before it is agreed, nor the influencer's before they are asked.
    agreed, asked = "contracted_at is not null", "invited_at is not null"
    isolate("collaborations", "client", shared=agreed)
    let_influencer("collaborations", shared=asked)
    isolate("collaboration_deliverables", "client", shared="true")
    let_influencer("collaboration_deliverables")
    isolate("submissions", "client", shared="not inside")
    let_influencer("submissions")
    isolate("usage_rights", "client", shared="true")
    let_influencer("usage_rights")
    for table in ("collaboration_instalments", "exclusivities"):
        isolate(table, "client_internal")
        let_influencer(table)
    for table in ("asset_uses", "collaboration_answers", "collaboration_endings"):
        isolate(table, "client_internal", staff=APPEND)
        let_influencer(table)
    isolate("collaboration_terms", "client_internal", staff=APPEND)
    let_influencer("collaboration_terms")
    isolate("collaboration_links", "client_internal")
    isolate("influencer_windows", "agency")
    op.execute(SIGHT_OF_COLLABORATION_LINK)
    close_function("sight_of_collaboration_link(uuid, uuid, text)")


# Who holds a link, for whom they would work, who asks, the terms and what became of them: all that
# its page says, for the link's own role may read none of it. Who does not know the secret learns
# nothing; who does learns too that the link is over.
SIGHT_OF_COLLABORATION_LINK = """
create function sight_of_collaboration_link(p_agency uuid, p_link uuid, p_secret_hash text)
returns table (
    client_id uuid, collaboration_id uuid, terms_id uuid, influencer_id uuid, name text, email text,
    expires_at timestamptz, revoked_at timestamptz, title text, client_name text, locale text,
    timezone text, agency_name text, branding jsonb, content jsonb, content_sha256 text,
    respond_by timestamptz, status text, answer text, answered_at timestamptz
)
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
    select l.client_id, l.collaboration_id, l.terms_id, b.influencer_id, l.name, l.email,
        l.expires_at, l.revoked_at, b.title, c.name, c.locale, c.timezone, a.name, a.branding,
        t.content, t.content_sha256, t.respond_by, b.status, d.answer, d.created_at
    from collaboration_links l
    join collaborations b on b.agency_id = l.agency_id and b.id = l.collaboration_id
    join collaboration_terms t on t.agency_id = l.agency_id and t.id = l.terms_id
    join agencies a on a.id = l.agency_id
    join clients c on c.agency_id = l.agency_id and c.id = l.client_id
    left join collaboration_answers d on d.agency_id = l.agency_id and d.terms_id = l.terms_id
    where l.agency_id = p_agency
        and l.id = p_link
        and l.secret_hash = p_secret_hash
        and a.status not in ('suspended', 'closed')
$$
"""


def downgrade() -> None:
    op.execute("drop function sight_of_collaboration_link")
    for table in (
        "collaboration_answers",
        "asset_uses",
        "usage_rights",
        "submissions",
        "collaboration_links",
        "collaboration_instalments",
        "exclusivities",
        "collaboration_terms",
        "collaboration_endings",
        "collaboration_deliverables",
        "collaborations",
        "influencer_windows",
    ):
        op.drop_table(table)
