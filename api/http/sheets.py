"""
A table as an answer: CSV (RFC 4180) in UTF-8 without a mark, its head in the reader's language.

A cell of text that a spreadsheet would take for a formula begins with an apostrophe (OWASP, CSV
injection); a number is a number, below zero too.
"""

import csv
from collections.abc import Iterable
from io import StringIO
from typing import Any

from starlette.responses import Response

from tenants import words

DOCUMENTED = {"text/csv": {"schema": {"type": "string", "maxLength": 200_000_000}}}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def answer(name: str, locale: str, rows: Iterable[Iterable[Any]]) -> Response:
    """The rows as a file of that name; the first one is their head."""
    headers = {
        "Cache-Control": "no-store",
        "Vary": "Authorization, Accept, Accept-Language",
        "Content-Disposition": f'attachment; filename="{name}.csv"',
        "Content-Language": words.language(locale),
    }
    return Response(written(rows), headers=headers, media_type="text/csv")


def written(rows: Iterable[Iterable[Any]]) -> bytes:
    sheet = StringIO(newline="")
    csv.writer(sheet).writerows(map(_cell, row) for row in rows)
    return sheet.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    is_number = isinstance(value, int | float)
    return str(value) if is_number else guarded(str(value))


def guarded(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
