"""
What can be done with readings: recorded, once, however often and in whatever order they come.

The channels of a batch are locked, in the order of their ids, before anything is read: one batch
at a time tells a channel's figures, and what is known is read, merged (`newest.py`) and written by
one statement (`stored.py`). A reading without `captured_at` is the newest word at the moment it
is stored, unless its source has already said the same; one with `captured_at` is stored once for
each (channel, basis, period, source, captured_at), and never says two things.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, tuple_
from sqlmodel import Session, col, select

from api.clients.networks import Network, key_of
from api.metrics import stored
from api.metrics.figures import MONEY
from api.metrics.models import Channel
from api.metrics.stored import Key, Told
from api.metrics.uploads import Fault, Sent
from tenants import clock, outbox
from tenants.models import Client

FAST_CLOCK = timedelta(minutes=5)  # how far ahead of ours a source's clock may be
MOST_OF_A_PERIOD = 100  # readings of one channel and period in a batch


@dataclass
class Outcome:
    """What became of a batch: received = stored + unchanged + rejected."""

    received: int
    stored: int = 0
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def rejected(self) -> int:
        return len({fault.row for fault in self.faults})


@dataclass(frozen=True)
class _Place:
    """A channel that the caller may write figures of."""

    id: str
    client: Client
    client_id: str
    today: date


def record(session: Session, sent: Sequence[Sent | Fault]) -> Outcome:
    """Record a batch: one bad row is reported and loses no other."""
    outcome = Outcome(len({each.row for each in sent}))
    outcome.faults += [each for each in sent if isinstance(each, Fault)]
    rows = [each for each in sent if isinstance(each, Sent)]
    places = _places(session, rows)
    now = clock.now()
    measured: set[str] = set()
    for turn in _turns(_told(rows, places, now, outcome), outcome):
        states = stored.tell(session, turn, now)
        for place, each in enumerate(turn):
            state = states.get(place)
            if state is None:
                outcome.stored += len(each.rows)
                measured.add(each.key[0])
            elif state == "unchanged":
                outcome.unchanged += len(each.rows)
            else:
                outcome.faults += [Fault(row, "", "reading_differs") for row in each.rows]
    _tell(session, places, measured)
    outcome.faults.sort(key=lambda fault: fault.row)
    return outcome


def _turns(told: Sequence[Told], outcome: Outcome) -> Iterator[list[Told]]:
    """
    The readings in turns, each with at most one of a period: dated ones first, the oldest before
    the newer, for an undated one is newer than all of them. Mostly it is one turn.
    """
    periods: dict[Key, list[Told]] = {}
    for each in told:
        periods.setdefault(each.key, []).append(each)
    several = [period for period in periods.values() if len(period) > 1]
    for period in several:
        period.sort(key=_order)
        for late in period[MOST_OF_A_PERIOD:]:
            outcome.faults += [Fault(row, "", "period_told_too_often") for row in late.rows]
    turn = [period[0] for period in periods.values()]
    for number in range(1, MOST_OF_A_PERIOD + 1):
        if not turn:
            return
        yield turn
        turn = [period[number] for period in several if number < len(period)]


def _order(told: Told) -> tuple[bool, datetime, str]:
    undated = told.captured_at is None
    return undated, told.captured_at or datetime.min.replace(tzinfo=UTC), told.source


def _tell(session: Session, places: dict[str, _Place | str], measured: set[str]) -> None:
    """One event for each client whose figures changed; the readings are a feed of their own."""
    clients = {each.client_id: each.client for each in places.values() if isinstance(each, _Place)}
    for client_id in sorted(measured):
        outbox.emit(session, "readings.recorded", clients[client_id])


def _places(session: Any, rows: Iterable[Sent]) -> dict[str, _Place | str]:
    """Each way a row names a channel → the channel, locked; or the code of what is wrong."""
    names = {row.channel for row in rows}
    meant = {name: _uuid(name) or _handle(name) for name in names}
    ids = [each for each in meant.values() if isinstance(each, UUID)]
    handles = [each for each in meant.values() if isinstance(each, tuple)]
    wanted = or_(
        col(Channel.id).in_(ids),
        tuple_(col(Channel.network), col(Channel.handle_key)).in_(handles),
    )
    found = session.exec(
        select(Channel, Client)
        .join(Client, col(Client.id) == col(Channel.client_id))
        .where(wanted)
        .order_by(col(Channel.id))
        .with_for_update(key_share=True, of=Channel)
    ).all()
    by_name: dict[Any, list[tuple[Channel, Client]]] = defaultdict(list)
    for channel, client in found:
        by_name[channel.id].append((channel, client))
        by_name[channel.network, channel.handle_key].append((channel, client))
    return {name: _place(session.sight, by_name.get(each, [])) for name, each in meant.items()}


def _place(sight: Any, found: list[tuple[Channel, Client]]) -> _Place | str:
    if not found:
        return "unknown_channel"
    if len(found) > 1:
        return "ambiguous_channel"
    channel, client = found[0]
    if not sight.may("metrics:write", client.id):
        return "not_permitted"
    return _Place(str(channel.id), client, str(client.id), clock.today(client.timezone))


def _uuid(name: str) -> UUID | None:
    try:
        return UUID(name) if len(name) == 36 else None
    except ValueError:
        return None


def _handle(name: str) -> tuple[Network, str] | None:
    network, _, handle = name.partition(":")
    known = network.strip().lower() in set(Network)
    return (Network(network.strip().lower()), key_of(handle.strip())) if known else None


def _told(
    rows: Iterable[Sent], places: dict[str, _Place | str], now: datetime, outcome: Outcome
) -> list[Told]:
    """The batch's readings; rows of the same one are put together, unless they contradict."""
    found: dict[Any, Told] = {}
    for row in rows:
        place = places[row.channel]
        fault = place if isinstance(place, str) else _untimely(row, place, now)
        if fault or isinstance(place, str):
            at = "/channel" if isinstance(place, str) else _TIMES[fault or ""]
            outcome.faults.append(Fault(row.row, at, str(fault)))
            continue
        told = _of_row(row, place)
        first = found.setdefault((told.key, told.source, told.captured_at), told)
        if first is told:
            continue
        if _contradict(first, told):
            outcome.faults.append(Fault(row.row, "", "reading_repeated"))
        elif (
            told.values.keys() <= first.values.keys()
            and told.missing.items() <= first.missing.items()
        ):
            outcome.unchanged += 1
        else:
            first.values |= told.values
            first.missing |= told.missing
            first.currency = first.currency or told.currency
            first.rows.append(row.row)
    return list(found.values())


def _contradict(one: Told, other: Told) -> bool:
    """Whether two tell the same reading differently; a reading is in one currency."""
    if one.currency and other.currency and one.currency != other.currency:
        return True
    ours, theirs = one.values | one.missing, other.values | other.missing
    return any(ours[metric] != theirs[metric] for metric in ours.keys() & theirs.keys())


_TIMES = {"period_not_begun": "/date", "captured_in_the_future": "/captured_at"}


def _untimely(row: Sent, place: _Place, now: datetime) -> str | None:
    if row.date > place.today:
        return "period_not_begun"
    if row.captured_at and row.captured_at > now + FAST_CLOCK:
        return "captured_in_the_future"
    return None


def _of_row(row: Sent, place: _Place) -> Told:
    currency = None
    if not row.values.keys().isdisjoint(MONEY):
        currency = row.currency or place.client.currency
    key = (place.client_id, place.id, row.basis, row.date)
    return Told(key, row.source, row.captured_at, currency, row.values, row.missing, [row.row])
