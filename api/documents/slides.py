"""
Slides (PPTX) that stay editable: native charts and tables, in an agency's colours and letters.

What is data is only ever the text of a run, the name of a series or a number, so none of it is
markup. The same content makes the same bytes.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from typing import Any

from api.documents import archives, fitting, theme
from api.documents.fitting import Box, Paragraph

WIDTH, HEIGHT = 13.333, 7.5  # inches: 16 by 9
MARGIN = 0.7
_TITLE_ONLY, _BLANK = 5, 6  # of the layouts that every template of the format has


@dataclass(frozen=True, slots=True)
class Series:
    name: str
    values: Sequence[float | None]
    role: str
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """`kind`: line, bars side by side, or stacked. `said` is what is read aloud in its place."""

    kind: str
    categories: Sequence[str]
    series: Sequence[Series]
    said: str
    number_format: str = "#,##0"


@dataclass
class Deck:
    """A presentation that grows slide by slide."""

    colours: theme.Colours
    title: str
    author: str
    language: str
    _slides: list[Any] = field(default_factory=list)

    @cached_property
    def _made(self) -> Any:
        from pptx import Presentation  # noqa: PLC0415 - megabytes, for those only that make slides
        from pptx.util import Inches  # noqa: PLC0415

        made = Presentation()
        made.slide_width, made.slide_height = Inches(WIDTH), Inches(HEIGHT)
        return made

    def slide(self, title: str, *, dark: bool = False) -> Any:
        """A slide under its title, which is also what an outline of the deck shows."""
        slide = self._made.slides.add_slide(self._made.slide_layouts[_TITLE_ONLY])
        slide.background.fill.solid()
        slide.background.fill.fore_color.rgb = self._rgb("hero" if dark else "bg")
        place = (MARGIN, 2.1, WIDTH - 2 * MARGIN, 1.5) if dark else (MARGIN, 0.45, 11.9, 0.9)
        self._move(slide.shapes.title, place)
        self._fill(slide.shapes.title.text_frame, [self._heading(title, dark, place)])
        self._flush(slide.shapes.title.text_frame)
        return slide

    def text(self, slide: Any, box: Box, paragraphs: Sequence[Paragraph]) -> None:
        """What of the paragraphs fits into the box: a slide has no next page."""
        frame = slide.shapes.add_textbox(*self._inches(box)).text_frame
        self._fill(frame, fitting.cut(paragraphs, box))
        self._flush(frame)

    def picture(self, slide: Any, box: Box, size: tuple[int, int], png: bytes) -> None:
        """A picture as large as fits into the box, at its upper right, upon a white plate."""
        left, top, width, height = box
        scale = min(width / size[0], height / size[1])
        wide, high = size[0] * scale, size[1] * scale
        place = (left + width - wide, top, wide, high)
        self._plate(slide, (place[0] - 0.12, top - 0.12, wide + 0.24, high + 0.24), "FFFFFF")
        made = slide.shapes.add_picture(BytesIO(png), *self._inches(place))
        made._element.nvPicPr.cNvPr.set("descr", "")

    def tiles(self, slide: Any, box: Box, told: Sequence[Sequence[Paragraph]]) -> None:
        """Up to `fitting.TILES` short texts, each on a plate of its own, in rows of three."""
        for place, paragraphs in zip(fitting.tiles(box), told, strict=False):
            self._plate(slide, place, self.colours["card"].removeprefix("#"))
            self.text(slide, fitting.within(place), paragraphs)

    def table(self, slide: Any, box: Box, rows: Sequence[Sequence[str]]) -> None:
        """A native table; the first row is its head. As wide as the box, its first column twice."""
        shape = slide.shapes.add_table(len(rows), len(rows[0]), *self._inches(box))
        made = shape.table
        widths = fitting.columns(box, len(rows[0]))
        for column, width in zip(made.columns, self._inches(widths), strict=True):
            column.width = width
        heights = [fitting.row_height(row, widths, bold=at == 0) for at, row in enumerate(rows)]
        for number, (row, height) in enumerate(zip(rows, self._inches(heights), strict=True)):
            made.rows[number].height = height
            for at, text in enumerate(row):
                self._cell(made.cell(number, at), text, widths[at], is_head=number == 0)
        shape.height = self._inches([sum(heights)])[0]

    def chart(self, slide: Any, box: Box, chart: Chart) -> None:
        from pptx.chart.data import CategoryChartData  # noqa: PLC0415
        from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION  # noqa: PLC0415
        from pptx.util import Pt  # noqa: PLC0415

        kinds = {
            "line": XL_CHART_TYPE.LINE,
            "bars": XL_CHART_TYPE.BAR_CLUSTERED,
            "stacked": XL_CHART_TYPE.BAR_STACKED,
        }
        data = CategoryChartData(number_format=chart.number_format)
        data.categories = list(chart.categories)
        for series in chart.series:
            data.add_series(series.name, list(series.values))
        frame = slide.shapes.add_chart(kinds[chart.kind], *self._inches(box), data)
        frame._element.nvGraphicFramePr.cNvPr.set("descr", chart.said)
        drawn = frame.chart
        drawn.part.chart_workbook.update_from_xlsx_blob(_sheet(chart))
        drawn.font.size, drawn.font.name = Pt(12), theme.SANS
        drawn.has_title = False
        drawn.has_legend = True
        drawn.legend.position = XL_LEGEND_POSITION.BOTTOM
        drawn.legend.include_in_layout = False
        self._rule(drawn, chart)
        for plotted, series in zip(drawn.plots[0].series, chart.series, strict=True):
            self._paint(plotted, series, is_line=chart.kind == "line")
        if chart.kind != "line":
            drawn.category_axis.reverse_order = True

    def made(self, at: dt.datetime) -> bytes:
        """The deck's bytes, dated `at`."""
        about = self._made.core_properties
        about.author = about.last_modified_by = self.author[:255]
        about.title, about.language = self.title[:255], self.language
        about.keywords = about.comments = about.subject = ""
        about.created = about.modified = at.astimezone(dt.UTC).replace(tzinfo=None)
        written = BytesIO()
        self._made.save(written)
        return archives.stable(written.getvalue(), at.astimezone(dt.UTC))

    def _plate(self, slide: Any, box: Box, colour: str) -> None:
        from pptx.dml.color import RGBColor  # noqa: PLC0415
        from pptx.enum.shapes import MSO_SHAPE  # noqa: PLC0415

        ground = slide.shapes.add_shape(MSO_SHAPE.ROUNDED_RECTANGLE, *self._inches(box))
        ground.adjustments[0] = 0.06
        ground.fill.solid()
        ground.fill.fore_color.rgb = RGBColor.from_string(colour)
        ground.line.fill.background()
        ground._element.nvSpPr.cNvPr.set("descr", "")

    def _fill(self, frame: Any, paragraphs: Sequence[Paragraph]) -> None:
        from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN  # noqa: PLC0415
        from pptx.util import Pt  # noqa: PLC0415

        frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.TEXT_TO_FIT_SHAPE
        frame.vertical_anchor = MSO_ANCHOR.TOP
        for number, each in enumerate(paragraphs):
            paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
            paragraph.alignment, paragraph.space_after = PP_ALIGN.LEFT, Pt(each.size / 2)
            run = paragraph.add_run()
            run.text = each.text.replace("\n", " ")
            run.font.size, run.font.bold, run.font.name = Pt(each.size), each.bold, each.font
            run.font.color.rgb = self._rgb(each.role)

    @staticmethod
    def _flush(frame: Any) -> None:
        """Its words begin where it begins."""
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0

    @staticmethod
    def _heading(title: str, dark: bool, box: Box) -> Paragraph:
        role = "on_hero" if dark else "primary"
        sizes = (44, 36, 30) if dark else (30, 26, 22)
        return fitting.largest(
            [Paragraph(title, size, role, font=theme.SERIF) for size in sizes], box
        )

    def _cell(self, cell: Any, text: str, width: float, is_head: bool) -> None:
        cell.fill.solid()
        cell.fill.fore_color.rgb = self._rgb("hero" if is_head else "card")
        role = "on_hero" if is_head else "ink"
        self._fill(cell.text_frame, [fitting.cell(text, width, role, is_head)])

    def _paint(self, plotted: Any, series: Series, is_line: bool) -> None:
        from pptx.enum.dml import MSO_LINE  # noqa: PLC0415
        from pptx.util import Pt  # noqa: PLC0415

        if not is_line:
            plotted.format.fill.solid()
            plotted.format.fill.fore_color.rgb = self._rgb(series.role)
            return
        plotted.smooth = False
        plotted.format.line.color.rgb = self._rgb(series.role)
        plotted.format.line.width = Pt(2.25)
        if series.dashed:
            plotted.format.line.dash_style = MSO_LINE.DASH

    def _rule(self, drawn: Any, chart: Chart) -> None:
        """Quiet lines behind the figures, and the figures at them as people write them."""
        values = drawn.value_axis
        values.tick_labels.number_format = chart.number_format
        values.tick_labels.number_format_is_linked = False
        values.major_gridlines.format.line.color.rgb = self._rgb("track")
        for axis in (values, drawn.category_axis):
            axis.format.line.color.rgb = self._rgb("track")
            axis.tick_labels.font.color.rgb = self._rgb("muted")

    def _move(self, shape: Any, box: Box) -> None:
        shape.left, shape.top, shape.width, shape.height = self._inches(box)

    def _rgb(self, role: str) -> Any:
        from pptx.dml.color import RGBColor  # noqa: PLC0415

        return RGBColor.from_string(self.colours[role].removeprefix("#"))

    @staticmethod
    def _inches(box: Iterable[float]) -> list[Any]:
        from pptx.util import Inches  # noqa: PLC0415

        return [Inches(each) for each in box]


def _sheet(chart: Chart) -> bytes:
    """
    The sheet behind a chart, where the library looks for it. Its own would take a name that begins
    with "=" for a formula.
    """
    import xlsxwriter  # noqa: PLC0415

    made = BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    sheet = book.add_worksheet("Sheet1")
    for row, category in enumerate(chart.categories, start=1):
        sheet.write_string(row, 0, category)
    for column, series in enumerate(chart.series, start=1):
        sheet.write_string(0, column, series.name)
        for row, value in enumerate(series.values, start=1):
            if value is not None:
                sheet.write_number(row, column, value)
    book.close()
    return made.getvalue()
