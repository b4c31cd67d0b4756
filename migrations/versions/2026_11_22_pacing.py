"""What a budget plans beside money, what it has told of already, and what an expense was paid by."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "pacing"
down_revision = "deliverable_files"
branch_labels = None
depends_on = None

_WHOLE = "(original_amount_minor is null) = (original_currency is null)"
_SIGNED = (
    "case when kind = 'commitment' then amount_minor > 0{units_added}"
    " when kind in ('release', 'refund')"
    " then amount_minor < 0{units_taken} and reversal_of is not null"
    " else amount_minor <> 0{any_units} end"
)
_COUNTS: dict[str, dict[str, Any]] = {
    "budgets": {"alerted_percent": sa.Integer()},
    "budget_lines": {
        "planned_units": sa.BigInteger(),
        "allocated_units": sa.BigInteger(),
        "committed_units": sa.BigInteger(),
        "spent_units": sa.BigInteger(),
        "alerted_percent": sa.Integer(),
    },
    "budget_entries": {"units": sa.BigInteger()},
    "expenses": {"units": sa.BigInteger(), "refunded_units": sa.BigInteger()},
}
_CHECKS = {
    "budgets": {"alerted_by_a_percentage": "alerted_percent >= 0"},
    "budget_lines": {
        "alerted_by_a_percentage": "alerted_percent >= 0",
        "no_units_below_zero": "planned_units >= 0 and allocated_units >= 0"
        " and committed_units >= 0 and spent_units >= 0",
        "units_are_named": "unit is not null or planned_units = 0 and allocated_units = 0"
        " and committed_units = 0 and spent_units = 0",
    },
    "expenses": {"refunded_within_the_units": "refunded_units between 0 and units"},
}


def upgrade() -> None:
    op.add_column("budgets", sa.Column("at_risk_on", sa.Date(), nullable=True))
    op.add_column("budget_lines", sa.Column("unit", sa.String(200), nullable=True))
    _add("budget_lines", "pass_through", sa.Boolean(), sa.false())
    op.execute(
        "update budget_lines set pass_through = true where category in ('paid_media', 'influencers')"
    )
    for table, counts in _COUNTS.items():
        for name, kind in counts.items():
            _add(table, name, kind, sa.text("0"))
    _add("expenses", "receipt_ids", JSONB(), sa.text("'[]'"))
    op.add_column("expenses", sa.Column("original_rate", sa.String(21), nullable=True))
    op.add_column("expenses", sa.Column("original_rate_on", sa.Date(), nullable=True))
    for table, checks in _CHECKS.items():
        for name, rule in checks.items():
            op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)
    _say_anew(
        "expenses",
        "original_is_whole",
        f"{_WHOLE} and (original_rate is null) = (original_rate_on is null)"
        " and (original_rate is null or original_currency is not null)",
    )
    signed = _SIGNED.format(
        units_added=" and units >= 0", units_taken=" and units <= 0", any_units=" or units <> 0"
    )
    _say_anew("budget_entries", "signed_by_its_kind", signed)


def downgrade() -> None:
    signed = _SIGNED.format(units_added="", units_taken="", any_units="")
    _say_anew("budget_entries", "signed_by_its_kind", signed)
    _say_anew("expenses", "original_is_whole", _WHOLE)
    for table, checks in _CHECKS.items():
        for name in checks:
            op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    for name in ("original_rate_on", "original_rate", "receipt_ids"):
        op.drop_column("expenses", name)
    for table, counts in _COUNTS.items():
        for name in counts:
            op.drop_column(table, name)
    op.drop_column("budget_lines", "pass_through")
    op.drop_column("budget_lines", "unit")
    op.drop_column("budgets", "at_risk_on")


def _add(table: str, name: str, kind: Any, value: Any) -> None:
    """Add a column that what is there already has this value in."""
    op.add_column(table, sa.Column(name, kind, nullable=False, server_default=value))
    op.alter_column(table, name, server_default=None)


def _say_anew(table: str, name: str, rule: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)
