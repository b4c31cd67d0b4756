"""On whom a deliverable last waited, also once it does no more."""

import sqlalchemy as sa
from alembic import op

revision = "punctuality"
down_revision = "dependencies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliverables", sa.Column("waited_on", sa.String(40), nullable=True))
    op.execute("update deliverables set waited_on = blocked_cause where blocked_cause is not null")
    op.create_check_constraint(
        op.f("ck_deliverables_waited_on_known"),
        "deliverables",
        "waited_on in ('client', 'agency', 'third_party', 'crisis')",
    )


def downgrade() -> None:
    op.drop_column("deliverables", "waited_on")
