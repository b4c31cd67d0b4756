"""Routes of channels and readings; each calls one verb."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from api.http.limits import locale
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from api.metrics import channels
from api.metrics.models import (
    Channel,
    ChannelCreate,
    ChannelQuery,
    ChannelRead,
    ChannelUpdate,
)
from api.metrics.performance.shapes import ReadingFault, ReadingsOutcome
from api.metrics.readings import readings, uploads
from tenants import words
from tenants.errors import MoveNotAllowed, NotFound
from tenants.pages import InvalidCursor, Page
from tenants.reads import Lookup

router = domain_router("metrics")


@router.post(
    "/channels",
    status_code=201,
    response_model=ChannelRead,
    dependencies=[needs("channels:write")],
    responses=problems(NotFound, channels.ChannelExists),
)
def create_channel(data: ChannelCreate, session: RequestSession) -> Any:
    """Note a client's account on a network."""
    return channels.create(session, **data.model_dump())


@router.get(
    "/channels",
    response_model=Page[ChannelRead],
    dependencies=[needs("channels:read")],
    responses=problems(InvalidCursor),
)
def list_channels(page: Annotated[ChannelQuery, Query()], session: RequestSession) -> Any:
    """List the channels in your sight, newest first. Archived ones only when `status` says so."""
    return channels.search(session, page)


@router.get(
    "/channels/{channel_id}",
    response_model=ChannelRead,
    dependencies=[needs("channels:read")],
    responses=problems(NotFound),
)
def get_channel(channel_id: UUID, session: RequestSession) -> Any:
    """Read a channel."""
    return Lookup(Channel, channel_id)


@router.patch(
    "/channels/{channel_id}",
    response_model=ChannelRead,
    dependencies=[needs("channels:write")],
    responses=problems(NotFound, channels.ChannelExists, MoveNotAllowed),
)
def update_channel(channel_id: UUID, data: ChannelUpdate, session: RequestSession) -> Any:
    """Change a channel, archive it, or take it up again."""
    return channels.update(session, channel_id, **data.model_dump())


@dataclass(frozen=True)
class Upload:
    """A body as it came: it is parsed in the request's own thread, not on the event loop."""

    content: bytes
    media_type: str
    locale: str


async def raw_upload(request: Request) -> Upload:
    media_type = request.headers.get("content-type", "")
    return Upload(await request.body(), media_type, locale(request))


@router.post(
    "/metrics/daily",
    response_model=ReadingsOutcome,
    dependencies=[needs("metrics:write")],
    responses={
        **problems(
            uploads.UnreadableTable,
            uploads.UnknownColumn,
            uploads.ColumnMissing,
            uploads.TooManyReadings,
        ),
        207: {
            "model": ReadingsOutcome,
            "description": "Some rows were refused; `errors` says why.",
        },
    },
    openapi_extra={"requestBody": uploads.request_body()},
    max_body_size=uploads.LARGEST_BODY,
)
def record_readings(
    upload: Annotated[Upload, Depends(raw_upload)], session: RequestSession
) -> Response:
    """Record up to 10,000 readings; the same batch twice is once, and a bad row loses no other."""
    outcome = readings.record(session, uploads.read(upload.content, upload.media_type))
    shown = ReadingsOutcome(
        received=outcome.received,
        stored=outcome.stored,
        unchanged=outcome.unchanged,
        rejected=outcome.rejected,
        errors=[_said(fault, upload.locale) for fault in outcome.faults[: uploads.MOST_ROWS]],
    )
    status = 207 if outcome.faults else 200
    return Response(shown.model_dump_json(), status, media_type="application/json")


def _said(fault: uploads.Fault, language: str) -> ReadingFault:
    known = fault.code if words.knows("validation", fault.code) else "invalid"
    detail = words.say(language, "validation", known, **dict(fault.words))
    return ReadingFault(row=fault.row, pointer=fault.pointer, code=fault.code, detail=detail)
