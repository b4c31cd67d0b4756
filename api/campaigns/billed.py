"""
What of a scope a client is billed for, and when.

Accepted, what is sold once is billed: pieces, hours and periods at their price. A later version
bills what it adds, or takes back what it takes off. What renews is billed period by period, as each
begins, and what was used beyond one once that is settled. A milestone is billed when it is
delivered; what is passed through is billed as it is spent, by the budget.
"""

from datetime import date, timedelta

from sqlmodel import Session

from api.campaigns import lines
from api.campaigns.deliverable_models import Deliverable
from api.campaigns.lot_models import ScopeLot, UnitEntry
from api.campaigns.models import Measure, Scope, ScopeLine
from billing.receivable import billables
from billing.receivable.billable_models import BillableKind
from tenants import clock, database, words
from tenants.models import Client

_LATER = frozenset({Measure.milestone, Measure.pass_through})


def accept(session: Session, scope: Scope, former: Scope | None) -> None:
    """Bill what this version sells once; of a later version, the difference."""
    sold = _sold_once(session, scope)
    if former is None:
        _add(session, scope, BillableKind.scope, sold)
    elif former.currency == scope.currency:
        _add(session, scope, BillableKind.scope_change, sold - _sold_once(session, former))
    else:
        _add(session, former, BillableKind.scope_change, -_sold_once(session, former))
        _add(session, scope, BillableKind.scope_change, sold)


def deliver(session: Session, row: Deliverable, lot: ScopeLot) -> None:
    """Bill the milestone that a deliverable is; what nobody has sold is not billed."""
    line = database.get(session, ScopeLine, lot.line_id)
    if line.measure is not Measure.milestone or row.over_scope or row.delivered_on is None:
        return
    billables.add(
        session,
        BillableKind.milestone,
        "deliverables",
        row.id,
        client_id=row.client_id,
        label=row.label,
        amount_minor=row.units * line.unit_price_minor,
        currency=line.currency,
        earned_on=row.delivered_on,
    )


def count(session: Session, line: ScopeLine, entry: UnitEntry) -> None:
    """Bill milestones that were counted by hand; counted back, what they were billed at."""
    if line.measure is not Measure.milestone:
        return
    amount = (entry.quantity - entry.over_quantity) * line.unit_price_minor
    if entry.reverses is not None:
        amount = -billables.of_source(session, "unit_entries", entry.reverses)
    billables.add(
        session,
        BillableKind.milestone,
        "unit_entries",
        entry.id,
        client_id=entry.client_id,
        label=line.label,
        amount_minor=amount,
        currency=line.currency,
        earned_on=entry.counted_on,
    )


def begin(session: Session, line: ScopeLine, lot: ScopeLot) -> None:
    """Bill a period of what renews: all of its units, at the price that holds as it begins."""
    if line.measure not in _LATER and lot.starts_on is not None:
        amount = lot.quantity * line.unit_price_minor
        _of_period(session, line, lot, BillableKind.retainer_period, amount, lot.starts_on)


def settle(session: Session, line: ScopeLine, lot: ScopeLot, price_minor: int) -> None:
    """Bill what was used beyond a period: max(0, used - granted - carried) units at their price."""
    if lot.settles_on is not None:
        amount, settled_on = lot.over_serviced * price_minor, lot.settles_on + timedelta(days=1)
        _of_period(session, line, lot, BillableKind.overage, amount, settled_on)


def _of_period(
    session: Session,
    line: ScopeLine,
    lot: ScopeLot,
    kind: BillableKind,
    amount_minor: int,
    earned_on: date,
) -> None:
    assert lot.starts_on is not None
    assert lot.ends_on is not None
    named = next(iter(line.label.values()))
    billables.add(
        session,
        kind,
        "scope_lots",
        lot.id,
        client_id=lot.client_id,
        label={
            locale: words.say(locale, "billable", kind, title=line.label.get(locale, named))
            for locale in words.LOCALES
        },
        amount_minor=amount_minor,
        currency=line.currency,
        earned_on=earned_on,
        period=(lot.starts_on, lot.ends_on),
    )


def _sold_once(session: Session, scope: Scope) -> int:
    document = lines.of_scope(session, scope.id)
    return sum(
        line.amount_minor
        for line in document
        if line.measure not in _LATER and line.renewal is None
    )


def _add(session: Session, scope: Scope, kind: BillableKind, amount_minor: int) -> None:
    client = database.get(session, Client, scope.client_id)
    billables.add(
        session,
        kind,
        "scopes",
        scope.id,
        client_id=scope.client_id,
        label=words.in_each("billable", kind, number=scope.number, title=scope.title),
        amount_minor=amount_minor,
        currency=scope.currency,
        earned_on=clock.today(client.timezone),
    )
