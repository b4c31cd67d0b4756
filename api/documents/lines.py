"""Figures over days, as lines: the annotated trend and the small one in a table row.

A day without a figure is a gap in the line, never a zero.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.documents.svg import Anchor, Paint, number, text_width

Point = tuple[float, float]
Series = Sequence[int | None]

_LABEL_SIZE = 10.0
_LABEL_ROW = 14.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A day worth a word on the trend: `index` counts days from 0."""

    index: int
    label: str
    role: str


@dataclass(frozen=True, slots=True)
class Trend:
    """Two periods laid over each other, day by day, and what happened on the way."""

    current: Series
    previous: Series
    current_name: str
    previous_name: str
    ticks: Sequence[tuple[int, str]]
    marks: Sequence[Mark]
    label: str

    @property
    def days(self) -> int:
        return max(len(self.current), len(self.previous), 2)

    @property
    def highest(self) -> int:
        known = [value for value in (*self.current, *self.previous) if value is not None]
        return max(known, default=0)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a mark's label stands: above `x`, in `row`, to the left of its line when `flipped`."""

    mark: Mark
    x: float
    row: int
    flipped: bool


@dataclass(frozen=True, slots=True)
class _Frame:
    """The plot inside the drawing, and where a day and a figure fall in it."""

    width: float
    height: float
    top: float
    days: int
    ceiling: int
    left: float = 46.0
    right: float = 8.0
    bottom: float = 26.0

    @property
    def floor(self) -> float:
        return self.height - self.bottom

    def x(self, index: int) -> float:
        return self.left + index * (self.width - self.left - self.right) / (self.days - 1)

    def y(self, value: float) -> float:
        return self.floor - value / self.ceiling * (self.floor - self.top)

    def point(self, index: int, value: int) -> Point:
        return self.x(index), self.y(value)


def smooth(points: Sequence[Point]) -> str:
    """A path through the points that never swings past them (monotone cubic, Fritsch–Carlson)."""
    path = [f"M{number(points[0][0])},{number(points[0][1])}"]
    tangents = _tangents(points)
    for index in range(len(points) - 1):
        (x0, y0), (x1, y1) = points[index], points[index + 1]
        third = (x1 - x0) / 3
        first = (x0 + third, y0 + tangents[index] * third)
        second = (x1 - third, y1 - tangents[index + 1] * third)
        ends = (first, second, (x1, y1))
        path.append("C" + " ".join(f"{number(x)},{number(y)}" for x, y in ends))
    return "".join(path)


def _tangents(points: Sequence[Point]) -> list[float]:
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in zip(points, points[1:], strict=False)]
    if not slopes:
        return [0.0]
    inner = [
        0.0 if before * after <= 0 else (before + after) / 2
        for before, after in zip(slopes, slopes[1:], strict=False)
    ]
    tangents = [slopes[0], *inner, slopes[-1]]
    for index, slope in enumerate(slopes):
        if slope == 0:
            tangents[index] = tangents[index + 1] = 0.0
            continue
        size = math.hypot(tangents[index] / slope, tangents[index + 1] / slope)
        if size > 3:
            tangents[index] *= 3 / size
            tangents[index + 1] *= 3 / size
    return tangents


def stretches(values: Series, point: Callable[[int, int], Point]) -> list[list[Point]]:
    """The runs of days that have a figure, each as its points."""
    runs: list[list[Point]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(point(index, value))
    return [run for run in runs if run]


def grid_step(highest: int, lines: int = 4) -> int:
    """The round number that divides an axis up to `highest` into about `lines` parts."""
    raw = max(highest, lines) / lines
    power = 10.0 ** math.floor(math.log10(raw))
    steps = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
    return math.ceil(next(step * power for step in steps if step * power >= raw))


def trend(
    paint: Paint, data: Trend, axis: Callable[[int], str], width: float, height: float
) -> Markup:
    """Views by day against the days before, with the marked days named."""
    step = grid_step(data.highest)
    places = _places(data, width)
    label_rows = max((place.row + 1 for place in places), default=0)
    frame = _Frame(
        width=width,
        height=height,
        top=24.0 + _LABEL_ROW * label_rows,
        days=data.days,
        ceiling=step * max(math.ceil(data.highest / step), 1),
    )
    current = stretches(data.current, frame.point)
    parts = [
        *_grid(paint, frame, step, axis),
        *_ticks(paint, frame, data.ticks),
        *_marks(paint, frame, places),
        *_shades(paint, current, frame.floor),
        *_strokes(paint, stretches(data.previous, frame.point), "ghost", 1.4, "4 3"),
        *_strokes(paint, current, "c1", 2.4),
        *_legend(paint, data, frame.left),
    ]
    return paint.drawing(width, height, parts, data.label)


def spark(
    paint: Paint, values: Series, label: str, width: float = 120, height: float = 30
) -> Markup:
    """The shape of a period in the width of a table cell, its highest day marked."""
    known = [value for value in values if value is not None]
    if not known:
        return paint.drawing(width, height, [], label)
    low, high = min(known), max(known)

    def point(index: int, value: int) -> Point:
        across = 2 + index * (width - 6) / max(len(values) - 1, 1)
        return across, height - 4 - (value - low) / ((high - low) or 1) * (height - 9)

    runs = stretches(values, point)
    parts = [
        *_shades(paint, runs, height),
        *_strokes(paint, runs, "c1", 1.6),
        paint.dot(*point(list(values).index(high), high), 2.4, "accent"),
    ]
    return paint.drawing(width, height, parts, label)


def _strokes(
    paint: Paint, runs: list[list[Point]], role: str, width: float, dashes: str | None = None
) -> list[Markup]:
    return [
        paint.curve(smooth(run), role, width, dashes)
        if len(run) > 1
        else paint.dot(*run[0], width, role)
        for run in runs
    ]


def _shades(paint: Paint, runs: list[list[Point]], floor: float) -> list[Markup]:
    shades = []
    for run in (run for run in runs if len(run) > 1):
        down = f"L{number(run[-1][0])},{number(floor)}L{number(run[0][0])},{number(floor)}Z"
        shades.append(paint.shade(smooth(run) + down, "c1"))
    return shades


def _grid(paint: Paint, frame: _Frame, step: int, axis: Callable[[int], str]) -> list[Markup]:
    parts = []
    for level in range(0, frame.ceiling + 1, step):
        y = frame.y(level)
        parts.append(paint.line((frame.left, y), (frame.width - frame.right, y), "hair"))
        parts.append(paint.text(frame.left - 8, y + 3.5, axis(level), anchor="end"))
    return parts


def _ticks(paint: Paint, frame: _Frame, ticks: Sequence[tuple[int, str]]) -> list[Markup]:
    parts = []
    for index, words in ticks:
        last = index == frame.days - 1
        anchor: Anchor = "start" if index == 0 else "end" if last else "middle"
        parts.append(paint.text(frame.x(index), frame.height - 8, words, anchor=anchor))
    return parts


def _places(data: Trend, width: float) -> list[_Place]:
    """Labels of near days go to separate rows; one that would leave the drawing turns left."""
    frame = _Frame(width=width, height=1, top=0, days=data.days, ceiling=1)
    row_ends: list[float] = []
    places = []
    for mark in data.marks:
        x = frame.x(mark.index)
        needed = text_width(mark.label, _LABEL_SIZE) + 14
        flipped = x + needed > width
        start = x - needed if flipped else x - 4
        row = next((row for row, end in enumerate(row_ends) if start >= end), len(row_ends))
        row_ends[row:] = [start + needed, *row_ends[row + 1 :]]
        places.append(_Place(mark, x, row, flipped))
    return places


def _marks(paint: Paint, frame: _Frame, places: Sequence[_Place]) -> list[Markup]:
    parts = []
    for place in places:
        role, y = place.mark.role, 28.0 + _LABEL_ROW * place.row
        parts += [
            paint.line((place.x, y), (place.x, frame.floor), role, dashes="2 3"),
            paint.dot(place.x, y, 2.5, role),
            paint.text(
                place.x - 6 if place.flipped else place.x + 6,
                y + 3.5,
                place.mark.label,
                role="accent_ink" if role == "accent" else role,
                size=_LABEL_SIZE,
                anchor="end" if place.flipped else "start",
                weight=600,
            ),
        ]
    return parts


def _legend(paint: Paint, data: Trend, left: float) -> list[Markup]:
    parts = [
        paint.line((left, 8), (left + 18, 8), "c1", 2.4),
        paint.text(left + 24, 11.5, data.current_name, role="ink", weight=500),
    ]
    if any(value is not None for value in data.previous):
        x = left + 42 + text_width(data.current_name, 10.5)
        parts.append(paint.line((x, 8), (x + 18, 8), "ghost", 1.4, "4 3"))
        parts.append(paint.text(x + 24, 11.5, data.previous_name))
    return parts
