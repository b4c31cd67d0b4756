"""What a deliverable must be, and what is needed to make it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "briefs"
down_revision = "change_orders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column, empty in (("criteria", "{}"), ("links", "[]")):
        op.add_column(
            "deliverables", sa.Column(column, JSONB(), nullable=False, server_default=empty)
        )
        op.alter_column("deliverables", column, server_default=None)


def downgrade() -> None:
    op.drop_column("deliverables", "links")
    op.drop_column("deliverables", "criteria")
