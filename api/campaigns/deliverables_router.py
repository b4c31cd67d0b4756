"""Routes of deliverables and of units counted; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.approvals import approvals, quorum
from api.campaigns import (
    accruals,
    deliverables,
    dependencies,
    lots,
    planning,
    retainers,
    views,
    work,
)
from api.campaigns.deliverable_models import Deliverable
from api.campaigns.deliverable_shapes import (
    DeliverableBlock,
    DeliverableCreate,
    DeliverableDates,
    DeliverableQuery,
    DeliverableRead,
    DeliverableRedate,
    Deliverables,
    DeliverablesCreate,
    DeliverableUpdate,
    ProofCreate,
    WorkSubmit,
)
from api.campaigns.retainer_shapes import LedgerEntryRead
from api.campaigns.scope_shapes import (
    AccrualCreate,
    UnitEntryQuery,
    UnitEntryRead,
    UnitEntryReverse,
)
from api.campaigns.view_shapes import (
    BoardQuery,
    CalendarQuery,
    DeliverableBoard,
    DeliverableCalendar,
)
from api.files.files import FileNotForClient
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from tenants.errors import MoveNotAllowed, NotFound
from tenants.pages import InvalidCursor, Page
from tenants.reads import Lookup

router = domain_router("campaigns")


@router.post(
    "/deliverables",
    status_code=201,
    response_model=DeliverableRead,
    dependencies=[needs("deliverables:write")],
    responses=problems(
        NotFound,
        deliverables.LineWithoutDeliverables,
        deliverables.DueDayMissing,
        deliverables.AssigneeNotStaff,
        FileNotForClient,
        lots.ScopeExhausted,
        lots.ScopeNotInForce,
    ),
)
def create_deliverable(data: DeliverableCreate, session: RequestSession) -> Any:
    """Plan a deliverable; its units are drawn from its line's lot."""
    return planning.create(session, **data.model_dump())


@router.post(
    "/scope-lines/{line_id}/deliverables",
    status_code=201,
    response_model=Deliverables,
    dependencies=[needs("deliverables:write")],
    responses=problems(
        NotFound,
        deliverables.LineWithoutDeliverables,
        deliverables.DueDayMissing,
        deliverables.AssigneeNotStaff,
        lots.ScopeExhausted,
        lots.ScopeNotInForce,
    ),
)
def create_deliverables(line_id: UUID, data: DeliverablesCreate, session: RequestSession) -> Any:
    """Plan several deliverables of one unit each, or none of them."""
    return {"data": planning.create_many(session, line_id, **data.model_dump())}


@router.get(
    "/deliverables",
    response_model=Page[DeliverableRead],
    dependencies=[needs("deliverables:read")],
    responses=problems(InvalidCursor),
)
def list_deliverables(page: Annotated[DeliverableQuery, Query()], session: RequestSession) -> Any:
    """List deliverables, the earliest due first; cancelled ones only when `status` names them."""
    return deliverables.search(session, page)


@router.get(
    "/deliverables/board",
    response_model=DeliverableBoard,
    dependencies=[needs("deliverables:read")],
)
def get_board(asked: Annotated[BoardQuery, Query()], session: RequestSession) -> Any:
    """Read the work there is as a board, in columns by status, assignee, client or campaign."""
    return views.board(session, asked)


@router.get(
    "/deliverables/calendar",
    response_model=DeliverableCalendar,
    dependencies=[needs("deliverables:read")],
    responses=problems(views.CalendarTooLong),
)
def get_calendar(asked: Annotated[CalendarQuery, Query()], session: RequestSession) -> Any:
    """Read what is due from a day to a day, day by day."""
    return views.calendar(session, asked)


@router.get(
    "/deliverables/{deliverable_id}",
    response_model=DeliverableRead,
    dependencies=[needs("deliverables:read")],
    responses=problems(NotFound),
)
def get_deliverable(deliverable_id: UUID, session: RequestSession) -> Any:
    """Read a deliverable."""
    return Lookup(Deliverable, deliverable_id)


@router.get(
    "/deliverables/{deliverable_id}/dates",
    response_model=DeliverableDates,
    dependencies=[needs("deliverables:read_dates")],
    responses=problems(NotFound),
)
def list_deliverable_dates(deliverable_id: UUID, session: RequestSession) -> Any:
    """List every new date a deliverable was given, and why."""
    return {"data": deliverables.dates(session, deliverable_id)}


@router.patch(
    "/deliverables/{deliverable_id}",
    response_model=DeliverableRead,
    dependencies=[needs("deliverables:write")],
    responses=problems(
        NotFound, deliverables.NotAtWork, deliverables.AssigneeNotStaff, FileNotForClient
    ),
)
def update_deliverable(
    deliverable_id: UUID, data: DeliverableUpdate, session: RequestSession
) -> Any:
    """Change a deliverable's label or who makes it."""
    return deliverables.update(session, deliverable_id, **data.model_dump())


@router.post(
    "/deliverables/{deliverable_id}/start",
    response_model=DeliverableRead,
    dependencies=[needs("deliverables:write")],
    responses=problems(
        NotFound,
        MoveNotAllowed,
        deliverables.DeliverableBlocked,
        dependencies.WaitsForOthers,
    ),
)
def start_deliverable(deliverable_id: UUID, session: RequestSession) -> Any:
    """Begin, or begin anew after changes were asked for."""
    return work.start(session, deliverable_id)


@router.post(
    "/deliverables/{deliverable_id}/submit",
    response_model=DeliverableRead,
    dependencies=[needs("deliverables:write")],
    responses=problems(
        NotFound,
        MoveNotAllowed,
        deliverables.DeliverableBlocked,
        FileNotForClient,
        quorum.QuorumOutOfReach,
    ),
)
def submit_deliverable(deliverable_id: UUID, data: WorkSubmit, session: RequestSession) -> Any:
    """Hand it in, to the reviews that the client's policy asks for."""
    return work.submit(session, deliverable_id, **data.model_dump())


@router.post(
    "/deliverables/{deliverable_id}/approve",
    response_model=DeliverableRead,
    dependencies=[needs("deliverables:approve")],
    responses=problems(NotFound, MoveNotAllowed, *approvals.REFUSALS),
)
def approve_deliverable(deliverable_id: UUID, session: RequestSession) -> Any:
    """Approve it: the short form of deciding its open approval."""
    return work.approve(session, deliverable_id)


@router.post(
    "/deliverables/{deliverable_id}/deliver",
    response_model=DeliverableRead,
    dependencies=[needs("deliverables:write")],
    responses=problems(NotFound, MoveNotAllowed, deliverables.DeliverableBlocked, FileNotForClient),
)
def deliver_deliverable(deliverable_id: UUID, data: ProofCreate, session: RequestSession) -> Any:
    """Hand it over: its proof is kept, and its units count as delivered."""
    return work.deliver(session, deliverable_id, **data.model_dump())


@router.post(
    "/deliverables/{deliverable_id}/cancel",
    response_model=DeliverableRead,
    dependencies=[needs("deliverables:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def cancel_deliverable(deliverable_id: UUID, session: RequestSession) -> Any:
    """Give it up; its units are free again."""
    return deliverables.cancel(session, deliverable_id)


@router.post(
    "/deliverables/{deliverable_id}/block",
    response_model=DeliverableRead,
    dependencies=[needs("deliverables:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def block_deliverable(deliverable_id: UUID, data: DeliverableBlock, session: RequestSession) -> Any:
    """Note on whom it waits, and since when."""
    return deliverables.block(session, deliverable_id, **data.model_dump())


@router.post(
    "/deliverables/{deliverable_id}/unblock",
    response_model=DeliverableRead,
    dependencies=[needs("deliverables:write")],
    responses=problems(NotFound, deliverables.NotBlocked),
)
def unblock_deliverable(deliverable_id: UUID, session: RequestSession) -> Any:
    """It no longer waits for anybody."""
    return deliverables.unblock(session, deliverable_id)


@router.post(
    "/deliverables/{deliverable_id}/redate",
    response_model=DeliverableRead,
    dependencies=[needs("deliverables:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def redate_deliverable(
    deliverable_id: UUID, data: DeliverableRedate, session: RequestSession
) -> Any:
    """Give it another due day, and say why; the former ones are kept."""
    return deliverables.redate(session, deliverable_id, **data.model_dump())


@router.post(
    "/scope-lines/{line_id}/accruals",
    status_code=201,
    response_model=UnitEntryRead,
    dependencies=[needs("deliverables:write")],
    responses=problems(
        NotFound, accruals.OverServiceReason, lots.ScopeNotInForce, retainers.PeriodNotOpen
    ),
)
def create_accrual(line_id: UUID, data: AccrualCreate, session: RequestSession) -> Any:
    """Count units of a line that were done on a day; beyond what was sold only for a reason."""
    return accruals.accrue(session, line_id, **data.model_dump())


@router.get(
    "/scope-lines/{line_id}/accruals",
    response_model=Page[UnitEntryRead],
    dependencies=[needs("deliverables:read")],
    responses=problems(NotFound, InvalidCursor),
)
def list_accruals(
    line_id: UUID, page: Annotated[UnitEntryQuery, Query()], session: RequestSession
) -> Any:
    """List everything counted on a line, newest first."""
    return accruals.search(session, line_id, page)


@router.get(
    "/scope-lines/{line_id}/ledger",
    response_model=Page[LedgerEntryRead],
    dependencies=[needs("deliverables:read")],
    responses=problems(NotFound, InvalidCursor),
)
def list_line_ledger(
    line_id: UUID, page: Annotated[UnitEntryQuery, Query()], session: RequestSession
) -> Any:
    """List what became of each unit of a line, newest first: granted, done, expired, taken off."""
    return accruals.ledger(session, line_id, page)


@router.post(
    "/unit-entries/{entry_id}/reverse",
    status_code=201,
    response_model=UnitEntryRead,
    dependencies=[needs("deliverables:write")],
    responses=problems(NotFound, accruals.EntryNotReversible),
)
def reverse_entry(entry_id: UUID, data: UnitEntryReverse, session: RequestSession) -> Any:
    """Count back what was counted wrongly; both entries stay."""
    return accruals.reverse(session, entry_id, data.reason)
