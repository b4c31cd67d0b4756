"""What can be done to a deliverable: planned, blocked, given another day, called off."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from api.approvals import approvals, edits
from api.campaigns import lots, periods, retainers
from api.campaigns.deliverable_models import (
    Deliverable,
    DeliverableDate,
    DeliverableStatus,
    WaitCause,
)
from api.campaigns.deliverable_shapes import DeliverableQuery
from api.campaigns.lot_models import ScopeLot
from api.campaigns.models import Measure, Scope, ScopeLine
from api.files import files
from tenants import clock, database, outbox
from tenants.errors import Conflict, MoveNotAllowed, Unprocessable
from tenants.models import Audience, Client, Membership, MembershipKind, MembershipStatus
from tenants.pages import Listing, Order

_State = DeliverableStatus
MOVES: dict[DeliverableStatus, frozenset[DeliverableStatus]] = {
    _State.planned: frozenset({_State.in_progress, _State.cancelled}),
    _State.in_progress: frozenset(
        {_State.internal_review, _State.client_review, _State.approved, _State.cancelled}
    ),
    _State.internal_review: frozenset(
        {_State.client_review, _State.approved, _State.changes_requested, _State.cancelled}
    ),
    _State.client_review: frozenset({_State.approved, _State.changes_requested, _State.cancelled}),
    _State.changes_requested: frozenset({_State.in_progress, _State.cancelled}),
    _State.approved: frozenset({_State.delivered, _State.cancelled}),
    _State.delivered: frozenset(),
    _State.cancelled: frozenset(),
}
OPEN = frozenset(state for state, moves in MOVES.items() if moves)
AT_WORK = frozenset({_State.planned, _State.in_progress, _State.changes_requested})
IN_REVIEW = frozenset({_State.internal_review, _State.client_review})
# What an edit of its content leads back from, to in_progress; nobody asks for that move by itself.
REOPENED = IN_REVIEW | {_State.approved}

REVIEWED = frozenset({Measure.piece, Measure.milestone})


class LineWithoutDeliverables(Unprocessable):
    """Only pieces and milestones have deliverables; a service is counted by accruals."""


class DueDayMissing(Unprocessable):
    """The line has no due rule: say when it is due."""


class AssigneeNotStaff(Unprocessable):
    """Work is given to an active member of the agency's staff."""


class DeliverableBlocked(Conflict):
    """It waits for somebody; unblock it first."""


class NotBlocked(Conflict):
    """It does not wait for anybody."""


class NotAtWork(Conflict):
    """What is delivered or cancelled does not change."""


class Unplanned(NamedTuple):
    """What is to be planned: units under a label, due as the others unless a day is named."""

    label: dict[str, str]
    units: int = 1
    due_on: date | None = None


def search(session: Session, page: DeliverableQuery) -> Listing:
    """The deliverables in sight, the earliest due first; cancelled ones only by name."""
    return Listing(matching(session, page), Deliverable, page, Order("due_on"))


def matching(session: Session, page: DeliverableQuery) -> Any:
    """The select of those that pass a list's filters."""
    query = select(Deliverable)
    assignee = _me(session) if page.assignee == "me" else page.assignee
    for column, value in (
        (Deliverable.client_id, page.client_id),
        (Deliverable.campaign_id, page.campaign_id),
        (Deliverable.assignee_id, assignee),
        (Deliverable.status, page.status),
        (Deliverable.blocked_cause, page.waiting_on),
    ):
        if value is not None:
            query = query.where(col(column) == value)
    if page.status is None:
        query = query.where(col(Deliverable.status) != DeliverableStatus.cancelled)
    if page.due_before:
        query = query.where(col(Deliverable.due_on) < page.due_before)
    if page.due_after:
        query = query.where(col(Deliverable.due_on) > page.due_after)
    return query


def dates(session: Session, deliverable_id: UUID) -> Sequence[DeliverableDate]:
    """Every new date of a deliverable, the first first."""
    row = database.get(session, Deliverable, deliverable_id)
    query = select(DeliverableDate).where(col(DeliverableDate.deliverable_id) == row.id)
    return session.exec(query.order_by(col(DeliverableDate.id)).limit(200)).all()


def plan(
    session: Session,
    scope: Scope,
    line: ScopeLine,
    held: Sequence[ScopeLot],
    planned: Sequence[Unplanned],
    *,
    assignee_id: UUID | None = None,
    due_on: date | None = None,
    **values: Any,
) -> list[Deliverable]:
    """
    Plan work of a line: each draws its units from the oldest of the lots, which are held, that has
    as many free; what none has room for is over scope.
    """
    if line.measure not in REVIEWED:
        raise LineWithoutDeliverables(pointer="/line_id")
    check_assignee(session, assignee_id)
    lots.check_open(held[-1])
    named = [each.due_on or due_on for each in planned]
    usual = date.max if all(named) else due(session, scope, line, held[-1])
    living = retainers.living(session, line, held)
    drawn = [lots.draw(living, each.units) for each in planned]
    rows = [
        Deliverable(
            client_id=line.client_id,
            lot_id=(lot or held[-1]).id,
            campaign_id=scope.campaign_id,
            label=each.label,
            units=each.units,
            over_scope=lot is None,
            assignee_id=assignee_id,
            due_on=day or usual,
            original_due_on=day or usual,
            rounds_included=line.revision_rounds,
            **values,
        )
        for each, day, lot in zip(planned, named, drawn, strict=True)
    ]
    session.add_all(rows)
    for row in rows:
        outbox.emit(session, "deliverable.planned", row, audience="client")
    return rows


def numbered(label: dict[str, str], count: int) -> list[Unplanned]:
    """Labels for so many of one unit each: "Reels 3/12"."""
    return [Unplanned(placed(label, place, count)) for place in range(1, count + 1)]


def placed(label: dict[str, str], place: int, count: int) -> dict[str, str]:
    """The label of one among several."""
    return {language: f"{text} {place}/{count}" for language, text in label.items()}


def update(session: Session, deliverable_id: UUID, **changes: Any) -> Deliverable:
    """
    Change it. In review or approved, a change of what the approvers are shown takes it back to
    in_progress, to be handed in again: what was approved is not this any more.
    """
    row = database.get(session, Deliverable, deliverable_id)
    with edits.of(session, row) as edit:
        database.check_version(session, row)
        if row.status not in OPEN:
            raise NotAtWork
        check_assignee(session, changes.get("assignee_id"))
        if "criteria" in changes:
            changes["criteria"] = changes["criteria"] or {}
        if "file_ids" in changes:
            changes["file_ids"] = known_files(session, row.client_id, changes["file_ids"])
        row.sqlmodel_update(changes)
        outbox.emit(session, "deliverable.updated", row)
    if edit.changed and row.status in REOPENED:
        reopen(session, row)
    return row


def reopen(session: Session, row: Deliverable) -> None:
    """It is worked on again: its content was changed, or its review ran out of time."""
    row.status = DeliverableStatus.in_progress
    outbox.emit(session, "deliverable.reopened", row, audience="client")


def cancel(session: Session, deliverable_id: UUID) -> Deliverable:
    """Give it up; its units are free again."""
    seen = database.get(session, Deliverable, deliverable_id)
    if seen.status in IN_REVIEW and seen.approval_id is not None:
        approvals.withdraw(session, seen.approval_id)
    lot = retainers.hold(session, seen.lot_id)
    row = database.get(session, Deliverable, deliverable_id, lock=True)
    if row.status in IN_REVIEW and seen.status not in IN_REVIEW:
        raise MoveNotAllowed(row.status)
    check_move(row, DeliverableStatus.cancelled)
    _let_go(session, row, lot)
    return row


def block(
    session: Session, deliverable_id: UUID, *, cause: WaitCause, since: date | None
) -> Deliverable:
    """Note on whom it waits, so that a delay is not put down to others."""
    row = database.get(session, Deliverable, deliverable_id, lock=True)
    if row.status not in OPEN:
        raise MoveNotAllowed(row.status)
    since = since or periods.today(session, row.client_id)
    row.blocked_cause, row.blocked_since = cause, since
    row.waited_on = cause.value
    outbox.emit(session, "deliverable.blocked", row, audience="client")
    return row


def unblock(session: Session, deliverable_id: UUID) -> Deliverable:
    row = database.get(session, Deliverable, deliverable_id, lock=True)
    if row.blocked_cause is None:
        raise NotBlocked
    row.blocked_cause = row.blocked_since = None
    outbox.emit(session, "deliverable.unblocked", row, audience="client")
    return row


def redate(
    session: Session, deliverable_id: UUID, *, due_on: date, cause: WaitCause, reason: str
) -> Deliverable:
    """Give it another due day; the former ones are kept."""
    row = database.get(session, Deliverable, deliverable_id, lock=True)
    if row.status not in OPEN:
        raise MoveNotAllowed(row.status)
    move_date(session, row, due_on, cause, reason)
    return row


def open_in(session: Session, campaign_id: UUID) -> Sequence[Deliverable]:
    """The open deliverables of a campaign, held in the order of their ids."""
    return _open(session, col(Deliverable.campaign_id) == campaign_id)


def open_of(session: Session, lot_id: UUID) -> Sequence[Deliverable]:
    """The open deliverables of a lot, held in the order of their ids."""
    return _open(session, col(Deliverable.lot_id) == lot_id)


def call_off(session: Session, row: Deliverable, lot: ScopeLot) -> None:
    """Cancel it with what it belongs to; both are held."""
    if row.status in IN_REVIEW:
        approvals.supersede(session, row.approval_id)
    _let_go(session, row, lot)


def put_off(session: Session, row: Deliverable, days: int, cause: WaitCause) -> None:
    """Its clock stood still for some days, with its campaign."""
    due_on = row.due_on + timedelta(days=days)
    move_date(session, row, due_on, cause, "campaign_paused")


def due(session: Session, scope: Scope, line: ScopeLine, lot: ScopeLot) -> date:
    """
    When a line is due by its rule; days are counted from the client's day of acceptance. Of one
    that renews they are counted from the period's first day; without a rule it is due on its last.
    """
    if line.due_on is not None:
        return line.due_on
    if line.renewal is not None and lot.starts_on and lot.ends_on:
        days = line.due_days
        return lot.ends_on if days is None else lot.starts_on + timedelta(days=days)
    if line.due_days is None or scope.accepted_at is None:
        raise DueDayMissing(pointer="/due_on")
    accepted_on = day_of(session, scope.client_id, scope.accepted_at)
    return accepted_on + timedelta(days=line.due_days)


def _let_go(session: Session, row: Deliverable, lot: ScopeLot) -> None:
    if not row.over_scope:
        retainers.let_go(session, lot, row.units)
    row.status = DeliverableStatus.cancelled
    row.blocked_cause = row.blocked_since = None
    outbox.emit(session, "deliverable.cancelled", row, audience="client")


def move_date(
    session: Session, row: Deliverable, due_on: date, cause: WaitCause, reason: str
) -> None:
    moved = DeliverableDate(
        client_id=row.client_id,
        deliverable_id=row.id,
        old_due_on=row.due_on,
        new_due_on=due_on,
        cause=cause,
        reason=reason,
        moved_by=_me(session),
    )
    row.due_on = due_on
    database.add(session, moved)
    outbox.emit(session, "deliverable.redated", row, audience="client")


def _open(session: Session, whose: Any) -> Sequence[Deliverable]:
    query = select(Deliverable).where(whose, col(Deliverable.status).in_(sorted(OPEN)))
    held = query.order_by(col(Deliverable.id)).with_for_update(key_share=True)
    return session.exec(held.execution_options(populate_existing=True)).all()


def check_move(row: Deliverable, to: DeliverableStatus) -> None:
    if to not in MOVES[row.status]:
        raise MoveNotAllowed(row.status, [*MOVES[row.status]])


def check_assignee(session: Session, assignee_id: UUID | None) -> None:
    if assignee_id is None:
        return
    member = session.exec(
        select(Membership).where(
            col(Membership.id) == assignee_id,
            col(Membership.kind) == MembershipKind.staff,
            col(Membership.status) == MembershipStatus.active,
        )
    ).first()
    if member is None:
        raise AssigneeNotStaff(pointer="/assignee_id")


def known_files(session: Session, client_id: UUID, ids: Sequence[UUID]) -> list[str]:
    """Files of the client that it may see, as a deliverable keeps them."""
    for place, file_id in enumerate(ids):
        files.check_for(session, file_id, client_id, Audience.client, f"/file_ids/{place}")
    return list(map(str, ids))


def day_of(session: Session, client_id: UUID, instant: datetime | None) -> date:
    """The client's day of an instant that has passed: when it was out, not when it was noted."""
    zone = session.exec(select(Client.timezone).where(col(Client.id) == client_id)).one()
    now = clock.now()
    return min(instant or now, now).astimezone(ZoneInfo(zone)).date()


def _me(session: Session) -> UUID | None:
    actor = cast(database.Session, session).sight
    return cast(UUID | None, actor.membership_id)
