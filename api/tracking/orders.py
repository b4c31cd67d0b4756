"""
What the facts told of an order come to. Pure: whichever order they are told in, and however often,
they come to the same.

What was refunded counts up to what was sold; money given back beyond it is kept and counts for
nothing. A refund counts on the day of its sale, and takes back its share of the commission: that is
worked out of what is left, so that many small refunds take as much as one.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from operator import add, sub
from typing import NamedTuple
from uuid import UUID

from tenants.money import part_of

WHOLE = 10_000  # basis points


@dataclass
class Order:
    """One order: its sale, if it has been told, and what was refunded so far."""

    order_id: str
    currency: str
    collaboration_id: UUID | None = None
    sold_at: datetime | None = None
    sold_on: date | None = None
    sale_minor: int = 0
    refunded_minor: int = 0
    commission_bp: int = 0

    @property
    def left_minor(self) -> int:
        return max(0, self.sale_minor - self.refunded_minor)


class Place(NamedTuple):
    """A collaboration's day."""

    collaboration_id: UUID
    day: date


class Sums(NamedTuple):
    """What orders come to: revenue before refunds, commission after them."""

    conversions: int = 0
    refunded: int = 0
    revenue_minor: int = 0
    refunded_minor: int = 0
    commission_minor: int = 0


def sums(order: Order) -> tuple[Place, Sums] | None:
    """What one order adds to which day; nothing while nobody has sold it."""
    if order.sold_on is None or order.collaboration_id is None:
        return None
    left = order.left_minor
    return Place(order.collaboration_id, order.sold_on), Sums(
        conversions=1,
        refunded=int(left == 0 and order.sale_minor > 0),
        revenue_minor=order.sale_minor,
        refunded_minor=order.sale_minor - left,
        commission_minor=part_of(left, order.commission_bp, WHOLE) if order.commission_bp else 0,
    )


Counted = Iterable[tuple[Place, Sums] | None]


def changes(before: Counted, after: Counted) -> dict[Place, Sums]:
    """By how much each day's sums change, between two states of some orders."""
    found: dict[Place, Iterable[int]] = defaultdict(Sums)
    for count, counted in ((sub, before), (add, after)):
        for each in counted:
            if each is not None:
                found[each[0]] = list(map(count, found[each[0]], each[1]))
    return {place: Sums(*total) for place, total in found.items() if any(total)}
