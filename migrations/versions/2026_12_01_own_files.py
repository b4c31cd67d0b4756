"""
What influencers hand in: files that are theirs too, shown to the client later, or shown as proof.

One idea. Imports nothing of the application.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.isolation import STAFF, let_influencer

revision = "own_files"
down_revision = "payee_walls"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("files", sa.Column("collaboration_id", sa.Uuid(), nullable=True))
    op.add_column("files", sa.Column("influencer_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_files_agency_id_client_id_collaboration_id"),
        "files",
        "collaborations",
        ["agency_id", "client_id", "collaboration_id"],
        ["agency_id", "client_id", "id"],
    )
    op.create_foreign_key(
        op.f("fk_files_agency_id_influencer_id"),
        "files",
        "influencers",
        ["agency_id", "influencer_id"],
        ["agency_id", "id"],
    )
    op.create_check_constraint(
        op.f("ck_files_handed_in_for_work"),
        "files",
        "(collaboration_id is null) = (influencer_id is null)"
        " and (collaboration_id is null or client_id is not null)",
    )
    for column in ("collaboration_id", "influencer_id"):
        op.create_index(
            op.f(f"ix_files_agency_id_{column}_id"), "files", ["agency_id", column, "id"]
        )
    let_influencer("files")
    op.execute(f"grant update on files to {', '.join(STAFF)}")
    op.add_column(
        "collaboration_results",
        sa.Column("file_ids", JSONB(), nullable=False, server_default=sa.text("'[]'::jsonb")),
    )
    op.alter_column("collaboration_results", "file_ids", server_default=None)


def downgrade() -> None:
    op.drop_column("collaboration_results", "file_ids")
    op.execute(f"revoke update on files from {', '.join(STAFF)}")
    op.execute("revoke select on files from app_influencer")
    op.execute("drop policy influencer on files")
    for column in ("collaboration_id", "influencer_id"):
        op.drop_index(op.f(f"ix_files_agency_id_{column}_id"), "files")
    op.drop_constraint(op.f("ck_files_handed_in_for_work"), "files", type_="check")
    for column in ("influencer_id", "collaboration_id"):
        key = "agency_id_client_id_" if column == "collaboration_id" else "agency_id_"
        op.drop_constraint(op.f(f"fk_files_{key}{column}"), "files", type_="foreignkey")
        op.drop_column("files", column)
