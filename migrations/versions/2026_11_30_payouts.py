"""Where payees' money goes, the payouts that take it there, and the files that go to a bank."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations.isolation import AGENCY, APPEND, EDIT, let_influencer

revision = "payouts"
down_revision = "payables"
branch_labels = None
depends_on = None

_STATES = ("pending", "approved", "queued", "paid", "failed", "returned", "canceled", "held")


def upgrade() -> None:
    _details()
    _files()
    _payouts()
    _items()
    _statements()
    op.create_foreign_key(
        op.f("fk_payables_agency_id_payout_id"),
        *("payables", "payouts"),
        ["agency_id", "payout_id"],
        ["agency_id", "id"],
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_payables_agency_id_payout_id"), "payables")
    for table in (
        *("payee_statements", "payout_items", "payouts", "payout_files", "payee_details"),
    ):
        op.drop_table(table)


def _details() -> None:
    states = ("proposed", "confirmed", "rejected", "superseded")
    op.create_table(
        "payee_details",
        *_row(),
        *_edited(),
        sa.Column("payee_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", _enum("detailsstatus_known", *states), nullable=False),
        sa.Column("legal_name", sa.String(120), nullable=False),
        sa.Column("tax_id", sa.String(40), nullable=True),
        sa.Column("country", sa.String(2), nullable=True),
        sa.Column("address", sa.String(4000), nullable=True),
        sa.Column(
            "method",
            _enum("paymentmethod_known", "bank_transfer", "stripe", "by_hand"),
            nullable=True,
        ),
        sa.Column("iban", sa.String(34), nullable=True),
        sa.Column("account_number", sa.String(34), nullable=True),
        sa.Column("bic", sa.String(11), nullable=True),
        sa.Column("instructions", sa.String(4000), nullable=True),
        sa.Column("destination_sha256", sa.String(64), nullable=False),
        sa.Column("said_by", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("self_confirmed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(4000), nullable=True),
        _check(
            "payee_details",
            "is_decided_or_not",
            "(status in ('confirmed', 'rejected', 'superseded')) = (decided_at is not null)",
        ),
        _check(
            "payee_details",
            "four_eyes",
            "decided_by is null or said_by is null or decided_by <> said_by or self_confirmed"
            " or status = 'rejected'",
        ),
        _key("payee_details", "payee_id", "payees"),
        _primary("payee_details"),
        sa.UniqueConstraint(
            *("agency_id", "payee_id", "number"),
            name=op.f("uq_payee_details_agency_id_payee_id_number"),
        ),
    )
    for state in ("confirmed", "proposed"):
        op.create_index(
            f"uq_payee_details_{state}",
            "payee_details",
            ["agency_id", "payee_id"],
            unique=True,
            postgresql_where=sa.text(f"status = '{state}'"),
        )
    _for_owners("payee_details", EDIT)
    let_influencer("payee_details", "payee_id", grants=APPEND)


def _files() -> None:
    op.create_table(
        "payout_files",
        *_row(),
        sa.Column("execution_on", sa.Date(), nullable=False),
        sa.Column("debtor_name", sa.String(70), nullable=False),
        sa.Column("debtor_iban", sa.String(34), nullable=False),
        sa.Column("debtor_bic", sa.String(11), nullable=True),
        sa.Column("payout_count", sa.Integer(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        _check("payout_files", "holds_something", "payout_count > 0 and total_minor > 0"),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_payout_files_agency_id")
        ),
        _primary("payout_files"),
    )
    _for_owners("payout_files", APPEND)


def _payouts() -> None:
    op.create_table(
        "payouts",
        *_row(),
        *_edited(),
        sa.Column("payee_id", sa.Uuid(), nullable=False),
        sa.Column("details_id", sa.Uuid(), nullable=False),
        sa.Column("status", _enum("payoutstatus_known", *_STATES), nullable=False),
        sa.Column("held_approved", sa.Boolean(), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("deducted_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("approved_sha256", sa.String(64), nullable=True),
        sa.Column("requested_by", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("self_approved", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(4000), nullable=True),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(200), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("returned_on", sa.Date(), nullable=True),
        _check(
            "payouts",
            "never_below_zero",
            "gross_minor between 1 and 9007199254740991 and deducted_minor >= 0"
            " and amount_minor = gross_minor - deducted_minor and amount_minor >= 0",
        ),
        _check("payouts", "only_a_held_one_goes_back", "status = 'held' or not held_approved"),
        _check(
            "payouts",
            "is_approved_as_it_was",
            "status not in ('approved', 'queued', 'paid') or approved_sha256 is not null",
        ),
        _check(
            "payouts",
            "four_eyes",
            "decided_by is null or requested_by is null or decided_by <> requested_by"
            " or self_approved or status in ('canceled', 'pending', 'held')",
        ),
        _check(
            "payouts",
            "is_paid_with_a_reference",
            "(status in ('paid', 'returned')) = (paid_on is not null and reference is not null)"
            " or status = 'returned'",
        ),
        _check(
            "payouts",
            "says_why",
            "reason is not null or status not in ('failed', 'returned', 'canceled', 'held')",
        ),
        _key("payouts", "payee_id", "payees"),
        _key("payouts", "details_id", "payee_details"),
        _key("payouts", "file_id", "payout_files"),
        _primary("payouts"),
    )
    for column in (["payee_id", "id"], ["status", "id"], ["file_id"]):
        op.create_index(
            op.f(f"ix_payouts_agency_id_{'_'.join(column)}"), "payouts", ["agency_id", *column]
        )
    _for_owners("payouts", EDIT)
    let_influencer("payouts", "payee_id")


def _items() -> None:
    op.create_table(
        "payout_items",
        *_row(),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("payout_id", sa.Uuid(), nullable=False),
        sa.Column("payee_id", sa.Uuid(), nullable=False),
        sa.Column("payable_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("given_back", sa.Boolean(), nullable=False),
        _check("payout_items", "an_amount", "amount_minor <> 0"),
        _key("payout_items", "payout_id", "payouts"),
        _key("payout_items", "payee_id", "payees"),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "payable_id"],
            ["payables.agency_id", "payables.client_id", "payables.id"],
            name=op.f("fk_payout_items_agency_id_client_id_payable_id"),
        ),
        _primary("payout_items"),
        sa.UniqueConstraint(
            *("agency_id", "payout_id", "payable_id"),
            name=op.f("uq_payout_items_agency_id_payout_id_payable_id"),
        ),
    )
    op.create_index(
        "uq_payout_items_once",
        "payout_items",
        ["agency_id", "payable_id"],
        unique=True,
        postgresql_where=sa.text("amount_minor > 0 and not given_back"),
    )
    _for_owners("payout_items", EDIT)
    let_influencer("payout_items", "payee_id")


def _statements() -> None:
    op.create_table(
        "payee_statements",
        *_row(),
        sa.Column("payee_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("language", sa.String(35), nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("pdf_sha256", sa.String(64), nullable=True),
        _key("payee_statements", "payee_id", "payees"),
        _primary("payee_statements"),
        sa.UniqueConstraint(
            *("agency_id", "payee_id", "content_sha256", "language"),
            name=op.f("uq_payee_statements_agency_id_payee_id_content_sha256_language"),
        ),
    )
    _for_owners("payee_statements", EDIT)


def _for_owners(table: str, grants: str) -> None:
    """Behind the agency's wall, and there for who sees every client: nobody else of the staff."""
    condition = AGENCY.format(agency="agency_id")
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(f"create policy owner on {table} to app_owner using (true) with check (true)")
    op.execute(f"comment on policy owner on {table} is 'wall:agency'")
    op.execute(
        f"create policy staff on {table} to app_staff using ({condition}) with check ({condition})"
    )
    op.execute(f"grant {grants} on {table} to app_staff")


def _row() -> tuple[Any, ...]:
    return (
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )


def _edited() -> tuple[Any, ...]:
    return (
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
    )


def _primary(table: str) -> Any:
    return sa.PrimaryKeyConstraint("agency_id", "id", name=op.f(f"pk_{table}"))


def _key(table: str, column: str, parent: str) -> Any:
    return sa.ForeignKeyConstraint(
        ["agency_id", column],
        [f"{parent}.agency_id", f"{parent}.id"],
        name=op.f(f"fk_{table}_agency_id_{column}"),
    )


def _check(table: str, name: str, rule: str) -> Any:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _enum(name: str, *values: str) -> Any:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
