"""
How long what is published shall stay, as the terms in force say, also when they are amended.

Terms that are accepted while it still has to stay say anew how long, from the same instant on:
longer, or shorter, which may be over at once. Of what had stayed as agreed when they were accepted
they ask nothing more: who kept a promise made no other about that post.
"""

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session, col, select

from api.collaborations.models import Collaboration
from api.collaborations.terms import offers
from api.collaborations.terms.models import Answer, CollaborationTerms, TermsAnswer


def asked(session: Session, row: Collaboration, end: Callable[[int], datetime]) -> int:
    """The days that are asked of what has stayed for so many at their `end`."""
    query = (
        select(CollaborationTerms.content, TermsAnswer.created_at)
        .join(TermsAnswer, offers.answered())
        .where(
            col(CollaborationTerms.collaboration_id) == row.id,
            col(TermsAnswer.answer) == Answer.accepted,
        )
    )
    days: int | None = None
    for content, accepted_at in session.exec(query.order_by(col(CollaborationTerms.number))):
        if days is None or accepted_at < end(days):
            days = content["min_live_days"]
    return days or 0
