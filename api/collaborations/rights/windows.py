"""
Windows of time: half-open, from an instant on and until another.

A window of days is from the midnight before its first to the midnight after its last, where the
client is: a day on which the clocks change has 23 or 25 hours, and two windows that follow each
other never share a minute. Where midnight itself is skipped, the day begins with its first minute.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tenants.errors import Unprocessable


class WindowBackwards(Unprocessable):
    """A window ends after it starts."""


class WindowIncomplete(Unprocessable):
    """A window is of days (`starts_on`, `ends_on`) or of instants (`starts_at`, `ends_at`)."""


@dataclass(frozen=True)
class Window:
    """All instants from the first on, and before the last."""

    starts_at: datetime
    ends_at: datetime

    @property
    def is_empty(self) -> bool:
        return self.starts_at >= self.ends_at

    def holds(self, instant: datetime) -> bool:
        return self.starts_at <= instant < self.ends_at

    def covers(self, other: "Window") -> bool:
        """Whether every instant of another is one of this."""
        return other.is_empty or (
            self.starts_at <= other.starts_at and other.ends_at <= self.ends_at
        )

    def common(self, other: "Window") -> "Window | None":
        """The instants of both; None when there are none."""
        both = Window(max(self.starts_at, other.starts_at), min(self.ends_at, other.ends_at))
        return None if both.is_empty else both

    def overlaps(self, other: "Window") -> bool:
        return self.common(other) is not None


def midnight(day: date, zone: str) -> datetime:
    """The first instant of a day, where the zone is."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def of_days(first: date, last: date, zone: str) -> Window:
    """From the first day to the last, both of them whole."""
    return Window(midnight(first, zone), midnight(last + timedelta(days=1), zone))


def read(said: dict[str, Any], zone: str, pointer: str) -> Window:
    """The window that somebody wrote, as days or as instants."""
    days = [said.get(name) for name in ("starts_on", "ends_on")]
    instants = [said.get(name) for name in ("starts_at", "ends_at")]
    if all(days) and not any(instants):
        window = of_days(days[0], days[1], zone)  # type: ignore[arg-type]
    elif all(instants) and not any(days):
        window = Window(*(each.astimezone(UTC) for each in instants if each))
    else:
        raise WindowIncomplete(pointer=pointer)
    if window.is_empty:
        raise WindowBackwards(pointer=pointer)
    return window
