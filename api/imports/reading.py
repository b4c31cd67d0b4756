"""The rows below a header, each as a figure or as what is wrong with it. Knows no session."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from api.imports import above, rows
from api.imports.formats import Layout, Manner
from api.imports.said import Given, Said
from api.imports.sources import Row
from api.metrics.figures import METRICS
from api.metrics.readings import uploads
from api.metrics.readings.uploads import SUBJECTS
from tenants.errors import Unprocessable


class ChannelNeeded(Unprocessable):
    """The file does not say whose figures these are; name the channel."""


class YearNeeded(Unprocessable):
    """The file's days have no year; say of which year its last day is."""


class NothingToImport(Unprocessable):
    """The file has no figure that is kept here; `ignored` lists its headers."""


Reader = Callable[[Layout, Iterator[Row], Given], Iterator[Said]]


def read(layout: Layout, found: Iterator[Row], given: Given) -> Iterator[Said]:
    """The figures below a header; a row without any cell is none."""
    _check(layout, given)
    said = (row for row in found if any(cell.strip() for cell in row[1]))
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


def _tidy(layout: Layout, below: Iterator[Row], given: Given) -> Iterator[Said]:
    """Our own layout: the rows that the upload of readings takes."""
    unnamed = not {*SUBJECTS} & layout.places.keys()
    header = uploads.header([*layout.header, *(["channel"] if unnamed else [])])
    for number, found in below:
        filled = [*found, given.channel or ""] if unnamed else found
        yield from tidy_row(number, uploads.cells(header, filled), given)


def tidy_row(number: int, row: Any, given: Given) -> Iterator[Said]:
    """A row of our own layout, which may leave the channel to the import."""
    if isinstance(row, Mapping) and given.channel and not any(map(row.get, SUBJECTS)):
        row = {**row, "channel": given.channel}
    yield from uploads.reading(number, row)


_READERS: dict[Manner, Reader] = {
    Manner.table: rows.table,
    Manner.titled: above.titled,
    Manner.grouped: above.grouped,
    Manner.tidy: _tidy,
}
