"""What can be done to imports: asked for, found, read."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.files import files
from api.imports import mappings
from api.imports.formats import FormatId
from api.imports.models import (
    Import,
    ImportFault,
    ImportMapping,
    ImportQuery,
    ImportRead,
    ImportState,
)
from api.imports.networks import NETWORKS
from api.imports.reading import YearNeeded
from api.imports.sources import WORKBOOK
from api.metrics.models import Channel
from tenants import database, jobs, outbox, words
from tenants.errors import NotFound, Unprocessable
from tenants.jobs import Job, JobState, Queue
from tenants.models import Audience, Client
from tenants.pages import Listing, Rows
from tenants.storage import StoredFile

KIND = "imports.run"
TAKEN = (WORKBOOK, "text/csv", "text/plain")
_FORMATS = {each.id: each for each in NETWORKS}
_STATES = {
    JobState.queued: ImportState.queued,
    JobState.running: ImportState.running,
    JobState.succeeded: ImportState.done,
    JobState.failed: ImportState.failed,
    JobState.cancelled: ImportState.cancelled,
}


class FileNotFigures(Unprocessable):
    """Figures come as CSV, text (JSON and NDJSON too) or `.xls`; `taken` lists the media types."""


class FormatAndMapping(Unprocessable):
    """A file is read by a known format, or by a saved mapping that `mapping_id` names."""


class ChannelOfAnotherNetwork(Unprocessable):
    """The format is of another network than the channel is on."""


def request(session: Session, client_id: UUID, file_id: UUID, **said: Any) -> ImportRead:
    """Ask for a file to be imported, or tried. Answers at once; the job does the rest."""
    client = database.get(session, Client, client_id)
    files.check_for(session, file_id, client.id, Audience.internal, "/file_id")
    file = database.get(session, StoredFile, file_id)
    if file.media_type not in TAKEN:
        raise FileNotFigures(pointer="/file_id", extra={"taken": sorted(TAKEN)})
    channel_id, format = said["channel_id"], said["format"]
    channel = _of_client(session, Channel, channel_id, client.id) if channel_id else None
    _check(format, said, channel)
    if mapping_id := said["mapping_id"]:
        mapping = _of_client(session, ImportMapping, mapping_id, client.id)
        said |= {"mapping": mappings.kept(mapping), "format": FormatId.mapping}
    job = jobs.enqueue(session, KIND, client_id=client.id, queue=Queue.bulk)
    made = Import(
        client_id=client.id,
        file_id=file.id,
        job_id=job.id,
        requested_by=session.sight.membership_id,  # type: ignore[attr-defined]
        **said,
    )
    database.add(session, made)
    job.args = {"import_id": str(made.id)}
    outbox.emit(session, "import.requested", made)
    exchange = session.info["exchange"]
    exchange.headers["Location"] = f"/v1/jobs/{job.id}"
    return _shown(session, [made])[0]


def read(session: Session, import_id: UUID) -> ImportRead:
    """An import, and how far its job is."""
    return _shown(session, [database.get(session, Import, import_id)])[0]


def search(session: Session, page: ImportQuery) -> Rows:
    """The imports in sight, newest first."""
    query = select(Import)
    if page.client_id:
        query = query.where(col(Import.client_id) == page.client_id)
    if page.channel_id:
        query = query.where(col(Import.channel_id) == page.channel_id)
    found = Listing(query, Import, page).as_rows(session)
    return Rows(_shown(session, found.data), found.next_cursor, found.total)


def _of_client(session: Session, model: Any, id: UUID, client_id: UUID) -> Any:
    row = database.get(session, model, id)
    if row.client_id != client_id:
        raise NotFound
    return row


def _check(format: FormatId | None, said: dict[str, Any], channel: Channel | None) -> None:
    if format and said["mapping_id"] or format is FormatId.mapping:
        raise FormatAndMapping(pointer="/format")
    known = _FORMATS.get(format) if format else None
    if known and known.without_year and said["year"] is None:
        raise YearNeeded(pointer="/year")
    if known and known.networks and channel and channel.network not in known.networks:
        raise ChannelOfAnotherNetwork(pointer="/channel_id")


def _shown(session: Session, rows: Iterable[Import]) -> Sequence[ImportRead]:
    """Imports with the state of their jobs, said in the reader's language."""
    rows = list(rows)
    wanted = [each.job_id for each in rows]
    found = session.exec(select(Job).where(col(Job.id).in_(wanted))).all()
    of = {each.id: each for each in found}
    locale = session.info["exchange"].locale
    return [_read(each, of[each.job_id], locale) for each in rows]


def _read(row: Import, job: Job, locale: str) -> ImportRead:
    values = row.model_dump() | {
        "state": _STATES[job.state],
        "finished_at": row.finished_at or job.finished_at,
        "faults": [_said(each, locale) for each in row.faults],
        "problem": jobs.problem_in(locale, job.problem) if job.problem else None,
    }
    return ImportRead.model_validate(values)


def _said(fault: dict[str, Any], locale: str) -> ImportFault:
    known = fault["code"] if words.knows("validation", fault["code"]) else "invalid"
    detail = words.say(locale, "validation", known, **fault["words"])
    return ImportFault.model_validate({**fault, "detail": detail})
