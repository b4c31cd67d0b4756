"""
The rows below a header, each as a figure or as what is wrong with it. Knows no session.

A figure names its subject as the file does: a channel by the file's account or the channel that the
import is for, a post by the network's id. A row that says nothing is refused, but for a post, which
is worth noting by itself.
"""

import calendar
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from api.imports import cells
from api.imports.cells import DateOrder, Decimals, Misread
from api.imports.formats import Layout, Manner, plain
from api.imports.networks import META_TITLES, SEARCH_GROUPS, TOTALS, post_format
from api.imports.sources import Row
from api.metrics import uploads
from api.metrics.channels import key_of
from api.metrics.figures import METRICS, MONEY
from api.metrics.post_models import PostFormat
from api.metrics.uploads import SUBJECTS, Fault
from tenants.errors import Unprocessable


class ChannelNeeded(Unprocessable):
    """The file does not say whose figures these are; name the channel."""


class YearNeeded(Unprocessable):
    """The file's days have no year; say of which year its last day is."""


class PeriodNotSaid(Unprocessable):
    """The first lines of the file no longer say which days it is about; import it as exported."""


class PeriodNotWhole(Unprocessable):
    """The file is about neither a day, a week from Monday nor a month; export one of these."""


class NothingToImport(Unprocessable):
    """The file has no figure that is kept here; `ignored` lists its headers."""


@dataclass(frozen=True)
class Given:
    """What an import says of its file, because the file does not."""

    zone: ZoneInfo
    currency: str
    as_of: date  # the day on which lifetime totals stood
    channel: str | None = None
    handle_key: str | None = None  # of that channel
    network: str | None = None
    year: int | None = None
    order: DateOrder | None = None
    decimals: Decimals | None = None
    captured_at: datetime | None = None


class Post(NamedTuple):
    """What a file says of a post."""

    external_id: str
    url: str | None
    published_at: datetime
    title: str | None
    format: PostFormat | None


class Figure(NamedTuple):
    """One reading of a file."""

    row: int
    date: date
    channel: str
    basis: str
    source: str
    currency: str | None
    values: dict[str, int]
    post: Post | None = None


T = TypeVar("T")
Said = Figure | uploads.Sent | Fault
Reader = Callable[[Layout, Iterator[Row], Given], Iterator[Said]]


def read(layout: Layout, rows: Iterator[Row], given: Given) -> Iterator[Said]:
    """The figures below a header; a row without any cell is none."""
    _check(layout, given)
    said = (row for row in rows if any(cell.strip() for cell in row[1]))
    return _READERS[layout.format.manner](layout, said, given)


def _check(layout: Layout, given: Given) -> None:
    """What the file leaves open and nobody said."""
    format = layout.format
    names_it = {*SUBJECTS, "account"} & layout.places.keys()
    if given.channel is None and not names_it:
        raise ChannelNeeded(pointer="/channel_id")
    if format.without_year and given.year is None:
        raise YearNeeded(pointer="/year")
    if format.manner is Manner.table and not set(layout.places) & set(METRICS):
        raise NothingToImport(extra={"ignored": [cell[:80] for cell in layout.header[:50]]})


def _table(layout: Layout, rows: Iterator[Row], given: Given) -> Iterator[Said]:
    """A row is a reading: of a channel's day, or of a post as it stood."""
    width = len(layout.header)
    parts = _Parts(layout, given)
    for number, found in rows:
        if len(found) < width or any(cell.strip() for cell in found[width:]):
            yield Fault(number, "", "wrong_cell_count")
        elif plain(found[0]) not in ("total", "totals", "totales"):
            yield parts.said(number, found)


class _Misplaced(Exception):
    """A cell that cannot be read, and what its column means."""

    def __init__(self, at: str, code: str) -> None:
        super().__init__(code)
        self.at, self.code = at, code


def _at(means: str, read: Callable[..., T], *arguments: Any) -> T:
    try:
        return read(*arguments)
    except Misread as misread:
        raise _Misplaced(means, misread.code) from None


_ADDRESS = re.compile(r"https?://[^\s<>\x22']+")


class _Parts:
    """The cells of one layout's rows."""

    def __init__(self, layout: Layout, given: Given) -> None:
        self.layout, self.given = layout, given
        self.order = given.order or layout.format.order
        self.decimals = given.decimals or layout.format.decimals or Decimals.point
        self.currency = layout.currency
        self.metrics = {m: p for m, p in layout.places.items() if m in METRICS}
        self.of_posts = bool({"post_id"} & layout.places.keys()) or bool(layout.format.id_in_url)

    def said(self, number: int, found: Sequence[str]) -> Figure | Fault:
        try:
            values = self._values(found)
            channel = _at("account", self._channel, found)
            lifetime = self.layout.format.lifetime
            day = self.given.as_of if lifetime else _at("date", self.day, found)
            post = self._post(found) if self.of_posts else None
        except _Misplaced as misread:
            return Fault(number, f"/{self._told(misread.at)}", misread.code)
        if day is None:
            return Fault(number, "/date", "date_missing")
        if not values and post is None:
            return Fault(number, "", "nothing_said")
        currency = self.currency if not values.keys().isdisjoint(MONEY) else None
        source, basis = self.layout.format.source, "lifetime" if lifetime else "day"
        return Figure(number, day, channel, basis, source, currency, values, post)

    def _values(self, found: Sequence[str]) -> dict[str, int]:
        values = {}
        for metric, places in self.metrics.items():
            value = _at(metric, self._value, metric, [found[place] for place in places])
            if value is not None:
                values[metric] = value
        return values

    def _told(self, at: str) -> str:
        """The column at fault; the id of a post may stand in its address."""
        return at if at in self.layout.places else {"post_id": "url"}.get(at, at)

    def _value(self, metric: str, found: list[str]) -> int | None:
        if metric in MONEY:
            currency = self.currency or self.given.currency
            read = [cells.amount(cell, currency, self.decimals) for cell in found]
        else:
            read = [cells.count(cell) for cell in found]
        known = [value for value in read if value is not None]
        return sum(known) if known else None

    def _channel(self, found: Sequence[str]) -> str:
        """The channel of the import; the file's own word must not be another's."""
        if name := self._cell("channel", found):
            return name
        account = (self._cell("account", found) or "").removeprefix("@")
        if self.given.channel is None:
            if not account:
                raise Misread("account_missing")
            network = next(iter(self.layout.format.networks))
            return f"{network}:{account}"
        if account and key_of(account) != self.given.handle_key:
            raise Misread("another_account")
        return self.given.channel

    def day(self, found: Sequence[str]) -> date | None:
        cell = found[self.layout.places["date"][0]]
        return cells.day(cell, self.order, self.given.year, self.given.as_of)

    def _post(self, found: Sequence[str]) -> Post:
        url = self._cell("url", found, 500)
        return Post(
            _at("post_id", self._id, found, url),
            url if url and _ADDRESS.fullmatch(url) else None,
            _at("published_at", self._published, found),
            self._cell("title", found),
            post_format(self._cell("post_format", found)),
        )

    def _id(self, found: Sequence[str], url: str | None) -> str:
        cell = self._cell("post_id", found) or ""
        if pattern := self.layout.format.id_in_url:
            match = pattern.search(url or "")
            cell = match[1] if match else ""
        external_id = cells.external_id(cell)
        if external_id is None or " " in external_id:
            raise Misread("post_without_id")
        return external_id

    def _published(self, found: Sequence[str]) -> datetime:
        said = self._cell("published_at", found) or ""
        given = self.given
        moment = cells.moment(said, self.order, given.year, given.as_of, given.zone)
        if moment is None:
            raise Misread("date_missing")
        return moment

    def _cell(self, means: str, found: Sequence[str], longest: int = 200) -> str | None:
        """The words of a column; of several, the longest."""
        said = [cells.text(found[place], longest) for place in self.layout.places.get(means, ())]
        return max((each for each in said if each), key=len, default=None)


def _titled(layout: Layout, rows: Iterator[Row], given: Given) -> Iterator[Said]:
    """Days and numbers below what is counted; further titles may follow in the same file."""
    metric = _metric_above(layout.above)
    parts = _Parts(layout, given)
    number_at, date_at = layout.places["number"][0], layout.places["date"][0]
    for number, found in rows:
        cells_said = [cell for cell in found if cell.strip()]
        if len(cells_said) == 1:
            metric = META_TITLES.get(_title(cells_said[0]))
        elif len(found) <= max(number_at, date_at):
            yield Fault(number, "", "wrong_cell_count")
        elif metric and plain(found[date_at]) != plain(layout.header[date_at]):
            counted = _Counted(parts, metric, number_at)
            yield counted.said(number, found)


class _Counted:
    """One metric's number on one day."""

    def __init__(self, parts: _Parts, metric: str, place: int) -> None:
        self.parts, self.metric, self.place = parts, metric, place

    def said(self, number: int, found: Sequence[str]) -> Figure | Fault:
        given, format = self.parts.given, self.parts.layout.format
        try:
            value = _at("number", cells.count, found[self.place])
            day = _at("date", self.parts.day, found)
        except _Misplaced as misread:
            return Fault(number, f"/{misread.at}", misread.code)
        if day is None or value is None:
            return Fault(number, "", "nothing_said")
        values = {self.metric: value}
        return Figure(number, day, given.channel or "", "day", format.source, None, values)


def titles(rows: Sequence[Row]) -> dict[str, str | None]:
    """What is counted in a file of titled numbers → the metric it is, if it is kept."""
    found = [row[1] for row in rows]
    single = [cell for row in found for cell in row if cell.strip() and _alone(row)]
    return {
        title: META_TITLES.get(_title(title))
        for title in single
        if not plain(title).startswith("sep=")
    }


def _alone(row: list[str]) -> bool:
    return sum(bool(cell.strip()) for cell in row) == 1


def _metric_above(above: Sequence[Row]) -> str | None:
    found = list(titles(above).values())
    return found[-1] if found else None


def _title(cell: str) -> str:
    """`Instagram link clicks` counts what `Link clicks` does."""
    return plain(cell).removeprefix("instagram ").removeprefix("facebook ")


def _grouped(layout: Layout, rows: Iterator[Row], given: Given) -> Iterator[Said]:
    """The sessions of a period, of every group of channels: their sum, and those from search."""
    start, end = _period_above(layout.above, given)
    basis = _basis(start, end)
    group_at, sessions_at = layout.places["group"][0], layout.places["sessions"][0]
    values: dict[str, int] = {}
    for number, found in rows:
        if len(found) <= max(group_at, sessions_at):
            yield Fault(number, "", "wrong_cell_count")
            return
        group = plain(found[group_at])
        try:
            sessions = cells.count(found[sessions_at]) or 0
        except Misread as misread:  # a sum that lacks a part is no sum
            yield Fault(number, "/sessions", misread.code)
            return
        if group not in TOTALS:
            values["sessions"] = values.get("sessions", 0) + sessions
        if group in SEARCH_GROUPS:
            values["search_sessions"] = values.get("search_sessions", 0) + sessions
    if values:
        values.setdefault("search_sessions", 0)
        source = layout.format.source
        yield Figure(layout.row, start, given.channel or "", basis, source, None, values)


_START = ("start date", "fecha de inicio")
_END = ("end date", "fecha de finalización", "fecha de fin")


def _period_above(above: Sequence[Row], given: Given) -> tuple[date, date]:
    """`# Start date: 20261001` and its end, of the file's first lines."""
    said: dict[str, date] = {}
    for _, found in above:
        name, _, value = ",".join(found).lstrip("# ").partition(":")
        for key, names in (("start", _START), ("end", _END)):
            if plain(name) in names:
                day = _day_or_none(value, given)
                if day is not None:
                    said[key] = day
    if said.keys() != {"start", "end"}:
        raise PeriodNotSaid
    return said["start"], said["end"]


def _day_or_none(value: str, given: Given) -> date | None:
    try:
        return cells.day(value.strip(), DateOrder.mdy, None, given.as_of)
    except Misread:
        return None


def _basis(start: date, end: date) -> str:
    if start == end:
        return "day"
    if start.weekday() == 0 and end - start == timedelta(days=6):
        return "week"
    last = calendar.monthrange(start.year, start.month)[1]
    if start.day == 1 and end == start.replace(day=last):
        return "month"
    raise PeriodNotWhole


def _tidy(layout: Layout, rows: Iterator[Row], given: Given) -> Iterator[Said]:
    """Our own layout: the rows that the upload of readings takes."""
    unnamed = not {*SUBJECTS} & layout.places.keys()
    header = uploads.header([*layout.header, *(["channel"] if unnamed else [])])
    for number, found in rows:
        filled = [*found, given.channel or ""] if unnamed else found
        yield from tidy_row(number, uploads.cells(header, filled), given)


def tidy_row(number: int, row: Any, given: Given) -> Iterator[Said]:
    """A row of our own layout, which may leave the channel to the import."""
    if isinstance(row, Mapping) and given.channel and not any(map(row.get, SUBJECTS)):
        row = {**row, "channel": given.channel}
    for said in uploads.reading(number, row):
        early = isinstance(said, uploads.Sent) and said.date.year < cells.EARLIEST
        yield Fault(number, "/date", "date_out_of_range") if early else said


_READERS: dict[Manner, Reader] = {
    Manner.table: _table,
    Manner.titled: _titled,
    Manner.grouped: _grouped,
    Manner.tidy: _tidy,
}
