"""
What can be commented on. A domain registers its subjects when it is imported; comments know no
domain.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.comments.models import SubjectType
from tenants import database

See = Callable[[Session, UUID], UUID]

_subjects: dict[SubjectType, See] = {}


def register(kind: SubjectType, see: See) -> None:
    """`see(session, id)`: the client a subject is of; NotFound when the caller does not see it."""
    _subjects[kind] = see


def rows_of(model: Any) -> See:
    """To see the subject is to see its row."""

    def see(session: Session, id: UUID) -> UUID:
        owner = database.owner_of(database.get(session, model, id))
        assert owner is not None
        return owner

    return see


def see(session: Session, kind: SubjectType, id: UUID) -> UUID:
    """The client of a subject that the caller sees."""
    return _subjects[kind](session, id)
