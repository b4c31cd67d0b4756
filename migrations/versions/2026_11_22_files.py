"""Files that people upload, and comments on what the agency works at."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.isolation import APPEND, CLIENT, FULL, isolate

revision = "files"
down_revision = "briefs"
branch_labels = None
depends_on = None

AUDIENCE = sa.Enum(
    "client",
    "internal",
    name="audience_known",
    native_enum=False,
    create_constraint=True,
    length=40,
)


def upgrade() -> None:
    op.add_column("files", sa.Column("audience", sa.String(40), nullable=True))
    op.add_column("files", sa.Column("uploaded_by", sa.Uuid(), nullable=True))
    op.add_column("files", sa.Column("uploaded_by_name", sa.String(120), nullable=True))
    op.execute(
        "update files set uploaded_by_name = 'system',"
        " audience = case when shared then 'client' else 'internal' end"
    )
    op.alter_column("files", "audience", nullable=False)
    op.alter_column("files", "uploaded_by_name", nullable=False)
    op.create_check_constraint(
        op.f("ck_files_audience_known"), "files", "audience in ('client', 'internal')"
    )
    op.create_foreign_key(
        op.f("fk_files_agency_id_uploaded_by"),
        "files",
        "memberships",
        ["agency_id", "uploaded_by"],
        ["agency_id", "id"],
    )
    _show_contacts("audience = 'client'")
    op.drop_column("files", "shared")

    op.create_table(
        "comments",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("audience", AUDIENCE, nullable=False),
        sa.Column(
            "subject_type",
            sa.Enum(
                "deliverables",
                "scopes",
                "campaigns",
                "budgets",
                "approvals",
                "reports",
                name="subjecttype_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("body", sa.String(4000), nullable=True),
        sa.Column("mentions", JSONB(), nullable=False),
        sa.Column("file_ids", JSONB(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("author_name", sa.String(120), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by_name", sa.String(120), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(body is null) = (deleted_at is not null)",
            name=op.f("ck_comments_what_is_deleted_says_nothing"),
        ),
        sa.CheckConstraint(
            "(resolved_at is null) = (resolved_by_name is null)",
            name=op.f("ck_comments_what_is_resolved_says_by_whom"),
        ),
        sa.CheckConstraint(
            "parent_id is null or resolved_at is null",
            name=op.f("ck_comments_a_thread_is_resolved_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_comments_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "audience", "parent_id"],
            ["comments.agency_id", "comments.client_id", "comments.audience", "comments.id"],
            name=op.f("fk_comments_agency_id_client_id_audience_parent_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "author_id"],
            ["memberships.agency_id", "memberships.id"],
            name=op.f("fk_comments_agency_id_author_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_comments")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_comments_agency_id_client_id_id")
        ),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "audience",
            "id",
            name=op.f("uq_comments_agency_id_client_id_audience_id"),
        ),
    )
    op.create_index(
        op.f("ix_comments_agency_id_subject_type_subject_id_id"),
        "comments",
        ["agency_id", "subject_type", "subject_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_comments_agency_id_parent_id"),
        "comments",
        ["agency_id", "parent_id"],
        unique=False,
    )
    op.create_table(
        "comment_edits",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("former_body", sa.String(4000), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_comment_edits_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "comment_id"],
            ["comments.agency_id", "comments.client_id", "comments.id"],
            name=op.f("fk_comment_edits_agency_id_client_id_comment_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_comment_edits")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_comment_edits_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_comment_edits_agency_id_comment_id_id"),
        "comment_edits",
        ["agency_id", "comment_id", "id"],
        unique=False,
    )

    isolate("comments", "client", staff=FULL, shared="audience = 'client'", contact=APPEND)
    isolate("comment_edits", "client_internal", staff="select, insert, delete")


def _show_contacts(shown: str) -> None:
    """Which files a client's contacts see."""
    own_client = CLIENT.format(agency="agency_id", client="client_id")
    op.execute(f"alter policy contact on files using ({own_client} and {shown})")


def downgrade() -> None:
    op.drop_table("comment_edits")
    op.drop_table("comments")
    op.add_column("files", sa.Column("shared", sa.Boolean(), nullable=True))
    op.execute("update files set shared = audience = 'client'")
    op.alter_column("files", "shared", nullable=False)
    _show_contacts("shared")
    op.drop_constraint(op.f("fk_files_agency_id_uploaded_by"), "files", type_="foreignkey")
    for column in ("audience", "uploaded_by", "uploaded_by_name"):
        op.drop_column("files", column)
