"""What agencies pay the platform, how much they have room for, and what is kept of Stripe."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.isolation import APPEND, EDIT, READ, isolate

revision = "stripe_billing"
down_revision = "tracking"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stripe_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("endpoint", sa.String(20), nullable=False),
        sa.Column("event_id", sa.String(255), nullable=False),
        sa.Column("type", sa.String(120), nullable=False),
        sa.Column("account", sa.String(255), nullable=True),
        sa.Column("object_type", sa.String(80), nullable=True),
        sa.Column("object_id", sa.String(255), nullable=True),
        sa.Column("api_version", sa.String(80), nullable=True),
        sa.Column("related", JSONB(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "received",
                "processing",
                "done",
                "ignored",
                "dead",
                name="eventstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.String(200), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_events")),
        sa.UniqueConstraint(
            "endpoint", "event_id", name=op.f("uq_stripe_events_endpoint_event_id")
        ),
    )
    op.create_index(
        op.f("ix_stripe_events_created_at"), "stripe_events", ["created_at"], unique=False
    )
    op.create_index(
        "ix_stripe_events_open",
        "stripe_events",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state in ('received', 'processing')"),
    )
    op.create_table(
        "connect_accounts",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("payee_id", sa.Uuid(), nullable=True),
        sa.Column("stripe_id", sa.String(255), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "not_started",
                "onboarding",
                "pending",
                "ready",
                "restricted",
                "rejected",
                name="accountstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("charges_enabled", sa.Boolean(), nullable=False),
        sa.Column("payouts_enabled", sa.Boolean(), nullable=False),
        sa.Column("transfers_enabled", sa.Boolean(), nullable=False),
        sa.Column("details_submitted", sa.Boolean(), nullable=False),
        sa.Column("currently_due", JSONB(), nullable=False),
        sa.Column("disabled_reason", sa.String(120), nullable=True),
        sa.Column("default_currency", sa.String(3), nullable=True),
        sa.Column("fetches", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_connect_accounts_agency_id")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_connect_accounts")),
        sa.UniqueConstraint(
            "agency_id", "stripe_id", name=op.f("uq_connect_accounts_agency_id_stripe_id")
        ),
    )
    op.create_index(
        "uq_connect_accounts_owner",
        "connect_accounts",
        ["agency_id", "payee_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "quotas",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "seats",
                "clients",
                "report_schedules",
                "stored_bytes",
                name="quotakind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("allowed", sa.BigInteger(), nullable=True),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("used >= 0", name=op.f("ck_quotas_nothing_below_none")),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_quotas_agency_id")),
        sa.PrimaryKeyConstraint("agency_id", "kind", name=op.f("pk_quotas")),
    )
    op.create_table(
        "stripe_operations",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.String(255), nullable=False),
        sa.Column("request", JSONB(), nullable=False),
        sa.Column("request_hash", sa.String(64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "sent",
                "ok",
                "failed",
                "unknown",
                name="operationstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stripe_id", sa.String(255), nullable=True),
        sa.Column("result", JSONB(), nullable=True),
        sa.Column("error", sa.String(200), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_stripe_operations_agency_id")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_stripe_operations")),
        sa.UniqueConstraint(
            "agency_id",
            "idempotency_key",
            name=op.f("uq_stripe_operations_agency_id_idempotency_key"),
        ),
    )
    op.create_index(
        op.f("ix_stripe_operations_agency_id_kind_subject_id"),
        "stripe_operations",
        ["agency_id", "kind", "subject_id"],
        unique=False,
    )
    op.create_index(
        "ix_stripe_operations_open",
        "stripe_operations",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state in ('planned', 'sent', 'unknown')"),
    )
    op.create_table(
        "stripe_references",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stripe_id", sa.String(255), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_stripe_references_agency_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_references")),
        sa.UniqueConstraint("stripe_id", name=op.f("uq_stripe_references_stripe_id")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column(
            "plan",
            sa.Enum(
                "trial",
                "starter",
                "studio",
                "network",
                name="plancode_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column(
            "interval",
            sa.Enum(
                "month",
                "year",
                name="interval_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("trial_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("current_period_end", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lapsed_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "access",
            sa.Enum(
                "full",
                "read_only",
                "locked",
                name="access_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("access_reason", sa.String(40), nullable=False),
        sa.Column("access_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settles_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("customer_id", sa.String(255), nullable=True),
        sa.Column("stripe_id", sa.String(255), nullable=True),
        sa.Column("items", JSONB(), nullable=False),
        sa.Column("fetches", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_subscriptions_agency_id")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint("agency_id", name=op.f("uq_subscriptions_agency_id")),
    )
    op.create_index("ix_subscriptions_settles_at", "subscriptions", ["settles_at"], unique=False)
    op.create_table(
        "stripe_invoices",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.String(255), nullable=False),
        sa.Column("customer_id", sa.String(255), nullable=False),
        sa.Column("stripe_id", sa.String(255), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("number", sa.String(255), nullable=True),
        sa.Column("hosted_url", sa.String(2000), nullable=True),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("remaining_minor", sa.BigInteger(), nullable=False),
        sa.Column("fetches", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "paid_minor >= 0", name=op.f("ck_stripe_invoices_paid_is_not_below_none")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_stripe_invoices_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_stripe_invoices")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_stripe_invoices_agency_id_client_id_id")
        ),
        sa.UniqueConstraint(
            "agency_id", "invoice_id", name=op.f("uq_stripe_invoices_agency_id_invoice_id")
        ),
        sa.UniqueConstraint(
            "agency_id", "stripe_id", name=op.f("uq_stripe_invoices_agency_id_stripe_id")
        ),
    )
    op.create_table(
        "stripe_payments",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_row_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(255), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_stripe_payments_an_amount")),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "invoice_row_id"],
            ["stripe_invoices.agency_id", "stripe_invoices.client_id", "stripe_invoices.id"],
            name=op.f("fk_stripe_payments_agency_id_client_id_invoice_row_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_stripe_payments_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_stripe_payments")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_stripe_payments_agency_id_client_id_id")
        ),
        sa.UniqueConstraint(
            "agency_id", "external_id", name=op.f("uq_stripe_payments_agency_id_external_id")
        ),
    )

    isolate("connect_accounts", "agency", scoped=READ, platform=READ)
    isolate("quotas", "agency", platform=EDIT)
    isolate("stripe_events", "platform", platform=EDIT)
    isolate("stripe_invoices", "client", shared="true")
    isolate("stripe_operations", "agency", platform=READ)
    isolate("stripe_payments", "client_internal", staff=APPEND)
    isolate("stripe_references", "platform", platform=APPEND)
    isolate("subscriptions", "agency", scoped=READ, platform=EDIT)
    _let_agencies_be("trialing", "active", "past_due", "read_only", "suspended", "closed")


def _let_agencies_be(*known: str) -> None:
    op.drop_constraint(op.f("ck_agencies_agencystatus_known"), "agencies")
    listed = ", ".join(f"'{each}'" for each in known)
    op.create_check_constraint(
        op.f("ck_agencies_agencystatus_known"), "agencies", f"status in ({listed})"
    )


def downgrade() -> None:
    op.execute("update agencies set status = 'past_due' where status = 'read_only'")
    _let_agencies_be("trialing", "active", "past_due", "suspended", "closed")
    for table in (
        *("stripe_payments", "stripe_invoices", "subscriptions", "stripe_references"),
        *("stripe_operations", "quotas", "connect_accounts", "stripe_events"),
    ):
        op.drop_table(table)
