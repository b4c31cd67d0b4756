"""
What finds room on a slide, which has no next page and does not shrink what stands on it: texts and
tables in inches, their letters in points.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from api.documents import theme, wrapping

_POINTS = 72  # in an inch
_LEADING = 1.2  # of a line, to the size of its letters
_CELL, _INSET, _PAD = 12, 0.2, 0.22  # of a table: points of its letters, inches beside and around
_MOST = 8  # lines of a cell: what is longer is read on the page
_ACROSS, _GAP, _TILE, _EDGE = 3, 0.3, 1.55, 0.22  # tiles in a row, inches between, high, inside
TILES = 9  # of a slide

Box = tuple[float, float, float, float]  # left, top, width, height


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    size: float = 16
    role: str = "ink"
    bold: bool = False
    font: str = theme.SANS
    leads: bool = False  # a heading of what follows it

    @property
    def line(self) -> float:
        """The height of one line, in inches."""
        return self.size * _LEADING / _POINTS

    def lines(self, width: float) -> int:
        return len(wrapping.lines(self.text, self._face, self.size, width * _POINTS))

    def height(self, width: float) -> float:
        """In inches, with the room below it."""
        return self.lines(width) * self.line + self.size / 2 / _POINTS

    def cut(self, width: float, most: int) -> str:
        """What of the text finds room in so many lines."""
        return wrapping.cut(self.text, self._face, self.size, width * _POINTS, most)

    @property
    def _face(self) -> wrapping.Face:
        return self.font, self.bold


def pages(paragraphs: Iterable[Paragraph], box: Box, most: int) -> list[list[Paragraph]]:
    """
    Paragraphs of at most so many lines, as they find room in one box after the other. What leads
    others never stands last.
    """
    found: list[list[Paragraph]] = [[]]
    left = box[3]
    for group in _groups(paragraphs):
        shown = [replace(each, text=each.cut(box[2], most)) for each in group]
        height = sum(each.height(box[2]) for each in shown)
        if found[-1] and height > left:
            found.append([])
            left = box[3]
        found[-1] += shown
        left -= height
    return [page for page in found if page]


def _groups(paragraphs: Iterable[Paragraph]) -> Iterator[list[Paragraph]]:
    group: list[Paragraph] = []
    for each in paragraphs:
        group.append(each)
        if not each.leads:
            yield group
            group = []
    if group:
        yield group


def cut(paragraphs: Sequence[Paragraph], box: Box) -> list[Paragraph]:
    """The paragraphs that find room, the last of them cut where it ends."""
    kept: list[Paragraph] = []
    left = box[3]
    for each in paragraphs:
        most = int(left / each.line)
        if most < 1:
            break
        kept.append(replace(each, text=each.cut(box[2], most)))
        left -= each.height(box[2])
    return kept


def tiles(box: Box) -> list[Box]:
    """Where the tiles of a slide stand, row by row."""
    left, top, wide = box[0], box[1], (box[2] - (_ACROSS - 1) * _GAP) / _ACROSS
    return [
        (left + at % _ACROSS * (wide + _GAP), top + at // _ACROSS * (_TILE + _GAP), wide, _TILE)
        for at in range(TILES)
    ]


def within(tile: Box) -> Box:
    """Where the words of a tile stand."""
    return tile[0] + _EDGE, tile[1] + _EDGE, tile[2] - 2 * _EDGE, tile[3] - 2 * _EDGE


def largest(choices: Sequence[Paragraph], box: Box) -> Paragraph:
    """The first of the same text's sizes that finds room whole; the last one cut where none."""
    whole = (each for each in choices if each.lines(box[2]) * each.line <= box[3])
    return next(whole, None) or cut(choices[-1:], box)[0]


def columns(box: Box, number: int) -> list[float]:
    """Of a table in inches: the first column is twice as wide as each other."""
    unit = box[2] / (number + 1)
    return [2 * unit, *(unit for _ in range(number - 1))]


def cell(text: str, width: float, role: str = "ink", bold: bool = False) -> Paragraph:
    """What of a text finds room in a table's cell."""
    whole = Paragraph(text, _CELL, role, bold)
    return replace(whole, text=whole.cut(width - _INSET, _MOST))


def row_height(row: Sequence[str], widths: Sequence[float], bold: bool = False) -> float:
    """Of a table's row in inches, by the cell with most lines."""
    cells = [cell(text, width, bold=bold) for text, width in zip(row, widths, strict=True)]
    return _PAD + max(
        each.lines(width - _INSET) * each.line for each, width in zip(cells, widths, strict=True)
    )
