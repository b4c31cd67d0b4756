"""Wire shapes of tracking links, promo codes and conversions."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field as Constraint

from api.proof.shapes import Address
from api.tracking.attribution import Why
from api.tracking.models import ConversionKind, LinkStatus
from tenants.money import LARGEST, CurrencyCode, PositiveMinorUnits
from tenants.pages import PageQuery
from tenants.shapes import Day, Flag, Instant, Line, ReadShape, Shape

MOST = 10_000
Code = Annotated[
    str,
    Constraint(
        min_length=2,
        max_length=40,
        pattern="^[A-Za-z0-9][A-Za-z0-9_-]+$",
        description="Letters without accents, digits, - and _; capital or small is the same.",
        examples=["AURORA10"],
    ),
]
# What a buyer typed, or a shop kept: a code that there is not is no fault of the one who tells it.
GivenCode = Annotated[str, Constraint(min_length=1, max_length=100)]
LinkCode = Annotated[str, Constraint(min_length=1, max_length=40)]
OrderId = Annotated[
    str,
    Constraint(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"),
]
ZeroOrMore = Annotated[int, Constraint(strict=True, ge=0, le=LARGEST)]


class TrackingLinkCreate(Shape):
    """A link that leads to an address of the client's, which is fixed with it."""

    collaboration_id: UUID
    deliverable_id: UUID | None = None
    target: Address


class TrackingLinkRead(ReadShape):
    """A tracking link: `url` is what is given out, `target` where it leads."""

    id: UUID
    version: int
    client_id: UUID
    collaboration_id: UUID
    deliverable_id: UUID | None
    influencer_id: UUID
    code: str
    url: str
    target: str
    status: LinkStatus
    created_at: datetime
    updated_at: datetime


class TrackingLinkQuery(PageQuery):
    """Filters of the list of links."""

    client_id: UUID | None = None
    collaboration_id: UUID | None = None
    status: LinkStatus | None = None


class LinkClicksRead(ReadShape):
    """How often a link was followed in the hour that begins at `hour`."""

    link_id: UUID
    hour: datetime
    clicks: int


class PromoCodeCreate(Shape):
    """A code and its first and last day, of the client's calendar."""

    collaboration_id: UUID
    code: Code
    starts_on: Day
    ends_on: Day


class PromoCodeUpdate(Shape):
    """Another last day."""

    ends_on: Day


class PromoCodeRead(ReadShape):
    """A promo code and the days on which it claims sales."""

    id: UUID
    version: int
    client_id: UUID
    collaboration_id: UUID
    influencer_id: UUID
    code: str
    starts_on: date
    ends_on: date
    created_at: datetime
    updated_at: datetime


class PromoCodeQuery(PageQuery):
    """Filters of the list of codes."""

    client_id: UUID | None = None
    collaboration_id: UUID | None = None
    code: Code | None = None


class TouchWrite(Shape):
    """A tracking link, by its code, that the buyer followed, and when."""

    link: LinkCode
    clicked_at: Instant


class SaleWrite(Shape):
    """A sale: one order of a shop, with what its buyer gave and followed."""

    kind: Literal["sale"]
    order_id: OrderId
    amount_minor: ZeroOrMore
    currency: CurrencyCode
    occurred_at: Instant
    code: GivenCode | None = None
    touches: Annotated[list[TouchWrite], Constraint(max_length=20)] = []


class RefundWrite(Shape):
    """Money given back of an order, which may be told before its sale."""

    kind: Literal["refund"]
    order_id: OrderId
    refund_id: OrderId
    amount_minor: PositiveMinorUnits
    currency: CurrencyCode
    occurred_at: Instant


ConversionWrite = Annotated[SaleWrite | RefundWrite, Constraint(discriminator="kind")]


class ConversionsWrite(Shape):
    """
    Up to 10,000 sales and refunds of a client, all or none; with `per_item` those that can be kept
    are, and the others are told of one by one.
    """

    client_id: UUID
    source: Line
    per_item: Flag = False
    conversions: Annotated[list[ConversionWrite], Constraint(min_length=1, max_length=MOST)]


class ConversionFault(ReadShape):
    """Why one of them was not kept; `index` counts from 0."""

    index: int
    code: str
    detail: str


class ConversionsOutcome(ReadShape):
    """
    What became of them. `unchanged` had been told before; `attributed` and `unattributed` count new
    sales, `waiting` new refunds whose sale is still to come.
    """

    received: int
    stored: int
    unchanged: int
    rejected: int
    attributed: int
    unattributed: int
    waiting: int
    faults: list[ConversionFault]


class ConversionRead(ReadShape):
    """A sale or a refund as it was told, and by what a sale is attributed, or why it is not."""

    id: UUID
    client_id: UUID
    kind: ConversionKind
    order_id: str
    refund_id: str | None
    amount_minor: int
    currency: str
    occurred_at: datetime
    source: str
    collaboration_id: UUID | None
    link_id: UUID | None
    promo_code_id: UUID | None
    attributed_by: Why | None
    rule: str | None
    rule_version: int | None
    created_at: datetime


class ConversionQuery(PageQuery):
    """Filters of the list of conversions."""

    client_id: UUID | None = None
    collaboration_id: UUID | None = None
    order_id: OrderId | None = None
    kind: ConversionKind | None = None


class AttributionRuleRead(ReadShape):
    """One version of the rule: what comes first, and how long a link may claim a sale."""

    rule: str
    version: int
    starts_on: date
    precedence: list[str]
    window_days: int


class AttributionRules(ReadShape):
    """Every version there has been."""

    data: list[AttributionRuleRead]
