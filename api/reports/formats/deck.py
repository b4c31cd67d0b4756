"""A report as slides for the meeting: a title, then its sections in their order."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from babel.numbers import get_currency_precision

from api.documents import logos, theme
from api.documents.logos import Logo
from api.documents.slides import MARGIN, WIDTH, Chart, Deck, Paragraph, Series, cut, lines_of
from api.reports.formats.cells import Amount, Table
from api.reports.sections.parts import Bullets, Facts, Part
from api.reports.sections.parts import Cell as PartCell
from api.reports.sections.parts import Table as PartTable
from api.reports.sections.reader import Fact
from api.reports.sections.work import Owed
from api.reports.snapshot import ReportSnapshot
from api.reports.view import Entry, View

_WHOLE = (MARGIN, 1.5, WIDTH - 2 * MARGIN, 5.4)
_LEFT = (MARGIN, 1.5, 7.4, 5.4)
_RIGHT = (MARGIN + 7.8, 1.5, 4.1, 5.4)
_CELL = 12  # points of a table's letters
_LINE, _ROW, _INSET = 0.2, 0.42, 0.2  # inches: of a line, of a row of one, beside a cell's words
_SHORT = 450  # characters of a summary that is set large
_BESIDE = 720  # of all highlights together
_IN_CELL = 240  # what is longer is read on the page

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
    if logo is not None:
        made.picture(
            slide, (WIDTH - MARGIN - 2.4, 0.7, 2.4, 0.8), (logo.width, logo.height), logo.png
        )
    made.text(
        slide,
        (MARGIN, 0.6, 11.9, 1.4),
        [
            Paragraph(cover.agency, 20, "on_hero", font=theme.SERIF),
            Paragraph(cover.title, 14, "hero_accent", bold=True),
        ],
    )
    made.text(
        slide,
        (MARGIN, 3.7, 11.9, 3.2),
        [
            Paragraph(cover.span, 24, "on_hero_muted", font=theme.SERIF),
            Paragraph(cover.headline, 22, "on_hero", font=theme.SERIF),
            Paragraph(f"{cover.author} · {cover.version}, {cover.published}", 12, "on_hero_muted"),
        ],
    )


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
        told.append(_promise(page.decision))
    made.text(slide, _LEFT, told)
    facts = [Fact(tile.label, tile.value) for tile in page.tiles]
    made.text(slide, _RIGHT, _said_of([*facts, *(page.money.facts if page.money else ())]))


def _part(made: Deck, entry: Entry, part: Part) -> None:
    """What a section is made of; drawings are charts of their own, small words are left out."""
    title = " · ".join(dict.fromkeys(name for name in (entry.heading, part.title) if name))
    if isinstance(part, PartTable):
        rows = [[_cell(cell) for cell in row] for row in (*part.rows, part.total) if row]
        _tables(made, title, [column.name for column in part.columns], rows)
    elif isinstance(part, Facts):
        made.text(made.slide(title), _WHOLE, _said_of(part.items))
    elif isinstance(part, Bullets):
        lines = [Paragraph(_said(line), 16) for line in part.lines]
        made.text(made.slide(title), _WHOLE, lines)


def _cell(cell: PartCell) -> str:
    return " · ".join(part for part in (cell.text, cell.note) if part)


def _said_of(facts: Iterable[Fact]) -> list[Paragraph]:
    told: list[Paragraph] = []
    for fact in facts:
        told.append(Paragraph(fact.name, 12, "muted"))
        told.append(Paragraph(fact.value, 22, "primary", font=theme.SERIF))
    return told


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
    lines = [_said(line) for block in story.summary for line in block.lines]
    size = 18 if sum(map(len, lines)) < _SHORT else 14
    told = [Paragraph(line, size) for line in lines]
    made.text(slide, _LEFT, told or [Paragraph(view.cover.headline, 22, font=theme.SERIF)])
    beside: list[Paragraph] = []
    highlights = story.highlights[:4]
    for each in highlights:
        beside += [Paragraph(cut(each.title, 80), 15, "primary", bold=True)]
        beside += [Paragraph(cut(_said(each.body), _BESIDE // len(highlights)), 12)]
    if beside:
        made.text(slide, _RIGHT, beside)


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
    slide = made.slide(view.labels["budget"])
    at = {column.metric: place for place, column in enumerate(table.columns)}
    roles = {"spent": "c1", "committed": "c3", "available": "track", "unfunded": "bad"}
    series = [
        Series(
            view.labels[name],
            [
                None if value is None else round(value / 10**places, places)
                for value in _numbers([row.cells[at[name]] for row in table.rows])
            ],
            role,
        )
        for name, role in roles.items()
        if name != "unfunded" or plan.has_unfunded
    ]
    labels = [row.label for row in plan.rows]
    made.chart(slide, _LEFT, Chart("stacked", labels, series, plan.total.alt))
    facts = [
        paragraph
        for share in plan.legend
        for paragraph in (
            Paragraph(share.name, 12, "muted"),
            Paragraph(f"{share.value} · {share.percent}", 18, bold=True),
        )
    ]
    whole = [
        Paragraph(view.labels["allocated"], 12, "muted"),
        Paragraph(plan.total.allocated, 24, "primary", font=theme.SERIF),
    ]
    made.text(slide, _RIGHT, whole + facts)


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
    slide = made.slide(view.labels["next_steps"])
    half = (WIDTH - 3 * MARGIN) / 2
    sides = (("requests", view.requests), ("commitments", view.commitments))
    shown = [(name, promises) for name, promises in sides if promises]
    for at, (name, promises) in enumerate(shown):
        box = (MARGIN + at * (half + MARGIN), 1.5, half, 5.4)
        head = Paragraph(view.labels[name], 16, "primary", bold=True)
        made.text(slide, box, [head, *(_promise(each) for each in promises)])


def _promise(promise: Owed) -> Paragraph:
    parts = (promise.text, promise.owner, promise.due)
    return Paragraph(" · ".join(part for part in parts if part), 14)


def _tables(made: Deck, title: str, head: Sequence[str], rows: Page) -> None:
    """A long table goes on over several slides, each under the same title and head."""
    for page in _pages([[cut(cell, _IN_CELL) for cell in row] for row in rows], _height(head)):
        made.table(made.slide(title), (*_WHOLE[:3], _ROW * (len(page) + 1)), [head, *page])


def _pages(rows: Page, head: float) -> Iterator[Page]:
    """As many rows as find room under a head: one with more lines grows as it is shown."""
    page: Page = []
    height = head
    for row in rows:
        more = _height(row)
        if page and height + more > _WHOLE[3]:
            yield page
            page, height = [], head
        page.append(row)
        height += more
    if page:
        yield page


def _height(row: Sequence[str]) -> float:
    """Of a row: the cell with most lines makes it; the first column is twice as wide."""
    unit = _WHOLE[2] / (len(row) + 1)
    widths = (2 * unit, *(unit for _ in row[1:]))
    lines = [lines_of(cell, _CELL, width - _INSET) for cell, width in zip(row, widths, strict=True)]
    return _ROW + (max(lines) - 1) * _LINE


def _numbers(cells: Sequence[object]) -> list[int | None]:
    return [cell.value if isinstance(cell, Amount) else None for cell in cells]


def _said(line: Sequence[object]) -> str:
    return "".join(str(getattr(run, "text", "")) for run in line)
