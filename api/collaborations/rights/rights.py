"""
What may be done with what was made, and what was done with it.

A use is recorded before or as it happens, and only within its right: in a medium, a territory and a
way that were granted, and between two instants of the grant. After the last one it is refused.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.collaborations import moves
from api.collaborations.rights import windows
from api.collaborations.rights.models import WORLD, AssetUse, Medium, UsageRight, Use
from api.collaborations.rights.shapes import UsageRightQuery
from api.collaborations.rights.windows import Window
from tenants import database, outbox
from tenants.errors import Conflict
from tenants.models import Client
from tenants.pages import Listing, Order


class RightExpired(Conflict):
    """The right does not hold then: `starts_at` and `ends_at` say when it does."""


class UseNotGranted(Conflict):
    """The right is for other media, territories or uses; `granted` says which."""


def search(session: Session, page: UsageRightQuery) -> Listing:
    """The rights in sight, those that end first first."""
    query = select(UsageRight)
    for column, value in (
        (UsageRight.client_id, page.client_id),
        (UsageRight.collaboration_id, page.collaboration_id),
        (UsageRight.influencer_id, page.influencer_id),
    ):
        if value is not None:
            query = query.where(col(column) == value)
    if page.ends_before:
        query = query.where(col(UsageRight.ends_at) < page.ends_before)
    if page.ends_after:
        query = query.where(col(UsageRight.ends_at) > page.ends_after)
    return Listing(query, UsageRight, page, Order("ends_at"))


def uses(session: Session, right_id: UUID) -> Sequence[AssetUse]:
    """What was done under a right, the newest first: the last 200."""
    right = database.get(session, UsageRight, right_id)
    query = select(AssetUse).where(
        col(AssetUse.agency_id) == right.agency_id, col(AssetUse.usage_right_id) == right.id
    )
    return session.exec(query.order_by(col(AssetUse.id).desc()).limit(200)).all()


def record_use(
    session: Session,
    right_id: UUID,
    *,
    medium: Medium,
    territory: str,
    use: Use,
    url: str | None,
    **said: Any,
) -> AssetUse:
    """Note that an asset is used; refused when its right does not cover that."""
    right = database.get(session, UsageRight, right_id, lock=True)
    client = database.get(session, Client, right.client_id)
    window = windows.read(said, client.timezone, "/ends_on")
    check(right, window, medium, territory, use)
    row = AssetUse(
        client_id=right.client_id,
        usage_right_id=right.id,
        influencer_id=right.influencer_id,
        medium=medium,
        territory=territory,
        use=use,
        url=url,
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        recorded_by=moves.sight_of(session).membership_id,
    )
    database.add(session, row)
    outbox.emit(session, "usage_right.used", right)
    return row


def check(right: UsageRight, window: Window, medium: Medium, territory: str, use: Use) -> None:
    """That a right covers a use."""
    held = Window(right.starts_at, min(right.ends_at, right.ended_at or right.ends_at))
    if not held.covers(window):
        raise RightExpired(extra={name: _written(getattr(held, name)) for name in _ENDS})
    granted = {"media": right.media, "territories": right.territories, "uses": right.uses}
    asked = {"media": medium, "territories": territory, "uses": use}
    for name, wanted in asked.items():
        if wanted not in granted[name] and WORLD not in granted[name]:
            raise UseNotGranted(pointer=f"/{_MEMBERS[name]}", extra={"granted": granted[name]})


_ENDS = ("starts_at", "ends_at")
_MEMBERS = {"media": "medium", "territories": "territory", "uses": "use"}


def _written(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")
