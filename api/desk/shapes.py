"""What a day and an overview look like over the wire."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from tenants.money import MoneyRead
from tenants.permissions import Duty
from tenants.shapes import Localized, ReadShape


class ItemKind(StrEnum):
    """What an item of a day is; its `id` is that of one of these."""

    approval = "approval"
    change_order = "change_order"
    client_request = "client_request"
    commitment = "commitment"
    deliverable = "deliverable"
    report = "report"


class DayItem(ReadShape):
    """
    Something that waits. `label` in the languages it was written in; `title` where it has but one.
    `late`: its day has passed, by the client's calendar. `waits_for`: what a deliverable depends on
    and is not approved yet; `conflicts_with_dependency`: one of them is due after it is.
    """

    kind: ItemKind
    id: UUID
    client_id: UUID
    client_name: str
    label: Localized | None
    title: str | None
    due_on: date | None
    late: bool
    waits_for: list[UUID]
    conflicts_with_dependency: bool


class DayRead(ReadShape):
    """
    What waits for the reader: to decide, to do (late first), to do again after changes were asked
    for, held up by others, or to be dated anew because what they depend on is due later; and what
    clients owe. 100 of each at most.
    """

    decide: list[DayItem]
    do: list[DayItem]
    redo: list[DayItem]
    held_up: list[DayItem]
    redate: list[DayItem]
    clients_owe: list[DayItem]


class BudgetTotal(ReadShape):
    """The lines of a client's active budgets in one currency."""

    allocated: MoneyRead
    committed: MoneyRead
    spent: MoneyRead
    unfunded: MoneyRead


class ClientOverview(ReadShape):
    """How a client stands. `gaps`: duties that nobody has today; late by the client's calendar."""

    client_id: UUID
    name: str
    status: str
    lead_membership_id: UUID
    gaps: list[Duty]
    deliverables_open: int
    deliverables_late: int
    deliverables_blocked: int
    deliverables_over_scope: int
    decisions_by_us: int
    decisions_by_client: int
    requests_open: int
    requests_late: int
    commitments_open: int
    commitments_late: int
    change_orders_draft: int
    reports_due: int
    budgets: list[BudgetTotal]
    renews_on: date | None


class OverviewRead(ReadShape):
    """Every client in sight that has not ended."""

    clients: list[ClientOverview]
