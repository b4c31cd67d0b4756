"""
What can be done to a budget's lines: planned, changed and taken out while it is a draft. Of a
proposed budget too, which takes the proposal back if it changes what was shown.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.approvals import edits
from api.budgets.book import UnitNotPlanned, sight_of
from api.budgets.models import Budget, BudgetLine, BudgetStatus, LineCategory
from api.budgets.shapes import MOST_LINES
from tenants import database, outbox
from tenants.errors import Conflict, Unprocessable
from tenants.money import LARGEST
from tenants.pages import OLDEST, Listing, PageQuery

# What is bought for the client in its name; the rest is the agency's own cost.
BILLED_ON = frozenset({LineCategory.paid_media, LineCategory.influencers})


class BudgetNotDraft(Conflict):
    """Only a draft or a proposal changes; `state` says what the budget is."""


class PlanTooLarge(Unprocessable):
    """The planned amounts add up to more than 2^53 - 1 minor units."""


class TooManyLines(Conflict):
    """A budget has 200 lines at most."""


def search(session: Session, budget_id: UUID, page: PageQuery) -> Listing:
    """A budget's lines, in the order they were added."""
    budget = database.get(session, Budget, budget_id)
    query = select(BudgetLine).where(col(BudgetLine.budget_id) == budget.id)
    return Listing(query, BudgetLine, page, OLDEST)


def add(session: Session, budget_id: UUID, **values: Any) -> BudgetLine:
    """
    Plan one more line of a draft. An active budget takes an empty one, to be filled by a transfer:
    that changes nothing of what was approved.
    """
    budget = database.get(session, Budget, budget_id)
    with edits.of(session, budget):
        planned = values["planned_minor"] or values["planned_units"]
        if budget.status is not BudgetStatus.active or planned:
            check_editable(budget.status)
        line = plan(budget, values)
        check_plan([*of_budget(session, budget.id), line])
        database.add(session, line)
        database.touch(budget)
        outbox.emit(session, "budget_line.added", line)
    return line


def update(session: Session, line_id: UUID, **changes: Any) -> BudgetLine:
    with _edited(session, line_id) as (line, budget):
        line.sqlmodel_update(changes)
        _check_unit(line)
        check_plan(of_budget(session, budget.id))
        database.touch(budget)
        outbox.emit(session, "budget_line.updated", line)
    return line


def remove(session: Session, line_id: UUID) -> None:
    """Take a line out."""
    with _edited(session, line_id) as (line, budget):
        outbox.emit(session, "budget_line.removed", line)
        session.delete(line)
        database.touch(budget)


def plan(budget: Budget, values: dict[str, Any]) -> BudgetLine:
    """
    A line as it begins: in its budget's currency and state, with nothing allocated. Whether it is
    passed through follows from its category, unless that is said.
    """
    if values["pass_through"] is None:
        values = {**values, "pass_through": values["category"] in BILLED_ON}
    return BudgetLine(
        client_id=budget.client_id,
        budget_id=budget.id,
        currency=budget.currency,
        status=budget.status,
        **values,
    )


def of_budget(session: Session, budget_id: UUID, *, lock: bool = False) -> list[BudgetLine]:
    """A budget's lines as they are now, in the order of their ids: also the order of locking."""
    query = select(BudgetLine).where(
        col(BudgetLine.agency_id) == sight_of(session).agency_id,
        col(BudgetLine.budget_id) == budget_id,
    )
    if lock:
        query = query.with_for_update(key_share=True)
    fresh = query.order_by(col(BudgetLine.id)).execution_options(populate_existing=True)
    return list(session.exec(fresh))


def check_plan(lines: Iterable[BudgetLine]) -> None:
    lines = list(lines)
    if len(lines) > MOST_LINES:
        raise TooManyLines
    if sum(line.planned_minor for line in lines) > LARGEST:
        raise PlanTooLarge
    for line in lines:
        _check_unit(line)


def _check_unit(line: BudgetLine) -> None:
    if line.planned_units and line.unit is None:
        raise UnitNotPlanned(pointer="/unit")


def check_draft(status: BudgetStatus) -> None:
    if status is not BudgetStatus.draft:
        raise BudgetNotDraft(extra={"state": status.value}, state=status.value)


def check_editable(status: BudgetStatus) -> None:
    if status is not BudgetStatus.proposed:
        check_draft(status)


@contextmanager
def _edited(session: Session, line_id: UUID) -> Iterator[tuple[BudgetLine, Budget]]:
    """A line that may still change, held with its budget."""
    line = database.get(session, BudgetLine, line_id)
    budget = database.get(session, Budget, line.budget_id)
    with edits.of(session, budget):
        line = database.get(session, BudgetLine, line_id, lock=True)
        check_editable(line.status)
        yield line, budget
