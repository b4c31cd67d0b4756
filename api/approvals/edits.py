"""
Editing what was put to a decision: whoever changes anything an approver was shown takes the request
back with it, and what it covered goes back to where it is worked on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlmodel import Session

from api.approvals import approvals, levels, subjects
from api.approvals.models import ApprovalStatus
from tenants.errors import PreconditionFailed
from tenants.tables import Resource


@dataclass
class Edit:
    """Whether what an approver is shown is another one now."""

    changed: bool = False


@contextmanager
def of(session: Session, row: Resource) -> Iterator[Edit]:
    """
    Hold a row, which the caller has in sight, to change it or what is shown with it. If its content
    is another one in the end, its open approval is superseded, with all that it covers; members
    that nobody is shown change without that.
    """
    # As whoever decides does: first the approval, then what it covers.
    asked = row.approval_id  # type: ignore[attr-defined]
    approval = approvals.hold_open(session, asked)
    row = levels.locked(session, type(row), row.id)
    if row.approval_id != asked:  # type: ignore[attr-defined]
        raise PreconditionFailed  # somebody has put it to another decision just now
    before, edit = subjects.seen(session, row), Edit()
    yield edit
    session.flush()
    edit.changed = subjects.seen(session, row) != before
    if edit.changed and approval is not None:
        approvals.end(session, approval, ApprovalStatus.superseded)
