"""Bars and dots: a share of a target, parts of a whole, money in a line, before and now.

Every function is pure geometry: figures and ready words in, one SVG out. Lengths are in the
drawing's own units, which are CSS pixels at full size. Lines over days are in `lines`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.documents.svg import Paint, element, text_width

_ROW = 30.0


@dataclass(frozen=True, slots=True)
class Pair:
    """One row of before and now; either may be unknown."""

    name: str
    before: float | None
    now: float | None
    shown: str


@dataclass(frozen=True, slots=True)
class Pairs:
    """Rows of before and now on one axis, with an optional line at the target."""

    rows: Sequence[Pair]
    before_name: str
    now_name: str
    target: float | None
    target_name: str
    label: str


@dataclass(frozen=True, slots=True)
class Spending:
    """One budget line in minor units. `uncovered` was spent beyond what the line holds."""

    allocated: int
    spent: int
    committed: int
    uncovered: int

    @property
    def length(self) -> int:
        return max(self.allocated, self.spent + self.committed) + self.uncovered


def bullet(
    paint: Paint, share: float, role: str, label: str, width: float = 180, height: float = 12
) -> Markup:
    """A value as a share of its target: the tick is the target, the track runs to 125 % of it."""
    longest = 1.25
    filled = max(min(share, longest), 0) / longest * width
    parts = [paint.box(0, 3.5, width, 5, "track"), paint.box(0, 3.5, filled, 5, role)]
    parts.append(paint.box(width / longest - 1, 0, 2, 12, "ink", radius=1))
    return paint.drawing(width, height, parts, label)


def stack(
    paint: Paint,
    parts: Sequence[tuple[int, str]],
    label: str,
    whole: int | None = None,
    width: float = 720,
    height: float = 22,
) -> Markup:
    """Parts of one whole, side by side; what is left of `whole` stays empty."""
    total = max(whole or 0, sum(max(amount, 0) for amount, _ in parts), 1)
    boxes = [paint.box(0, 0, width, height, "track", radius=3)]
    x = 0.0
    for amount, role in parts:
        length = max(amount, 0) / total * width
        if length > 0:
            boxes.append(paint.box(x, 0, max(length - 1.5, 1), height, role))
        x += length
    return paint.drawing(width, height, boxes, label)


def strip(
    paint: Paint, roles: Sequence[str], label: str, width: float = 720, height: float = 12
) -> Markup:
    """One cell for each promise, in the colour of its state."""
    gap = 4.0 if len(roles) <= 24 else 1.5
    cell = (width - gap * (len(roles) - 1)) / max(len(roles), 1)
    cells = [
        paint.box(index * (cell + gap), 0, cell, height, role, radius=min(4, cell / 3))
        for index, role in enumerate(roles)
    ]
    return paint.drawing(width, height, cells, label)


def spending(
    paint: Paint, line: Spending, scale: int, label: str, width: float = 220, height: float = 14
) -> Markup:
    """One line's money on a scale shared by all lines: spent, promised, left; beyond it in red."""
    unit = width / max(scale, 1)
    parts = [paint.box(0, 1, line.allocated * unit, 12, "track")]
    x = 0.0
    for amount, role in (
        (line.spent, "c1"),
        (line.committed, "c3"),
        (max(line.allocated - line.spent - line.committed, 0), ""),
        (line.uncovered, "bad"),
    ):
        length = amount * unit
        if role and amount > 0:
            parts.append(paint.box(x, 1, max(length - 0.8, 2), 12, role))
        x += length
    return paint.drawing(width, height, parts, label)


def pairs(paint: Paint, data: Pairs, width: float = 350) -> Markup:
    """Where each row was and where it is; it fell when its dot takes the accent colour."""
    longest = max((text_width(row.name, 11) for row in data.rows), default=0)
    height = 50 + _ROW * len(data.rows)
    known = [value for row in data.rows for value in (row.before, row.now) if value is not None]
    axis = _Axis(
        left=min(max(longest + 14, 74), 130),
        right=width - 50,
        ceiling=max([*known, data.target or 0]) * 1.12 or 1.0,
    )
    parts = _target_line(paint, data, axis, height) + _before_and_now(paint, data, axis)
    for index, row in enumerate(data.rows):
        parts += _pair(paint, row, axis, 42 + _ROW * index, width)
    return paint.drawing(width, height, parts, data.label)


@dataclass(frozen=True, slots=True)
class _Axis:
    left: float
    right: float
    ceiling: float

    def x(self, value: float) -> float:
        return self.left + max(value, 0) / self.ceiling * (self.right - self.left)


def _target_line(paint: Paint, data: Pairs, axis: _Axis, height: float) -> list[Markup]:
    if data.target is None:
        return []
    at = axis.x(data.target)
    return [
        paint.line((at, 24), (at, height - 20), "muted", dashes="2 3"),
        paint.text(at, height - 6, data.target_name, size=9.5, anchor="middle"),
    ]


def _before_and_now(paint: Paint, data: Pairs, axis: _Axis) -> list[Markup]:
    if all(row.before is None for row in data.rows):
        return []
    second = axis.left + 34 + text_width(data.before_name, 10)
    return [
        paint.dot(axis.left + 4, 8, 4, "ghost"),
        paint.text(axis.left + 13, 11.5, data.before_name, size=10),
        paint.dot(second, 8, 5, "c1"),
        paint.text(second + 10, 11.5, data.now_name, role="ink", size=10, weight=500),
    ]


def _pair(paint: Paint, row: Pair, axis: _Axis, y: float, width: float) -> list[Markup]:
    name = _fitted(row.name, axis.left - 8, 11)
    parts = [
        paint.line((axis.left, y), (axis.right, y), "hair"),
        paint.text(0, y + 4, name, role="ink", size=11, weight=500),
        paint.text(width, y + 4, row.shown, role="ink", size=11, anchor="end", weight=600),
    ]
    if row.before is not None and row.now is not None:
        parts.append(paint.line((axis.x(row.before), y), (axis.x(row.now), y), "ghost", 3))
    if row.before is not None:
        parts.append(paint.dot(axis.x(row.before), y, 4, "ghost"))
    if row.now is not None:
        fell = row.before is not None and row.now < row.before
        parts.append(paint.dot(axis.x(row.now), y, 5.5, "accent" if fell else "c1"))
    return parts


def _fitted(text: str, width: float, size: float) -> str:
    room = int(width / (size * 0.56))
    return text if len(text) <= room else text[: max(room - 1, 1)] + "…"


def arcs(
    centre: tuple[float, float], size: tuple[float, float], step: float, line: str, glow: str
) -> Markup:
    """The cover's rings, in literal colours: the cover is the same by day and by night."""
    x, y = centre
    parts = [
        element("circle", cx=x, cy=y, r=step * factor, fill=glow, opacity="0.05")
        for factor in (1.25, 2.3, 3.5, 4.9)
    ]
    for index in range(10):
        brand = index == 3
        parts.append(
            element(
                "circle",
                cx=x,
                cy=y,
                r=step * (1.45 + index),
                fill="none",
                stroke=glow if brand else line,
                stroke_width=1.8 if brand else 0.9,
            )
        )
    width, height = (str(math.ceil(side)) for side in size)
    return Markup(
        element(
            "svg",
            *parts,
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {width} {height}",
            width=width,
            height=height,
        )
    )


def monogram(initials: str, ink: str, ring: str, font: str) -> Markup:
    """Stands in for a logo that was not given: the agency's initials in a ring."""
    return Markup(
        element(
            "svg",
            element("circle", cx=20.0, cy=20.0, r=18.6, fill="none", stroke=ring, stroke_width=1.6),
            element(
                "text",
                initials,
                x=20.0,
                y=25.4,
                font_family=font,
                font_size=15.5,
                text_anchor="middle",
                fill=ink,
            ),
            xmlns="http://www.w3.org/2000/svg",
            viewBox="0 0 40 40",
            width="40",
            height="40",
        )
    )
