"""
What changed terms still owe of their fee. Pure.

    to earn = fixed fee less what was earned of it + per post × posts not earned yet
              + the most that commission may come to, less what it has

What was earned of the fixed fee is taken off its first instalments; the price of a post stays as it
was once one was earned. A fee that comes to less than was earned of it is refused.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from api.collaborations.money.models import FeeKind, Instalment, InstalmentStatus
from tenants.errors import Conflict

Said = dict[str, Any]


class EarnedAlready(Conflict):
    """More was earned than the fee comes to: commission is capped at `earned_minor` at least."""


@dataclass(frozen=True)
class Owing:
    """The parts that are still to be earned, as terms say them, and what is to be set aside."""

    parts: list[Said]
    total_minor: int


def owing(
    content: Said, before: Said, found: Sequence[Instalment], ids: Mapping[int, UUID]
) -> Owing:
    """
    What `content` still owes, in place of `before`, of whose parts `found` are there. `ids`: of the
    pieces there are, by their number.
    """
    earned = [each for each in found if each.status is InstalmentStatus.earned]
    paid = {each.deliverable_id for each in earned if each.kind is FeeKind.per_post}
    fee = content["fee"]
    if paid and fee.get("per_post_minor") != before["fee"].get("per_post_minor"):
        raise EarnedAlready(pointer="/fee/per_post_minor")
    fixed = [each for each in content["instalments"] if each["kind"] == FeeKind.fixed]
    posts = [
        each
        for each in content["instalments"]
        if each["kind"] == FeeKind.per_post and ids.get(each["deliverable"]) not in paid
    ]
    parts = [*_less(fixed, _sum(earned, FeeKind.fixed)), *posts]
    shared = _sum(earned, FeeKind.commission)
    left = check_share(content, shared)
    return Owing(parts, left + sum(each["amount"]["amount_minor"] for each in parts))


def check_share(content: Said, shared_minor: int) -> int:
    """What commission may still come to, when sales have earned so much of it."""
    left = int(content["fee"].get("commission_cap_minor") or 0) - shared_minor
    if left < 0:
        raise EarnedAlready(
            pointer="/fee/commission_cap_minor", extra={"earned_minor": shared_minor}
        )
    return left


def _sum(earned: Sequence[Instalment], kind: FeeKind) -> int:
    """What was earned; of commission, less what sales that were given back took off it."""
    return sum(
        each.amount_minor - (each.clawed_back_minor if kind is FeeKind.commission else 0)
        for each in earned
        if each.kind is kind
    )


def _less(parts: Sequence[Said], earned_minor: int) -> Iterator[Said]:
    """The instalments of a fixed fee without what was earned of it, which was the first of it."""
    for each in parts:
        amount = each["amount"]["amount_minor"]
        taken = min(earned_minor, amount)
        earned_minor -= taken
        if amount > taken:
            yield {**each, "amount": {**each["amount"], "amount_minor": amount - taken}}
    if earned_minor:
        raise EarnedAlready(pointer="/fee/fixed_minor")
