"""
What can be put to a decision. A domain registers its subject when it is imported; approvals know
no domain.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from api.approvals.models import Outcome
from tenants.database import Resource


@dataclass(frozen=True)
class Subject:
    """How one kind of row is shown to those who decide, and what their decision does to it."""

    model: type[Resource]
    content: Callable[[Session, Any], dict[str, Any]]
    decided: Callable[[Session, Any, Outcome], None]

    @property
    def name(self) -> str:
        return str(self.model.__tablename__)


_subjects: dict[str, Subject] = {}


def register(
    model: type[Resource],
    *,
    content: Callable[[Session, Any], dict[str, Any]],
    decided: Callable[[Session, Any, Outcome], None],
) -> None:
    """
    `content(session, row)` is exactly what an approver is shown, as JSON; `decided(session, row,
    outcome)` moves the row, in the transaction that decides, with the row locked.
    """
    subject = Subject(model, content, decided)
    _subjects[subject.name] = subject


def of(name: str) -> Subject:
    return _subjects[name]


def of_row(row: Resource) -> Subject:
    return _subjects[str(row.__tablename__)]


def digest(content: Any) -> str:
    """SHA-256 of a document in canonical form."""
    return hashlib.sha256(canonical(content)).hexdigest()


def canonical(content: Any) -> bytes:
    """A document as it is hashed: JSON with sorted keys and no spaces, in UTF-8."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()
