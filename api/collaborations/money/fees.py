"""
What a fee comes to, part by part.

    to set aside = fixed + per post × posts + the most that commission may come to

The fixed fee falls due in instalments of so many percent, rounded so that they add up to it: each
ends where its share of the whole, rounded down, ends. What is paid per post falls due with each
post; commission as it is earned, up to its cap. A product is no money.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from api.collaborations.money.models import FeeKind, Milestone
from tenants.errors import Unprocessable
from tenants.money import LARGEST


class FeeMissing(Unprocessable):
    """Terms say what is given for the work: money, a share of sales, or a product."""


class CommissionUncapped(Unprocessable):
    """A commission has a rate and the most that it may come to: the budget sets that aside."""


class InstalmentsUneven(Unprocessable):
    """Instalments are of the fixed fee, add up to 100 %, and none of them comes to nothing."""


class FeeTooLarge(Unprocessable):
    """The fee adds up to more than 2^53 - 1 minor units."""


@dataclass(frozen=True)
class Part:
    """An amount that falls due by itself; `deliverable`: the number of the piece it is for."""

    kind: FeeKind
    milestone: Milestone
    amount_minor: int
    deliverable: int | None = None


def parts(fee: dict[str, Any], instalments: Sequence[dict[str, Any]], pieces: int) -> list[Part]:
    """The instalments that a fee falls due in, in their order."""
    _check(fee, instalments)
    found = [*_fixed(fee["fixed_minor"], instalments)]
    if fee["per_post_minor"]:
        found += [
            Part(FeeKind.per_post, Milestone.live, fee["per_post_minor"], number)
            for number in range(1, pieces + 1)
        ]
    return found


def total(fee: dict[str, Any], pieces: int) -> int:
    """What accepting the terms sets aside."""
    per_post = (fee["per_post_minor"] or 0) * pieces
    found = (fee["fixed_minor"] or 0) + per_post + (fee["commission_cap_minor"] or 0)
    if found > LARGEST:
        raise FeeTooLarge(pointer="/fee")
    return int(found)


def _check(fee: dict[str, Any], instalments: Sequence[dict[str, Any]]) -> None:
    given = ("fixed_minor", "per_post_minor", "commission_bp", "product")
    if not any(fee[name] for name in given):
        raise FeeMissing(pointer="/fee")
    if (fee["commission_bp"] is None) != (fee["commission_cap_minor"] is None):
        raise CommissionUncapped(pointer="/fee/commission_cap_minor")
    if instalments and (not fee["fixed_minor"] or sum(e["percent"] for e in instalments) != 100):
        raise InstalmentsUneven(pointer="/instalments")


def _fixed(amount: int | None, instalments: Sequence[dict[str, Any]]) -> Iterator[Part]:
    if not amount:
        return
    before = share = 0
    for each in instalments or [{"milestone": Milestone.live, "percent": 100}]:
        share += each["percent"]
        until = amount * share // 100
        if until == before:
            raise InstalmentsUneven(pointer="/instalments")
        yield Part(FeeKind.fixed, Milestone(each["milestone"]), until - before)
        before = until
