"""
Numbers of invoices and credit notes: without a gap, in each series (and year) of an agency.

A number is taken in the transaction that issues its document, by adding one to the row of the
series. The row stays locked until that commits, so that the next one waits for it; what is rolled
back, or killed, has taken none. The day is read after the lock is had: numbers follow their dates.

The format is data: `{series}-{year}-{number}`, say. What stands between its parts stands in no
series, so that two of them never make one number.
"""

from dataclasses import dataclass
from datetime import date
from typing import cast

from sqlmodel import Session

from billing.receivable.issuer_models import InvoiceSettings
from tenants import clients, clock, database, pipeline
from tenants.errors import Conflict
from tenants.ids import new_id
from tenants.pipeline import Statement


class YearTurned(Conflict):
    """The year ended while this waited for its number; no number was taken, send it again."""


@dataclass(frozen=True)
class Number:
    """A number that was taken, and the day on which."""

    series: str
    year: int
    sequence: int
    text: str
    issued_on: date


def take(session: Session, settings: InvoiceSettings, series: str) -> Number:
    """The next number of a series, today where the agency is."""
    zone = clients.current_agency(session).timezone
    yearly = "{year}" in settings.number_format
    year = clock.today(zone).year
    sequence = _next(session, series, year if yearly else 0)
    today = clock.today(zone)
    if today.year != year:
        raise YearTurned
    text = settings.number_format.format(
        series=series, year=year, number=f"{sequence:0{settings.number_digits}}"
    )
    return Number(series, year if yearly else 0, sequence, text, today)


def _next(session: Session, series: str, year: int) -> int:
    values = {
        "agency": cast(database.Session, session).sight.agency_id,
        "id": new_id(),
        "now": clock.now(),
        "series": series,
        "year": year,
    }
    (last,) = pipeline.ask_together(session.connection(), [Statement(_COUNT, values)])[0][0]
    return int(last)


_COUNT = """
insert into document_counters (agency_id, id, created_at, series, year, last)
values (%(agency)s, %(id)s, %(now)s, %(series)s, %(year)s, 1)
on conflict (agency_id, series, year) do update set last = document_counters.last + 1
returning last
"""
