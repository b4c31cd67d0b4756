"""The ledger, whom the agency pays, what it owes them, and what was said of the gates before it."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.isolation import APPEND, EDIT, isolate, let_influencer

revision = "payables"
down_revision = "programs"
branch_labels = None
depends_on = None

_SHARED = ("entry_count", "currency", "kind", "booked_on", "source_type", "source_id")
_PAYEE = ("no_account", "incomplete", "ready")
_PAYABLE = (
    *("accruing", "blocked", "ready", "below_minimum", "submitted", "paid", "held", "cancelled"),
    *("clawback_due", "recovered", "written_off"),
)


def upgrade() -> None:
    _ledger()
    _payees()
    _payables()
    _gate_words()


def downgrade() -> None:
    op.drop_table("gate_words")
    op.drop_table("payables")
    op.drop_table("payees")
    op.drop_constraint("fk_ledger_transactions_last_entry", "ledger_transactions")
    op.drop_table("ledger_entries")
    op.drop_table("ledger_transactions")


def _ledger() -> None:
    op.create_table(
        "ledger_transactions",
        *_row(),
        sa.Column("kind", sa.String(40), nullable=False),
        *_source(),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("entry_count", sa.Integer(), nullable=False),
        sa.Column("left_minor", sa.BigInteger(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.String(128), nullable=True),
        _check("ledger_transactions", "nothing_is_left", "left_minor = 0"),
        _check("ledger_transactions", "two_sides", "entry_count >= 2"),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_ledger_transactions_agency_id")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_ledger_transactions")),
        _unique("ledger_transactions", "agency_id", "kind", "source_type", "source_id"),
        sa.UniqueConstraint("agency_id", "id", *_SHARED, name="uq_ledger_transactions_entries"),
    )
    op.create_table(
        "ledger_entries",
        *_row(),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("transaction_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        *_source(),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("entry_count", sa.Integer(), nullable=False),
        sa.Column("previous", sa.Integer(), nullable=True),
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("before_minor", sa.BigInteger(), nullable=False),
        sa.Column("after_minor", sa.BigInteger(), nullable=False),
        sa.Column("payee_id", sa.Uuid(), nullable=True),
        _check("ledger_entries", "an_amount", "amount_minor <> 0"),
        _check("ledger_entries", "adds_up", "after_minor = before_minor + amount_minor"),
        _check(
            "ledger_entries",
            "follows_the_one_before",
            "case when position = 1 then previous is null and before_minor = 0"
            " else previous is not null and previous = position - 1 end",
        ),
        _check("ledger_entries", "is_one_of_them", "position between 1 and entry_count"),
        sa.ForeignKeyConstraint(
            ["agency_id", "transaction_id", *_SHARED],
            [f"ledger_transactions.{name}" for name in ("agency_id", "id", *_SHARED)],
            name="fk_ledger_entries_transaction",
        ),
        _client_key("ledger_entries"),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_ledger_entries")),
        _unique("ledger_entries", "agency_id", "transaction_id", "position"),
        sa.UniqueConstraint(
            *("agency_id", "transaction_id", "position", "after_minor"),
            name="uq_ledger_entries_after",
        ),
    )
    last = ["agency_id", "transaction_id", "position", "after_minor"]
    op.create_foreign_key(
        "fk_ledger_entries_previous",
        *("ledger_entries", "ledger_entries"),
        ["agency_id", "transaction_id", "previous", "before_minor"],
        last,
    )
    op.create_foreign_key(
        "fk_ledger_transactions_last_entry",
        *("ledger_transactions", "ledger_entries"),
        ["agency_id", "id", "entry_count", "left_minor"],
        last,
    )
    _index("ledger_entries", "agency_id", "account", "payee_id", "currency")
    _index("ledger_entries", "agency_id", "client_id", "id")
    _index("ledger_entries", "agency_id", "source_id", "kind")
    isolate("ledger_transactions", "agency", staff=APPEND)
    isolate("ledger_entries", "client_internal", staff=APPEND)
    let_influencer("ledger_entries", "payee_id")


def _payees() -> None:
    op.create_table(
        "payees",
        *_row(),
        *_edited(),
        sa.Column("status", _enum("payeestatus_known", *_PAYEE), nullable=False),
        sa.Column("provider_account", sa.String(200), nullable=True),
        sa.Column("provider_ready", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "id"],
            ["influencers.agency_id", "influencers.id"],
            name=op.f("fk_payees_agency_id_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_payees")),
    )
    isolate("payees", "agency", staff=EDIT, scoped=APPEND)
    let_influencer("payees", "id", grants=APPEND)


def _payables() -> None:
    op.create_table(
        "payables",
        *_row(),
        *_edited(),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _enum("payablekind_known", "owed", "clawback"), nullable=False),
        sa.Column("payee_id", sa.Uuid(), nullable=False),
        *_source(),
        sa.Column("part", sa.Uuid(), nullable=True),
        sa.Column("instalment", sa.Integer(), nullable=False),
        sa.Column("label", JSONB(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("status", _enum("payablestatus_known", *_PAYABLE), nullable=False),
        sa.Column("gates", JSONB(), nullable=False),
        sa.Column("open_gates", JSONB(), nullable=False),
        sa.Column("payout_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(4000), nullable=True),
        sa.Column("settlement", sa.String(4000), nullable=True),
        sa.Column("deducted_minor", sa.BigInteger(), nullable=False),
        sa.Column("recovered_minor", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        _check("payables", "an_amount", "amount_minor between 1 and 9007199254740991"),
        _check(
            "payables",
            "states_of_its_kind",
            "(kind = 'clawback') = (status in ('clawback_due', 'recovered', 'written_off'))",
        ),
        _check(
            "payables",
            "is_as_open_as_its_gates",
            "case when status in ('ready', 'below_minimum') then open_gates = '[]'::jsonb"
            " when status = 'blocked' then open_gates <> '[]'::jsonb else true end",
        ),
        _check(
            "payables",
            "is_in_a_payout_or_not",
            "case when status in ('submitted', 'paid') then payout_id is not null"
            " else payout_id is null or status = 'held' end",
        ),
        _check(
            "payables",
            "deducted_within_the_amount",
            "deducted_minor between 0 and amount_minor and recovered_minor between 0 and"
            " deducted_minor and (kind = 'clawback' or deducted_minor = 0)",
        ),
        _check(
            "payables",
            "says_why",
            "reason is not null or status not in ('held', 'cancelled') and kind = 'owed'",
        ),
        *_of_client("payables"),
        _payee_key("payables"),
    )
    op.create_index(
        "uq_payables_source",
        "payables",
        ["agency_id", "source_type", "source_id", "part", "kind", "instalment"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    _index("payables", "agency_id", "client_id", "status", "id")
    _index("payables", "agency_id", "payee_id", "status", "id")
    _index("payables", "agency_id", "payout_id")
    isolate("payables", "client_internal", staff=EDIT)
    let_influencer("payables", "payee_id")


def _gate_words() -> None:
    op.create_table(
        "gate_words",
        *_row(),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("payee_id", sa.Uuid(), nullable=False),
        *_source(),
        sa.Column("part", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("satisfied", sa.Boolean(), nullable=False),
        sa.Column("evidence", JSONB(), nullable=False),
        sa.Column("reason", sa.String(4000), nullable=True),
        sa.Column("said_by", sa.Uuid(), nullable=True),
        _check("gate_words", "a_refusal_says_why", "satisfied or reason is not null"),
        *_of_client("gate_words"),
        _payee_key("gate_words"),
        sa.UniqueConstraint(
            *("agency_id", "source_type", "source_id", "code", "number"),
            name="uq_gate_words_number",
        ),
    )
    isolate("gate_words", "client_internal", staff=APPEND)


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


def _source() -> tuple[Any, ...]:
    return (
        sa.Column("source_type", sa.String(40), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
    )


def _of_client(table: str) -> tuple[Any, ...]:
    return (
        _client_key(table),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f(f"pk_{table}")),
        _unique(table, "agency_id", "client_id", "id"),
    )


def _client_key(table: str) -> Any:
    return sa.ForeignKeyConstraint(
        ["agency_id", "client_id"],
        ["clients.agency_id", "clients.id"],
        name=op.f(f"fk_{table}_agency_id_client_id"),
    )


def _payee_key(table: str) -> Any:
    return sa.ForeignKeyConstraint(
        ["agency_id", "payee_id"],
        ["payees.agency_id", "payees.id"],
        name=op.f(f"fk_{table}_agency_id_payee_id"),
    )


def _unique(table: str, *columns: str) -> Any:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def _check(table: str, name: str, rule: str) -> Any:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _enum(name: str, *values: str) -> Any:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns), unique=False)
