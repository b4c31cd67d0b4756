"""Contracts in force are the client's to read; their fees are billed from the day they were."""

import sqlalchemy as sa
from alembic import op

from migrations.isolation import show

revision = "fees"
down_revision = "billables"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contracts", sa.Column("in_force_on", sa.Date(), nullable=True))
    op.execute("update contracts set in_force_on = current_date where status <> 'draft'")
    show("contracts", "status <> 'draft'")


def downgrade() -> None:
    op.execute("drop policy contact on contracts")
    op.execute("revoke select on contracts from app_contact")
    op.execute("comment on policy owner on contracts is 'wall:client_internal'")
    op.drop_column("contracts", "in_force_on")
