"""Tracking links and who follows them, promo codes, and the sales that are told with either."""

import sqlalchemy as sa
from alembic import op

from migrations.isolation import APPEND, EDIT, READ, isolate, let_influencer

revision = "tracking"
down_revision = "proof"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tracking_links",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("collaboration_id", sa.Uuid(), nullable=False),
        sa.Column("deliverable_id", sa.Uuid(), nullable=True),
        sa.Column("influencer_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("target", sa.String(2000), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "ended",
                name="linkstatus_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "collaboration_id"],
            ["collaborations.agency_id", "collaborations.client_id", "collaborations.id"],
            name=op.f("fk_tracking_links_agency_id_client_id_collaboration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "deliverable_id"],
            [
                "collaboration_deliverables.agency_id",
                "collaboration_deliverables.client_id",
                "collaboration_deliverables.id",
            ],
            name=op.f("fk_tracking_links_agency_id_client_id_deliverable_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_tracking_links_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "influencer_id"],
            ["influencers.agency_id", "influencers.id"],
            name=op.f("fk_tracking_links_agency_id_influencer_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_tracking_links")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_tracking_links_agency_id_client_id_id")
        ),
        sa.UniqueConstraint("agency_id", "code", name=op.f("uq_tracking_links_agency_id_code")),
    )
    op.create_index(
        op.f("ix_tracking_links_agency_id_client_id_id"),
        "tracking_links",
        ["agency_id", "client_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tracking_links_agency_id_collaboration_id_id"),
        "tracking_links",
        ["agency_id", "collaboration_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tracking_links_agency_id_influencer_id_id"),
        "tracking_links",
        ["agency_id", "influencer_id", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_tracking_links_code"), "tracking_links", ["code"], unique=False)

    op.create_table(
        "link_clicks",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("influencer_id", sa.Uuid(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clicks", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("clicks > 0", name=op.f("ck_link_clicks_somebody_did")),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "link_id"],
            ["tracking_links.agency_id", "tracking_links.client_id", "tracking_links.id"],
            name=op.f("fk_link_clicks_agency_id_client_id_link_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_link_clicks_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "influencer_id"],
            ["influencers.agency_id", "influencers.id"],
            name=op.f("fk_link_clicks_agency_id_influencer_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_link_clicks")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_link_clicks_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_link_clicks_agency_id_link_id_hour"),
        "link_clicks",
        ["agency_id", "link_id", "hour"],
        unique=False,
    )

    op.create_table(
        "promo_codes",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("collaboration_id", sa.Uuid(), nullable=False),
        sa.Column("influencer_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("code_key", sa.String(40), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_promo_codes_forwards")),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "collaboration_id"],
            ["collaborations.agency_id", "collaborations.client_id", "collaborations.id"],
            name=op.f("fk_promo_codes_agency_id_client_id_collaboration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_promo_codes_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "influencer_id"],
            ["influencers.agency_id", "influencers.id"],
            name=op.f("fk_promo_codes_agency_id_influencer_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_promo_codes")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_promo_codes_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_promo_codes_agency_id_client_id_code_key"),
        "promo_codes",
        ["agency_id", "client_id", "code_key"],
        unique=False,
    )
    op.create_index(
        op.f("ix_promo_codes_agency_id_collaboration_id_id"),
        "promo_codes",
        ["agency_id", "collaboration_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_promo_codes_agency_id_influencer_id_id"),
        "promo_codes",
        ["agency_id", "influencer_id", "id"],
        unique=False,
    )

    op.create_table(
        "conversions",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "sale",
                "refund",
                name="conversionkind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("order_id", sa.String(200), nullable=False),
        sa.Column("refund_id", sa.String(200), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("collaboration_id", sa.Uuid(), nullable=True),
        sa.Column("link_id", sa.Uuid(), nullable=True),
        sa.Column("promo_code_id", sa.Uuid(), nullable=True),
        sa.Column(
            "attributed_by",
            sa.Enum(
                "code",
                "link",
                "unknown_code",
                "code_outside_window",
                "unknown_link",
                "link_outside_window",
                "no_touch",
                name="why_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("rule", sa.String(40), nullable=True),
        sa.Column("rule_version", sa.Integer(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'refund') = (refund_id is not null)",
            name=op.f("ck_conversions_refunds_are_named"),
        ),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_conversions_not_below_zero")),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "collaboration_id"],
            ["collaborations.agency_id", "collaborations.client_id", "collaborations.id"],
            name=op.f("fk_conversions_agency_id_client_id_collaboration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "link_id"],
            ["tracking_links.agency_id", "tracking_links.client_id", "tracking_links.id"],
            name=op.f("fk_conversions_agency_id_client_id_link_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "promo_code_id"],
            ["promo_codes.agency_id", "promo_codes.client_id", "promo_codes.id"],
            name=op.f("fk_conversions_agency_id_client_id_promo_code_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_conversions_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_conversions")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_conversions_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_conversions_agency_id_client_id_id"),
        "conversions",
        ["agency_id", "client_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_conversions_agency_id_collaboration_id_id"),
        "conversions",
        ["agency_id", "collaboration_id", "id"],
        unique=False,
    )
    op.create_index(
        "uq_conversions_told",
        "conversions",
        ["agency_id", "client_id", "order_id", "kind", "refund_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )

    op.create_table(
        "conversion_orders",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.String(200), nullable=False),
        sa.Column("collaboration_id", sa.Uuid(), nullable=True),
        sa.Column("sold_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sold_on", sa.Date(), nullable=True),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("sale_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("commission_bp", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "sale_minor >= 0 and refunded_minor >= 0",
            name=op.f("ck_conversion_orders_not_below_zero"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "collaboration_id"],
            ["collaborations.agency_id", "collaborations.client_id", "collaborations.id"],
            name=op.f("fk_conversion_orders_agency_id_client_id_collaboration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_conversion_orders_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_conversion_orders")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_conversion_orders_agency_id_client_id_id")
        ),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "order_id",
            name=op.f("uq_conversion_orders_agency_id_client_id_order_id"),
        ),
    )
    op.create_index(
        op.f("ix_conversion_orders_agency_id_collaboration_id_id"),
        "conversion_orders",
        ["agency_id", "collaboration_id", "id"],
        unique=False,
    )

    op.create_table(
        "conversion_days",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("collaboration_id", sa.Uuid(), nullable=False),
        sa.Column("influencer_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("conversions", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("revenue_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("commission_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "conversions >= 0 and refunded >= 0 and revenue_minor >= 0 and commission_minor >= 0 and refunded_minor between 0 and revenue_minor",
            name=op.f("ck_conversion_days_not_below_zero"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "collaboration_id"],
            ["collaborations.agency_id", "collaborations.client_id", "collaborations.id"],
            name=op.f("fk_conversion_days_agency_id_client_id_collaboration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_conversion_days_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "influencer_id"],
            ["influencers.agency_id", "influencers.id"],
            name=op.f("fk_conversion_days_agency_id_influencer_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_conversion_days")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_conversion_days_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_conversion_days_agency_id_collaboration_id_day"),
        "conversion_days",
        ["agency_id", "collaboration_id", "day"],
        unique=False,
    )
    op.create_index(
        op.f("ix_conversion_days_agency_id_influencer_id_day"),
        "conversion_days",
        ["agency_id", "influencer_id", "day"],
        unique=False,
    )

    # Whoever follows a link has no credential: the platform looks it up, and counts for them.
    isolate("tracking_links", "client_internal", platform=READ)
    isolate("link_clicks", "client_internal", staff=READ, platform=EDIT)
    isolate("promo_codes", "client_internal")
    isolate("conversions", "client_internal", staff=APPEND)
    isolate("conversion_orders", "client_internal")
    isolate("conversion_days", "client_internal")
    for table in ("tracking_links", "link_clicks", "promo_codes", "conversion_days"):
        let_influencer(table)


def downgrade() -> None:
    for table in (
        "conversion_days",
        "conversion_orders",
        "conversions",
        "promo_codes",
        "link_clicks",
        "tracking_links",
    ):
        op.drop_table(table)
