"""
What can be commented on. A domain registers its subjects when it is imported; comments know no
domain.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import Session, col, select

from api.comments.models import Comment, SubjectType
from tenants import database, tables

See = Callable[[Session, UUID], UUID]
Has = Callable[[Session, UUID, str], bool]

_subjects: dict[SubjectType, See] = {}
_rows: dict[SubjectType, tuple[Any, ...]] = {}
_sections: dict[SubjectType, Has] = {}


def register(kind: SubjectType, see: See, model: Any, id: str = "id", *which: Any) -> None:
    """
    `see(session, id)`: the client a subject is of; NotFound when the caller does not see it. What a
    client's contact sees are the ids in this column of the rows of `model` before them, or of
    `which` of those.
    """
    _subjects[kind] = see
    _rows[kind] = model, id, *which


def register_sections(kind: SubjectType, has: Has) -> None:
    """`has(session, id, section)`: whether a subject that is seen has a section of that key."""
    _sections[kind] = has


def has_section(session: Session, kind: SubjectType, id: UUID, section: str) -> bool:
    """Whether a subject has a section of that key; most subjects have none."""
    return kind in _sections and _sections[kind](session, id, section)


def are_seen() -> Any:
    """Of comments: that a client's contact sees what they are about."""
    return or_(
        *(
            (col(Comment.subject_type) == kind)
            & select(model.id)
            .where(
                col(model.agency_id) == col(Comment.agency_id),
                getattr(model, id) == col(Comment.subject_id),
                *which,
            )
            .exists()
            for kind, (model, id, *which) in _rows.items()
        )
    )


def rows_of(model: Any) -> See:
    """To see the subject is to see its row."""

    def see(session: Session, id: UUID) -> UUID:
        owner = tables.owner_of(database.get(session, model, id))
        assert owner is not None
        return owner

    return see


def see(session: Session, kind: SubjectType, id: UUID) -> UUID:
    """The client of a subject that the caller sees."""
    return _subjects[kind](session, id)
