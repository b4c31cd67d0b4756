"""Posts as they stand on a network, so that figures can be about them.

One idea. Imports nothing of the application. Names each new table's wall (migrations/isolation.py).
"""

import sqlalchemy as sa
from alembic import op

from migrations.isolation import isolate

revision = "published_posts"
down_revision = "target_purposes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "published_posts",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
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
        sa.Column("external_id", sa.String(200), nullable=False),
        sa.Column("url", sa.String(500), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.String(200), nullable=True),
        sa.Column(
            "format",
            sa.Enum(
                "image",
                "carousel",
                "video",
                "reel",
                "story",
                "live",
                "text",
                "link",
                "article",
                "document",
                "poll",
                "other",
                name="postformat_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "campaign_id"],
            ["campaigns.agency_id", "campaigns.client_id", "campaigns.id"],
            name=op.f("fk_published_posts_agency_id_client_id_campaign_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "channel_id"],
            ["channels.agency_id", "channels.client_id", "channels.id"],
            name=op.f("fk_published_posts_agency_id_client_id_channel_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_published_posts_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_published_posts")),
        sa.UniqueConstraint(
            "agency_id",
            "channel_id",
            "external_id",
            name=op.f("uq_published_posts_agency_id_channel_id_external_id"),
        ),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_published_posts_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_published_posts_agency_id_campaign_id_published_at"),
        "published_posts",
        ["agency_id", "campaign_id", "published_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_published_posts_agency_id_client_id_published_at_id"),
        "published_posts",
        ["agency_id", "client_id", "published_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_published_posts_agency_id_network_external_id"),
        "published_posts",
        ["agency_id", "network", "external_id"],
        unique=False,
    )
    isolate("published_posts", "client_internal")


def downgrade() -> None:
    op.drop_index(
        op.f("ix_published_posts_agency_id_network_external_id"), table_name="published_posts"
    )
    op.drop_index(
        op.f("ix_published_posts_agency_id_client_id_published_at_id"), table_name="published_posts"
    )
    op.drop_index(
        op.f("ix_published_posts_agency_id_campaign_id_published_at"), table_name="published_posts"
    )
    op.drop_table("published_posts")
