"""
Taxes: data of the agency, and what they come to.

    tax of a rate = sum of the lines it stands on × percent ÷ 100, rounded once

to whole minor units, half up or half even as the agency's settings say: by the tax group, as an
invoice shows it, never by the line. A tax that is withheld is taken off. So the sum of the lines
and of the groups is the total, whatever the lines are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from billing.receivable.issuer_models import InvoiceSettings, TaxKind, TaxRate, TaxRounding
from tenants import database, outbox
from tenants.errors import Unprocessable
from tenants.money import LARGEST
from tenants.pages import Listing

NONE = frozenset({TaxKind.exempt, TaxKind.reverse_charge})


class TaxReasonRequired(Unprocessable):
    """An exemption or a reverse charge has no percentage, and says why."""


class TaxRateNotActive(Unprocessable):
    """This tax rate is over, or not one of the agency's; name one that is active."""


class InvoiceOverflows(Unprocessable):
    """The lines and their taxes add up to more than 2^53 - 1 minor units."""


@dataclass(frozen=True)
class Taxed:
    """An amount, net, and the rates that stand on it."""

    amount_minor: int
    rates: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """What one rate comes to."""

    rate_id: str
    base_minor: int
    tax_minor: int


@dataclass(frozen=True)
class Sums:
    """What lines come to, with their taxes."""

    net_minor: int
    groups: tuple[Group, ...]

    @property
    def tax_minor(self) -> int:
        return sum(group.tax_minor for group in self.groups)

    @property
    def total_minor(self) -> int:
        return self.net_minor + self.tax_minor


def search(session: Session, page: Any) -> Listing:
    """The agency's tax rates, newest first."""
    query = select(TaxRate)
    if page.active is not None:
        query = query.where(col(TaxRate.active) == page.active)
    return Listing(query, TaxRate, page)


def create(session: Session, **values: Any) -> TaxRate:
    is_none = values["kind"] in NONE
    zero = not values["percent"].strip("0.")
    if is_none != zero or is_none and not values["reason"]:
        raise TaxReasonRequired(pointer="/reason" if is_none and zero else "/percent")
    rate = TaxRate(**values)
    database.add(session, rate)
    outbox.emit(session, "tax_rate.created", rate)
    return rate


def update(session: Session, rate_id: UUID, **changes: Any) -> TaxRate:
    """Use a rate no longer, or again; what it says stays."""
    rate = database.get(session, TaxRate, rate_id, lock=True)
    rate.sqlmodel_update(changes)
    outbox.emit(session, "tax_rate.updated", rate)
    return rate


def known(session: Session, ids: Iterable[str]) -> dict[str, TaxRate]:
    """Rates by their ids, the active and the others."""
    wanted = {UUID(each) for each in ids}
    if not wanted:
        return {}
    query = select(TaxRate).where(col(TaxRate.id).in_(sorted(wanted)))
    return {str(rate.id): rate for rate in session.exec(query)}


def check_active(session: Session, ids: Iterable[str]) -> None:
    """Whether all of these may be used on a line."""
    wanted = set(ids)
    found = known(session, wanted)
    if any(each not in found or not found[each].active for each in wanted):
        raise TaxRateNotActive(pointer="/tax_rate_ids")


def sums(lines: Sequence[Taxed], rates: Mapping[str, TaxRate], rounding: TaxRounding) -> Sums:
    """What lines come to; rates in the order in which they first stand on one."""
    bases: dict[str, int] = {}
    for line in lines:
        for rate in line.rates:
            bases[rate] = bases.get(rate, 0) + line.amount_minor
    groups = tuple(
        Group(rate, base, tax_of(base, rates[rate], rounding)) for rate, base in bases.items()
    )
    made = Sums(sum(line.amount_minor for line in lines), groups)
    reached = (made.net_minor, made.total_minor, *(group.tax_minor for group in groups))
    if any(abs(each) > LARGEST for each in reached):
        raise InvoiceOverflows(pointer="/lines")
    return made


def tax_of(base_minor: int, rate: TaxRate, rounding: TaxRounding) -> int:
    """What one rate comes to of a sum; below zero where it is withheld."""
    exact = Fraction(base_minor) * Fraction(rate.percent) / 100
    tax = rounded(exact, rounding)
    return -tax if rate.kind is TaxKind.withheld else tax


def rounded(exact: Fraction, rounding: TaxRounding) -> int:
    """To a whole number; half up goes away from zero, so that a credit mirrors its invoice."""
    if rounding is TaxRounding.half_even:
        return round(exact)
    whole = (abs(exact) + Fraction(1, 2)).__floor__()
    return whole if exact >= 0 else -whole


def rounding_of(settings: InvoiceSettings | None) -> TaxRounding:
    """As the agency wants it; half up until it says so, as is usual on paper."""
    return settings.tax_rounding if settings else TaxRounding.half_up
