"""Wire shapes of payables and their gates."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from billing.payable.payable_models import PayableKind, PayableStatus
from tenants.money import MoneyRead
from tenants.pages import PageQuery
from tenants.shapes import Day, Line, Localized, ReadShape, Reason, Shape


class PayableRead(ReadShape):
    """
    What is owed to a payee, or asked back of one: what for, and what keeps it from being paid
    (`open_gates` of `gates`). The payee reads `reason` too. `deducted_minor`: of a claw-back, what
    payouts have set aside; `recovered_minor`: what of that is settled.
    """

    id: UUID
    version: int
    client_id: UUID
    payee_id: UUID
    kind: PayableKind
    source_type: str
    source_id: UUID
    part: UUID | None
    instalment: int
    label: Localized
    amount: MoneyRead
    due_on: date | None
    status: PayableStatus
    gates: list[str]
    open_gates: list[str]
    payout_id: UUID | None
    reason: str | None
    settlement: str | None
    deducted_minor: int
    recovered_minor: int
    paid_on: date | None
    created_at: datetime
    updated_at: datetime


class PayableQuery(PageQuery):
    """Filters of the list of payables."""

    client_id: UUID | None = None
    payee_id: UUID | None = None
    kind: PayableKind | None = None
    status: PayableStatus | None = None
    source_id: UUID | None = None
    payout_id: UUID | None = None
    due_before: Day | None = None
    due_after: Day | None = None


class PayableReason(Shape):
    """Why; the payee reads it."""

    reason: Reason


class ClawbackRepay(Shape):
    """Money that a payee paid back: by which reference, and when; today unless it is said."""

    reference: Line
    paid_on: Day | None = None


class GateRead(ReadShape):
    """A gate of a payable: whether it is satisfied, and the last word about it, with its proof."""

    payable_id: UUID
    code: str
    satisfied: bool
    word_id: UUID | None
    said_at: datetime | None
    reason: str | None
    evidence: dict[str, Any] | None


class GateList(ReadShape):
    """Every gate, payable by payable, in the order in which they are asked for."""

    data: list[GateRead]
