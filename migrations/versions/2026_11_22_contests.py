"""What may be recorded in a client's name, and what the client says of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.isolation import APPEND, READ, isolate

revision = "contests"
down_revision = "approval_policies"
branch_labels = None
depends_on = None

EVIDENCE = "ck_approval_decisions_a_recorded_decision_has_evidence"
AS_BEFORE = """'{"allowed": true, "limit_minor": null, "contest_days": 10}'::jsonb"""


def upgrade() -> None:
    op.add_column(
        "approval_policies",
        sa.Column("record_decisions", JSONB(), nullable=False, server_default=sa.text(AS_BEFORE)),
    )
    op.alter_column("approval_policies", "record_decisions", server_default=None)
    op.add_column("approval_decisions", sa.Column("evidence_file_id", sa.Uuid(), nullable=True))
    op.add_column(
        "approval_decisions",
        sa.Column("contest_until", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_foreign_key(
        op.f("fk_approval_decisions_agency_id_evidence_file_id"),
        "approval_decisions",
        "files",
        ["agency_id", "evidence_file_id"],
        ["agency_id", "id"],
    )
    op.drop_constraint(op.f(EVIDENCE), "approval_decisions", type_="check")
    op.create_check_constraint(
        op.f(EVIDENCE),
        "approval_decisions",
        "(recorded_by is null) = (evidence is null and evidence_file_id is null)"
        " and (recorded_by is null or level = 'client')",
    )
    op.create_table(
        "approval_contests",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("approval_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(4000), nullable=False),
        sa.Column("contested_by", sa.Uuid(), nullable=False),
        sa.Column("contested_by_name", sa.String(120), nullable=False),
        sa.Column("request_id", sa.String(128), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "approval_id"],
            ["approvals.agency_id", "approvals.client_id", "approvals.id"],
            name=op.f("fk_approval_contests_agency_id_client_id_approval_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_approval_contests_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_approval_contests")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_approval_contests_agency_id_client_id_id")
        ),
        sa.UniqueConstraint(
            "agency_id", "approval_id", "contested_by", name="uq_approval_contests_member"
        ),
    )

    # The client alone contests: the agency reads it.
    isolate("approval_contests", "client", staff=READ, shared="true", contact=APPEND)


def downgrade() -> None:
    op.drop_table("approval_contests")
    op.drop_constraint(op.f(EVIDENCE), "approval_decisions", type_="check")
    op.create_check_constraint(
        op.f(EVIDENCE), "approval_decisions", "(recorded_by is null) = (evidence is null)"
    )
    op.drop_column("approval_decisions", "contest_until")
    op.drop_column("approval_decisions", "evidence_file_id")
    op.drop_column("approval_policies", "record_decisions")
