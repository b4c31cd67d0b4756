"""A calendar feed: an address at which a calendar program reads what its owner may see."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from tenants.pages import PageQuery
from tenants.permissions import Duty
from tenants.shapes import ReadShape, Shape
from tenants.tables import SECRET, Resource, Wall, foreign, text_enum


class CalendarFeed(Resource, table=True):
    """A member's own feed: of every client in their sight, or of fewer."""

    __tablename__ = "calendar_feeds"
    __table_args__ = (
        foreign("membership_id", "memberships"),
        foreign("of_client_id", "clients"),
        Index(None, "agency_id", "membership_id", "id"),
    )
    wall = Wall.personal

    membership_id: UUID
    of_client_id: UUID | None = None
    duty: Duty | None = Field(default=None, sa_type=text_enum(Duty), nullable=True)
    secret_hash: str = Field(max_length=64, sa_column_kwargs=SECRET)

    @property
    def client_id(self) -> UUID | None:
        """The one client it is of. The row is the member's: no column says it is a client's."""
        return self.of_client_id


class CalendarFeedCreate(Shape):
    """Which of the clients in sight: one of them, or those on which the member has a duty."""

    client_id: UUID | None = None
    duty: Duty | None = None


class CalendarFeedRead(ReadShape):
    """A feed. Its address was shown once, when it was made."""

    id: UUID
    version: int
    client_id: UUID | None
    duty: Duty | None
    created_at: datetime


class CalendarFeedMade(ReadShape):
    """A new feed with its address, which is never shown again."""

    id: UUID
    version: int
    client_id: UUID | None
    duty: Duty | None
    created_at: datetime
    address: str


class CalendarFeedQuery(PageQuery):
    """Nothing but a page."""
