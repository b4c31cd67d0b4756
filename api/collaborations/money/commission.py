"""
A share of the sales, as money: owed month by month, and never more than its cap.

    owed = the share of what was sold until then and not given back, or the cap when that is less

Who counts sales registers how. When a month is over it is closed: what is owed beyond the parts
there are becomes one part, an expense and a payable. A sale that is told later than that counts
with the next month that is closed. Before terms change, what was sold until then is owed; the rest
of that month is a part of its own. What is owed less, because sales were given back, is taken off
the newest parts. A collaboration that ends is closed at once, with what was sold until then;
nothing that is sold later is shared.
"""

from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from api.collaborations import moves
from api.collaborations.models import Collaboration, CollaborationStatus
from api.collaborations.money import money
from api.collaborations.money.models import FeeKind, Instalment, Milestone
from api.collaborations.terms import offers
from tenants import clock, database
from tenants.models import Client

# collaboration, currency, last day → what the share of its sales comes to until then.
Count = Callable[[Session, UUID, str, date], int]
# While sales are shared.
SHARING = moves.AT_WORK | {CollaborationStatus.contracted}
_counts: list[Count] = []


def counted_by(count: Count) -> None:
    """Let the one domain that counts sales say what their share comes to."""
    _counts[:] = [count]


def end(session: Session, row: Collaboration) -> None:
    """Owe what was sold until now, as a collaboration ends. It is held."""
    client = database.get(session, Client, row.client_id)
    close(session, row, clock.today(client.timezone).replace(day=1))


def accrued(session: Session, row: Collaboration) -> int:
    """What the share comes to by now, of which a part may not be owed before its month is over."""
    terms = offers.accepted(session, row.id)
    cap = terms and terms.content["fee"].get("commission_cap_minor")
    if terms is None or not cap:
        return 0
    client = database.get(session, Client, row.client_id)
    (count,) = _counts
    until = last_of(clock.today(client.timezone))
    return int(min(count(session, row.id, terms.currency, until), cap))


def close(session: Session, row: Collaboration, month: date) -> None:
    """
    Owe what the share comes to until the end of a month, named by its first day: no more and no
    less, however often it is closed. The collaboration is held.
    """
    terms = offers.accepted(session, row.id)
    cap = terms and terms.content["fee"].get("commission_cap_minor")
    if terms is None or not cap:
        return
    parts = [each for each in money.of(session, row) if each.kind is FeeKind.commission]
    until = last_of(max([month, *(each.month for each in parts if each.month)]))
    (count,) = _counts
    due = min(count(session, row.id, terms.currency, until), cap)
    owed = sum(each.amount_minor - each.clawed_back_minor for each in parts)
    if due < owed:
        _take_back(session, row, parts, owed - due)
    elif due > owed and row.status in SHARING and not _is_closed(session, row, parts, month):
        _owe(session, row, month, due - owed, terms.currency)


def _is_closed(
    session: Session, row: Collaboration, parts: Sequence[Instalment], month: date
) -> bool:
    """Whether its sales, or later ones, were owed after it was over: amid it, terms had changed."""
    zone = ZoneInfo(database.get(session, Client, row.client_id).timezone)
    over = datetime.combine(last_of(month) + timedelta(days=1), time(), zone)
    return any(
        each.month and each.earned_at and each.month >= month and each.earned_at >= over
        for each in parts
    )


def last_of(month: date) -> date:
    """The last day of a month."""
    return month.replace(day=monthrange(month.year, month.month)[1])


def _owe(
    session: Session, row: Collaboration, month: date, amount_minor: int, currency: str
) -> None:
    part = Instalment(
        client_id=row.client_id,
        collaboration_id=row.id,
        influencer_id=row.influencer_id,
        number=max((each.number for each in money.of(session, row)), default=0) + 1,
        kind=FeeKind.commission,
        milestone=Milestone.live,
        month=month,
        amount_minor=amount_minor,
        currency=currency,
    )
    database.add(session, part)
    known: dict[str, dict[str, Any]] = {money.CONTRACT_SIGNED: offers.signed(session, row)}
    pieces = moves.pieces_of(session, row)
    if money.is_accepted(pieces):
        known[money.CONTENT_ACCEPTED] = {"deliverables": [str(each.id) for each in pieces]}
    money.earn(session, row, [part], known)


def _take_back(
    session: Session, row: Collaboration, parts: Sequence[Instalment], less_minor: int
) -> None:
    """Off the newest first. What was given back of a part in all tells one time from another."""
    for part in reversed(parts):
        amount = min(less_minor, part.amount_minor - part.clawed_back_minor)
        if amount:
            given_back = part.clawed_back_minor + amount
            reason = f"conversions refunded: {given_back} of {part.amount_minor}"
            money.claw_back(session, row, part, amount, reason)
            less_minor -= amount
