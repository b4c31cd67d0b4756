"""Expenses as a table, one line each. Amounts are decimals in their currency, with a point."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select
from starlette.responses import Response

from api.budgets import expenses
from api.budgets.book import sight_of
from api.budgets.expense_shapes import ExpenseFilter
from api.budgets.models import Budget, BudgetLine, Expense
from api.http import sheets
from api.http.answers import preferred_locale
from tenants import words
from tenants.errors import Unprocessable
from tenants.money import exponent

MOST = 20_000  # expenses in one table
COLUMNS = (
    *("id", "spent_on", "status", "budget", "line", "category", "supplier"),
    *("document_number", "document_date", "paid_by", "currency", "amount", "tax", "total"),
    *("refunded", "original_currency", "original_amount", "original_rate", "original_rate_on"),
    *("unit", "units", "evidence", "note"),
)


class ExportTooLarge(Unprocessable):
    """More than 20,000 expenses; name fewer of them, by `from` and `to` or another filter."""


def table(session: Session, wanted: ExpenseFilter) -> Response:
    """The expenses in sight, in the order in which they were spent."""
    query = (
        select(Expense, Budget.name, BudgetLine)
        .join(
            Budget,
            (col(Budget.agency_id) == col(Expense.agency_id))
            & (col(Budget.id) == col(Expense.budget_id)),
        )
        .join(
            BudgetLine,
            (col(BudgetLine.agency_id) == col(Expense.agency_id))
            & (col(BudgetLine.id) == col(Expense.line_id)),
        )
        .where(col(Expense.agency_id) == sight_of(session).agency_id)
        .order_by(col(Expense.spent_on), col(Expense.id))
        .limit(MOST + 1)
    )
    found = session.exec(expenses.filtered(query, wanted)).all()
    if len(found) > MOST:
        raise ExportTooLarge
    locale = preferred_locale(session)
    head = [words.say(locale, "expense_columns", name) for name in COLUMNS]
    rows = (_row(expense, budget, line, locale) for expense, budget, line in found)
    return sheets.answer("expenses", locale, [head, *rows])


def _row(expense: Expense, budget: str, line: BudgetLine, locale: str) -> Iterator[Any]:
    shown = {
        "budget": budget,
        "line": line.label.get(words.language(locale)) or next(iter(line.label.values())),
        "category": line.category.value,
        "unit": line.unit,
        "amount": _decimal(expense.amount_minor, expense.currency),
        "tax": _decimal(expense.tax_minor, expense.currency),
        "total": _decimal(expense.total_minor, expense.currency),
        "refunded": _decimal(expense.refunded_minor, expense.currency),
        "original_amount": _decimal(expense.original_amount_minor, expense.original_currency),
    }
    return (shown[name] if name in shown else getattr(expense, name) for name in COLUMNS)


def _decimal(amount_minor: int | None, currency: str | None) -> str | None:
    if amount_minor is None or currency is None:
        return None
    return str(Decimal(amount_minor).scaleb(-exponent(currency)))
