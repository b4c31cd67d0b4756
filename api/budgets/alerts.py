"""
What the staff is told of money that goes: 50, 80 and 100 % of what is allocated, unless the agency
chose other percentages, of each line and of the whole budget.

What counts is what has gone out, spent and unfunded. Each percentage is told once in the budget's
period, in the transaction of the entry that reached it: the row, which is held, keeps the highest
one that was told, so that a refund and a second crossing tell nothing.
"""

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session

from api.budgets.models import Budget, BudgetLine
from tenants import clients, outbox

PERCENTS = (50, 80, 100)
REACHED: dict[Any, str] = {
    Budget: "budget.threshold_reached",
    BudgetLine: "budget_line.threshold_reached",
}


def tell(
    session: Session, budget: Budget, allocated: int, gone: int, lines: Sequence[BudgetLine]
) -> None:
    """Tell of what these lines and their budget have reached. All of them are held."""
    watched: list[tuple[Any, int, int]] = [
        *((line, line.allocated_minor, line.spent_minor + line.unfunded_minor) for line in lines),
        (budget, allocated, gone),
    ]
    news = [each for each in watched if each[2] * 100 > each[0].alerted_percent * each[1]]
    if not news:
        return
    percents = clients.current_agency(session).settings.get("budget_alert_percents") or PERCENTS
    for row, of, gone in news:
        for percent in sorted(percents):
            if percent > row.alerted_percent and gone * 100 >= percent * of:
                row.alerted_percent = percent
                outbox.emit(session, REACHED[type(row)], row)
