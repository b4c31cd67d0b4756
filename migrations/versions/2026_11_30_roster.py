"""What is known of an influencer: accounts, rates, the agency's own notes, words to find them by."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.isolation import FULL, isolate, let_influencer

revision = "roster"
down_revision = "influencers"
branch_labels = None
depends_on = None

_NETWORKS = (
    *("instagram", "facebook", "tiktok", "youtube", "linkedin", "x", "threads", "pinterest"),
    *("snapchat", "twitch", "bluesky", "mastodon", "reddit", "whatsapp", "telegram"),
    *("google_business", "blog", "website", "newsletter", "podcast", "other"),
)
_PLACEMENTS = (
    *("post", "carousel", "story", "reel", "short", "video", "live", "article", "episode"),
    *("ugc", "event", "other"),
)
_OWN = ("influencer_accounts", "influencer_rates")


def upgrade() -> None:
    op.create_table(
        "influencer_accounts",
        *_keys(),
        sa.Column("influencer_id", sa.Uuid(), nullable=False),
        sa.Column("network", _one_of("network", *_NETWORKS), nullable=False),
        sa.Column("handle", sa.String(100), nullable=False),
        sa.Column("handle_key", sa.String(300), nullable=False),
        sa.Column("url", sa.String(500), nullable=True),
        sa.Column("followers", sa.BigInteger(), nullable=True),
        sa.Column("audience", postgresql.JSONB(), nullable=False),
        sa.Column("measured_on", sa.Date(), nullable=True),
        sa.Column("engagement_millionths", sa.Integer(), nullable=True),
        sa.Column(
            "engagement_basis",
            _one_of("engagementbasis", "views", "reach", "impressions", "followers"),
            nullable=True,
        ),
        sa.Column("engagement_on", sa.Date(), nullable=True),
        _of_the_roster("influencer_accounts", "influencer_id"),
        sa.CheckConstraint(
            "followers >= 0", name=op.f("ck_influencer_accounts_followers_are_not_negative")
        ),
        sa.CheckConstraint(
            "engagement_millionths between 0 and 1000000",
            name=op.f("ck_influencer_accounts_engagement_is_a_fraction"),
        ),
        sa.CheckConstraint(
            "num_nulls(engagement_millionths, engagement_basis, engagement_on) in (0, 3)",
            name=op.f("ck_influencer_accounts_an_engagement_says_of_what_and_when"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_influencer_accounts")),
        sa.UniqueConstraint(
            *("agency_id", "network", "handle_key"),
            name=op.f("uq_influencer_accounts_agency_id_network_handle_key"),
        ),
    )
    _index("influencer_accounts", "influencer_id", "network")
    _index("influencer_accounts", "network", "followers", "influencer_id")
    op.create_table(
        "influencer_rates",
        *_keys(),
        sa.Column("influencer_id", sa.Uuid(), nullable=False),
        sa.Column("network", _one_of("network", *_NETWORKS), nullable=False),
        sa.Column("placement", _one_of("placement", *_PLACEMENTS), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        _of_the_roster("influencer_rates", "influencer_id"),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_influencer_rates_a_rate_is_positive")),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_influencer_rates")),
        sa.UniqueConstraint(
            *("agency_id", "influencer_id", "network", "placement", "currency"),
            name=op.f("uq_influencer_rates_agency_id_influencer_id_network_placement_currency"),
        ),
    )
    _index("influencer_rates", "currency", "amount_minor", "influencer_id")
    op.create_table(
        "influencer_dossiers",
        *_keys(),
        sa.Column("tags", postgresql.JSONB(), nullable=False),
        sa.Column("notes", sa.String(4000), nullable=True),
        _of_the_roster("influencer_dossiers", "id"),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_influencer_dossiers")),
    )
    op.create_table(
        "influencer_words",
        *_keys(),
        sa.Column("word", sa.String(80, "C"), nullable=False),
        _of_the_roster("influencer_words", "id"),
        sa.PrimaryKeyConstraint("agency_id", "id", "word", name=op.f("pk_influencer_words")),
    )
    _index("influencer_words", "word", "id")
    op.create_table(
        "influencer_documents",
        *_keys(),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("influencer_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            _one_of("documentkind", "media_kit", "contract", "tax_form", "identity", "other"),
            nullable=False,
        ),
        sa.Column("note", sa.String(200), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_influencer_documents_agency_id_client_id"),
        ),
        _of_the_roster("influencer_documents", "influencer_id"),
        sa.ForeignKeyConstraint(
            ["agency_id", "file_id"],
            ["files.agency_id", "files.id"],
            name=op.f("fk_influencer_documents_agency_id_file_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_influencer_documents")),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "id",
            name=op.f("uq_influencer_documents_agency_id_client_id_id"),
        ),
        sa.UniqueConstraint(
            *("agency_id", "influencer_id", "file_id"),
            name=op.f("uq_influencer_documents_agency_id_influencer_id_file_id"),
        ),
    )
    _index("influencers", "engagement_millionths", "id")
    for table in (*_OWN, "influencer_dossiers", "influencer_words"):
        isolate(table, "agency", staff=FULL)
    for table in _OWN:
        let_influencer(table)
    isolate("influencer_documents", "client_internal", staff=FULL)


def _keys() -> tuple[sa.Column, ...]:  # type: ignore[type-arg]
    return (
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(
        *values, name=f"{name}_known", native_enum=False, create_constraint=True, length=40
    )


def _of_the_roster(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["agency_id", column],
        ["influencers.agency_id", "influencers.id"],
        name=op.f(f"fk_{table}_agency_id_{column}"),
    )


def _index(table: str, *columns: str) -> None:
    name = op.f(f"ix_{table}_agency_id_{'_'.join(columns)}")
    op.create_index(name, table, ["agency_id", *columns])


def downgrade() -> None:
    for table in (
        *("influencer_documents", "influencer_words", "influencer_dossiers"),
        *("influencer_rates", "influencer_accounts"),
    ):
        op.drop_table(table)
    op.drop_index(op.f("ix_influencers_agency_id_engagement_millionths_id"))
