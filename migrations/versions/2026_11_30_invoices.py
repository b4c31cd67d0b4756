"""Invoices to clients: drafts, what was issued, numbers, credit notes, payments, credits."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.isolation import AGENCY, APPEND, CLIENT, EDIT, FULL, READ, isolate

revision = "invoices"
down_revision = "collaborations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "document_counters",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("series", sa.String(10), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("last > 0", name=op.f("ck_document_counters_begins_at_one")),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_document_counters_agency_id")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_document_counters")),
        sa.UniqueConstraint(
            "agency_id", "series", "year", name=op.f("uq_document_counters_agency_id_series_year")
        ),
    )
    op.create_table(
        "invoice_settings",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("tax_id", sa.String(40), nullable=False),
        sa.Column("address", sa.String(4000), nullable=False),
        sa.Column("invoice_series", sa.String(10), nullable=False),
        sa.Column("credit_note_series", sa.String(10), nullable=False),
        sa.Column("number_format", sa.String(40), nullable=False),
        sa.Column("number_digits", sa.Integer(), nullable=False),
        sa.Column("terms_days", sa.Integer(), nullable=False),
        sa.Column(
            "tax_rounding",
            sa.Enum(
                "half_up",
                "half_even",
                name="taxrounding_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("bank_text", sa.String(4000), nullable=True),
        sa.Column("footer", sa.String(4000), nullable=True),
        sa.Column("dunning_days", JSONB(), nullable=False),
        sa.CheckConstraint(
            "invoice_series <> credit_note_series", name=op.f("ck_invoice_settings_two_series")
        ),
        sa.CheckConstraint(
            "number_digits between 1 and 9", name=op.f("ck_invoice_settings_digits")
        ),
        sa.CheckConstraint(
            "terms_days between 0 and 365", name=op.f("ck_invoice_settings_terms_within_a_year")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_invoice_settings_agency_id")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_invoice_settings")),
        sa.UniqueConstraint("agency_id", name=op.f("uq_invoice_settings_agency_id")),
    )
    op.create_table(
        "tax_rates",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("name", JSONB(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "added",
                "withheld",
                "exempt",
                "reverse_charge",
                name="taxkind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("percent", sa.String(9), nullable=False),
        sa.Column("reason", JSONB(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind in ('added', 'withheld') or reason is not null",
            name=op.f("ck_tax_rates_no_tax_says_why"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_tax_rates_agency_id")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_tax_rates")),
    )
    op.create_table(
        "billing_profiles",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("legal_name", sa.String(200), nullable=False),
        sa.Column("tax_id", sa.String(40), nullable=True),
        sa.Column("address", sa.String(4000), nullable=False),
        sa.Column("contacts", JSONB(), nullable=False),
        sa.Column("locale", sa.String(35), nullable=False),
        sa.Column("terms_days", sa.Integer(), nullable=True),
        sa.Column("reminded", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "terms_days between 0 and 365", name=op.f("ck_billing_profiles_terms_within_a_year")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_billing_profiles_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_billing_profiles")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_billing_profiles_agency_id_client_id_id")
        ),
    )
    op.create_table(
        "invoices",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "standard",
                "deposit",
                name="invoicekind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "in_review",
                "approved",
                "finalised",
                "partly_paid",
                "paid",
                "void",
                "uncollectible",
                name="invoicestatus_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("series", sa.String(10), nullable=True),
        sa.Column("reference", sa.String(200), nullable=True),
        sa.Column("note", sa.String(4000), nullable=True),
        sa.Column("terms_days", sa.Integer(), nullable=True),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("open_minor", sa.BigInteger(), nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("applied_minor", sa.BigInteger(), nullable=False),
        sa.Column("credited_minor", sa.BigInteger(), nullable=False),
        sa.Column("returned_minor", sa.BigInteger(), nullable=False),
        sa.Column("written_off_minor", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(40), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overdue_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disputed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dispute", sa.String(4000), nullable=True),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("self_approved", sa.Boolean(), nullable=False),
        sa.Column("return_reason", sa.String(4000), nullable=True),
        sa.Column("ended_reason", sa.String(4000), nullable=True),
        sa.CheckConstraint(
            "status in ('draft', 'in_review', 'approved', 'void') and open_minor = 0 or open_minor = total_minor - paid_minor - applied_minor - credited_minor - written_off_minor",
            name=op.f("ck_invoices_open_is_what_is_left"),
        ),
        sa.CheckConstraint(
            "status not in ('finalised', 'partly_paid', 'paid', 'uncollectible') or number is not null",
            name=op.f("ck_invoices_numbered_when_final"),
        ),
        sa.CheckConstraint(
            "(disputed_at is null) = (dispute is null)", name=op.f("ck_invoices_a_dispute_says_why")
        ),
        sa.CheckConstraint(
            "(number is null) = (issued_on is null) and (number is null) = (due_on is null) and (number is null) = (overdue_at is null)",
            name=op.f("ck_invoices_issued_whole"),
        ),
        sa.CheckConstraint(
            "open_minor >= 0 and paid_minor >= 0 and credited_minor >= 0 and written_off_minor >= 0 and applied_minor >= 0 and returned_minor >= 0 and credited_minor + returned_minor <= greatest(total_minor, 0)",
            name=op.f("ck_invoices_nothing_below_zero"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_invoices_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_invoices")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_invoices_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_invoices_agency_id_client_id_status_id"),
        "invoices",
        ["agency_id", "client_id", "status", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_invoices_agency_id_number"), "invoices", ["agency_id", "number"], unique=True
    )
    op.create_index(
        op.f("ix_invoices_agency_id_status_due_on"),
        "invoices",
        ["agency_id", "status", "due_on"],
        unique=False,
    )
    op.create_table(
        "client_credits",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "deposit",
                "overpayment",
                "credit_note",
                name="creditkind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("left_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_rate_ids", JSONB(), nullable=False),
        sa.CheckConstraint(
            "amount_minor > 0 and left_minor between 0 and amount_minor",
            name=op.f("ck_client_credits_amounts"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "invoice_id"],
            ["invoices.agency_id", "invoices.client_id", "invoices.id"],
            name=op.f("fk_client_credits_agency_id_client_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_client_credits_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_client_credits")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_client_credits_agency_id_client_id_id")
        ),
        sa.UniqueConstraint(
            "agency_id",
            "kind",
            "source_id",
            name=op.f("uq_client_credits_agency_id_kind_source_id"),
        ),
    )
    op.create_index(
        op.f("ix_client_credits_agency_id_client_id_id"),
        "client_credits",
        ["agency_id", "client_id", "id"],
        unique=False,
    )
    op.create_table(
        "dunning_notices",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.CheckConstraint("step > 0", name=op.f("ck_dunning_notices_counted_from_one")),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "invoice_id"],
            ["invoices.agency_id", "invoices.client_id", "invoices.id"],
            name=op.f("fk_dunning_notices_agency_id_client_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_dunning_notices_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_dunning_notices")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_dunning_notices_agency_id_client_id_id")
        ),
        sa.UniqueConstraint(
            "agency_id",
            "invoice_id",
            "step",
            name=op.f("uq_dunning_notices_agency_id_invoice_id_step"),
        ),
    )
    op.create_table(
        "invoiced_billables",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("billable_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "billable_id"],
            ["billables.agency_id", "billables.client_id", "billables.id"],
            name=op.f("fk_invoiced_billables_agency_id_client_id_billable_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "invoice_id"],
            ["invoices.agency_id", "invoices.client_id", "invoices.id"],
            name=op.f("fk_invoiced_billables_agency_id_client_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_invoiced_billables_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_invoiced_billables")),
        sa.UniqueConstraint(
            "agency_id",
            "billable_id",
            name=op.f("uq_invoiced_billables_agency_id_billable_id"),
        ),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "id",
            name=op.f("uq_invoiced_billables_agency_id_client_id_id"),
        ),
    )
    op.create_index(
        op.f("ix_invoiced_billables_agency_id_invoice_id"),
        "invoiced_billables",
        ["agency_id", "invoice_id"],
        unique=False,
    )
    op.create_table(
        "issued_documents",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "invoice",
                "credit_note",
                name="issuedkind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("series", sa.String(10), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("content", JSONB(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.CheckConstraint(
            "total_minor = net_minor + tax_minor",
            name=op.f("ck_issued_documents_total_is_net_and_tax"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "invoice_id"],
            ["invoices.agency_id", "invoices.client_id", "invoices.id"],
            name=op.f("fk_issued_documents_agency_id_client_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_issued_documents_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_issued_documents")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_issued_documents_agency_id_client_id_id")
        ),
        sa.UniqueConstraint(
            "agency_id", "number", name=op.f("uq_issued_documents_agency_id_number")
        ),
        sa.UniqueConstraint(
            "agency_id",
            "series",
            "year",
            "sequence",
            name=op.f("uq_issued_documents_agency_id_series_year_sequence"),
        ),
    )
    op.create_index(
        op.f("ix_issued_documents_agency_id_client_id_issued_on"),
        "issued_documents",
        ["agency_id", "client_id", "issued_on"],
        unique=False,
    )
    op.create_table(
        "credit_notes",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(4000), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("applied_minor", sa.BigInteger(), nullable=False),
        sa.Column("credit_id", sa.Uuid(), nullable=True),
        sa.Column("issued_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(applied_minor = total_minor) = (credit_id is null)",
            name=op.f("ck_credit_notes_the_rest_is_credit"),
        ),
        sa.CheckConstraint(
            "total_minor > 0 and total_minor = net_minor + tax_minor and applied_minor between 0 and total_minor",
            name=op.f("ck_credit_notes_amounts_fit"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "credit_id"],
            ["client_credits.agency_id", "client_credits.client_id", "client_credits.id"],
            name=op.f("fk_credit_notes_agency_id_client_id_credit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "invoice_id"],
            ["invoices.agency_id", "invoices.client_id", "invoices.id"],
            name=op.f("fk_credit_notes_agency_id_client_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_credit_notes_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_credit_notes")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_credit_notes_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_credit_notes_agency_id_client_id_id"),
        "credit_notes",
        ["agency_id", "client_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_credit_notes_agency_id_invoice_id_id"),
        "credit_notes",
        ["agency_id", "invoice_id", "id"],
        unique=False,
    )
    op.create_table(
        "credit_uses",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("credit_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "applied",
                "deducted",
                "refunded",
                "withdrawn",
                name="creditusekind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_credit_uses_an_amount")),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "credit_id"],
            ["client_credits.agency_id", "client_credits.client_id", "client_credits.id"],
            name=op.f("fk_credit_uses_agency_id_client_id_credit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "invoice_id"],
            ["invoices.agency_id", "invoices.client_id", "invoices.id"],
            name=op.f("fk_credit_uses_agency_id_client_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_credit_uses_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_credit_uses")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_credit_uses_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_credit_uses_agency_id_credit_id_id"),
        "credit_uses",
        ["agency_id", "credit_id", "id"],
        unique=False,
    )
    op.create_table(
        "document_files",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.String(35), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "document_id"],
            ["issued_documents.agency_id", "issued_documents.client_id", "issued_documents.id"],
            name=op.f("fk_document_files_agency_id_client_id_document_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_document_files_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_document_files")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_document_files_agency_id_client_id_id")
        ),
        sa.UniqueConstraint(
            "agency_id",
            "document_id",
            "locale",
            name=op.f("uq_document_files_agency_id_document_id_locale"),
        ),
    )
    op.create_table(
        "invoice_lines",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", JSONB(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_rate_ids", JSONB(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=True),
        sa.Column("period_end", sa.Date(), nullable=True),
        sa.Column("billable_id", sa.Uuid(), nullable=True),
        sa.Column("credit_id", sa.Uuid(), nullable=True),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "amount_minor = quantity * unit_price_minor",
            name=op.f("ck_invoice_lines_quantity_times_price"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_invoice_lines_a_quantity")),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "billable_id"],
            ["billables.agency_id", "billables.client_id", "billables.id"],
            name=op.f("fk_invoice_lines_agency_id_client_id_billable_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "credit_id"],
            ["client_credits.agency_id", "client_credits.client_id", "client_credits.id"],
            name=op.f("fk_invoice_lines_agency_id_client_id_credit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "invoice_id"],
            ["invoices.agency_id", "invoices.client_id", "invoices.id"],
            name=op.f("fk_invoice_lines_agency_id_client_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_invoice_lines_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_invoice_lines")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_invoice_lines_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_invoice_lines_agency_id_invoice_id_position"),
        "invoice_lines",
        ["agency_id", "invoice_id", "position"],
        unique=False,
    )
    op.create_table(
        "payments",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "payment",
                "reversal",
                "refund",
                name="paymentkind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("invoice_id", sa.Uuid(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("applied_minor", sa.BigInteger(), nullable=False),
        sa.Column("excess_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "bank_transfer",
                "card",
                "direct_debit",
                "cash",
                "cheque",
                "other",
                name="receiptmethod_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reference", sa.String(200), nullable=True),
        sa.Column("external_id", sa.String(200), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("credit_id", sa.Uuid(), nullable=True),
        sa.Column("reversal_of", sa.Uuid(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "case kind when 'payment' then amount_minor > 0 and reversal_of is null when 'reversal' then amount_minor < 0 and reversal_of is not null else amount_minor < 0 and credit_id is not null end",
            name=op.f("ck_payments_signed_by_its_kind"),
        ),
        sa.CheckConstraint(
            "kind = 'refund' or invoice_id is not null", name=op.f("ck_payments_of_an_invoice")
        ),
        sa.CheckConstraint(
            "amount_minor = applied_minor + excess_minor",
            name=op.f("ck_payments_all_of_it_went_somewhere"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "credit_id"],
            ["client_credits.agency_id", "client_credits.client_id", "client_credits.id"],
            name=op.f("fk_payments_agency_id_client_id_credit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "invoice_id"],
            ["invoices.agency_id", "invoices.client_id", "invoices.id"],
            name=op.f("fk_payments_agency_id_client_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "reversal_of"],
            ["payments.agency_id", "payments.client_id", "payments.id"],
            name=op.f("fk_payments_agency_id_client_id_reversal_of"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_payments_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_payments")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_payments_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_payments_agency_id_client_id_id"),
        "payments",
        ["agency_id", "client_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payments_agency_id_external_id"),
        "payments",
        ["agency_id", "external_id"],
        unique=True,
    )
    op.create_index(
        op.f("ix_payments_agency_id_invoice_id_id"),
        "payments",
        ["agency_id", "invoice_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payments_agency_id_reversal_of"),
        "payments",
        ["agency_id", "reversal_of"],
        unique=True,
    )
    op.create_table(
        "credit_note_lines",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("credit_note_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_line_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_credit_note_lines_an_amount")),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "credit_note_id"],
            ["credit_notes.agency_id", "credit_notes.client_id", "credit_notes.id"],
            name=op.f("fk_credit_note_lines_agency_id_client_id_credit_note_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "invoice_line_id"],
            ["invoice_lines.agency_id", "invoice_lines.client_id", "invoice_lines.id"],
            name=op.f("fk_credit_note_lines_agency_id_client_id_invoice_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_credit_note_lines_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_credit_note_lines")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_credit_note_lines_agency_id_client_id_id")
        ),
        sa.UniqueConstraint(
            "agency_id",
            "credit_note_id",
            "invoice_line_id",
            name=op.f("uq_credit_note_lines_agency_id_credit_note_id_invoice_line_id"),
        ),
    )
    op.create_index(
        op.f("ix_credit_note_lines_agency_id_invoice_line_id"),
        "credit_note_lines",
        ["agency_id", "invoice_line_id"],
        unique=False,
    )

    for table in ("document_counters", "invoice_settings", "tax_rates"):
        isolate(table, "agency", staff=EDIT, scoped=READ)
    isolate("billing_profiles", "client_internal", staff=EDIT)
    isolate("invoices", "client", staff=EDIT, shared="due_on is not null")
    isolate("invoice_lines", "client", staff=FULL, shared="shared")
    _seal("invoice_lines")
    isolate("invoiced_billables", "client_internal", staff=FULL)
    for table in ("issued_documents", "document_files", "credit_notes", "credit_note_lines"):
        isolate(table, "client", staff=APPEND, scoped=READ, shared="true")
    isolate("payments", "client", staff=APPEND, scoped=READ, shared="true")
    isolate("client_credits", "client", staff=EDIT, shared="true")
    isolate("credit_uses", "client", staff=APPEND, shared="true")
    isolate("dunning_notices", "client_internal", staff=APPEND, scoped=READ)


def _seal(table: str) -> None:
    """Whoever may write a row may read it for ever, and change it until it is sealed."""
    for role, wall in (("staff", AGENCY), ("scoped", CLIENT)):
        seen = wall.format(agency="agency_id", client="client_id")
        op.execute(f"drop policy {role} on {table}")
        for command, rule in (
            ("select", f"using ({seen})"),
            ("insert", f"with check ({seen} and not sealed)"),
            ("update", f"using ({seen} and not sealed) with check ({seen})"),
            ("delete", f"using ({seen} and not sealed)"),
        ):
            op.execute(
                f"create policy {role}_{command} on {table} for {command} to app_{role} {rule}"
            )


def downgrade() -> None:
    for table in (
        "credit_note_lines",
        "payments",
        "invoice_lines",
        "document_files",
        "credit_uses",
        "credit_notes",
        "issued_documents",
        "invoiced_billables",
        "dunning_notices",
        "client_credits",
        "invoices",
        "billing_profiles",
        "tax_rates",
        "invoice_settings",
        "document_counters",
    ):
        op.drop_table(table)
