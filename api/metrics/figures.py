"""
What is measured, and how measurements add up. Pure: no session, no clock.

Missing is not zero: a quantity has a value, or the reason why it has none. A sum leaves out what
is missing and says by `complete` whether anything was; with nothing at all it is missing itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

LARGEST = 2**53 - 1
EARLIEST = 2000  # year of a network's figures: 1970 is a clock that stands at zero

# Added up over days and channels.
FLOWS = (
    "impressions",
    "views",
    "likes",
    "comments",
    "shares",
    "saves",
    "clicks",
    "posts",
    "sessions",
    "search_sessions",
    "leads",
    "conversions",
    "spend_minor",
    "revenue_minor",
)
# People, each counted once a period: seven days of reach do not make a week's.
UNIQUES = ("reach",)
# A level, not an amount: the last one known stands for the period.
GAUGES = ("followers",)
METRICS = (*FLOWS, *UNIQUES, *GAUGES)
MONEY = ("spend_minor", "revenue_minor")
ENGAGEMENTS = ("likes", "comments", "shares", "saves", "clicks")


class MissingReason(StrEnum):
    """
    Why there is no figure. Told with a reading: `not_connected` nobody has linked the account,
    `not_offered` the network does not measure it, `not_recorded` nobody wrote it down, `not_yet`
    it comes later, `permission_missing` the account does not let us, `source_error` the network
    failed. Found by us: `not_additive` days of people reached do not add up, `mixed_currency`,
    `no_denominator` nothing to divide by, `out_of_range` beyond what JSON readers keep exact.
    """

    not_connected = "not_connected"
    not_offered = "not_offered"
    not_recorded = "not_recorded"
    not_yet = "not_yet"
    permission_missing = "permission_missing"
    source_error = "source_error"
    not_additive = "not_additive"
    mixed_currency = "mixed_currency"
    no_denominator = "no_denominator"
    out_of_range = "out_of_range"


class Quality(StrEnum):
    """From best to worst: fetched, typed in by hand, computed from what overlaps, not there."""

    actual = "actual"
    manual = "manual"
    estimated = "estimated"
    missing = "missing"


class FigureBasis(StrEnum):
    """What a figure was made of: `days` added up, the `period`'s own reading, the `last_known`."""

    days = "days"
    period = "period"
    last_known = "last_known"
    given = "given"
    mixed = "mixed"


# There are figures, but no sum of them.
THERE: set[MissingReason | None] = {MissingReason.mixed_currency, MissingReason.out_of_range}
# Who has none of these reports no such metric; any other reason leaves a gap in a sum.
_SILENT: set[MissingReason | None] = {
    MissingReason.not_connected,
    MissingReason.not_offered,
    MissingReason.not_recorded,
}
_RANK = {quality: rank for rank, quality in enumerate(Quality)}


@dataclass(frozen=True)
class Quantity:
    """One measured or computed number, or why there is none."""

    value: int | None
    quality: Quality = Quality.actual
    basis: FigureBasis | None = FigureBasis.days
    missing_reason: MissingReason | None = None
    complete: bool = True
    currency: str | None = None


def missing(reason: MissingReason) -> Quantity:
    return Quantity(None, Quality.missing, None, missing_reason=reason, complete=False)


NOT_RECORDED = missing(MissingReason.not_recorded)
_OUT_OF_RANGE = missing(MissingReason.out_of_range)


def together(quantities: Sequence[Quantity], *, overlapping: bool = False) -> Quantity:
    """
    The sum of what is known. Figures that are there and cannot be summed are not left out: with
    one of them the sum is missing too. `overlapping`: the parts count some of the same people, so
    more than one of them make an estimate.
    """
    if len(quantities) == 1:
        return quantities[0]
    if not overlapping and _alike(quantities):
        total = sum([quantity.value or 0 for quantity in quantities])
        return _worth(quantities[0], total) if abs(total) <= LARGEST else _OUT_OF_RANGE
    known = [quantity for quantity in quantities if quantity.value is not None]
    reasons = {quantity.missing_reason for quantity in quantities} - {None}
    if not known or reasons & THERE:
        return missing(_reason(reasons))
    currencies = {quantity.currency for quantity in known}
    if len(currencies) > 1:
        return missing(MissingReason.mixed_currency)
    total = sum(quantity.value or 0 for quantity in known)
    if abs(total) > LARGEST:
        return _OUT_OF_RANGE
    quality = worst(quantity.quality for quantity in known)
    if overlapping and len(known) > 1:
        quality = Quality.estimated
    return Quantity(
        total,
        quality,
        basis_of(known),
        complete=reasons <= _SILENT and all(quantity.complete for quantity in known),
        currency=currencies.pop(),
    )


def _worth(one: Quantity, value: int) -> Quantity:
    """The same with another value; `dataclasses.replace` takes three times as long."""
    return Quantity(value, one.quality, one.basis, one.missing_reason, one.complete, one.currency)


def _alike(quantities: Sequence[Quantity]) -> bool:
    """Whether all are known and differ in their values alone: the usual case, and a quick one."""
    for each in quantities:
        if each.value is None or (first := quantities[0]).basis is not each.basis:
            return False
        if each.quality is not first.quality or each.complete is not first.complete:
            return False
        if each.currency != first.currency:
            return False
    return bool(quantities)


def worst(qualities: Iterable[Quality]) -> Quality:
    return max(qualities, key=_RANK.__getitem__)


def basis_of(quantities: Sequence[Quantity]) -> FigureBasis | None:
    bases = {quantity.basis for quantity in quantities}
    return bases.pop() if len(bases) == 1 else FigureBasis.mixed


def _reason(reasons: set[MissingReason | None]) -> MissingReason:
    """The one there is; beside others, one that leaves a gap says more than one that is silent."""
    there = sorted(reason for reason in reasons & THERE if reason)
    told = reasons - _SILENT or reasons
    only = next(iter(told)) if len(told) == 1 else None
    return (there[0] if there else only) or MissingReason.not_recorded
