"""
What can be done with readings: recorded, once, however often and in whatever order they come.

The channels of a batch are locked, in the order of their ids, before anything is read: one batch
at a time tells a channel's figures, so what is known is merged in Python (`newest.py`) and written
by one statement. A reading without `captured_at` is the newest word at the moment it is stored,
unless its source has already said the same; one with `captured_at` is stored once for each
(channel, basis, period, source, captured_at), and never says two things.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, tuple_
from sqlmodel import Session, col, select

from api.metrics import newest, stored
from api.metrics.channels import key_of
from api.metrics.figures import MONEY
from api.metrics.models import Channel, Network
from api.metrics.newest import Known, Reading, Said
from api.metrics.stored import Key, Told
from api.metrics.uploads import Fault, Sent
from tenants import clock, outbox
from tenants.models import Client

FAST_CLOCK = timedelta(minutes=5)  # how far ahead of ours a source's clock may be
TICK = timedelta(microseconds=1)


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

    id: UUID
    client: Client


def record(session: Session, sent: Sequence[Sent | Fault]) -> Outcome:
    """Record a batch: one bad row is reported and loses no other."""
    outcome = Outcome(len({each.row for each in sent}))
    outcome.faults += [each for each in sent if isinstance(each, Fault)]
    rows = [each for each in sent if isinstance(each, Sent)]
    places = _places(session, rows)
    now = clock.now()
    told = _told(rows, places, now, outcome)
    keys = sorted({each.key for each in told})
    known = stored.known(session, keys)
    before = stored.before(session, [each for each in told if each.captured_at])
    fresh = [
        each
        for each in sorted(told, key=lambda each: each.order)
        if _hear(each, known, before, now, outcome)
    ]
    if fresh:
        stored.write(session, fresh, {each.key: known[each.key] for each in fresh}, now)
        _tell(session, places, {each.key[0] for each in fresh})
    outcome.faults.sort(key=lambda fault: fault.row)
    return outcome


def _tell(session: Session, places: dict[str, _Place | str], measured: set[UUID]) -> None:
    """One event for each client whose figures changed; the readings are a feed of their own."""
    clients = {each.client.id: each.client for each in places.values() if isinstance(each, _Place)}
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
    return _Place(channel.id, client)


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
        first = found.setdefault(told.name, told)
        if first is told:
            continue
        if newest.contradicts(first.said, told.said):
            outcome.faults.append(Fault(row.row, "", "reading_repeated"))
        elif told.said.items() <= first.said.items():
            outcome.unchanged += 1
        else:
            first.said |= told.said
            first.rows.append(row.row)
    return list(found.values())


_TIMES = {"period_not_begun": "/date", "captured_in_the_future": "/captured_at"}


def _untimely(row: Sent, place: _Place, now: datetime) -> str | None:
    if row.date > clock.today(place.client.timezone):
        return "period_not_begun"
    if row.captured_at and row.captured_at > now + FAST_CLOCK:
        return "captured_in_the_future"
    return None


def _of_row(row: Sent, place: _Place) -> Told:
    said = {metric: Said(None, reason) for metric, reason in row.missing.items()}
    for metric, value in row.values.items():
        money = (row.currency or place.client.currency) if metric in MONEY else None
        said[metric] = Said(value, None, money)
    key = (place.client.id, place.id, row.basis, row.date)
    return Told(key, row.source, row.captured_at, said, [row.row])


def _hear(
    told: Told,
    known: dict[Key, Known],
    before: dict[Any, Reading],
    now: datetime,
    outcome: Outcome,
) -> bool:
    """Merge one reading into what is known; whether it is to be stored."""
    earlier = before.get(told.name)
    mine = known.get(told.key, {})
    if earlier is not None:
        if told.said.items() <= earlier.items():
            outcome.unchanged += len(told.rows)
        else:
            outcome.faults += [Fault(row, "", "reading_differs") for row in told.rows]
        return False
    if told.captured_at is None:
        if newest.adds_nothing(mine, told.said, told.source):
            outcome.unchanged += len(told.rows)
            return False
        last = newest.last_captured(mine)
        told.captured_at = max(now, last + TICK) if last else now
    known[told.key] = newest.merge(mine, told.said, told.captured_at, told.source)
    outcome.stored += len(told.rows)
    return True
