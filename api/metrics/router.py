"""Routes of channels, readings, targets and performance; each calls one verb."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.http.limits import locale
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from api.metrics import channels, periods, readings, targets, uploads
from api.metrics.models import (
    Channel,
    ChannelCreate,
    ChannelQuery,
    ChannelRead,
    ChannelUpdate,
    KpiTarget,
    KpiTargetCreate,
    KpiTargetQuery,
    KpiTargetRead,
    KpiTargetUpdate,
)
from api.metrics.performance import Figures
from api.metrics.periods import Compare
from api.metrics.shapes import Performance, ReadingFault, ReadingsOutcome
from tenants import words
from tenants.errors import MoveNotAllowed, NotFound
from tenants.pages import InvalidCursor, Page
from tenants.reads import Lookup
from tenants.shapes import Day

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


class PerformanceQuery(BaseModel):
    """Which days, and what beside them."""

    model_config = ConfigDict(extra="ignore")

    first: Annotated[Day, Field(alias="from", description="First day, of the client's calendar.")]
    last: Annotated[Day, Field(alias="to", description="Last day, included.")]
    compare: Compare = Compare.previous_period
    group_by: Annotated[
        Literal["channel", "day"] | None, Field(description="Only this one; without it, both.")
    ] = None


@router.get(
    "/clients/{client_id}/performance",
    response_model=Performance,
    dependencies=[needs("metrics:read")],
    responses=problems(NotFound, periods.PeriodEndsBeforeItStarts, periods.PeriodTooLong),
)
def get_performance(
    client_id: UUID, asked: Annotated[PerformanceQuery, Query()], session: RequestSession
) -> Any:
    """Read how a client's channels did: totals, per channel, day by day, KPIs, the time before."""
    shows = {"channel": ("channels",), "day": ("days",)}.get(asked.group_by or "")
    span = periods.period(asked.first, asked.last)
    return Figures(client_id, span, asked.compare, shows=shows or ("channels", "days"))


@router.post(
    "/kpi-targets",
    status_code=201,
    response_model=KpiTargetRead,
    dependencies=[needs("kpi_targets:write")],
    responses=problems(
        NotFound, targets.TargetExists, targets.TargetEndsBeforeItStarts, targets.TargetForm
    ),
)
def create_kpi_target(data: KpiTargetCreate, session: RequestSession) -> Any:
    """Set what a KPI should reach in a period."""
    return targets.create(session, **data.model_dump())


@router.get(
    "/kpi-targets",
    response_model=Page[KpiTargetRead],
    dependencies=[needs("kpi_targets:read")],
    responses=problems(InvalidCursor),
)
def list_kpi_targets(page: Annotated[KpiTargetQuery, Query()], session: RequestSession) -> Any:
    """List the targets in your sight, newest first."""
    return targets.search(session, page)


@router.get(
    "/kpi-targets/{target_id}",
    response_model=KpiTargetRead,
    dependencies=[needs("kpi_targets:read")],
    responses=problems(NotFound),
)
def get_kpi_target(target_id: UUID, session: RequestSession) -> Any:
    """Read a target."""
    return Lookup(KpiTarget, target_id)


@router.patch(
    "/kpi-targets/{target_id}",
    response_model=KpiTargetRead,
    dependencies=[needs("kpi_targets:write")],
    responses=problems(NotFound, targets.TargetForm),
)
def update_kpi_target(target_id: UUID, data: KpiTargetUpdate, session: RequestSession) -> Any:
    """Change a target; its KPI and period stay."""
    return targets.update(session, target_id, **data.model_dump())


@router.delete(
    "/kpi-targets/{target_id}",
    status_code=204,
    dependencies=[needs("kpi_targets:write")],
    responses=problems(NotFound),
)
def delete_kpi_target(target_id: UUID, session: RequestSession) -> None:
    """Take a target back; published reports keep the one they were frozen with."""
    targets.delete(session, target_id)
