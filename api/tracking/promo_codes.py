"""
What can be done to a promo code: opened for some days, and given another last day.

A code is one influencer's at a time: two windows of one code of a client never share a day.
"""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from api.collaborations.models import Collaboration
from api.tracking import attribution
from api.tracking.models import PromoCode
from api.tracking.shapes import PromoCodeQuery
from tenants import database, outbox
from tenants.errors import Conflict, Unprocessable
from tenants.pages import Listing


class PromoCodeTaken(Conflict):
    """This code is somebody's on some of these days; `starts_on` and `ends_on` say on which."""


class CodeWindowBackwards(Unprocessable):
    """A window ends on its first day or later."""


def search(session: Session, page: PromoCodeQuery) -> Listing:
    """The codes in sight, newest first."""
    query = select(PromoCode)
    for name in ("client_id", "collaboration_id"):
        if (value := getattr(page, name)) is not None:
            query = query.where(getattr(PromoCode, name) == value)
    if page.code is not None:
        query = query.where(col(PromoCode.code_key) == attribution.key_of(page.code))
    return Listing(query, PromoCode, page)


def create(
    session: Session, collaboration_id: UUID, code: str, starts_on: date, ends_on: date
) -> PromoCode:
    """Open a window for a code."""
    row = database.get(session, Collaboration, collaboration_id)
    made = PromoCode(
        client_id=row.client_id,
        collaboration_id=row.id,
        influencer_id=row.influencer_id,
        code=code,
        code_key=attribution.key_of(code),
        starts_on=starts_on,
        ends_on=ends_on,
    )
    _check_free(session, made, ends_on)
    database.add(session, made)
    outbox.emit(session, "promo_code.created", made)
    return made


def update(session: Session, promo_code_id: UUID, ends_on: date) -> Any:
    """Give a window another last day; what it was credited with stays."""
    row = database.get(session, PromoCode, promo_code_id, lock=True)
    _check_free(session, row, ends_on)
    row.ends_on = ends_on
    outbox.emit(session, "promo_code.updated", row)
    return row


def _check_free(session: Session, row: PromoCode, ends_on: date) -> None:
    if ends_on < row.starts_on:
        raise CodeWindowBackwards(pointer="/ends_on")
    agency_id = session.sight.agency_id  # type: ignore[attr-defined]
    # No exclusion constraint: that would need an extension of the server's.
    key = f"promo code {row.code_key} of {row.client_id} of {agency_id}"
    hold = text("select pg_advisory_xact_lock(hashtextextended(:key, 0))")
    session.connection().execute(hold, {"key": key})
    query = select(PromoCode).where(
        col(PromoCode.client_id) == row.client_id,
        col(PromoCode.code_key) == row.code_key,
        col(PromoCode.id) != row.id,
        col(PromoCode.starts_on) <= ends_on,
        col(PromoCode.ends_on) >= row.starts_on,
    )
    if (other := session.exec(query.limit(1)).first()) is not None:
        days = {"starts_on": other.starts_on.isoformat(), "ends_on": other.ends_on.isoformat()}
        raise PromoCodeTaken(pointer="/code", extra=days)
