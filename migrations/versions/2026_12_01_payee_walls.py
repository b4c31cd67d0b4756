"""
What an influencer writes of themselves is what waits for the agency: the database takes no other.
They see their own account at Stripe; and a file for a bank says which payouts it leaves out.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.isolation import INFLUENCER, let_influencer

revision = "payee_walls"
down_revision = "counted"
branch_labels = None
depends_on = None

# table → its column that says whose a row is, and what a row that they add themselves must be.
_ADDS = {
    "payees": (
        "id",
        "status = 'no_account' and provider_account is null and not provider_ready",
    ),
    "payee_details": (
        "payee_id",
        "status = 'proposed' and decided_by is null and decided_at is null and not self_confirmed"
        " and said_by = nullif(current_setting('app.membership_id', true), '')::uuid",
    ),
}


def upgrade() -> None:
    for table, (column, adds) in _ADDS.items():
        own = INFLUENCER.format(agency="agency_id", influencer=column)
        op.execute(f"drop policy influencer on {table}")
        op.execute(
            f"create policy influencer on {table} for select to app_influencer using ({own})"
        )
        op.execute(
            f"create policy influencer_adds on {table} for insert to app_influencer"
            f" with check ({own} and {adds})"
        )
    let_influencer("connect_accounts", "payee_id")
    op.add_column(
        "payout_files", sa.Column("left_out", JSONB(), nullable=False, server_default="[]")
    )
    op.alter_column("payout_files", "left_out", server_default=None)


def downgrade() -> None:
    op.drop_column("payout_files", "left_out")
    op.execute("drop policy influencer on connect_accounts")
    op.execute("revoke select on connect_accounts from app_influencer")
    for table, (column, _) in _ADDS.items():
        own = INFLUENCER.format(agency="agency_id", influencer=column)
        op.execute(f"drop policy influencer_adds on {table}")
        op.execute(f"drop policy influencer on {table}")
        op.execute(
            f"create policy influencer on {table} to app_influencer using ({own}) with check ({own})"
        )
