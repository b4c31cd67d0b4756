"""
An import at work: the file's rows in batches, each recorded and counted in one transaction, so that
a run that was killed carries on behind the last one. A dry run does the same in one transaction
that never commits.

All of it is done by the agency's hand narrowed to the one client: a row that names a channel of
another finds none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import IO, Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import Session, col, select

from api.imports import mappings, recording
from api.imports.formats import Format
from api.imports.models import MOST_FAULTS, MOST_SHOWN, Import
from api.imports.networks import NETWORKS
from api.imports.opening import Opened, Table
from api.imports.said import Figure, Given, Said
from api.metrics.models import Channel
from api.metrics.readings.uploads import Sent
from tenants import clock, database, outbox
from tenants.auth import Actor
from tenants.models import Client
from tenants.sight import set_sight
from tenants.storage import StoredFile
from tenants.worker import Beat, JobTakenBack

BATCH = 5_000


@dataclass(frozen=True)
class Plan:
    """What a run has to know: values, so that it holds no session while it reads."""

    import_id: UUID
    client_id: UUID
    actor: Actor
    file: StoredFile
    formats: Sequence[Format]
    given: Given
    delimiters: Sequence[str]
    dry_run: bool
    items: int


class Turn(NamedTuple):
    """A batch of one table; `start`: how many items of the file came before it."""

    start: int
    table: Table
    is_first: bool
    said: list[Said]


def plan(session: Session, actor: Actor, import_id: UUID) -> Plan:
    """What is asked for, and whose it is."""
    asked = database.get(session, Import, import_id)
    client = database.get(session, Client, asked.client_id)
    file = database.get(session, StoredFile, asked.file_id)
    channel = database.get(session, Channel, asked.channel_id) if asked.channel_id else None
    mapping = asked.mapping or {}
    return Plan(
        import_id=asked.id,
        client_id=client.id,
        actor=replace(actor.as_agency(client.id), membership_id=asked.requested_by),
        file=file,
        formats=_formats(asked, channel),
        given=_given(asked, client, channel, _first_uploaded(session, file)),
        delimiters=[mapping["delimiter"]] if mapping.get("delimiter") else [],
        dry_run=asked.dry_run,
        items=asked.items,
    )


def run(work: Plan, file: IO[bytes], beat: Beat) -> None:
    """Record the file, or try to."""
    opened = Opened(file, work.file.media_type, work.formats, work.given, work.delimiters)
    beat(0, opened.size)
    made = _try(work, opened, beat) if work.dry_run else _store(work, opened, beat)
    with database.agency_session(work.actor) as session:
        row = database.get(session, Import, work.import_id, lock=True)
        if row.finished_at is None:
            row.sqlmodel_update(made | {"finished_at": clock.now()})
            outbox.emit(session, "import.tried" if work.dry_run else "import.done", row)
    beat(opened.size, opened.size)


def refuse(work: Plan) -> None:
    """Tell that the file could not be read; the job keeps why."""
    with database.agency_session(work.actor) as session:
        row = database.get(session, Import, work.import_id)
        outbox.emit(session, "import.failed", row)


def _store(work: Plan, opened: Opened, beat: Beat) -> dict[str, Any]:
    for turn in _turns(opened, work.items):
        with database.agency_session(work.actor) as session:
            row = database.get(session, Import, work.import_id, lock=True)
            if row.items != turn.start:
                raise JobTakenBack  # somebody else has got further with it
            _take(session, row, turn, work.given)
        beat(min(row.items, opened.size), opened.size)
    return {}


def _try(work: Plan, opened: Opened, beat: Beat) -> dict[str, Any]:
    """What a run would come to, counted on a row that is nobody's."""
    tried = Import(client_id=work.client_id, job_id=work.import_id, file_id=work.file.id)
    entry = lambda connection: set_sight(connection, work.actor)  # noqa: E731
    with database.open_session(entry) as session:
        for turn in _turns(opened, 0):
            _take(session, tried, turn, work.given)
            session.flush()
            beat(min(tried.items, opened.size), opened.size)
        session.rollback()
    return {name: getattr(tried, name) for name in _COUNTED}


_COUNTED = (
    *("items", "read", "stored", "unchanged", "rejected", "posts"),
    *("first_day", "last_day", "tables", "sample", "faults"),
)


def _turns(opened: Opened, done: int) -> Iterator[Turn]:
    """The batches of a file, without the items that are done already."""
    place = 0
    for table in opened.tables():
        is_first = True
        while (said := list(islice(table.said, BATCH))) or is_first:
            start, place = place, place + len(said)
            if place > done or (is_first and start >= done):
                late = max(done - start, 0)
                yield Turn(start + late, table, is_first and not late, said[late:])
            is_first = False


def _take(session: database.Session, row: Import, turn: Turn, given: Given) -> None:
    """Record a batch and count it."""
    recorded = recording.record(session, turn.said, given)
    row.items = turn.start + len(turn.said)
    for name in ("read", "stored", "unchanged", "rejected", "posts"):
        setattr(row, name, getattr(row, name) + getattr(recorded, name))
    days = [each.date for each in turn.said if isinstance(each, Figure | Sent)]
    row.first_day = min((*days, *filter(None, [row.first_day])), default=None)
    row.last_day = max((*days, *filter(None, [row.last_day])), default=None)
    if turn.is_first:
        row.tables = [*row.tables, _table(turn.table)]
    if len(row.sample) < MOST_SHOWN:
        figures = [each for each in turn.said if isinstance(each, Figure | Sent)]
        row.sample = [*row.sample, *map(_figure, figures[: MOST_SHOWN - len(row.sample)])]
    if recorded.faults and len(row.faults) < MOST_FAULTS:
        left = recorded.faults[: MOST_FAULTS - len(row.faults)]
        row.faults = [*row.faults, *(_fault(turn.table, each) for each in left)]


def _table(table: Table) -> dict[str, Any]:
    columns = [{"header": title, "means": means} for title, means in table.titles.items()]
    if table.layout is not None:
        columns += [
            {"header": header, "means": table.layout.meaning(place)}
            for place, header in enumerate(table.layout.header)
        ]
    return {"sheet": table.sheet[:80], "format": str(table.format), "columns": columns}


def _figure(said: Figure | Sent) -> dict[str, Any]:
    if isinstance(said, Figure):
        subject = ("post", said.post.external_id) if said.post else ("channel", said.channel)
    else:
        subject = (str(said.subject[0]), said.subject[1])
    return {
        "row": said.row,
        "date": said.date.isoformat(),
        "basis": said.basis,
        "subject_type": subject[0],
        "subject": subject[1],
        "currency": said.currency,
        "values": said.values,
    }


def _fault(table: Table, fault: Any) -> dict[str, Any]:
    name = fault.pointer.removeprefix("/")
    header = table.layout.header_of(name) if table.layout else None
    return {
        "row": fault.row,
        "sheet": table.sheet[:80],
        "column": header or name or None,
        "code": fault.code,
        "words": dict(fault.words),
    }


def _formats(asked: Import, channel: Channel | None) -> list[Format]:
    """The formats that the file may be of: the channel's network has few."""
    if asked.mapping:
        return [mappings.format_of(asked.mapping)]
    if asked.format:
        return [each for each in NETWORKS if each.id == asked.format]
    if channel is None:
        return list(NETWORKS)
    return [each for each in NETWORKS if not each.networks or channel.network in each.networks]


def _given(asked: Import, client: Client, channel: Channel | None, uploaded: Any) -> Given:
    zone = asked.timezone or (channel.timezone if channel else None) or client.timezone
    stood = (asked.exported_at or uploaded).astimezone(ZoneInfo(client.timezone))
    return Given(
        zone=ZoneInfo(zone),
        currency=client.currency,
        as_of=stood.date(),
        channel=str(channel.id) if channel else None,
        handle_key=channel.handle_key if channel else None,
        network=str(channel.network) if channel else None,
        year=asked.year,
        order=asked.date_order,
        captured_at=asked.exported_at,
    )


def _first_uploaded(session: Session, file: StoredFile) -> Any:
    """When the bytes first came: the same file again is about the same day."""
    query = select(func.min(col(StoredFile.created_at))).where(
        col(StoredFile.sha256) == file.sha256, col(StoredFile.client_id) == file.client_id
    )
    return session.exec(query).one() or file.created_at
