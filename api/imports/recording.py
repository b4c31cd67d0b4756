"""
Figures of a file put down as readings, and the posts that they are of noted. Channels are held
before posts, as whoever records readings does.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session

from api.imports.said import Figure, Given, Post, Said
from api.metrics.models import Channel, SubjectType
from api.metrics.posts import posts
from api.metrics.readings import readings, subjects
from api.metrics.readings.subjects import Named, Place
from api.metrics.readings.uploads import Fault, Sent
from tenants import database


class Recorded(NamedTuple):
    """What became of a batch: read = stored + unchanged + rejected."""

    read: int
    stored: int
    unchanged: int
    rejected: int
    posts: int
    faults: list[Fault]


def record(session: Session, said: Sequence[Said], given: Given) -> Recorded:
    """Record a batch: a row that cannot be taken is reported and loses no other."""
    noted = _note(session, [each for each in said if isinstance(each, Figure) and each.post])
    sent = [_sent(each, noted, given) for each in said if _says_something(each)]
    made = readings.record(session, sent)
    bare = len({each.row for each in said}) - made.received
    return Recorded(
        read=made.received + bare,
        stored=made.stored,
        unchanged=made.unchanged + bare,
        rejected=made.rejected,
        posts=len({each for each in noted.values() if isinstance(each, str)}),
        faults=made.faults,
    )


def _says_something(said: Said) -> bool:
    """A post may be there without a figure."""
    return not isinstance(said, Figure) or bool(said.values)


Noted = dict[tuple[str, str], str | Fault]


def _note(session: Session, figures: Iterable[Figure]) -> Noted:
    """Channel and the network's id of a post → our id of it, or what is wrong with the channel."""
    found: Noted = {}
    channels: dict[str, Channel] = {}
    figures = list(figures)
    named: set[Named] = {(SubjectType.channel, each.channel) for each in figures}
    places = subjects.places(session, named)
    for each in figures:
        place = places[SubjectType.channel, each.channel]
        assert each.post is not None
        key = each.channel, each.post.external_id
        if isinstance(place, Place):
            if place.id not in channels:
                channels[place.id] = database.get(session, Channel, UUID(place.id))
            found[key] = str(_noted(session, channels[place.id], each.post))
        else:
            found[key] = Fault(each.row, "/account", place)
    return found


def _noted(session: Session, channel: Channel, post: Post) -> UUID:
    return posts.note(
        session,
        channel,
        post.external_id,
        url=post.url,
        published_at=post.published_at,
        title=post.title,
        format=post.format,
    ).id


def _sent(said: Said, noted: Noted, given: Given) -> Sent | Fault:
    if not isinstance(said, Figure):
        return said
    subject: Named = (SubjectType.channel, said.channel)
    if said.post is not None:
        found = noted[said.channel, said.post.external_id]
        if isinstance(found, Fault):
            return Fault(said.row, found.pointer, found.code)
        subject = (SubjectType.post, found)
    return Sent(
        row=said.row,
        date=said.date,
        subject=subject,
        basis=said.basis,
        source=said.source,
        captured_at=given.captured_at,
        currency=said.currency,
        values=said.values,
        missing={},
    )
