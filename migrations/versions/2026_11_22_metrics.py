"""Channels, readings and what is current of them, and KPI targets."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.isolation import APPEND, FULL, isolate

revision = "metrics"
down_revision = "campaigns"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "channels",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
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
        sa.Column("handle", sa.String(100), nullable=False),
        sa.Column("handle_key", sa.String(300), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("url", sa.String(500), nullable=True),
        sa.Column("timezone", sa.String(64), nullable=True),
        sa.Column(
            "connector",
            sa.Enum(
                "manual",
                name="connector_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "archived",
                name="channelstatus_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_channels_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_channels")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_channels_agency_id_client_id_id")
        ),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "network",
            "handle_key",
            name=op.f("uq_channels_agency_id_client_id_network_handle_key"),
        ),
    )
    op.create_index(
        op.f("ix_channels_agency_id_client_id_status_id"),
        "channels",
        ["agency_id", "client_id", "status", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_channels_agency_id_network_handle_key"),
        "channels",
        ["agency_id", "network", "handle_key"],
        unique=False,
    )
    op.create_table(
        "kpi_targets",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("kpi", sa.String(40), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column(
            "direction",
            sa.Enum(
                "up",
                "down",
                name="direction_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("value", sa.BigInteger(), nullable=True),
        sa.Column("numerator", sa.BigInteger(), nullable=True),
        sa.Column("denominator", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(3), nullable=True),
        sa.Column("baseline_value", sa.BigInteger(), nullable=True),
        sa.Column("baseline_numerator", sa.BigInteger(), nullable=True),
        sa.Column("baseline_denominator", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(baseline_numerator is null) = (baseline_denominator is null)",
            name=op.f("ck_kpi_targets_whole_baseline"),
        ),
        sa.CheckConstraint(
            "(numerator is null) = (denominator is null)", name=op.f("ck_kpi_targets_whole_rate")
        ),
        sa.CheckConstraint(
            "(value is null) = (numerator is not null)", name=op.f("ck_kpi_targets_value_or_rate")
        ),
        sa.CheckConstraint(
            "ends_on >= starts_on", name=op.f("ck_kpi_targets_ends_after_it_starts")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_kpi_targets_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_kpi_targets")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_kpi_targets_agency_id_client_id_id")
        ),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "kpi",
            "starts_on",
            "ends_on",
            name=op.f("uq_kpi_targets_agency_id_client_id_kpi_starts_on_ends_on"),
        ),
    )
    op.create_table(
        "metric_current",
        sa.Column("impressions", sa.BigInteger(), nullable=True),
        sa.Column("reach", sa.BigInteger(), nullable=True),
        sa.Column("views", sa.BigInteger(), nullable=True),
        sa.Column("likes", sa.BigInteger(), nullable=True),
        sa.Column("comments", sa.BigInteger(), nullable=True),
        sa.Column("shares", sa.BigInteger(), nullable=True),
        sa.Column("saves", sa.BigInteger(), nullable=True),
        sa.Column("clicks", sa.BigInteger(), nullable=True),
        sa.Column("followers", sa.BigInteger(), nullable=True),
        sa.Column("posts", sa.BigInteger(), nullable=True),
        sa.Column("sessions", sa.BigInteger(), nullable=True),
        sa.Column("search_sessions", sa.BigInteger(), nullable=True),
        sa.Column("leads", sa.BigInteger(), nullable=True),
        sa.Column("conversions", sa.BigInteger(), nullable=True),
        sa.Column("spend_minor", sa.BigInteger(), nullable=True),
        sa.Column("revenue_minor", sa.BigInteger(), nullable=True),
        sa.Column("missing", JSONB(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column(
            "subject_type",
            sa.Enum(
                "channel",
                "campaign",
                "post",
                "collaboration",
                "competitor",
                name="subjecttype_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column(
            "basis",
            sa.Enum(
                "day",
                "week",
                "month",
                "lifetime",
                name="basis_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("spend_currency", sa.String(3), nullable=True),
        sa.Column("revenue_currency", sa.String(3), nullable=True),
        sa.Column("held", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_metric_current_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint(
            "agency_id",
            "client_id",
            "subject_type",
            "subject_id",
            "basis",
            "period_start",
            name=op.f("pk_metric_current"),
        ),
    )
    op.create_table(
        "metric_readings",
        sa.Column("impressions", sa.BigInteger(), nullable=True),
        sa.Column("reach", sa.BigInteger(), nullable=True),
        sa.Column("views", sa.BigInteger(), nullable=True),
        sa.Column("likes", sa.BigInteger(), nullable=True),
        sa.Column("comments", sa.BigInteger(), nullable=True),
        sa.Column("shares", sa.BigInteger(), nullable=True),
        sa.Column("saves", sa.BigInteger(), nullable=True),
        sa.Column("clicks", sa.BigInteger(), nullable=True),
        sa.Column("followers", sa.BigInteger(), nullable=True),
        sa.Column("posts", sa.BigInteger(), nullable=True),
        sa.Column("sessions", sa.BigInteger(), nullable=True),
        sa.Column("search_sessions", sa.BigInteger(), nullable=True),
        sa.Column("leads", sa.BigInteger(), nullable=True),
        sa.Column("conversions", sa.BigInteger(), nullable=True),
        sa.Column("spend_minor", sa.BigInteger(), nullable=True),
        sa.Column("revenue_minor", sa.BigInteger(), nullable=True),
        sa.Column("missing", JSONB(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column(
            "subject_type",
            sa.Enum(
                "channel",
                "campaign",
                "post",
                "collaboration",
                "competitor",
                name="subjecttype_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column(
            "basis",
            sa.Enum(
                "day",
                "week",
                "month",
                "lifetime",
                name="basis_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("currency", sa.String(3), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_metric_readings_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint(
            "agency_id",
            "client_id",
            "subject_type",
            "subject_id",
            "basis",
            "period_start",
            "source",
            "captured_at",
            name=op.f("pk_metric_readings"),
        ),
    )

    isolate("channels", "client", shared="true")
    isolate("metric_readings", "client_internal", staff=APPEND)
    isolate("metric_current", "client_internal")
    isolate("kpi_targets", "client_internal", staff=FULL)


def downgrade() -> None:
    op.drop_table("kpi_targets")
    op.drop_table("metric_current")
    op.drop_table("metric_readings")
    op.drop_table("channels")
