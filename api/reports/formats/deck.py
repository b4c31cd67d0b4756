"""A report as slides for the meeting: a title, then its sections in their order."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import zip_longest

from babel.numbers import get_currency_precision

from api.documents import fitting, logos, theme
from api.documents.fitting import Paragraph
from api.documents.logos import Logo
from api.documents.slides import MARGIN, WIDTH, Chart, Deck, Series
from api.reports.formats import telling
from api.reports.formats.cells import Amount, Table
from api.reports.sections.parts import Bullets, Facts, Part
from api.reports.sections.parts import Cell as PartCell
from api.reports.sections.parts import Table as PartTable
from api.reports.sections.reader import Fact
from api.reports.snapshot.snapshot import ReportSnapshot
from api.reports.view import Entry, View

_WHOLE = (MARGIN, 1.5, WIDTH - 2 * MARGIN, 5.4)
_LEFT = (MARGIN, 1.5, 7.4, 5.4)
_RIGHT = (MARGIN + 7.8, 1.5, 4.1, 5.4)
_HALF = (WIDTH - 3 * MARGIN) / 2
_HALVES = (MARGIN, 1.5, _HALF, 5.4), (2 * MARGIN + _HALF, 1.5, _HALF, 5.4)
_SHORT = 450  # characters of a summary that is set large
_MOST = 8  # lines of one point in a list: what is longer is read on the page
_BARS = 12  # lines of a budget that can be told apart in one drawing
_NAME = 60  # characters that name a bar

Page = list[list[str]]


def deck(snapshot: ReportSnapshot, view: View, tables: tuple[Table, ...]) -> bytes:
    """The slides, from the words of the view and the numbers of the tables."""
    author, title = snapshot.agency.name, f"{view.cover.client} · {view.cover.span}"
    made = Deck(view.light, title, author, view.language)
    _title(made, view, logos.of_svg(snapshot.agency.logo))
    by_name = {table.name: table for table in tables}
    drawn: dict[str, Callable[[], None]] = {
        "boss": lambda: _boss(made, view),
        "summary": lambda: _summary(made, view),
        "kpis": lambda: _kpis(made, view),
        "investment": lambda: _investment(made, view),
        "channels": lambda: _channels(made, view, by_name),
        "budget": lambda: _budget(made, view, by_name["budget"], snapshot),
        "deliverables": lambda: _deliverables(made, view),
        "next_steps": lambda: _next_steps(made, view),
    }
    for entry in view.contents:
        if entry.key == "year" and "months" in by_name:
            _year(made, entry, by_name["months"])
        if entry.key in drawn:
            drawn[entry.key]()
        for part in entry.parts:
            _part(made, entry, part)
    return made.made(snapshot.report.published_at or snapshot.report.as_of)


def _title(made: Deck, view: View, logo: Logo | None) -> None:
    cover = view.cover
    slide = made.slide(cover.client, dark=True)
    beside = (WIDTH - MARGIN - 2.4, 0.7, 2.4, 0.8)
    if logo is not None:
        made.picture(slide, beside, (logo.width, logo.height), logo.png)
    made.text(
        slide,
        (MARGIN, 0.6, beside[0] - 2 * MARGIN, 1.4),
        [
            Paragraph(cover.agency, 20, "on_hero", font=theme.SERIF),
            Paragraph(cover.title, 14, "hero_accent", bold=True),
        ],
    )
    made.text(
        slide,
        (MARGIN, 3.7, 11.9, 2.7),
        [
            Paragraph(cover.span, 24, "on_hero_muted", font=theme.SERIF),
            Paragraph(cover.headline, 22, "on_hero", font=theme.SERIF),
        ],
    )
    signed = Paragraph(f"{cover.author} · {cover.version}, {cover.published}", 12, "on_hero_muted")
    made.text(slide, (MARGIN, 6.5, 11.9, 0.5), [signed])


def _boss(made: Deck, view: View) -> None:
    """The page that stands alone: the goal, three figures, the money, one decision."""
    page = view.boss
    if page is None:
        return
    slide = made.slide(view.labels["boss"])
    told: list[Paragraph] = []
    for aim in page.aims:
        told.append(Paragraph(aim.text, 20, font=theme.SERIF))
        told += [Paragraph(aim.note, 12, "muted")] if aim.note else []
    if page.decision:
        told.append(Paragraph(view.labels["requests"], 14, "primary", bold=True))
        told.append(telling.promise(page.decision))
    made.text(slide, _LEFT, told)
    facts = [Fact(tile.label, tile.value) for tile in page.tiles]
    made.text(slide, _RIGHT, telling.facts([*facts, *(page.money.facts if page.money else ())]))


def _part(made: Deck, entry: Entry, part: Part) -> None:
    """What a section is made of; drawings are charts of their own, small words are left out."""
    title = " · ".join(dict.fromkeys(name for name in (entry.heading, part.title) if name))
    if isinstance(part, PartTable):
        rows = [[_cell(cell) for cell in row] for row in (*part.rows, part.total) if row]
        _tables(made, title, [column.name for column in part.columns], rows)
    elif isinstance(part, Facts):
        tiles = list(map(telling.tile, part.items))
        for start in range(0, len(tiles), fitting.TILES):
            made.tiles(made.slide(title), _WHOLE, tiles[start : start + fitting.TILES])
    elif isinstance(part, Bullets):
        for page in fitting.pages(telling.points(part.lines), _WHOLE, _MOST):
            made.text(made.slide(title), _WHOLE, page)


def _cell(cell: PartCell) -> str:
    return " · ".join(part for part in (cell.text, cell.note) if part)


def _year(made: Deck, entry: Entry, months: Table) -> None:
    names = [column.title for column in months.columns]
    at = (1, "primary"), (2, "accent_ink")
    series = [Series(names[n], _numbers([row.cells[n] for row in months.rows]), c) for n, c in at]
    known = [each for each in series if sum(value is not None for value in each.values) > 1]
    if known:
        slide = made.slide(f"{entry.heading} · {months.title}")
        made.chart(
            slide, _WHOLE, Chart("line", [row.key for row in months.rows], known, entry.title)
        )


def _summary(made: Deck, view: View) -> None:
    slide = made.slide(view.labels["summary"])
    story = view.story
    lines = [telling.said(line) for block in story.summary for line in block.lines]
    size = 18 if sum(map(len, lines)) < _SHORT else 14
    summed = [Paragraph(line, size) for line in lines]
    made.text(slide, _LEFT, summed or [Paragraph(view.cover.headline, 22, font=theme.SERIF)])
    told = [each for lead in story.highlights for each in telling.highlight(lead)]
    first, *more = fitting.pages(told, _RIGHT, _MOST) or [[]]
    if first:
        made.text(slide, _RIGHT, first)
    for page in more:
        made.text(made.slide(view.labels["summary"]), _WHOLE, page)
    honest = (("lowlights", story.lowlights), ("learnings", story.learnings))
    _side_by_side(made, view, "summary", [(name, telling.points(told)) for name, told in honest])


def _kpis(made: Deck, view: View) -> None:
    say = view.labels
    head = [say["kpis_plain"], "", say["previous"], say["target"], say["status"]]
    rows = [
        [
            tile.label,
            tile.value,
            " ".join(filter(None, (tile.previous, tile.delta and f"({tile.delta})"))),
            tile.target,
            " · ".join(filter(None, (tile.status, tile.distance, tile.reason, tile.quality))),
        ]
        for tile in view.kpis.tiles
    ]
    _tables(made, say["kpis"] if view.kpis.met else say["kpis_plain"], head, rows)


def _channels(made: Deck, view: View, tables: dict[str, Table]) -> None:
    shown = view.channels
    if shown is None:
        return
    if "days" in tables and shown.trend:
        _trend(made, view, tables["days"])
    head = [view.labels["channel"], *shown.columns]
    rows = [*shown.rows, *([shown.total] if shown.total else [])]
    lines = [[row.name, *(f"{c.value} {c.delta}".strip() for c in row.cells)] for row in rows]
    _tables(made, view.labels["channels"], head, lines)


def _trend(made: Deck, view: View, days: Table) -> None:
    slide = made.slide(view.labels["daily_views"])
    names, dates = [column.title for column in days.columns], [row.cells[0] for row in days.rows]
    values = [_numbers([row.cells[at] for row in days.rows]) for at in (1, 2)]
    series = [Series(names[1], values[0], "primary")]
    if any(value is not None for value in values[1]):
        series.append(Series(names[2], values[1], "muted", dashed=True))
    said = view.channels.trend_alt if view.channels else ""
    categories = [
        f"{date:%d/%m}" if date and not isinstance(date, str | Amount) else "" for date in dates
    ]
    made.chart(slide, _WHOLE, Chart("line", categories, series, said))


def _budget(made: Deck, view: View, table: Table, snapshot: ReportSnapshot) -> None:
    plan = view.budget
    if plan is None:
        return
    places = int(get_currency_precision(snapshot.report.currency))
    at = {column.metric: place for place, column in enumerate(table.columns)}
    roles = {"spent": "c1", "committed": "c3", "available": "track", "unfunded": "bad"}
    series = {
        name: [
            None if value is None else round(value / 10**places, places)
            for value in _numbers([row.cells[at[name]] for row in table.rows])
        ]
        for name in roles
        if name != "unfunded" or plan.has_unfunded
    }
    labels = [row.label[:_NAME] for row in plan.rows]
    for start in range(0, len(labels), _BARS):
        slide = made.slide(view.labels["budget"])
        shown = slice(start, start + _BARS)
        drawn = [Series(view.labels[n], v[shown], roles[n]) for n, v in series.items()]
        made.chart(slide, _LEFT, Chart("stacked", labels[shown], drawn, plan.total.alt))
        whole = Fact(view.labels["allocated"], plan.total.allocated)
        made.text(slide, _RIGHT, [*telling.facts([whole]), *telling.shares(plan.legend)])


def _investment(made: Deck, view: View) -> None:
    money = view.investment
    if money is None:
        return
    slide = made.slide(view.labels["investment"])
    made.text(slide, _LEFT, [*telling.facts(money.facts), Paragraph(money.back, 16)])
    made.text(slide, _RIGHT, telling.shares(money.legend))


def _deliverables(made: Deck, view: View) -> None:
    if view.scope is None:
        return
    say = view.labels
    head = [say[name] for name in ("deliverable", "channel", "progress", "due", "status")]
    rows = [
        [line.label, line.channel, f"{line.progress} {line.extra}".strip(), line.due, line.status]
        for line in view.scope.lines
    ]
    _tables(made, say["deliverables"], head, rows)


def _next_steps(made: Deck, view: View) -> None:
    sides = (("requests", view.requests), ("commitments", view.commitments))
    _side_by_side(
        made, view, "next_steps", [(name, list(map(telling.promise, told))) for name, told in sides]
    )


def _side_by_side(
    made: Deck, view: View, title: str, sides: Iterable[tuple[str, list[Paragraph]]]
) -> None:
    """Up to two lists under their names, over as many slides as they take."""
    columns = []
    for (name, told), box in zip([side for side in sides if side[1]], _HALVES, strict=False):
        head = Paragraph(view.labels[name], 16, "primary", bold=True)
        room = (*box[:3], box[3] - head.height(box[2]))
        columns.append([(box, [head, *page]) for page in fitting.pages(told, room, _MOST)])
    for shown in zip_longest(*columns):
        slide = made.slide(view.labels[title])
        for box, page in filter(None, shown):
            made.text(slide, box, page)


def _tables(made: Deck, title: str, head: Sequence[str], rows: Page) -> None:
    """A long table goes on over several slides, each under the same title and head."""
    for page in _pages(rows, head):
        made.table(made.slide(title), _WHOLE, [head, *page])


def _pages(rows: Page, head: Sequence[str]) -> Iterator[Page]:
    """As many rows as find room under a head."""
    widths = fitting.columns(_WHOLE, len(head))
    top = fitting.row_height(head, widths, bold=True)
    page: Page = []
    left = _WHOLE[3] - top
    for row in rows:
        height = fitting.row_height(row, widths)
        if page and height > left:
            yield page
            page, left = [], _WHOLE[3] - top
        page.append(row)
        left -= height
    if page:
        yield page


def _numbers(cells: Sequence[object]) -> list[int | None]:
    return [cell.value if isinstance(cell, Amount) else None for cell in cells]
