"""Routes of channels, readings and performance; each calls one verb."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from api.http import sheets
from api.http.answers import preferred_locale
from api.http.limits import locale
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from api.metrics import channels, periods, readings, tables, uploads
from api.metrics.models import (
    Channel,
    ChannelCreate,
    ChannelQuery,
    ChannelRead,
    ChannelUpdate,
)
from api.metrics.overview import Overview
from api.metrics.performance import Figures
from api.metrics.periods import Comparison, Period
from api.metrics.shapes import (
    AgencyPerformance,
    Performance,
    ReadingFault,
    ReadingsOutcome,
)
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


class PeriodQuery(BaseModel):
    """Which days, and which to compare them with."""

    model_config = ConfigDict(extra="ignore")

    first: Annotated[Day, Field(alias="from", description="First day, of the client's calendar.")]
    last: Annotated[Day, Field(alias="to", description="Last day, included.")]
    compare: Comparison = Comparison.previous_period
    compare_from: Annotated[
        Day | None, Field(description="First day to compare with, of `compare=custom`.")
    ] = None
    compare_to: Annotated[Day | None, Field(description="Its last day, included.")] = None

    def spans(self) -> tuple[Period, Comparison, Period | None]:
        """The days, and what they are compared with."""
        asked = periods.period(self.first, self.last)
        past = periods.compared(asked, self.compare, self.compare_from, self.compare_to)
        return asked, self.compare, past


class PerformanceQuery(PeriodQuery):
    """Which days, and what beside them."""

    group_by: Annotated[
        Literal["channel", "day"] | None, Field(description="Only this one; without it, both.")
    ] = None


_PERIODS = (
    periods.PeriodEndsBeforeItStarts,
    periods.PeriodTooLong,
    periods.ComparisonDays,
)
_TABLE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "One line for each figure, under a head in the language asked for.",
        "content": sheets.DOCUMENTED,
    }
}


def _figures(client_id: UUID, asked: PerformanceQuery, session: Session) -> Figures:
    shows = {"channel": ("channels",), "day": ("days",)}.get(asked.group_by or "")
    more: dict[str, Any] = {"shows": shows} if shows else {}
    return Figures(client_id, *asked.spans(), locale=preferred_locale(session), **more)


@router.get(
    "/clients/{client_id}/performance",
    response_model=Performance,
    dependencies=[needs("metrics:read")],
    responses=problems(NotFound, *_PERIODS),
)
def get_performance(
    client_id: UUID, asked: Annotated[PerformanceQuery, Query()], session: RequestSession
) -> Any:
    """Read how a client's channels did: totals, per channel, day by day, KPIs, the time before."""
    return _figures(client_id, asked, session)


@router.get(
    "/clients/{client_id}/performance.csv",
    response_class=Response,
    dependencies=[needs("metrics:read")],
    responses={**problems(NotFound, *_PERIODS), **_TABLE},
)
def export_performance(
    client_id: UUID, asked: Annotated[PerformanceQuery, Query()], session: RequestSession
) -> Any:
    """Read the same figures as a table, CSV in UTF-8; money in minor units."""
    return tables.performance(_figures(client_id, asked, session), preferred_locale(session))


@router.get(
    "/performance",
    response_model=AgencyPerformance,
    dependencies=[needs("metrics:read")],
    responses=problems(*_PERIODS),
)
def get_agency_performance(asked: Annotated[PeriodQuery, Query()], session: RequestSession) -> Any:
    """Read how every client in your sight did, the worst first; 500 clients at most."""
    return Overview(*asked.spans(), locale=preferred_locale(session))


@router.get(
    "/performance.csv",
    response_class=Response,
    dependencies=[needs("metrics:read")],
    responses={**problems(*_PERIODS), **_TABLE},
)
def export_agency_performance(
    asked: Annotated[PeriodQuery, Query()], session: RequestSession
) -> Any:
    """Read the same figures of every client as a table, CSV in UTF-8; money in minor units."""
    locale = preferred_locale(session)
    return tables.overview(Overview(*asked.spans(), locale=locale), locale)
