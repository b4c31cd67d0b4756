"""
What a collaboration is said to have brought: told, never overwritten; the newest word counts, and
an influencer's own only where nobody else has one.

A figure of the whole and figures of its pieces are told beside each other. Where nothing is told of
the whole, it is the sum of what is told of its pieces; reach is not, for the same people may have
seen two of them.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import Session, col, select

from api.collaborations.models import Collaboration, CollaborationDeliverable
from api.files import files
from api.proof.models import CollaborationResult, ToldMetric, ToldQuality
from api.proof.shapes import ResultGap, ResultValue
from tenants import clock, database, outbox
from tenants.errors import Conflict, NotFound, Unprocessable
from tenants.models import Audience, Client
from tenants.storage import StoredFile

Said = dict[ToldMetric, ResultValue | ResultGap]
# What an influencer tells of their own work counts where nobody else tells that figure.
INFLUENCER = "influencer"


class ResultCurrencyDiffers(Unprocessable):
    """Revenue is told in the client's currency."""


class ResultFromTheFuture(Unprocessable):
    """Nothing was measured at an instant that lies ahead."""


class ResultDiffers(Conflict):
    """This source told another figure for this very instant; tell it with a later `captured_at`."""


def record(
    session: Session,
    collaboration_id: UUID,
    deliverable_id: UUID | None,
    source: str,
    captured_at: Any,
    currency: str | None,
    metrics: Said,
    file_ids: Sequence[UUID] = (),
) -> dict[str, int]:
    """
    Keep what one source says, and what shows it; all of it, or nothing. The same again changes
    nothing.
    """
    row = database.get(session, Collaboration, collaboration_id, lock=True)
    now = clock.now()
    if captured_at is not None and captured_at > now:
        raise ResultFromTheFuture(pointer="/captured_at")
    _check(session, row, deliverable_id, currency, metrics)
    for place, each in enumerate(file_ids):
        _check_file(session, row, each, f"/file_ids/{place}")
    at = captured_at or now
    told = {each.metric: each for each in _told(session, row, deliverable_id, source, at)}
    stored = 0
    for metric, said in metrics.items():
        word = _word(row, deliverable_id, source, at, currency, metric, said)
        word.file_ids = list(map(str, file_ids))
        if metric not in told:
            word.recorded_by = session.sight.membership_id  # type: ignore[attr-defined]
            database.add(session, word)
            stored += 1
        elif not _same(told[metric], word):
            raise ResultDiffers(pointer=f"/metrics/{metric}")
    if stored:
        outbox.emit(session, "collaboration_results.recorded", row)
    return {"received": len(metrics), "stored": stored, "unchanged": len(metrics) - stored}


def newest(session: Session, collaboration_id: UUID) -> Sequence[CollaborationResult]:
    """The newest word about each figure, of the whole and of each piece."""
    return newest_of_each(session, [collaboration_id])


def newest_of_each(session: Session, ids: Sequence[UUID]) -> Sequence[CollaborationResult]:
    """The same of several collaborations, which are asked about once."""
    last = (
        col(CollaborationResult.collaboration_id),
        col(CollaborationResult.deliverable_id),
        col(CollaborationResult.metric),
    )
    query = (
        select(CollaborationResult)
        .where(col(CollaborationResult.collaboration_id).in_(ids))
        .ext(distinct_on(*last))
        .order_by(
            *last,
            col(CollaborationResult.source) == INFLUENCER,
            col(CollaborationResult.captured_at).desc(),
            col(CollaborationResult.id).desc(),
        )
    )
    return session.exec(query).all()


def _check(
    session: Session,
    row: Collaboration,
    deliverable_id: UUID | None,
    currency: str | None,
    metrics: Said,
) -> None:
    if deliverable_id is not None:
        piece = database.get(session, CollaborationDeliverable, deliverable_id)
        if piece.collaboration_id != row.id:
            raise NotFound(pointer="/deliverable_id")
    money = session.exec(select(Client.currency).where(col(Client.id) == row.client_id)).one()
    if ToldMetric.revenue_minor in metrics and currency != money:
        raise ResultCurrencyDiffers(pointer="/currency")


def _check_file(session: Session, row: Collaboration, file_id: UUID, pointer: str) -> None:
    """What shows a figure is a file of the client's; an influencer's, of this work and no other."""
    if database.get(session, StoredFile, file_id).collaboration_id not in (None, row.id):
        raise NotFound(pointer=pointer)
    files.check_for(session, file_id, row.client_id, Audience.internal, pointer)


def _told(
    session: Session, row: Collaboration, deliverable_id: UUID | None, source: str, at: Any
) -> Sequence[CollaborationResult]:
    query = select(CollaborationResult).where(
        col(CollaborationResult.collaboration_id) == row.id,
        col(CollaborationResult.deliverable_id).is_not_distinct_from(deliverable_id),
        col(CollaborationResult.source) == source,
        col(CollaborationResult.captured_at) == at,
    )
    return session.exec(query).all()


def _word(
    row: Collaboration,
    deliverable_id: UUID | None,
    source: str,
    at: Any,
    currency: str | None,
    metric: ToldMetric,
    said: ResultValue | ResultGap,
) -> CollaborationResult:
    quality = said.quality if isinstance(said, ResultValue) else "missing"
    return CollaborationResult(
        client_id=row.client_id,
        collaboration_id=row.id,
        deliverable_id=deliverable_id,
        influencer_id=row.influencer_id,
        metric=metric,
        value=said.value if isinstance(said, ResultValue) else None,
        currency=currency if metric is ToldMetric.revenue_minor else None,
        quality=ToldQuality(quality),
        reason=said.missing if isinstance(said, ResultGap) else None,
        source=source,
        captured_at=at,
    )


def _same(one: CollaborationResult, other: CollaborationResult) -> bool:
    names = ("value", "currency", "quality", "reason", "file_ids")
    return all(getattr(one, name) == getattr(other, name) for name in names)
