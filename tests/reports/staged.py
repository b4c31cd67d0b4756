"""Where everything on a slide stands once it is shown, by the letters' own widths."""

import io
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

from PIL import ImageFont
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE

from api import documents

_FONTS = Path(documents.__file__).parent / "fonts"
_FILES = {
    ("Inter", False): "Inter_400Regular.ttf",
    ("Inter", True): "Inter_700Bold.ttf",
    ("Fraunces", False): "Fraunces_400Regular.ttf",
}
_EMU = 12_700  # of the format's units, to a point
_LEADING = 1.2


@dataclass(frozen=True, slots=True)
class Placed:
    """One shape, in points; `shown` is how far down its words go."""

    slide: int
    name: str
    left: float
    top: float
    right: float
    bottom: float
    shown: float

    def meets(self, other: "Placed") -> bool:
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.shown, other.shown) - max(self.top, other.top)
        return across > 1 and down > 1


def faults(body: bytes) -> list[tuple[str, Placed]]:
    """What leaves its slide, says more than its box holds, or lies upon something else."""
    deck = Presentation(io.BytesIO(body))
    wide, high = deck.slide_width / _EMU, deck.slide_height / _EMU
    found: list[tuple[str, Placed]] = []
    for number, slide in enumerate(deck.slides, start=1):
        # A drawn shape is the plate beneath a logo.
        shapes = [each for each in slide.shapes if each.shape_type != MSO_SHAPE_TYPE.AUTO_SHAPE]
        placed = [_placed(number, shape) for shape in shapes]
        for each in placed:
            if min(each.left, each.top) < 0 or each.right > wide or each.bottom > high:
                found.append(("leaves", each))
            if each.shown > each.bottom + 1:
                found.append(("overflows", each))
        found += [("meets", one) for one, other in combinations(placed, 2) if one.meets(other)]
    return found


def _placed(number: int, shape: Any) -> Placed:
    left, top, width, height = (
        each / _EMU for each in (shape.left, shape.top, shape.width, shape.height)
    )
    shown = top + height
    if shape.has_text_frame:
        shown = top + _height(shape.text_frame, width)
    elif shape.has_table:
        shown = top + sum(_row(shape.table, row) for row in shape.table.rows)
    return Placed(number, shape.name, left, top, left + width, top + height, shown)


def _row(table: Any, row: Any) -> float:
    cells = zip(row.cells, table.columns, strict=True)
    needed = [_height(cell.text_frame, column.width / _EMU) for cell, column in cells]
    return max(float(row.height / _EMU), *needed)


def _height(frame: Any, width: float) -> float:
    room = width - (frame.margin_left + frame.margin_right) / _EMU
    height, after = float(frame.margin_top + frame.margin_bottom) / _EMU, 0.0
    for run, paragraph in ((run, each) for each in frame.paragraphs for run in each.runs):
        face = Face(run.font.name, bool(run.font.bold), run.font.size.pt)
        height += after + face.lines(run.text, room) * run.font.size.pt * _LEADING
        after = paragraph.space_after.pt
    return height


@dataclass(frozen=True, slots=True)
class Face:
    name: str
    bold: bool
    size: float

    def lines(self, text: str, room: float) -> int:
        """Broken between words, and within one that is longer than a line."""
        lines, used = 1, 0.0
        for word in text.split(" "):
            wide = self.width(word)
            if used and used + wide > room:
                lines, used = lines + 1, 0.0
            more = int(wide // room)
            lines, used = lines + more, used + wide - more * room + self.width(" ")
        return lines

    def width(self, text: str) -> float:
        return float(_font(self.name, self.bold).getlength(text)) * self.size / 100


@cache
def _font(name: str, bold: bool) -> Any:
    basic = ImageFont.Layout.BASIC
    return ImageFont.truetype(_FONTS / _FILES[name, bold], 100, layout_engine=basic)
