"""
What can be done to a retainer: the lots of a line that renews, opened period by period, drawn on
the oldest first, expired and settled as was agreed.

Whoever draws brings the line up to its client's day first, so that nobody waits for the nightly
job: what a day brings is the same whenever it is found, and found once, for the line is held.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.campaigns import billed, lots, periods
from api.campaigns.lot_models import Rollover, ScopeLot, UnitEntryKind
from api.campaigns.models import Scope, ScopeLine, ScopeStatus
from api.campaigns.periods import DAY
from api.campaigns.retainer_shapes import Renewal
from tenants import clock, database, outbox
from tenants.errors import Conflict
from tenants.models import Client

LONGEST_AGO = timedelta(days=3 * 366)
Room = tuple[ScopeLot, int, Sequence[tuple[date, int]]]


class PeriodNotOpen(Conflict):
    """No period of the line that has begun holds that day."""


def terms(line: ScopeLine) -> Renewal:
    return Renewal.model_validate(line.renewal)


def open_for(session: Session, scope: Scope, line: ScopeLine, *, added: bool) -> None:
    """
    Open the first lot, also ahead of its first day, and those of all periods that have begun since:
    of a line that was added to what was in force, those from the one that runs; of others, those of
    three years at most.
    """
    today = periods.today(session, line.client_id)
    since = today if added else today - LONGEST_AGO
    place = periods.place_of(_anchor(scope), terms(line).renews, since)
    first = _open(session, scope, line, [], place + 1, today)
    _advance(session, scope, line, [first], today)


def held(session: Session, line: ScopeLine) -> list[ScopeLot]:
    """The lots of a line in force, the oldest first: held, and as its client's day finds them."""
    if line.renewal is None:
        return list(lots.of_line(session, line.id))
    # The line before its lots: a lot that somebody else opens meanwhile would not be seen.
    _hold_lines(session, col(ScopeLine.id) == line.id)
    found = list(lots.of_line(session, line.id))
    scope = session.exec(select(Scope).where(col(Scope.id) == line.scope_id)).one()
    _advance(session, scope, line, found, periods.today(session, line.client_id))
    return found


def hold(session: Session, lot_id: UUID) -> ScopeLot:
    """One lot, held; of a line that renews, with all the others of the line."""
    query = select(ScopeLine).join(
        ScopeLot,
        (col(ScopeLot.agency_id) == col(ScopeLine.agency_id))
        & (col(ScopeLot.line_id) == col(ScopeLine.id)),
    )
    line = session.exec(query.where(col(ScopeLot.id) == lot_id)).one()
    if line.renewal is not None:
        held(session, line)
    return lots.hold(session, lot_id)


def of_scope(session: Session, scope_id: UUID) -> Sequence[ScopeLot]:
    """The open lots of a scope's lines, held in the order of their ids, as today finds them."""
    for line in _hold_lines(session, col(ScopeLine.scope_id) == scope_id):
        if session.exec(select(ScopeLot.id).where(col(ScopeLot.line_id) == line.id)).first():
            held(session, line)
    return lots.of_scope(session, scope_id)


def by_line(
    session: Session, scope_id: UUID, lines: Iterable[ScopeLine]
) -> list[tuple[ScopeLine, list[ScopeLot]]]:
    """Lines of a scope in force with their open lots, held, the oldest first."""
    found: dict[UUID, list[ScopeLot]] = defaultdict(list)
    for lot in sorted(of_scope(session, scope_id), key=lambda each: each.number):
        found[lot.line_id].append(lot)
    if not found:
        raise lots.ScopeNotInForce
    return [(line, found[line.id]) for line in lines if line.id in found]


def of_campaign(session: Session, campaign_id: UUID) -> list[ScopeLot]:
    """The open lots of a campaign, held scope by scope."""
    scopes = session.exec(select(Scope.id).where(col(Scope.campaign_id) == campaign_id)).all()
    return [lot for scope_id in sorted(scopes) for lot in of_scope(session, scope_id)]


def living(session: Session, line: ScopeLine, found: Sequence[ScopeLot]) -> list[ScopeLot]:
    """The lots that work planned today draws on, the oldest first; or ahead, before the first."""
    if line.renewal is None:
        return list(found)
    first = found[0].starts_on or date.min
    day = max(periods.today(session, line.client_id), first)
    return [lot for lot in found if lot.lives(day)]


def own(session: Session, line: ScopeLine, found: Sequence[ScopeLot], day: date) -> ScopeLot:
    """The lot of the period that holds a day; of a line that has ended, its last for any later."""
    if line.renewal is None:
        return found[-1]
    for lot in found:
        if lot.starts_on and lot.ends_on and lot.starts_on <= day <= lot.ends_on:
            return lot
    last = found[-1]
    end, today = last.ends_on or date.max, periods.today(session, line.client_id)
    if day > end and (last.closed_at is not None or end < today):
        return last
    raise PeriodNotOpen


def rooms(session: Session, line: ScopeLine, found: Sequence[ScopeLot], day: date) -> list[Room]:
    """
    What can be counted on a day: of each lot that lived then, the oldest first, so many units, and
    which of them have expired since. Of a period that is settled, nothing.
    """
    if line.renewal is None:
        (lot,) = found
        gone = lots.expiries(session, [lot], date.min) if lot.expired else {}
        return [(lot, lot.available + lot.expired, gone.get(lot.id, ()))]
    if own(session, line, found, day).settled_at is not None:
        return []
    lived = [lot for lot in found if lot.lives(day)]
    gone = lots.expiries(session, lived, day) if any(lot.expired for lot in lived) else {}
    return [
        (lot, lot.available + sum(units for _, units in gone.get(lot.id, ())), gone.get(lot.id, ()))
        for lot in lived
    ]


def given_beyond(session: Session, lot: ScopeLot, day: date) -> ScopeLot:
    """The lot on which work that drew on none counts: that of the day on which it was out."""
    line = session.exec(select(ScopeLine).where(col(ScopeLine.id) == lot.line_id)).one()
    if line.renewal is None:
        return lot
    found = lots.of_line(session, line.id)
    return own(session, line, found, max(day, found[0].starts_on or day))


def let_go(session: Session, lot: ScopeLot, units: int) -> None:
    """Give back what a deliverable had drawn; the lots of the line are held."""
    lot.reserved -= units
    line = session.exec(select(ScopeLine).where(col(ScopeLine.id) == lot.line_id)).one()
    if line.renewal is not None:
        tidy(session, line, lots.of_line(session, line.id))


def tidy(session: Session, line: ScopeLine, found: Sequence[ScopeLot]) -> None:
    """After units were given back, or used beyond: what may not stay expires, or is taken off."""
    if line.renewal is None:
        return
    today = periods.today(session, line.client_id)
    for lot in found:
        if lot.closed_at or (lot.expires_on is not None and lot.expires_on < today):
            lots.expire(session, lot, today)
    _roll(session, terms(line), found, today)


def hand_on(scope: Scope, line: ScopeLine, found: Sequence[ScopeLot], day: date) -> None:
    """
    Go on counting for the line of the next version. What was granted stays as it was granted: a
    new quantity or price is that of the periods which open from now on. A new end of the scope is
    that of the lots which still live.
    """
    agreed = terms(line)
    for lot in found:
        lot.line_id = line.id
        if lot.ends_on and lot.ends_on >= day:
            lot.ends_on = _ends(scope, agreed, lot.number)
        if lot.expires_on is None or lot.expires_on >= day:
            lot.expires_on = _lives_until(scope, agreed, lot.number)


def renew(session: Session, line_id: UUID) -> None:
    """Bring a line up to its client's day."""
    line = database.get(session, ScopeLine, line_id)
    held(session, line)


def due(session: Session) -> Sequence[UUID]:
    """The lines that renew with a period not settled: to others no day brings anything."""
    query = _unsettled(col(ScopeLot.line_id)).distinct().order_by(col(ScopeLot.line_id))
    found: Sequence[UUID] = session.exec(query).all()
    return found


def zones(session: Session) -> Sequence[str]:
    """Where the clients are whose lines renew."""
    mine = (col(Client.agency_id) == col(ScopeLot.agency_id)) & (
        col(Client.id) == col(ScopeLot.client_id)
    )
    query = _unsettled(col(Client.timezone)).join(Client, mine).distinct()
    found: Sequence[str] = session.exec(query).all()
    return found


def _unsettled(column: Any) -> Any:
    query = select(column).select_from(ScopeLot)
    return query.where(col(ScopeLot.settles_on).is_not(None), col(ScopeLot.settled_at).is_(None))


def _advance(
    session: Session, scope: Scope, line: ScopeLine, found: list[ScopeLot], today: date
) -> None:
    """Open what has begun, let expire what no longer lives, settle what is over long enough."""
    renews, last_day = terms(line).renews, min(today, scope.ends_on or today)
    if scope.status is ScopeStatus.accepted and found[-1].closed_at is None:
        while periods.begins(_anchor(scope), renews, found[-1].number) <= last_day:
            number = found[-1].number + 1
            found.append(_open(session, scope, line, found, number, today))
    for lot in found:
        if lot.expires_on is not None and lot.expires_on < today:
            lots.expire(session, lot, lot.expires_on + DAY)
        if lot.settled_at is None and lot.settles_on is not None and lot.settles_on < today:
            lot.settled_at = clock.now()
            price = terms(line).overage_price
            billed.settle(session, line, lot, price.amount_minor if price else 0)
            outbox.emit(session, "scope_lot.settled", lot, audience="client")


def _open(
    session: Session,
    scope: Scope,
    line: ScopeLine,
    earlier: Sequence[ScopeLot],
    number: int,
    today: date,
) -> ScopeLot:
    agreed = terms(line)
    start = periods.begins(_anchor(scope), agreed.renews, number - 1)
    end = _ends(scope, agreed, number)
    lot = ScopeLot(
        client_id=line.client_id,
        line_id=line.id,
        number=number,
        starts_on=start,
        ends_on=end,
        expires_on=_lives_until(scope, agreed, number),
        # What was signed late can still be counted in the periods that were over by then.
        settles_on=max(end, today) + timedelta(days=agreed.settle_after_days),
        quantity=line.quantity,
    )
    lots.grant(session, lot, start)
    _roll(session, agreed, [*earlier, lot], start)
    billed.begin(session, line, lot)
    outbox.emit(session, "scope_lot.opened", lot, audience="client")
    return lot


def _roll(session: Session, agreed: Renewal, found: Sequence[ScopeLot], day: date) -> None:
    """What the newest period takes over: of what was left the cap, or what is owed."""
    *earlier, newest = found
    if agreed.rollover is Rollover.capped:
        excess = sum(lot.available for lot in earlier) - (agreed.rollover_cap or 0)
        for lot in earlier:
            units = max(0, min(excess, lot.available))
            lots.expire(session, lot, day, units)
            excess -= units
    if agreed.rollover is Rollover.deficit_carry:
        owed = sum(lot.over_serviced for lot in earlier) - sum(lot.deducted for lot in found)
        _deduct(session, newest, min(max(0, owed), newest.available), day)
        for lot in reversed(found):
            back = min(max(0, -owed), lot.deducted)
            _deduct(session, lot, -back, day)
            owed += back


def _deduct(session: Session, lot: ScopeLot, units: int, day: date) -> None:
    """Take units off for what was used beyond before; below zero, give them back."""
    if units:
        lot.deducted += units
        lots.note(session, lot, UnitEntryKind.deduction, units, day)


def _lives_until(scope: Scope, agreed: Renewal, number: int) -> date | None:
    """The last day of the lot with a number; none, where only the scope's end ends it."""
    more = {Rollover.none: 0, Rollover.expiring: agreed.rollover_periods or 0}
    if agreed.rollover not in more:
        return scope.ends_on
    return _ends(scope, agreed, number + more[agreed.rollover])


def _ends(scope: Scope, agreed: Renewal, number: int) -> date:
    """The last day of the period of the lot with a number."""
    day = periods.ends(_anchor(scope), agreed.renews, number - 1)
    return min(day, scope.ends_on or day)


def _anchor(scope: Scope) -> date:
    assert scope.starts_on is not None  # without one, nothing that renews was put forward
    return scope.starts_on


def _hold_lines(session: Session, which: object) -> Sequence[ScopeLine]:
    """Lines that renew, held in the order of their ids."""
    query = select(ScopeLine).where(which, col(ScopeLine.renewal).is_not(None))  # type: ignore[arg-type]
    return session.exec(query.order_by(col(ScopeLine.id)).with_for_update(key_share=True)).all()
