"""
How long a post has been live, in whole days of its client's calendar. Pure.

A day is over at the hour of the clock on the wall at which the post appeared, whatever the clocks
did in between: thirty days from 18:30 end at 18:30. An hour that a day does not have ends at the
one that stands in its place; of an hour that a day has twice, the later one counts.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


def end(published_at: datetime, days: int, zone: str) -> datetime:
    """The instant at which a post that appeared then has been live for so many days."""
    place = ZoneInfo(zone)
    # What is added to a zoned time moves the wall clock, not the instant.
    there = published_at.astimezone(place).replace(tzinfo=None) + timedelta(days=days)
    if days == 0:
        return published_at.astimezone(UTC)
    either = [there.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1)]
    return max(either)


def counted(published_at: datetime, until: datetime, zone: str) -> int:
    """The whole days between: as many as are over at `until`, none before it appeared."""
    if until <= published_at:
        return 0
    days = max(0, (until - published_at).days - 1)
    while end(published_at, days + 1, zone) <= until:
        days += 1
    return days
