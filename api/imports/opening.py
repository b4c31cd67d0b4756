"""
A file opened: its tables in order, each with its layout and what its rows say. Which format it is
of is found by its headers, unless somebody says; a text is tried with each delimiter.
"""

import codecs
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, NamedTuple

from pydantic import ValidationError

from api.http import strict
from api.imports import reading
from api.imports.above import titles
from api.imports.formats import Format, FormatId, Layout, Manner, plain, recognise
from api.imports.reading import NothingToImport
from api.imports.said import Given, Said
from api.imports.sources import DELIMITERS, HEAD, WORKBOOK, ImportUnreadable, Row, Text, sheets
from api.metrics.readings.uploads import Fault, ReadingsWrite
from tenants.errors import Unprocessable

LARGEST_JSON = 4 * 1024 * 1024  # bytes, of one document; NDJSON has no such limit
_FIRST = 64 * 1024  # bytes, that tell JSON from NDJSON
JSON, NDJSON = FormatId.tidy_json, FormatId.tidy_ndjson


class FormatUnknown(Unprocessable):
    """No known header: `looked_for` lists those there are, `headers` what a mapping can explain."""


class JsonTooLarge(Unprocessable):
    """A JSON document of more than 4 MiB; send one reading a line (NDJSON)."""


class Table(NamedTuple):
    """A table of the file: what it is, and what its rows say, to be read once, in order."""

    sheet: str
    format: FormatId
    layout: Layout | None
    titles: dict[str, str | None]
    said: Iterator[Said]


@dataclass
class Opened:
    """A file that can be read to its end; `size`: its rows, with all that is no figure."""

    file: IO[bytes]
    media_type: str
    formats: Sequence[Format]
    given: Given
    delimiters: Sequence[str] = DELIMITERS

    def __post_init__(self) -> None:
        self.text = Text(self.file)
        self.kind = self._kind()
        if self.kind == WORKBOOK:
            self.sheets = sheets(self.file)
            self.size = sum(len(sheet.rows) for sheet in self.sheets)
        elif self.kind == JSON:
            self.readings = self._document()
            self.size = len(self.readings)
        elif self.kind == NDJSON:
            self.size = sum(1 for _ in self.text.lines())
        else:
            self.delimiter = self._delimiter()
            self.size = sum(1 for _ in self.text.records(self.delimiter))

    def tables(self) -> Iterator[Table]:
        """Each table once. Raises FormatUnknown when there is none."""
        if self.kind == JSON:
            rows = enumerate(self.readings, 1)
            said = (each for n, row in rows for each in reading.tidy_row(n, row, self.given))
            yield Table("", JSON, None, {}, said)
        elif self.kind == NDJSON:
            yield Table("", NDJSON, None, {}, self._lines())
        else:
            yield from self._found()

    def _found(self) -> Iterator[Table]:
        """The tables that have a figure; a workbook has others beside them."""
        count, silent = 0, None
        parts = (
            ((sheet.name, iter(sheet.rows)) for sheet in self.sheets)
            if self.kind == WORKBOOK
            else [("", self.text.records(self.delimiter))]
        )
        for name, rows in parts:
            try:
                for table in self._tables(name, rows):
                    count += 1
                    yield table
            except NothingToImport as nothing:
                silent = nothing
        if count == 0:
            raise silent or self._unknown()

    def _tables(self, sheet: str, rows: Iterator[Row]) -> Iterator[Table]:
        """The tables of a sheet: mostly one; one that adds up ends at a blank line."""
        above: list[Row] = []
        for row in rows:
            layout = recognise(self.formats, row, above) if row[1] else None
            if layout is not None:
                yield self._table(sheet, layout, rows)
            elif len(above) == HEAD:
                return
            else:
                above.append(row)

    def _table(self, sheet: str, layout: Layout, rows: Iterator[Row]) -> Table:
        manner = layout.format.manner
        titled: dict[str, str | None] = {}
        if manner is Manner.titled:
            whole = list(rows)
            titled, rows = titles([*layout.above, *whole]), iter(whole)
            if not any(titled.values()):
                raise NothingToImport(extra={"ignored": [each[:80] for each in titled]})
        elif manner is Manner.grouped:
            rows = iter(list(_until_blank(rows)))
        said = reading.read(layout, rows, self.given)
        return Table(sheet, layout.format.id, layout, titled, said)

    def _kind(self) -> str:
        """What it is read as; the bytes say, not the name."""
        if self.media_type == WORKBOOK:
            return WORKBOOK
        self.file.seek(0)
        first = self.file.read(_FIRST).removeprefix(codecs.BOM_UTF8).lstrip()
        if not first.startswith((b"{", b"[")):
            return "text"
        return NDJSON if _is_object(first.partition(b"\n")[0]) else JSON

    def _delimiter(self) -> str:
        """What the cells stand between: with it, the most columns of a format are recognised."""
        candidates = self.text.delimiters()
        tried = [each for each in candidates if each in self.delimiters] or list(candidates)
        counted = {each: self._recognised(each) for each in tried}
        best = max(counted, key=lambda each: counted[each])
        if counted[best] == 0:
            raise self._unknown(tried)
        return best

    def _recognised(self, delimiter: str) -> int:
        head = self.text.head(delimiter)
        layouts = [recognise(self.formats, row, head) for row in head if row[1]]
        return max((len(layout.places) for layout in layouts if layout), default=0)

    def _unknown(self, tried: Sequence[str] = DELIMITERS) -> FormatUnknown:
        heads = [self.text.head(each) for each in tried] if self.kind == "text" else []
        if self.kind == WORKBOOK:
            heads = [sheet.rows[:HEAD] for sheet in self.sheets]
        widest = max((row[1] for head in heads for row in head), key=_filled, default=[])
        looked_for = {each.id: each.needed for each in self.formats}
        found = [plain(cell)[:80] for cell in widest[:100]]
        return FormatUnknown(extra={"looked_for": looked_for, "headers": found})

    def _document(self) -> list[object]:
        self.file.seek(0)
        content = self.file.read(LARGEST_JSON + 1)
        if len(content) > LARGEST_JSON:
            raise JsonTooLarge
        try:
            body = strict.loads(content.removeprefix(b"\xef\xbb\xbf"))
            rows = body if isinstance(body, list) else ReadingsWrite.model_validate(body).readings
        except (ValueError, ValidationError):
            raise ImportUnreadable from None
        return list(rows)

    def _lines(self) -> Iterator[Said]:
        for number, line in enumerate(self.text.lines(), 1):
            if line.strip():
                try:
                    row = strict.loads(line.encode())
                except ValueError:
                    yield Fault(number, "", "not_json")
                    continue
                yield from reading.tidy_row(number, row, self.given)


def _until_blank(rows: Iterator[Row]) -> Iterator[Row]:
    for row in rows:
        if not any(cell.strip() for cell in row[1]) or row[1][0].lstrip().startswith("#"):
            return
        yield row


def _is_object(line: bytes) -> bool:
    """Whether a line is a reading by itself."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and "readings" not in found


def _filled(row: list[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)
