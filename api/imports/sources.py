"""
The rows of a file, whatever wrote it: text in UTF-8 or UTF-16, or a workbook in BIFF (`.xls`).

Rows are numbered as a spreadsheet shows them. A text is read a record at a time and memory stays
flat whatever the file is; a workbook is small or refused. All of a text is looked at before its
first figure is stored, so a file that cannot be read to its end changes nothing.
"""

import codecs
import csv
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, Any, NamedTuple
from uuid import UUID

import xlrd
from xlrd.xldate import xldate_as_datetime

from tenants import storage
from tenants.errors import Unprocessable

LONGEST_LINE = 256 * 1024  # characters, of a line
LONGEST_RECORD = 512 * 1024  # and of a record, whose quoted cells may hold several
MOST_COLUMNS = 500
LARGEST_WORKBOOK = 8 * 1024 * 1024  # bytes
HEAD = 40  # rows in which a header is looked for
DELIMITERS = (",", ";", "\t")
WORKBOOK = "application/vnd.ms-excel"

Row = tuple[int, list[str]]


class ImportUnreadable(Unprocessable):
    """The file is damaged, or not what it says: it cannot be read to its end."""


class ImportTooWide(Unprocessable):
    """A line, a record or the number of columns is beyond what a table of figures has."""


class WorkbookTooLarge(Unprocessable):
    """A workbook of more than 8 MiB; save its sheet as CSV."""


class Sheet(NamedTuple):
    """A sheet of a workbook with all of its rows; a text is one without a name."""

    name: str
    rows: list[Row]


@contextmanager
def fetched(agency_id: UUID, sha256: str, size: int) -> Iterator[IO[bytes]]:
    """A stored file on this machine's disk, so that no transaction waits for a network."""
    with TemporaryFile() as file:
        for piece in storage.stream(agency_id, sha256, 0, size):
            file.write(piece)
        file.seek(0)
        yield file


class Text:
    """A file of text, as lines and as records of a table; one reader of it at a time."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        file.seek(0)
        marked = file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        self.encoding = "utf-16" if marked else "utf-8-sig"

    def lines(self) -> Iterator[str]:
        """The lines with their ends, each of a length that can be held."""
        self.file.seek(0)
        text = io.TextIOWrapper(self.file, self.encoding, newline="")
        try:
            while line := text.readline(LONGEST_LINE + 1):
                if len(line) > LONGEST_LINE:
                    raise ImportTooWide
                if "\x00" in line:
                    raise ImportUnreadable
                yield line
        except UnicodeError:
            raise ImportUnreadable from None
        finally:
            if not self.file.closed:
                text.detach()

    def records(self, delimiter: str) -> Iterator[Row]:
        """The records of a table, numbered from 1; a blank line is one without cells."""
        lines = _Bounded(self.lines())
        try:
            for number, cells in enumerate(csv.reader(lines, delimiter=delimiter), 1):
                if len(cells) > MOST_COLUMNS:
                    raise ImportTooWide
                lines.taken = 0
                yield number, cells
        except csv.Error:
            raise ImportUnreadable from None

    def delimiters(self) -> tuple[str, ...]:
        """What may stand between cells: what the file itself says (`sep=;`), or any of them."""
        first = next(self.lines(), "").strip().strip('"').casefold()
        said = first.removeprefix("sep=")
        return (said,) if said != first and said in DELIMITERS else DELIMITERS

    def head(self, delimiter: str) -> list[Row]:
        return list(islice(self.records(delimiter), HEAD))


class _Bounded:
    """Lines for one record after the other: a quote that never closes has an end here."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.lines, self.taken = lines, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self.lines)
        self.taken += len(line)
        if self.taken > LONGEST_RECORD:
            raise ImportTooWide
        return line


def sheets(file: IO[bytes]) -> list[Sheet]:
    """The sheets of a workbook, as text."""
    file.seek(0)
    content = file.read(LARGEST_WORKBOOK + 1)
    if len(content) > LARGEST_WORKBOOK:
        raise WorkbookTooLarge
    try:
        with (
            open(os.devnull, "w", encoding="utf-8") as nowhere,
            xlrd.open_workbook(file_contents=content, logfile=nowhere) as book,
        ):
            return [_sheet(book, found) for found in book.sheets()]
    except ImportTooWide:
        raise
    except Exception:  # what is damaged shows as nearly any kind of error there
        raise ImportUnreadable from None


def _sheet(book: Any, found: Any) -> Sheet:
    if found.ncols > MOST_COLUMNS:
        raise ImportTooWide
    rows = [
        (number + 1, [_cell(book, cell) for cell in found.row(number)])
        for number in range(found.nrows)
    ]
    return Sheet(str(found.name), rows)


def _cell(book: Any, cell: Any) -> str:
    """A cell as a person would type it; what a formula came to is only a value."""
    if cell.ctype == xlrd.XL_CELL_DATE:
        return str(xldate_as_datetime(cell.value, book.datemode).isoformat(timespec="minutes"))
    if cell.ctype == xlrd.XL_CELL_NUMBER:
        value = float(cell.value)
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(cell.value) if cell.ctype == xlrd.XL_CELL_TEXT else ""
