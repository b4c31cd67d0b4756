"""Reading the feed."""

from typing import Any

from sqlmodel import Session, col, select

from api.events.models import EventQuery, EventRead
from tenants.outbox import Event, QueuedEvent
from tenants.pages import Order, Rows, paginate


class _Feed:
    """What a page of the feed goes by: the position, in one index with the agency."""

    __tablename__ = "events"
    position = col(QueuedEvent.position)
    id: Any = col(QueuedEvent.event_id).label("id")


def follow(session: Session, page: EventQuery) -> Rows:
    """
    The sealed events in sight after a position, oldest first. No later answer holds an event at or
    before the last position of an earlier one, however slow its transaction was.
    """
    shown = [getattr(Event, name) for name in EventRead.model_fields if name != "position"]
    query: Any = (
        select(_Feed.position, *shown)
        .join(
            QueuedEvent,
            (col(QueuedEvent.agency_id) == Event.agency_id)
            & (col(QueuedEvent.event_id) == Event.id),
        )
        .where(
            col(QueuedEvent.agency_id) == session.sight.agency_id,  # type: ignore[attr-defined]
            col(QueuedEvent.position) > page.after,
        )
    )
    for name in ("client_id", "subject_id", "type"):
        if (wanted := getattr(page, name)) is not None:
            query = query.where(getattr(Event, name) == wanted)
    return paginate(session, query, _Feed, page, Order("position"))
