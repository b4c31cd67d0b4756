"""What a client's days cost is found by the days that were booked, not by all that ever was."""

from alembic import op

revision = "booked_days"
down_revision = "notices"
branch_labels = None
depends_on = None

_INDEX = "ix_budget_entries_agency_id_client_id_booked_on"


def upgrade() -> None:
    op.create_index(op.f(_INDEX), "budget_entries", ["agency_id", "client_id", "booked_on"])


def downgrade() -> None:
    op.drop_index(op.f(_INDEX), "budget_entries")
