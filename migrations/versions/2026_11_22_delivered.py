"""An index of what was delivered, by client and day."""

from alembic import op
from sqlalchemy import text

revision = "delivered"
down_revision = "contests"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        op.f("ix_deliverables_agency_id_client_id_delivered_on"),
        "deliverables",
        ["agency_id", "client_id", "delivered_on"],
        postgresql_where=text("delivered_on is not null"),
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_deliverables_agency_id_client_id_delivered_on"))
