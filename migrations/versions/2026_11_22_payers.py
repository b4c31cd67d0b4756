"""What of a line's money the other side paid than the one it names."""

import sqlalchemy as sa
from alembic import op

revision = "payers"
down_revision = "pacing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "budget_lines",
        sa.Column("other_payer_minor", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.execute(
        """update budget_lines l set other_payer_minor = s.amount from (
            select e.agency_id, e.line_id, sum(e.amount_minor) as amount
            from budget_entries e
            join budget_lines o on o.agency_id = e.agency_id and o.id = e.line_id
            where e.kind in ('expense', 'refund') and e.paid_by <> o.paid_by
            group by e.agency_id, e.line_id
        ) s where s.agency_id = l.agency_id and s.line_id = l.id"""
    )
    op.alter_column("budget_lines", "other_payer_minor", server_default=None)


def downgrade() -> None:
    op.drop_column("budget_lines", "other_payer_minor")
