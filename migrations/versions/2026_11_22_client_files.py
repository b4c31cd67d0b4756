"""A client's contacts hand in files of their own."""

from alembic import op

from migrations.isolation import CLIENT

revision = "client_files"
down_revision = "decision_documents"
branch_labels = None
depends_on = None


def upgrade() -> None:
    own_client = CLIENT.format(agency="agency_id", client="client_id")
    op.execute(
        "create policy contact_tells on files for insert to app_contact"
        f" with check ({own_client} and audience = 'client')"
    )
    op.execute("grant insert on files to app_contact")


def downgrade() -> None:
    op.execute("revoke insert on files from app_contact")
    op.execute("drop policy contact_tells on files")
