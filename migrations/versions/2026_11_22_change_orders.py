"""Change orders, the origin of a line, and work beyond what was sold."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.isolation import FULL, isolate

revision = "change_orders"
down_revision = "reports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "number_counters",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column(
            "series",
            sa.Enum(
                "scopes",
                "change_orders",
                name="numberseries_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_number_counters_agency_id")
        ),
        sa.PrimaryKeyConstraint("agency_id", "series", name=op.f("pk_number_counters")),
    )
    op.create_table(
        "change_orders",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("reason", JSONB(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("drafted_by_us", sa.Boolean(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "submitted",
                "accepted",
                "rejected",
                "withdrawn",
                "expired",
                name="changeorderstatus_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("approval_id", sa.Uuid(), nullable=True),
        sa.Column("result_scope_id", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'accepted') = (result_scope_id is not null) and (status = 'accepted') = (accepted_at is not null)",
            name=op.f("ck_change_orders_accepted_it_has_a_result"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "approval_id"],
            ["approvals.agency_id", "approvals.client_id", "approvals.id"],
            name=op.f("fk_change_orders_agency_id_client_id_approval_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "campaign_id"],
            ["campaigns.agency_id", "campaigns.client_id", "campaigns.id"],
            name=op.f("fk_change_orders_agency_id_client_id_campaign_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "result_scope_id"],
            ["scopes.agency_id", "scopes.client_id", "scopes.id"],
            name=op.f("fk_change_orders_agency_id_client_id_result_scope_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "scope_id"],
            ["scopes.agency_id", "scopes.client_id", "scopes.id"],
            name=op.f("fk_change_orders_agency_id_client_id_scope_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_change_orders_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_change_orders")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_change_orders_agency_id_client_id_id")
        ),
        sa.UniqueConstraint("agency_id", "number", name=op.f("uq_change_orders_agency_id_number")),
    )
    op.create_index(
        op.f("ix_change_orders_agency_id_campaign_id_id"),
        "change_orders",
        ["agency_id", "campaign_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_change_orders_agency_id_client_id_status_id"),
        "change_orders",
        ["agency_id", "client_id", "status", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_change_orders_agency_id_scope_id"),
        "change_orders",
        ["agency_id", "scope_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_change_orders_agency_id_status_valid_until"),
        "change_orders",
        ["agency_id", "status", "valid_until"],
        unique=False,
    )
    op.create_table(
        "change_order_budgets",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("change_order_id", sa.Uuid(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("budget_line_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "amount_minor <> 0", name=op.f("ck_change_order_budgets_changes_something")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "budget_line_id"],
            ["budget_lines.agency_id", "budget_lines.client_id", "budget_lines.id"],
            name=op.f("fk_change_order_budgets_agency_id_client_id_budget_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "change_order_id"],
            ["change_orders.agency_id", "change_orders.client_id", "change_orders.id"],
            name=op.f("fk_change_order_budgets_agency_id_client_id_change_order_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_change_order_budgets_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_change_order_budgets")),
        sa.UniqueConstraint(
            "agency_id",
            "change_order_id",
            "budget_line_id",
            name=op.f("uq_change_order_budgets_agency_id_change_order_id_budget_line_id"),
        ),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "id",
            name=op.f("uq_change_order_budgets_agency_id_client_id_id"),
        ),
    )
    op.create_table(
        "change_order_lines",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("change_order_id", sa.Uuid(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "action",
            sa.Enum(
                "add",
                "alter",
                "remove",
                name="changeaction_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("origin_id", sa.Uuid(), nullable=True),
        sa.Column("label", JSONB(), nullable=True),
        sa.Column("kind", sa.String(60), nullable=True),
        sa.Column(
            "measure",
            sa.Enum(
                "piece",
                "service_period",
                "hours",
                "milestone",
                "pass_through",
                name="measure_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("network", sa.String(60), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=True),
        sa.Column("quantity_delta", sa.BigInteger(), nullable=True),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=True),
        sa.Column("revision_rounds", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_days", sa.Integer(), nullable=True),
        sa.Column("plan", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(action = 'add') = (origin_id is null)",
            name=op.f("ck_change_order_lines_changes_a_line_or_adds_one"),
        ),
        sa.CheckConstraint(
            "action <> 'add' or (label is not null and kind is not null and measure is not null and quantity is not null and unit_price_minor is not null and revision_rounds is not null)",
            name=op.f("ck_change_order_lines_an_added_line_is_whole"),
        ),
        sa.CheckConstraint(
            "due_on is null or due_days is null", name=op.f("ck_change_order_lines_one_due_rule")
        ),
        sa.CheckConstraint(
            "quantity > 0", name=op.f("ck_change_order_lines_a_quantity_is_positive")
        ),
        sa.CheckConstraint(
            "quantity_delta <> 0", name=op.f("ck_change_order_lines_a_delta_changes_something")
        ),
        sa.CheckConstraint(
            "unit_price_minor >= 0", name=op.f("ck_change_order_lines_a_price_is_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "change_order_id"],
            ["change_orders.agency_id", "change_orders.client_id", "change_orders.id"],
            name=op.f("fk_change_order_lines_agency_id_client_id_change_order_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "origin_id"],
            ["scope_lines.agency_id", "scope_lines.client_id", "scope_lines.id"],
            name=op.f("fk_change_order_lines_agency_id_client_id_origin_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_change_order_lines_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_change_order_lines")),
        sa.UniqueConstraint(
            "agency_id",
            "change_order_id",
            "origin_id",
            name=op.f("uq_change_order_lines_agency_id_change_order_id_origin_id"),
        ),
        sa.UniqueConstraint(
            "agency_id",
            "change_order_id",
            "position",
            name=op.f("uq_change_order_lines_agency_id_change_order_id_position"),
        ),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "id",
            name=op.f("uq_change_order_lines_agency_id_client_id_id"),
        ),
    )
    op.create_table(
        "change_order_cancels",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("change_order_id", sa.Uuid(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "change_order_id"],
            ["change_orders.agency_id", "change_orders.client_id", "change_orders.id"],
            name=op.f("fk_change_order_cancels_agency_id_client_id_change_order_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "deliverable_id"],
            ["deliverables.agency_id", "deliverables.client_id", "deliverables.id"],
            name=op.f("fk_change_order_cancels_agency_id_client_id_deliverable_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_change_order_cancels_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_change_order_cancels")),
        sa.UniqueConstraint(
            "agency_id",
            "change_order_id",
            "deliverable_id",
            name=op.f("uq_change_order_cancels_agency_id_change_order_id_deliverable_id"),
        ),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "id",
            name=op.f("uq_change_order_cancels_agency_id_client_id_id"),
        ),
    )
    op.execute(
        "insert into number_counters (agency_id, series, last)"
        " select agency_id, 'scopes', last from scope_counters"
    )
    op.drop_table("scope_counters")
    op.add_column(
        "clients",
        sa.Column(
            "over_scope",
            sa.Enum(
                "block",
                "flag",
                "draft_change_order",
                name="overscope_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
            server_default="block",
        ),
    )
    op.alter_column("clients", "over_scope", server_default=None)
    op.add_column(
        "deliverables",
        sa.Column("over_scope", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.alter_column("deliverables", "over_scope", server_default=None)
    op.add_column("scope_lines", sa.Column("origin_id", sa.Uuid(), nullable=True))
    op.execute(
        """
        with recursive chain as (
            select agency_id, id, id as origin_id from scope_lines where continues is null
            union all
            select l.agency_id, l.id, c.origin_id from scope_lines l
            join chain c on c.agency_id = l.agency_id and c.id = l.continues
        )
        update scope_lines l set origin_id = c.origin_id from chain c
        where c.agency_id = l.agency_id and c.id = l.id
        """
    )
    op.alter_column("scope_lines", "origin_id", nullable=False)
    op.create_foreign_key(
        op.f("fk_scope_lines_agency_id_client_id_origin_id"),
        "scope_lines",
        "scope_lines",
        ["agency_id", "client_id", "origin_id"],
        ["agency_id", "client_id", "id"],
    )

    isolate("number_counters", "agency")
    isolate("change_orders", "client", staff=FULL, shared="status <> 'draft'")
    for part in ("change_order_lines", "change_order_budgets", "change_order_cancels"):
        isolate(part, "client", staff=FULL, shared="shared")


def downgrade() -> None:
    op.drop_constraint(
        op.f("fk_scope_lines_agency_id_client_id_origin_id"), "scope_lines", type_="foreignkey"
    )
    op.drop_column("scope_lines", "origin_id")
    op.drop_column("deliverables", "over_scope")
    op.drop_column("clients", "over_scope")
    op.create_table(
        "scope_counters",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_scope_counters_agency_id")
        ),
        sa.PrimaryKeyConstraint("agency_id", name=op.f("pk_scope_counters")),
    )
    isolate("scope_counters", "agency")
    op.execute(
        "insert into scope_counters (agency_id, last)"
        " select agency_id, last from number_counters where series = 'scopes'"
    )
    for table in (
        "change_order_cancels",
        "change_order_lines",
        "change_order_budgets",
        "change_orders",
        "number_counters",
    ):
        op.drop_table(table)
