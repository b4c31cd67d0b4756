"""What is usual in an industry, with its source."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.isolation import FULL, READ, isolate

revision = "benchmarks"
down_revision = "listening"
branch_labels = None
depends_on = None

_NETWORKS = (
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
)


def upgrade() -> None:
    op.create_table(
        "benchmarks",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("kpi", sa.String(40), nullable=False),
        sa.Column(
            "network",
            sa.Enum(
                *_NETWORKS,
                name="network_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("sector", postgresql.JSONB(), nullable=True),
        sa.Column("country", sa.String(2), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=True),
        sa.Column("numerator", sa.BigInteger(), nullable=True),
        sa.Column("denominator", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(3), nullable=True),
        sa.Column("sample_note", sa.String(4000), nullable=True),
        sa.Column("source_name", sa.String(200), nullable=False),
        sa.Column("source_url", sa.String(500), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_benchmarks_ends_after_it_starts")),
        sa.CheckConstraint(
            "(value is null) = (numerator is not null)", name=op.f("ck_benchmarks_value_or_rate")
        ),
        sa.CheckConstraint(
            "(numerator is null) = (denominator is null)", name=op.f("ck_benchmarks_whole_rate")
        ),
        sa.CheckConstraint("denominator > 0", name=op.f("ck_benchmarks_divides")),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_benchmarks_agency_id")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_benchmarks")),
    )
    op.create_index(
        op.f("ix_benchmarks_agency_id_kpi_id"), "benchmarks", ["agency_id", "kpi", "id"]
    )

    isolate("benchmarks", "agency", staff=FULL, scoped=READ)


def downgrade() -> None:
    op.drop_table("benchmarks")
