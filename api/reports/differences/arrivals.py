"""
What came in between two versions of a report: words of networks on days, and movements of money.

Nothing of it was written down for a report: readings and ledger entries are only ever added, each
with the instant it came, so what was known at any instant can be asked at any later one.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from api.budgets.book import BALANCE
from api.budgets.models import Budget, BudgetEntry, BudgetLine, EntryKind
from api.metrics.figures import METRICS
from api.reports.snapshot.figures import Span


class Cause(StrEnum):
    """Why a number is not what it was."""

    late_data = "late_data"
    restatement = "restatement"
    refund = "refund"
    correction = "correction"


@dataclass(frozen=True)
class Told:
    """What was said of a channel's metric and day (or whole period) between the two versions."""

    channel: str
    metric: str
    basis: str
    start: date
    before: int | None
    after: int | None

    @property
    def cause(self) -> Cause:
        return Cause.late_data if self.before is None else Cause.restatement

    @property
    def amount(self) -> int:
        return (self.after or 0) - (self.before or 0)


@dataclass(frozen=True)
class Moved:
    """An entry of a budget's ledger between the two versions."""

    label: dict[str, str]
    category: str
    kind: EntryKind
    amount_minor: int
    funded: bool

    @property
    def cause(self) -> Cause:
        if self.kind in (EntryKind.allocation, EntryKind.transfer):
            return Cause.correction
        return Cause.refund if self.kind is EntryKind.refund else Cause.late_data

    def is_of(self, line: str | None) -> bool:
        """Whether it moved a line, as differences name it; None is any."""
        name = f"{self.category}:{json.dumps(self.label, sort_keys=True)}"
        return line is None or line == name or line.startswith(f"{name}#")

    def adds_to(self, balance: str) -> int:
        own = BALANCE[self.kind] if self.funded else "unfunded_minor"
        if balance == "available_minor" and own != "unfunded_minor":
            return self.amount_minor if own == "allocated_minor" else -self.amount_minor
        if balance == "gone_minor" and own in ("spent_minor", "unfunded_minor"):
            return self.amount_minor
        return self.amount_minor if own == balance else 0


@dataclass(frozen=True)
class Interval:
    """After one instant, up to another."""

    since: datetime
    until: datetime


def told(session: Session, client_id: UUID, days: Span, during: Interval) -> list[Told]:
    """What was said of these days of a client's channels, and was not what had been known."""
    agency_id = session.sight.agency_id  # type: ignore[attr-defined]
    asked = {"agency": agency_id, "client": client_id, "first": days.start, "last": days.end}
    when = {"since": during.since, "until": during.until}
    return [
        Told(str(channel), *rest)
        for channel, *rest in session.connection().execute(_TOLD, {**asked, **when})
    ]


def moved(session: Session, client_id: UUID, days: Span, during: Interval) -> list[Moved]:
    """What was entered in the budgets of these days."""
    line, budget, entry = BudgetLine, Budget, BudgetEntry
    columns: tuple[Any, ...] = (
        *(line.label, line.category),
        *(entry.kind, entry.amount_minor, entry.funded),
    )
    query = (
        select(*columns)
        .join(line, (col(line.agency_id) == entry.agency_id) & (col(line.id) == entry.line_id))
        .join(
            budget, (col(budget.agency_id) == line.agency_id) & (col(budget.id) == line.budget_id)
        )
        .where(
            col(entry.client_id) == client_id,
            col(entry.created_at) > during.since,
            col(entry.created_at) <= during.until,
            col(budget.period_start) <= days.end,
            col(budget.period_end) >= days.start,
        )
    )
    return [Moved(*row) for row in session.exec(query)]


# The newest word on each metric of a channel's day, week or month: as it was, and as it came to be.
_MINE = """r.agency_id = :agency and r.client_id = :client and r.subject_type = 'channel'
    and r.period_start between :first and :last and r.received_at <= :until"""
_WORD = """(array_agg(value order by captured_at desc, source desc)
        filter (where received_at <= {until}))[1]"""
_TOLD = text(f"""
with touched as (
    select distinct r.subject_id, r.basis, r.period_start from metric_readings r
    where {_MINE} and r.received_at > :since
)
select subject_id, metric, basis, period_start, before, after from (
    select r.subject_id, m.metric, r.basis, r.period_start,
        {_WORD.format(until=":since")} as before, {_WORD.format(until=":until")} as after
    from touched t
    join metric_readings r on r.subject_id = t.subject_id and r.basis = t.basis
        and r.period_start = t.period_start
    cross join lateral (values {", ".join(f"('{name}', r.{name})" for name in METRICS)})
        m(metric, value)
    where {_MINE} and (m.value is not null or r.missing ? m.metric)
    group by 1, 2, 3, 4
) word where before is distinct from after
""")  # noqa: S608
