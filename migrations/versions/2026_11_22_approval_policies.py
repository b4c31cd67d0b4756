"""How approvals are asked for: levels in order, quorum, deadlines, and what silence means."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.isolation import APPEND, isolate, share

revision = "approval_policies"
down_revision = "client_files"
branch_labels = None
depends_on = None

# What the database says of every level's terms, wherever they stand.
TERMS = {
    "a_count_is_of_n": "(quorum = 'n') = (quorum_count is not null)",
    "somebody_must_approve": "quorum_count > 0",
    "only_a_client_is_deemed_to_approve": "after <> 'deem_approved' or level = 'client'",
}
# What may be decided on inside before the client sees it.
INSIDE = ("budgets", "budget_lines", "campaigns", "scopes", "change_orders")


def upgrade() -> None:
    op.create_table(
        "approval_policies",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("internal_first", sa.Boolean(), nullable=False),
        sa.Column("internal", JSONB(), nullable=False),
        sa.Column("client", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_approval_policies_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_approval_policies")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_approval_policies_agency_id_client_id_id")
        ),
    )
    op.create_table(
        "approval_levels",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("approval_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "internal",
                "client",
                name="level_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "quorum",
            sa.Enum(
                "any",
                "all",
                "n",
                name="quorum_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("quorum_count", sa.Integer(), nullable=True),
        sa.Column("respond_within_days", sa.Integer(), nullable=True),
        sa.Column("remind_before_days", JSONB(), nullable=False),
        sa.Column(
            "after",
            sa.Enum(
                "wait",
                "expire",
                "deem_approved",
                name="unanswered_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_approval_levels_{name}"))
            for name, rule in TERMS.items()
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "approval_id"],
            ["approvals.agency_id", "approvals.client_id", "approvals.id"],
            name=op.f("fk_approval_levels_agency_id_client_id_approval_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_approval_levels_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_approval_levels")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_approval_levels_agency_id_client_id_id")
        ),
        sa.UniqueConstraint(
            "agency_id",
            "approval_id",
            "level",
            name=op.f("uq_approval_levels_agency_id_approval_id_level"),
        ),
    )
    op.drop_constraint(op.f("ck_approvals_quorum_known"), "approvals", type_="check")
    op.create_check_constraint(
        op.f("ck_approvals_quorum_known"), "approvals", "quorum in ('any', 'all', 'n')"
    )
    op.add_column("approvals", sa.Column("quorum_count", sa.Integer(), nullable=True))
    op.add_column(
        "approvals",
        sa.Column(
            "after",
            sa.Enum(
                "wait",
                "expire",
                "deem_approved",
                name="unanswered_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
            server_default="wait",
        ),
    )
    op.alter_column("approvals", "after", server_default=None)
    timed = {"it_ends_at_its_time": "after = 'wait' or respond_by is not null"}
    for name, rule in (TERMS | timed).items():
        op.create_check_constraint(op.f(f"ck_approvals_{name}"), "approvals", rule)
    op.create_index(
        "uq_approval_decisions_member",
        "approval_decisions",
        ["agency_id", "approval_id", "level", "decided_by"],
        unique=True,
        postgresql_where=sa.text("decided_by is not null"),
    )
    op.add_column(
        "approval_decisions",
        sa.Column("deemed", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.alter_column("approval_decisions", "deemed", server_default=None)
    op.create_check_constraint(
        op.f("ck_approval_decisions_a_deemed_decision_is_nobodys"),
        "approval_decisions",
        "not deemed or (level = 'client' and outcome = 'approved'"
        " and decided_by is null and link_id is null and recorded_by is null)",
    )
    op.add_column(
        "deliverables",
        sa.Column(
            "review_mode",
            sa.Enum(
                "none",
                "internal",
                "internal_and_client",
                name="approvalmode_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
    )
    for table in INSIDE:
        op.add_column(
            table, sa.Column("inside", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        op.alter_column(table, "inside", server_default=None)

    isolate("approval_policies", "client_internal")
    isolate("approval_levels", "client_internal", staff=APPEND)
    for table in INSIDE:
        share(table, "status <> 'draft' and not inside")


def downgrade() -> None:
    for table in INSIDE:
        share(table, "status <> 'draft'")
        op.drop_column(table, "inside")
    op.drop_column("deliverables", "review_mode")
    op.drop_column("approval_decisions", "deemed")
    op.drop_index("uq_approval_decisions_member", table_name="approval_decisions")
    timed = ("it_ends_at_its_time",)
    for name in (*TERMS, *timed):
        op.drop_constraint(op.f(f"ck_approvals_{name}"), "approvals", type_="check")
    op.drop_column("approvals", "after")
    op.drop_column("approvals", "quorum_count")
    op.drop_constraint(op.f("ck_approvals_quorum_known"), "approvals", type_="check")
    op.create_check_constraint(
        op.f("ck_approvals_quorum_known"), "approvals", "quorum in ('any', 'all')"
    )
    op.drop_table("approval_levels")
    op.drop_table("approval_policies")
