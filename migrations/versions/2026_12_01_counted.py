"""The month that commission is owed with, and the instant from which a post's days count.

Imports nothing of the application. Posts that are bound already go on counting from the instant at
which they are said to have been published; nobody owes commission yet.
"""

import sqlalchemy as sa
from alembic import op

revision = "counted"
down_revision = "stripe_billing"
branch_labels = None
depends_on = None

_PARTS = "collaboration_instalments"


def upgrade() -> None:
    op.add_column(_PARTS, sa.Column("month", sa.Date(), nullable=True))
    op.create_check_constraint(
        op.f("ck_collaboration_instalments_commission_by_month"),
        _PARTS,
        "(kind = 'commission') = (month is not null)",
    )

    op.add_column("live_posts", sa.Column("counted_from", sa.DateTime(True), nullable=True))
    bind = op.get_bind()
    posts = bind.execute(sa.text("select count(*) from live_posts")).scalar_one()
    counted = bind.execute(sa.text("update live_posts set counted_from = published_at"))
    if counted.rowcount != posts:
        raise RuntimeError(f"{counted.rowcount} of {posts} posts were told from when they count")
    op.alter_column("live_posts", "counted_from", nullable=False)


def downgrade() -> None:
    op.drop_column("live_posts", "counted_from")
    op.drop_constraint(op.f("ck_collaboration_instalments_commission_by_month"), _PARTS)
    op.drop_column(_PARTS, "month")
