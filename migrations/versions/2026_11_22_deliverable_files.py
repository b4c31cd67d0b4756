"""What is needed to make a deliverable may be files, too."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "deliverable_files"
down_revision = "fees"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "deliverables",
        sa.Column("file_ids", JSONB(), nullable=False, server_default=sa.text("'[]'::jsonb")),
    )
    op.alter_column("deliverables", "file_ids", server_default=None)


def downgrade() -> None:
    op.drop_column("deliverables", "file_ids")
