"""
The periods of what renews: months or quarters in the client's calendar, from the day on which the
scope starts. One that starts on the 15th has periods from the 15th to the 14th; where a month has
no such day its last one stands for it, and the next month has the day again.
"""

from calendar import monthrange
from datetime import date, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from api.campaigns.lot_models import Renews
from tenants import clock
from tenants.models import Client

MONTHS = {Renews.month: 1, Renews.quarter: 3}
DAY = timedelta(days=1)


def begins(anchor: date, renews: Renews, place: int) -> date:
    """The first day of the period at a place; that at place 0 begins on the anchor."""
    month = anchor.month - 1 + MONTHS[renews] * place
    year, month = anchor.year + month // 12, month % 12 + 1
    return date(year, month, min(anchor.day, monthrange(year, month)[1]))


def ends(anchor: date, renews: Renews, place: int) -> date:
    """The last day of the period at a place."""
    return begins(anchor, renews, place + 1) - DAY


def place_of(anchor: date, renews: Renews, day: date) -> int:
    """The place of the period that holds a day; 0 for any before the anchor."""
    months = (day.year - anchor.year) * 12 + day.month - anchor.month
    place = months // MONTHS[renews]
    return max(0, place - (begins(anchor, renews, place) > day))


def today(session: Session, client_id: UUID) -> date:
    """The client's day."""
    zone = session.exec(select(Client.timezone).where(col(Client.id) == client_id)).one()
    return clock.today(zone)
