"""Routes of tracking links, promo codes and conversions; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from api.http.answers import preferred_locale
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from api.proof.addresses import AddressNotAllowed
from api.tracking import attribution, conversions, links, promo_codes
from api.tracking.models import PromoCode, TrackingLink
from api.tracking.shapes import (
    AttributionRules,
    ConversionFault,
    ConversionQuery,
    ConversionRead,
    ConversionsOutcome,
    ConversionsWrite,
    LinkClicksRead,
    PromoCodeCreate,
    PromoCodeQuery,
    PromoCodeRead,
    PromoCodeUpdate,
    TrackingLinkCreate,
    TrackingLinkQuery,
    TrackingLinkRead,
)
from tenants import words
from tenants.errors import MoveNotAllowed, NotFound
from tenants.pages import InvalidCursor, Page, PageQuery
from tenants.reads import Lookup

router = domain_router("tracking")
LARGEST_BODY = 8 << 20


@router.post(
    "/tracking-links",
    status_code=201,
    response_model=TrackingLinkRead,
    dependencies=[needs("tracking_links:write")],
    responses=problems(NotFound, AddressNotAllowed),
)
def create_tracking_link(data: TrackingLinkCreate, session: RequestSession) -> Any:
    """Make a link for a collaboration that counts who follows it; its target is fixed."""
    return links.create(session, **data.model_dump())


@router.get(
    "/tracking-links",
    response_model=Page[TrackingLinkRead],
    dependencies=[needs("tracking_links:read")],
    responses=problems(InvalidCursor),
)
def list_tracking_links(
    page: Annotated[TrackingLinkQuery, Query()], session: RequestSession
) -> Any:
    """List the tracking links in your sight, newest first."""
    return links.search(session, page)


@router.get(
    "/tracking-links/{tracking_link_id}",
    response_model=TrackingLinkRead,
    dependencies=[needs("tracking_links:read")],
    responses=problems(NotFound),
)
def get_tracking_link(tracking_link_id: UUID, session: RequestSession) -> Any:
    """Read a tracking link."""
    return Lookup(TrackingLink, tracking_link_id)


@router.get(
    "/tracking-links/{tracking_link_id}/clicks",
    response_model=Page[LinkClicksRead],
    dependencies=[needs("tracking_links:read")],
    responses=problems(NotFound, InvalidCursor),
)
def list_link_clicks(
    tracking_link_id: UUID, page: Annotated[PageQuery, Query()], session: RequestSession
) -> Any:
    """List how often a link was followed, hour by hour, newest first."""
    return links.hours(session, tracking_link_id, page)


@router.post(
    "/tracking-links/{tracking_link_id}/end",
    response_model=TrackingLinkRead,
    dependencies=[needs("tracking_links:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def end_tracking_link(tracking_link_id: UUID, session: RequestSession) -> Any:
    """Let a link lead nowhere any more, within five seconds; its counts stay."""
    return links.end(session, tracking_link_id)


@router.post(
    "/promo-codes",
    status_code=201,
    response_model=PromoCodeRead,
    dependencies=[needs("promo_codes:write")],
    responses=problems(NotFound, promo_codes.PromoCodeTaken, promo_codes.CodeWindowBackwards),
)
def create_promo_code(data: PromoCodeCreate, session: RequestSession) -> Any:
    """Open a window of days for a code that buyers give."""
    return promo_codes.create(session, **data.model_dump())


@router.get(
    "/promo-codes",
    response_model=Page[PromoCodeRead],
    dependencies=[needs("promo_codes:read")],
    responses=problems(InvalidCursor),
)
def list_promo_codes(page: Annotated[PromoCodeQuery, Query()], session: RequestSession) -> Any:
    """List the promo codes in your sight, newest first."""
    return promo_codes.search(session, page)


@router.get(
    "/promo-codes/{promo_code_id}",
    response_model=PromoCodeRead,
    dependencies=[needs("promo_codes:read")],
    responses=problems(NotFound),
)
def get_promo_code(promo_code_id: UUID, session: RequestSession) -> Any:
    """Read a promo code and its days."""
    return Lookup(PromoCode, promo_code_id)


@router.patch(
    "/promo-codes/{promo_code_id}",
    response_model=PromoCodeRead,
    dependencies=[needs("promo_codes:write")],
    responses=problems(NotFound, promo_codes.PromoCodeTaken, promo_codes.CodeWindowBackwards),
)
def update_promo_code(promo_code_id: UUID, data: PromoCodeUpdate, session: RequestSession) -> Any:
    """Give a promo code another last day."""
    return promo_codes.update(session, promo_code_id, data.ends_on)


@router.get(
    "/attribution-rules",
    response_model=AttributionRules,
    dependencies=[needs("attribution_rules:read")],
)
def list_attribution_rules(session: RequestSession) -> Any:
    """List the rules by which sales are attributed, every version."""
    return {
        "data": [
            {
                "rule": each.id,
                "version": each.version,
                "starts_on": each.starts_on,
                "precedence": list(each.precedence),
                "window_days": each.window.days,
            }
            for each in attribution.rules()
        ]
    }


@router.post(
    "/conversions",
    response_model=ConversionsOutcome,
    dependencies=[needs("conversions:write")],
    responses={
        **problems(
            NotFound,
            conversions.ConversionCurrencyDiffers,
            conversions.ConversionDiffers,
            conversions.ConversionFromTheFuture,
        ),
        207: {
            "model": ConversionsOutcome,
            "description": "Some were not kept, as `per_item` allows; `faults` says why.",
        },
    },
    max_body_size=LARGEST_BODY,
)
def record_conversions(data: ConversionsWrite, session: RequestSession) -> Response:
    """Tell up to 10,000 sales and refunds; the same again is once, and a refund may come first."""
    outcome = conversions.record(
        session, data.client_id, data.source, data.conversions, per_item=data.per_item
    )
    locale = preferred_locale(session)
    faults = [
        ConversionFault(
            index=index, code=fault.code, detail=words.say(locale, "problem", fault.code)
        )
        for index, fault in outcome.faults
    ]
    shown = ConversionsOutcome(
        received=outcome.received,
        stored=outcome.stored,
        unchanged=outcome.unchanged,
        rejected=len(faults),
        attributed=outcome.attributed,
        unattributed=outcome.unattributed,
        waiting=outcome.waiting,
        faults=faults,
    )
    status = 207 if faults else 200
    return Response(shown.model_dump_json(), status, media_type="application/json")


@router.get(
    "/conversions",
    response_model=Page[ConversionRead],
    dependencies=[needs("conversions:read")],
    responses=problems(InvalidCursor),
)
def list_conversions(page: Annotated[ConversionQuery, Query()], session: RequestSession) -> Any:
    """List sales and refunds as they were told, newest first."""
    return conversions.search(session, page)
