"""The pieces: those worth a look with their figures, then where each one stands."""

from fractions import Fraction

from api.reports.sections import work
from api.reports.sections.parts import Cell, Column, Part, Row, Table
from api.reports.sections.reader import NO_FIGURE, Reader
from api.reports.snapshot.snapshot import ReportSnapshot
from api.reports.snapshot.work import ReportPost

_ROLES = {"best": "good", "worst": "warn", "chosen": "idle"}


def parts(snapshot: ReportSnapshot, reader: Reader) -> tuple[Part, ...]:
    made: list[Part] = []
    if snapshot.posts:
        made.append(_posts(snapshot.posts, reader))
    if snapshot.content:
        made.append(_proofs(snapshot, reader, titled=bool(made)))
    return tuple(made)


def _posts(posts: tuple[ReportPost, ...], reader: Reader) -> Table:
    label = reader.words
    chosen = all(post.why == "chosen" for post in posts)
    heads = [
        Column(label("label.piece")),
        Column(label("label.date"), True),
        Column(label("metric.views"), True),
        Column(label("metric.engagements"), True),
        Column(label("metric.rate"), True),
    ]
    if not chosen:
        heads.append(Column(label("post.why")))
    both = any(post.why == "worst" for post in posts)
    title = label("post.chosen_title" if chosen else "post.title" if both else "post.best_title")
    return Table(
        tuple(heads),
        tuple(_post(post, chosen, reader) for post in posts),
        title=title,
        stacks=False,
    )


def _post(post: ReportPost, chosen: bool, reader: Reader) -> Row:
    formats = reader.formats
    rate = post.engagement_rate
    known = rate is not None and rate.denominator
    share = Fraction(rate.numerator, rate.denominator) if rate is not None and known else None
    cells = [
        Cell(reader.text(post.label), note=reader.network(post.network), address=post.url or ""),
        Cell(reader.day(formats.local_day(post.published_at))),
        Cell(NO_FIGURE if post.views is None else formats.count(post.views)),
        Cell(NO_FIGURE if post.engagements is None else formats.count(post.engagements)),
        Cell(NO_FIGURE if share is None else formats.percent(share)),
    ]
    if not chosen:
        cells.append(Cell(reader.words(f"post.{post.why}"), role=_ROLES[post.why]))
    return tuple(cells)


def _proofs(snapshot: ReportSnapshot, reader: Reader, titled: bool) -> Table:
    label = reader.words
    heads = (
        Column(label("label.piece")),
        Column(label("label.channel")),
        Column(label("label.date"), True),
        Column(label("label.link")),
    )
    rows = tuple(
        (
            Cell(piece.label),
            Cell(piece.channel),
            Cell(piece.date),
            Cell(piece.shown_url or NO_FIGURE, address=piece.url),
        )
        for piece in work.pieces(snapshot.content, reader)
    )
    return Table(heads, rows, title=label("post.proofs") if titled else "")
