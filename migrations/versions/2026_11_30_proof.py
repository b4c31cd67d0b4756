"""The proof that collaborations were delivered: live posts, looks at them, verdicts, results."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.isolation import APPEND, isolate, let_influencer

revision = "proof"
down_revision = "invoices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "live_posts",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("collaboration_id", sa.Uuid(), nullable=False),
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("influencer_id", sa.Uuid(), nullable=False),
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
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("url_key", sa.String(2000), nullable=False),
        sa.Column("external_id", sa.String(200), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("min_live_days", sa.Integer(), nullable=False),
        sa.Column("stays_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "bound",
                "live",
                "altered",
                "missing",
                "removed",
                "withdrawn",
                name="livepoststatus_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("text_sha256", sa.String(64), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("missing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("check_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fulfilled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("breached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("live_days", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "fulfilled_at is null or breached_at is null", name=op.f("ck_live_posts_one_end")
        ),
        sa.CheckConstraint("min_live_days >= 0", name=op.f("ck_live_posts_days_are_not_negative")),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "collaboration_id"],
            ["collaborations.agency_id", "collaborations.client_id", "collaborations.id"],
            name=op.f("fk_live_posts_agency_id_client_id_collaboration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "deliverable_id"],
            [
                "collaboration_deliverables.agency_id",
                "collaboration_deliverables.client_id",
                "collaboration_deliverables.id",
            ],
            name=op.f("fk_live_posts_agency_id_client_id_deliverable_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_live_posts_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "influencer_id"],
            ["influencers.agency_id", "influencers.id"],
            name=op.f("fk_live_posts_agency_id_influencer_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_live_posts")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_live_posts_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_live_posts_agency_id_client_id_status_id"),
        "live_posts",
        ["agency_id", "client_id", "status", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_live_posts_agency_id_collaboration_id_id"),
        "live_posts",
        ["agency_id", "collaboration_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_live_posts_agency_id_influencer_id_id"),
        "live_posts",
        ["agency_id", "influencer_id", "id"],
        unique=False,
    )
    op.create_index(
        "ix_live_posts_due",
        "live_posts",
        ["agency_id", "check_due_at"],
        unique=False,
        postgresql_where=sa.text("check_due_at is not null"),
    )
    op.create_index(
        "uq_live_posts_external_id",
        "live_posts",
        ["agency_id", "network", "external_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'withdrawn' and external_id is not null"),
    )
    op.create_index(
        "uq_live_posts_piece",
        "live_posts",
        ["agency_id", "deliverable_id"],
        unique=True,
        postgresql_where=sa.text("status not in ('withdrawn', 'removed')"),
    )
    op.create_index(
        "uq_live_posts_url",
        "live_posts",
        ["agency_id", "url_key"],
        unique=True,
        postgresql_where=sa.text("status <> 'withdrawn'"),
    )

    op.create_table(
        "live_checks",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("live_post_id", sa.Uuid(), nullable=False),
        sa.Column("influencer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "manual",
                "http",
                name="checkmethod_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "outcome",
            sa.Enum(
                "live",
                "altered",
                "missing",
                "removed",
                "unverifiable",
                name="lookoutcome_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_by", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(4000), nullable=True),
        sa.Column("file_ids", JSONB(), nullable=False),
        sa.Column("evidence", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "live_post_id"],
            ["live_posts.agency_id", "live_posts.client_id", "live_posts.id"],
            name=op.f("fk_live_checks_agency_id_client_id_live_post_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_live_checks_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "influencer_id"],
            ["influencers.agency_id", "influencers.id"],
            name=op.f("fk_live_checks_agency_id_influencer_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_live_checks")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_live_checks_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_live_checks_agency_id_influencer_id_id"),
        "live_checks",
        ["agency_id", "influencer_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_live_checks_agency_id_live_post_id_id"),
        "live_checks",
        ["agency_id", "live_post_id", "id"],
        unique=False,
    )

    op.create_table(
        "disclosure_verdicts",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("collaboration_id", sa.Uuid(), nullable=False),
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("influencer_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=True),
        sa.Column("live_post_id", sa.Uuid(), nullable=True),
        sa.Column(
            "stage",
            sa.Enum(
                "draft",
                "submission",
                "live",
                name="stage_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("caption", sa.String(10000), nullable=False),
        sa.Column("country", sa.String(8), nullable=False),
        sa.Column("language", sa.String(35), nullable=False),
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
        sa.Column(
            "relation",
            sa.Enum(
                "paid",
                "gift",
                "affiliate",
                "family",
                name="relation_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("paid_partnership_label", sa.Boolean(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column(
            "judgement",
            sa.Enum(
                "valid",
                "invalid",
                "unknown",
                name="judgement_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("rule", sa.String(8), nullable=True),
        sa.Column("rule_version", sa.Integer(), nullable=True),
        sa.Column("reasons", JSONB(), nullable=False),
        sa.Column("advice", JSONB(), nullable=False),
        sa.Column("judged_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "collaboration_id"],
            ["collaborations.agency_id", "collaborations.client_id", "collaborations.id"],
            name=op.f("fk_disclosure_verdicts_agency_id_client_id_collaboration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "deliverable_id"],
            [
                "collaboration_deliverables.agency_id",
                "collaboration_deliverables.client_id",
                "collaboration_deliverables.id",
            ],
            name=op.f("fk_disclosure_verdicts_agency_id_client_id_deliverable_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "live_post_id"],
            ["live_posts.agency_id", "live_posts.client_id", "live_posts.id"],
            name=op.f("fk_disclosure_verdicts_agency_id_client_id_live_post_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "submission_id"],
            ["submissions.agency_id", "submissions.client_id", "submissions.id"],
            name=op.f("fk_disclosure_verdicts_agency_id_client_id_submission_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_disclosure_verdicts_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "influencer_id"],
            ["influencers.agency_id", "influencers.id"],
            name=op.f("fk_disclosure_verdicts_agency_id_influencer_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_disclosure_verdicts")),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "id",
            name=op.f("uq_disclosure_verdicts_agency_id_client_id_id"),
        ),
    )
    op.create_index(
        op.f("ix_disclosure_verdicts_agency_id_client_id_id"),
        "disclosure_verdicts",
        ["agency_id", "client_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_disclosure_verdicts_agency_id_deliverable_id_id"),
        "disclosure_verdicts",
        ["agency_id", "deliverable_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_disclosure_verdicts_agency_id_influencer_id_id"),
        "disclosure_verdicts",
        ["agency_id", "influencer_id", "id"],
        unique=False,
    )
    op.create_index(
        "uq_disclosure_verdicts_submission",
        "disclosure_verdicts",
        ["agency_id", "submission_id"],
        unique=True,
        postgresql_where=sa.text("submission_id is not null"),
    )

    op.create_table(
        "collaboration_results",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("collaboration_id", sa.Uuid(), nullable=False),
        sa.Column("deliverable_id", sa.Uuid(), nullable=True),
        sa.Column("influencer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "metric",
            sa.Enum(
                "reach",
                "impressions",
                "views",
                "likes",
                "comments",
                "shares",
                "saves",
                "engagements",
                "clicks",
                "conversions",
                "revenue_minor",
                name="toldmetric_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("value", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(3), nullable=True),
        sa.Column(
            "quality",
            sa.Enum(
                "actual",
                "estimated",
                "manual",
                "missing",
                name="toldquality_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(40), nullable=True),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(metric = 'revenue_minor') = (currency is not null)",
            name=op.f("ck_collaboration_results_money_is_in_one"),
        ),
        sa.CheckConstraint(
            "(quality = 'missing') = (value is null) and (value is null) = (reason is not null)",
            name=op.f("ck_collaboration_results_missing_has_a_reason"),
        ),
        sa.CheckConstraint("value >= 0", name=op.f("ck_collaboration_results_not_below_zero")),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "collaboration_id"],
            ["collaborations.agency_id", "collaborations.client_id", "collaborations.id"],
            name=op.f("fk_collaboration_results_agency_id_client_id_collaboration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "deliverable_id"],
            [
                "collaboration_deliverables.agency_id",
                "collaboration_deliverables.client_id",
                "collaboration_deliverables.id",
            ],
            name=op.f("fk_collaboration_results_agency_id_client_id_deliverable_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_collaboration_results_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "influencer_id"],
            ["influencers.agency_id", "influencers.id"],
            name=op.f("fk_collaboration_results_agency_id_influencer_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_collaboration_results")),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "id",
            name=op.f("uq_collaboration_results_agency_id_client_id_id"),
        ),
    )
    op.create_index(
        op.f("ix_collaboration_results_agency_id_influencer_id_id"),
        "collaboration_results",
        ["agency_id", "influencer_id", "id"],
        unique=False,
    )
    op.create_index(
        "uq_collaboration_results_told",
        "collaboration_results",
        ["agency_id", "collaboration_id", "deliverable_id", "metric", "source", "captured_at"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )

    isolate("live_posts", "client", shared="true")
    let_influencer("live_posts")
    for table in ("live_checks", "disclosure_verdicts", "collaboration_results"):
        isolate(table, "client_internal", staff=APPEND)
        let_influencer(table)


def downgrade() -> None:
    for table in ("collaboration_results", "disclosure_verdicts", "live_checks", "live_posts"):
        op.drop_table(table)
