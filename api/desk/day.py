"""
One person's day: what waits for them, at whose desk things lie, what clients owe, what stood out;
of the staff also what waits in collaborations.

Whoever reads it sees what they would see one by one: each kind needs its permission for the client.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_, text
from sqlmodel import Session, col, select

from api.approvals import approvals
from api.approvals.models import Approval, ApprovalStatus, Level
from api.campaigns import dependencies
from api.campaigns.deliverable_models import Deliverable, DeliverableStatus, WaitCause
from api.campaigns.deliverables import AT_WORK, OPEN
from api.clients.models import ClientRequest, Commitment, PromiseStatus
from api.comments.models import Comment, SubjectType
from api.comments.questions import UNANSWERED
from api.desk import collaborations
from api.desk.collaborations import Matter
from api.desk.shapes import MOST, SOON, ItemKind
from api.metrics.performance import spikes
from api.reports.models import Report, ReportStatus, ReportVersion
from tenants import clock, database
from tenants.models import Client

BEGINNING = 200  # characters of a question


@dataclass(frozen=True)
class Item:
    """Something that waits."""

    kind: ItemKind
    id: UUID
    client_id: UUID
    client_name: str
    label: dict[str, str] | None
    title: str | None
    due_on: date | None
    late: bool
    waits_for: list[UUID] = field(default_factory=list)
    conflicts_with_dependency: bool = False


@dataclass(frozen=True)
class Day:
    """What waits for the reader, what they wait for, and what stood out of the figures."""

    decide: list[Item]
    do: list[Item]
    redo: list[Item]
    held_up: list[Item]
    redate: list[Item]
    clients_owe: list[Item]
    collaborations: list[Matter]
    spikes: list[dict[str, Any]]


def of_reader(session: Session, unanswered_days: int) -> Day:
    """The day of whoever asks. `unanswered_days`: after which terms without an answer are told."""
    mine = _me(session)
    waiting = col(Deliverable.blocked_cause).is_not(None)
    own = col(Deliverable.assignee_id) == mine
    soon_on = clock.now().date() + SOON
    soon = col(Deliverable.due_on) <= soon_on
    held = (col(Deliverable.status) == DeliverableStatus.planned) & dependencies.waits_for_one()
    redo = col(Deliverable.status) == DeliverableStatus.changes_requested
    work = [state for state in AT_WORK if state is not DeliverableStatus.changes_requested]
    ready = col(Deliverable.status).in_([*work, DeliverableStatus.approved])
    nobodys = col(Deliverable.assignee_id).is_(None)
    later = dependencies.is_due_before_one()
    return Day(
        decide=_sorted(
            [
                *_approvals(session, or_(False, *approvals.decidable(session))),
                *_reports(
                    session,
                    col(Report.reviewer_membership_id) == mine,
                    col(Report.status) == ReportStatus.in_review,
                    permission="reports:review",
                ),
            ]
        ),
        do=_sorted(
            [
                *_deliverables(session, own, ready, soon, ~waiting, ~held),
                *_promises(session, Commitment, col(Commitment.owner_membership_id) == mine),
                *_reports(
                    session,
                    col(Report.author_membership_id) == mine,
                    col(Report.due_on) <= soon_on,
                    col(Report.last_version) == 0,
                ),
                *_questions(session, col(Report.author_membership_id) == mine),
            ]
        ),
        redo=_deliverables(session, own, redo, ~waiting),
        held_up=_deliverables(
            session, own, or_(held, waiting & (col(Deliverable.blocked_cause) != WaitCause.client))
        ),
        redate=_deliverables(session, or_(own, nobodys), later, permission="deliverables:write"),
        clients_owe=_sorted(
            [
                *_promises(session, ClientRequest, col(ClientRequest.id).is_not(None)),
                *_approvals(session, col(Approval.level) == Level.client),
                *_deliverables(session, col(Deliverable.blocked_cause) == WaitCause.client),
            ]
        ),
        collaborations=collaborations.waiting(session, unanswered_days),
        spikes=spikes.lately(session),
    )


def _deliverables(
    session: Session, *which: Any, permission: str = "deliverables:read"
) -> list[Item]:
    query = _with_client(Deliverable).where(col(Deliverable.status).in_(sorted(OPEN)), *which)
    found = list(_rows(session, query, permission, col(Deliverable.due_on)))
    waiting = dependencies.waiting(session, [row for row, _ in found])
    items = [
        _item(ItemKind.deliverable, row, client, row.due_on, label=row.label)
        for row, client in found
    ]
    return [replace(item, **vars(waiting.get(item.id, dependencies.NOTHING))) for item in items]


def _promises(
    session: Session, model: type[ClientRequest] | type[Commitment], whose: Any
) -> list[Item]:
    requests = model is ClientRequest
    kind = ItemKind.client_request if requests else ItemKind.commitment
    query = _with_client(model).where(col(model.status) == PromiseStatus.open, whose)
    permission = "requests:read" if requests else "commitments:read"
    return [
        _item(kind, row, client, row.due_on, label=row.text)
        for row, client in _rows(session, query, permission, col(model.due_on))
    ]


def _approvals(session: Session, which: Any) -> list[Item]:
    query = _with_client(Approval).where(col(Approval.status) == ApprovalStatus.open, which)
    return [
        _item(
            ItemKind.approval,
            row,
            client,
            row.respond_by.astimezone(ZoneInfo(client.timezone)).date() if row.respond_by else None,
            title=row.title,
        )
        for row, client in _rows(session, query, "approvals:read", col(Approval.id))
    ]


def _reports(session: Session, *which: Any, permission: str = "reports:read_drafts") -> list[Item]:
    query = _with_client(Report).where(*which)
    return [
        _item(ItemKind.report, row, client, row.due_on, label=row.title)
        for row, client in _rows(session, query, permission, col(Report.due_on))
    ]


def _questions(session: Session, *of_reports: Any) -> list[Item]:
    """What clients asked about reports, and nobody answered."""
    reports = select(Report.id).where(*of_reports)
    versions = select(ReportVersion.id).where(col(ReportVersion.report_id).in_(reports))
    asked = or_(
        (col(Comment.subject_type) == SubjectType.reports) & col(Comment.subject_id).in_(reports),
        (col(Comment.subject_type) == SubjectType.report_versions)
        & col(Comment.subject_id).in_(versions),
    )
    query = _with_client(Comment).where(asked, text(UNANSWERED))
    return [
        _item(ItemKind.question, row, client, None, title=(row.body or "")[:BEGINNING])
        for row, client in _rows(session, query, "reports:read_drafts", col(Comment.id))
    ]


def _with_client(model: Any) -> Any:
    same = (model.agency_id == col(Client.agency_id)) & (model.client_id == col(Client.id))
    return select(model, Client).join(Client, same)


def _rows(session: Session, query: Any, permission: str, order: Any) -> Iterable[tuple[Any, Any]]:
    sight = cast(database.Session, session).sight
    if not sight.may(permission):
        return
    for row, client in session.exec(query.order_by(order).limit(MOST)):
        if sight.may(permission, client.id):
            yield row, client


def _item(
    kind: ItemKind,
    row: Any,
    client: Client,
    due_on: date | None,
    *,
    label: dict[str, str] | None = None,
    title: str | None = None,
) -> Item:
    late = due_on is not None and due_on < clock.today(client.timezone)
    return Item(kind, row.id, client.id, client.name, label, title, due_on, late)


def _sorted(items: list[Item]) -> list[Item]:
    """The earliest due first; what has no day last."""
    return sorted(items, key=lambda item: (item.due_on or date.max, str(item.id)))[:MOST]


def _me(session: Session) -> UUID | None:
    mine: UUID | None = cast(database.Session, session).sight.membership_id
    return mine
