"""Whom a client competes with."""

import sqlalchemy as sa
from alembic import op

from migrations.isolation import EDIT, FULL, isolate

revision = "competitors"
down_revision = "objectives"
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
        "competitors",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("url", sa.String(500), nullable=True),
        sa.Column("note", sa.String(4000), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "archived",
                name="competitorstatus_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_competitors_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_competitors")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_competitors_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_competitors_agency_id_client_id_status_id"),
        "competitors",
        ["agency_id", "client_id", "status", "id"],
    )
    op.create_table(
        "competitor_accounts",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("competitor_id", sa.Uuid(), nullable=False),
        sa.Column(
            "network",
            sa.Enum(
                *_NETWORKS,
                name="network_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("handle", sa.String(100), nullable=False),
        sa.Column("handle_key", sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_competitor_accounts_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "competitor_id"],
            ["competitors.agency_id", "competitors.client_id", "competitors.id"],
            name=op.f("fk_competitor_accounts_agency_id_client_id_competitor_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_competitor_accounts")),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "id",
            name=op.f("uq_competitor_accounts_agency_id_client_id_id"),
        ),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "network",
            "handle_key",
            name="uq_competitor_accounts_handle",
        ),
    )
    op.create_index(
        op.f("ix_competitor_accounts_agency_id_competitor_id"),
        "competitor_accounts",
        ["agency_id", "competitor_id"],
    )
    op.create_index(
        op.f("ix_competitor_accounts_agency_id_network_handle_key"),
        "competitor_accounts",
        ["agency_id", "network", "handle_key"],
    )

    isolate("competitors", "client_internal", staff=EDIT)
    isolate("competitor_accounts", "client_internal", staff=FULL)


def downgrade() -> None:
    for table in ("competitor_accounts", "competitors"):
        op.drop_table(table)
