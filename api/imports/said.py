"""
What a file says, and what an import says of its file because the file does not. Knows no session.

A figure names its subject as the file does: a channel by the file's account or the channel that the
import is for, a post by the network's id.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from api.imports.cells import DateOrder, Decimals, Misread
from api.metrics.posts.models import PostFormat
from api.metrics.readings.uploads import Fault, Sent

T = TypeVar("T")


@dataclass(frozen=True)
class Given:
    """What an import says of its file, because the file does not."""

    zone: ZoneInfo
    currency: str
    as_of: date  # the day on which lifetime totals stood
    channel: str | None = None
    handle_key: str | None = None  # of that channel
    network: str | None = None
    year: int | None = None
    order: DateOrder | None = None
    decimals: Decimals | None = None
    captured_at: datetime | None = None


class Post(NamedTuple):
    """What a file says of a post."""

    external_id: str
    url: str | None
    published_at: datetime
    title: str | None
    format: PostFormat | None


class Figure(NamedTuple):
    """One reading of a file."""

    row: int
    date: date
    channel: str
    basis: str
    source: str
    currency: str | None
    values: dict[str, int]
    post: Post | None = None


Said = Figure | Sent | Fault


class Misplaced(Exception):
    """A cell that cannot be read, and what its column means."""

    def __init__(self, means: str, code: str) -> None:
        super().__init__(code)
        self.means, self.code = means, code


def at(means: str, read: Callable[..., T], *arguments: Any) -> T:
    try:
        return read(*arguments)
    except Misread as misread:
        raise Misplaced(means, misread.code) from None
