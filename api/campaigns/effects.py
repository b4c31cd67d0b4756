"""
What a change order does to the lines of a scope: before and after, line by line. Pure: preview,
the document that the client decides on, and acceptance are made of the same answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from api.campaigns.change_models import ChangeAction, ChangeLine
from api.campaigns.models import Measure, ScopeLine
from tenants.errors import Conflict, Unprocessable


class LineNotInForce(Unprocessable):
    """The scope in force has no such line."""


class NothingLeft(Conflict):
    """A line would hold no unit any more; remove it instead."""


class ChangesNothing(Unprocessable):
    """A change order changes something, and each of its lines does."""


@dataclass(frozen=True)
class Sold:
    """A line as it is sold. `origin_id`: the line it goes on from; None for one that is added."""

    origin_id: UUID | None
    label: dict[str, str]
    kind: str
    measure: Measure
    quantity: int
    network: str | None
    unit_price_minor: int
    revision_rounds: int
    due_on: date | None
    due_days: int | None
    renewal: dict[str, Any] | None

    @property
    def amount_minor(self) -> int:
        return self.quantity * self.unit_price_minor


@dataclass(frozen=True)
class Effect:
    """One change: what the line is before it and after it, either of them nothing."""

    action: ChangeAction
    before: Sold | None
    after: Sold | None
    plan: bool = False

    @property
    def delta_minor(self) -> int:
        amounts = [line.amount_minor if line else 0 for line in (self.before, self.after)]
        return amounts[1] - amounts[0]

    @property
    def more_units(self) -> int:
        units = [line.quantity if line else 0 for line in (self.before, self.after)]
        return units[1] - units[0]


def sold(line: ScopeLine) -> Sold:
    names = [name for name in Sold.__dataclass_fields__ if name != "origin_id"]
    return Sold(origin_id=line.origin_id, **{name: getattr(line, name) for name in names})


def of(lines: Sequence[ScopeLine], changes: Sequence[ChangeLine]) -> list[Effect]:
    """The effect of each change on the lines in force, in the order of the changes."""
    in_force = {line.origin_id: sold(line) for line in lines}
    return [_effect(in_force, change) for change in changes]


def fold(lines: Sequence[ScopeLine], effects: Sequence[Effect]) -> list[Sold]:
    """The lines once the change order is accepted: those there were, in their place, then added."""
    after = {effect.before.origin_id: effect.after for effect in effects if effect.before}
    kept = [after.get(line.origin_id, sold(line)) for line in lines]
    added = [effect.after for effect in effects if effect.before is None]
    return [line for line in (*kept, *added) if line is not None]


def _effect(in_force: dict[UUID, Sold], change: ChangeLine) -> Effect:
    if change.origin_id is None:
        return Effect(change.action, None, _added(change), change.plan)
    before = in_force.get(change.origin_id)
    if before is None:
        raise LineNotInForce
    after = None if change.action is ChangeAction.remove else _altered(before, change)
    return Effect(change.action, before, after, change.plan)


def _added(change: ChangeLine) -> Sold:
    names = [name for name in Sold.__dataclass_fields__ if name != "origin_id"]
    whole: dict[str, Any] = {name: getattr(change, name) for name in names}
    return Sold(origin_id=None, **whole)


def _altered(before: Sold, change: ChangeLine) -> Sold:
    quantity = before.quantity + (change.quantity_delta or 0)
    if quantity <= 0:
        raise NothingLeft
    told: dict[str, Any] = {
        name: value
        for name in ("label", "unit_price_minor", "revision_rounds")
        if (value := getattr(change, name)) is not None
    }
    if change.due_on is not None or change.due_days is not None:
        told |= {"due_on": change.due_on, "due_days": change.due_days}
    after = replace(before, quantity=quantity, **told)
    if after == before:
        raise ChangesNothing
    return after
