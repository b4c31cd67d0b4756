"""
What share of its sales a collaboration gives, and what that comes to.

A sale is shared by the terms that are accepted when it is told, as long as the collaboration has
not ended: it waits for one that is ending just now, so that every sale that is shared is owed.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlmodel import Session, col, func, select

from api.collaborations.models import Collaboration
from api.collaborations.money import commission
from api.collaborations.money.models import FeeKind, Instalment
from api.collaborations.terms import offers
from api.collaborations.terms.models import Answer, CollaborationTerms, TermsAnswer
from api.tracking.models import ConversionDay
from tenants import clock
from tenants.models import Client


def given(session: Session, ids: Iterable[UUID]) -> dict[UUID, int]:
    """The share that each of some collaborations gives, in basis points; none where it is none."""
    query = (
        select(CollaborationTerms.collaboration_id, CollaborationTerms.content)
        .join(TermsAnswer, offers.answered())
        .join(
            Collaboration,
            (col(Collaboration.agency_id) == col(CollaborationTerms.agency_id))
            & (col(Collaboration.id) == col(CollaborationTerms.collaboration_id)),
        )
        .where(
            col(CollaborationTerms.collaboration_id).in_(sorted(set(ids))),
            col(TermsAnswer.answer) == Answer.accepted,
            col(Collaboration.status).in_(sorted(commission.SHARING)),
        )
        .order_by(col(CollaborationTerms.number))
        .with_for_update(read=True, of=Collaboration)
    )
    found = session.exec(query).all()
    return {id: int((content.get("fee") or {}).get("commission_bp") or 0) for id, content in found}


def until(session: Session, collaboration_id: UUID, currency: str, day: date) -> int:
    """What the share of a collaboration's sales of all days until this one comes to."""
    query = select(func.coalesce(func.sum(ConversionDay.commission_minor), 0)).where(
        col(ConversionDay.collaboration_id) == collaboration_id,
        col(ConversionDay.currency) == currency,
        col(ConversionDay.day) <= day,
    )
    return int(session.exec(query).one())


commission.counted_by(until)


def unsettled(session: Session) -> list[tuple[UUID, date]]:
    """
    The collaborations that owe another amount than their sales say, each with the last month that
    is over where its client is.
    """
    over: dict[date, list[UUID]] = defaultdict(list)
    for client_id, zone in session.exec(select(Client.id, Client.timezone)):
        last_day = clock.today(zone).replace(day=1) - timedelta(days=1)
        over[last_day.replace(day=1)].append(client_id)
    return [
        (id, month) for month, ids in sorted(over.items()) for id in _differing(session, month, ids)
    ]


def _differing(session: Session, month: date, client_ids: Sequence[UUID]) -> Iterator[UUID]:
    of = col(Instalment.collaboration_id)
    left = func.sum(Instalment.amount_minor - Instalment.clawed_back_minor)
    owed = dict(
        session.exec(
            select(of, left)
            .where(
                col(Instalment.client_id).in_(client_ids),
                col(Instalment.kind) == FeeKind.commission,
            )
            .group_by(of)
        ).all()
    )
    sold = (
        select(Collaboration.id, Collaboration.status, func.sum(ConversionDay.commission_minor))
        .join(
            ConversionDay,
            (col(ConversionDay.agency_id) == col(Collaboration.agency_id))
            & (col(ConversionDay.collaboration_id) == col(Collaboration.id)),
        )
        .where(
            col(ConversionDay.client_id).in_(client_ids),
            col(ConversionDay.day) <= commission.last_of(month),
        )
        .group_by(col(Collaboration.agency_id), col(Collaboration.id))
        .order_by(col(Collaboration.id))
    )
    for id, status, share in session.exec(sold).all():
        less = owed.pop(id, 0) - share
        if less > 0 or (less < 0 and status in commission.SHARING):
            yield id
    # What is owed of no sale until then: terms that changed, or an end, had it owed amid a month.
    yield from (id for id, left_minor in owed.items() if left_minor > 0)
