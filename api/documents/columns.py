"""Months side by side, as columns: those worth comparing in colour, the others in grey.

A month without a figure is a dash on the floor, never a column of no height.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.documents.lines import grid_step
from api.documents.svg import Anchor, Paint

_LEFT = 40.0
_TOP = 22.0
_BOTTOM = 22.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One column; `shown` is written above it, for the few that are compared."""

    name: str
    value: int | None
    role: str
    shown: str = ""


def columns(
    paint: Paint,
    bars: Sequence[Bar],
    label: str,
    axis: Callable[[int], str],
    width: float = 350,
    height: float = 180,
) -> Markup:
    """The columns on their grid, from 0 on: what is half as high is half as much."""
    highest = max((bar.value or 0 for bar in bars), default=0)
    step = grid_step(highest, lines=3)
    ceiling = step * max(math.ceil(highest / step), 1)
    floor = height - _BOTTOM

    def y(value: float) -> float:
        return floor - value / ceiling * (floor - _TOP)

    parts = []
    for level in range(0, ceiling + 1, step):
        parts.append(paint.line((_LEFT, y(level)), (width, y(level)), "hair"))
        parts.append(paint.text(_LEFT - 6, y(level) + 3.5, axis(level), size=9, anchor="end"))
    slot = (width - _LEFT) / max(len(bars), 1)
    tops = [y(bar.value or 0) for bar in bars]
    for index, bar in enumerate(bars):
        x = _LEFT + index * slot
        parts += _bar(paint, bar, x + slot / 2, slot, tops[index], floor)
        if bar.shown:
            # A word is wider than its column: it stands above the neighbours too.
            above = min(tops[max(index - 1, 0) : index + 2])
            parts.append(_word(paint, bar.shown, x, slot, above - 5, width))
    return paint.drawing(width, height, parts, label)


def _bar(
    paint: Paint, bar: Bar, middle: float, slot: float, top: float, floor: float
) -> list[Markup]:
    name = paint.text(middle, floor + 14, bar.name, size=8.5, anchor="middle")
    if bar.value is None:
        return [name, paint.text(middle, floor - 4, "—", size=9, anchor="middle")]
    breadth = slot * 0.68
    return [name, paint.box(middle - breadth / 2, top, breadth, max(floor - top, 1), bar.role)]


def _word(paint: Paint, shown: str, x: float, slot: float, y: float, width: float) -> Markup:
    """Nothing is cut off at either edge."""
    anchor: Anchor = "middle"
    at = x + slot / 2
    if x < _LEFT + slot / 2:
        anchor, at = "start", x + slot * 0.16
    elif x + slot * 1.5 > width:
        anchor, at = "end", x + slot * 0.84
    return paint.text(at, y, shown, role="ink", size=9, anchor=anchor, weight=600)
