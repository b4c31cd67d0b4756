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

from api.approvals.models import ApprovalStatus, Outcome
from tenants.money import MoneyRead
from tenants.tables import Resource


@dataclass(frozen=True)
class Subject:
    """
    How one kind of row is shown to those who decide, and what becomes of it.

    `content(session, row)` is exactly what an approver is shown, as JSON; `decided(session, row,
    outcome)` moves the row, in the transaction that decides, with the row locked; `undecided(
    session, row, ending)` moves it when its approval ends without a decision: `expired`, or
    `superseded` by an edit of what was shown. `keep_inside(session, row, inside)` hides it from the
    client while it is decided on inside first, and shows it then. `amounts(session, row)`: the sums
    of money that the decision is about.
    """

    model: type[Resource]
    content: Callable[[Session, Any], dict[str, Any]]
    decided: Callable[[Session, Any, Outcome], None]
    undecided: Callable[[Session, Any, ApprovalStatus], None]
    keep_inside: Callable[[Session, Any, bool], None] | None = None
    amounts: Callable[[Session, Any], list[MoneyRead]] = lambda session, row: []

    @property
    def name(self) -> str:
        return str(self.model.__tablename__)


_subjects: dict[str, Subject] = {}


def register(model: type[Resource], **how: Any) -> None:
    """Let rows of a kind be put to decisions; `how` are the members of a Subject."""
    subject = Subject(model, **how)
    _subjects[subject.name] = subject


def of(name: str) -> Subject:
    return _subjects[name]


def of_row(row: Resource) -> Subject:
    return _subjects[str(row.__tablename__)]


def seen(session: Session, row: Resource) -> str:
    """The hash of what an approver is shown of a row now."""
    return digest(of_row(row).content(session, row))


def digest(content: Any) -> str:
    """SHA-256 of a document in canonical form."""
    return hashlib.sha256(canonical(content)).hexdigest()


def canonical(content: Any) -> bytes:
    """A document as it is hashed: JSON with sorted keys and no spaces, in UTF-8."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()
