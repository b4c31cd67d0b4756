"""
What can be done with readings: recorded, once, however often and in whatever order they come.

The subjects of a batch are locked before anything is read (`subjects.py`); what is known is read,
merged (`newest.py`) and written by one statement (`stored.py`). A reading without `captured_at` is
the newest word at the moment it is stored, unless its source has already said the same; one with
`captured_at` is stored once for each (subject, basis, period, source, captured_at), and never says
two things.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session

from api.metrics.figures import MONEY
from api.metrics.readings import stored, subjects
from api.metrics.readings.stored import Key, Told
from api.metrics.readings.subjects import Named, Place
from api.metrics.readings.uploads import Fault, Sent
from tenants import clock, outbox

FAST_CLOCK = timedelta(minutes=5)  # how far ahead of ours a source's clock may be
MOST_OF_A_PERIOD = 100  # readings of one subject and period in a batch

Places = Mapping[Named, Place | str]


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


def record(session: Session, sent: Sequence[Sent | Fault]) -> Outcome:
    """Record a batch: one bad row is reported and loses no other."""
    outcome = Outcome(len({each.row for each in sent}))
    outcome.faults += [each for each in sent if isinstance(each, Fault)]
    rows = [each for each in sent if isinstance(each, Sent)]
    places = subjects.places(session, (row.subject for row in rows))
    now = clock.now()
    measured: set[str] = set()
    for turn in _turns(_told(rows, places, now, outcome), outcome):
        states = stored.tell(session, turn, now)
        for place, each in enumerate(turn):
            state = states.get(place)
            if state is None:
                outcome.stored += len(each.rows)
                measured.add(each.key[1])
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


def _tell(session: Session, places: Places, measured: set[str]) -> None:
    """One event for each client whose figures changed; the readings are a feed of their own."""
    clients = {each.client_id: each.client for each in places.values() if isinstance(each, Place)}
    for client_id in sorted(measured):
        outbox.emit(session, "readings.recorded", clients[client_id])


def _told(rows: Iterable[Sent], places: Places, now: datetime, outcome: Outcome) -> list[Told]:
    """The batch's readings; rows of the same one are put together, unless they contradict."""
    found: dict[Any, Told] = {}
    for row in rows:
        place = places[row.subject]
        fault = place if isinstance(place, str) else _untimely(row, place, now)
        if fault or isinstance(place, str):
            at = f"/{row.subject[0]}" if isinstance(place, str) else _TIMES[fault or ""]
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


def _untimely(row: Sent, place: Place, now: datetime) -> str | None:
    if row.date > place.today:
        return "period_not_begun"
    if row.captured_at and row.captured_at > now + FAST_CLOCK:
        return "captured_in_the_future"
    return None


def _of_row(row: Sent, place: Place) -> Told:
    currency = None
    if not row.values.keys().isdisjoint(MONEY):
        currency = row.currency or place.client.currency
    key = (place.type.value, place.client_id, place.id, row.basis, row.date)
    return Told(key, row.source, row.captured_at, currency, row.values, row.missing, [row.row])
