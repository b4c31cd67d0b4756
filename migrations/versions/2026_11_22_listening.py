"""What is listened to for a client, and how often each brand was named."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.isolation import APPEND, EDIT, isolate

revision = "listening"
down_revision = "community"
branch_labels = None
depends_on = None

_QUERY = ("keywords", "networks", "languages", "competitor_ids")


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _owned(table: str) -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f(f"fk_{table}_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f(f"uq_{table}_agency_id_client_id_id")
        ),
    ]


def upgrade() -> None:
    op.create_table(
        "listening_topics",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        *(sa.Column(name, postgresql.JSONB(), nullable=False) for name in _QUERY),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", _one_of("topicstatus_known", "active", "archived"), nullable=False),
        *_owned("listening_topics"),
    )
    op.create_index(
        op.f("ix_listening_topics_agency_id_client_id_status_id"),
        "listening_topics",
        ["agency_id", "client_id", "status", "id"],
    )
    op.create_table(
        "listening_topic_versions",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, postgresql.JSONB(), nullable=False) for name in _QUERY),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *_owned("listening_topic_versions"),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "topic_id"],
            ["listening_topics.agency_id", "listening_topics.client_id", "listening_topics.id"],
            name=op.f("fk_listening_topic_versions_agency_id_client_id_topic_id"),
        ),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "topic_id",
            "number",
            name="uq_listening_topic_versions_number",
        ),
    )
    op.create_table(
        "mention_counts",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("competitor_id", sa.Uuid(), nullable=True),
        sa.Column("basis", _one_of("countbasis_known", "day", "week", "month"), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("mentions", sa.Integer(), nullable=True),
        sa.Column("sentiment", postgresql.JSONB(), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(mentions, sentiment) > 0", name=op.f("ck_mention_counts_says_something")
        ),
        sa.CheckConstraint("mentions >= 0", name=op.f("ck_mention_counts_not_below_zero")),
        *_owned("mention_counts"),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "topic_id", "number"],
            [
                "listening_topic_versions.agency_id",
                "listening_topic_versions.client_id",
                "listening_topic_versions.topic_id",
                "listening_topic_versions.number",
            ],
            name="fk_mention_counts_version",
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "competitor_id"],
            ["competitors.agency_id", "competitors.client_id", "competitors.id"],
            name=op.f("fk_mention_counts_agency_id_client_id_competitor_id"),
        ),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "topic_id",
            "number",
            "period_start",
            "basis",
            "competitor_id",
            "source",
            "captured_at",
            name="uq_mention_counts_told",
            postgresql_nulls_not_distinct=True,
        ),
    )

    isolate("listening_topics", "client_internal", staff=EDIT)
    isolate("listening_topic_versions", "client_internal", staff=APPEND)
    isolate("mention_counts", "client_internal", staff=APPEND)


def downgrade() -> None:
    for table in ("mention_counts", "listening_topic_versions", "listening_topics"):
        op.drop_table(table)
