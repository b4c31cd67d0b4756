"""Figures of a file put down as readings, and the posts that they are of noted."""

from collections.abc import Sequence
from typing import NamedTuple

from api.imports.reading import Figure, Given, Said
from api.metrics import readings
from api.metrics.uploads import Fault, Sent
from tenants.database import Session


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
    sent = [_sent(each, given) if isinstance(each, Figure) else each for each in said]
    made = readings.record(session, sent)
    return Recorded(made.received, made.stored, made.unchanged, made.rejected, 0, made.faults)


def _sent(figure: Figure, given: Given) -> Sent:
    return Sent(
        figure.row,
        figure.date,
        figure.channel,
        figure.basis,
        figure.source,
        given.captured_at,
        figure.currency,
        figure.values,
        {},
    )
