"""Routes of live posts, disclosure and results; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from api.proof import checks, disclosure, live_posts, results, verdicts
from api.proof.addresses import AddressNotAllowed
from api.proof.models import LivePost
from api.proof.shapes import (
    CollaborationResultsWrite,
    Country,
    DisclosureCheckCreate,
    DisclosureCheckQuery,
    DisclosureRules,
    DisclosureVerdictRead,
    LiveCheckRead,
    LivePostConfirm,
    LivePostCreate,
    LivePostQuery,
    LivePostRead,
    LivePostWithdraw,
    ResultsOutcome,
)
from tenants.errors import MoveNotAllowed, NotFound
from tenants.pages import InvalidCursor, Page, PageQuery
from tenants.reads import Lookup
from tenants.shapes import Day

router = domain_router("proof")


@router.post(
    "/live-posts",
    status_code=201,
    response_model=LivePostRead,
    dependencies=[needs("live_posts:write")],
    responses=problems(
        NotFound,
        MoveNotAllowed,
        AddressNotAllowed,
        live_posts.AddressTaken,
        live_posts.PieceHasPost,
        live_posts.PublishedLater,
    ),
)
def create_live_post(data: LivePostCreate, session: RequestSession) -> Any:
    """Say where an accepted deliverable is out; it is looked up at once, and then every day."""
    return live_posts.bind(session, **data.model_dump())


@router.get(
    "/live-posts",
    response_model=Page[LivePostRead],
    dependencies=[needs("live_posts:read")],
    responses=problems(InvalidCursor),
)
def list_live_posts(page: Annotated[LivePostQuery, Query()], session: RequestSession) -> Any:
    """List the live posts in your sight, newest first."""
    return live_posts.search(session, page)


@router.get(
    "/live-posts/{live_post_id}",
    response_model=LivePostRead,
    dependencies=[needs("live_posts:read")],
    responses=problems(NotFound),
)
def get_live_post(live_post_id: UUID, session: RequestSession) -> Any:
    """Read a live post: where it is, and how long it has stayed."""
    return Lookup(LivePost, live_post_id)


@router.post(
    "/live-posts/{live_post_id}/confirm",
    response_model=LivePostRead,
    dependencies=[needs("live_posts:write")],
    responses=problems(NotFound, MoveNotAllowed, checks.EvidenceMissing),
)
def confirm_live_post(live_post_id: UUID, data: LivePostConfirm, session: RequestSession) -> Any:
    """Keep what you saw: that it is live, says something else, is not there, or is gone."""
    return live_posts.confirm(session, live_post_id, **data.model_dump())


@router.post(
    "/live-posts/{live_post_id}/withdraw",
    response_model=LivePostRead,
    dependencies=[needs("live_posts:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def withdraw_live_post(live_post_id: UUID, data: LivePostWithdraw, session: RequestSession) -> Any:
    """Take back a live post that was bound by mistake; its address is free again."""
    return live_posts.withdraw(session, live_post_id, data.reason)


@router.get(
    "/live-posts/{live_post_id}/checks",
    response_model=Page[LiveCheckRead],
    dependencies=[needs("live_checks:read")],
    responses=problems(NotFound, InvalidCursor),
)
def list_live_checks(
    live_post_id: UUID, page: Annotated[PageQuery, Query()], session: RequestSession
) -> Any:
    """List every look at a live post with its evidence, newest first."""
    return live_posts.looks(session, live_post_id, page)


@router.get(
    "/disclosure-rules",
    response_model=DisclosureRules,
    dependencies=[needs("disclosure_rules:read")],
)
def list_disclosure_rules(
    session: RequestSession,
    country: Annotated[Country | None, Query()] = None,
    on_date: Annotated[Day | None, Query(description="Only what was in force then.")] = None,
) -> Any:
    """List the rules of disclosure, every version; their wording needs legal review."""
    return {"data": disclosure.matching(country, on_date)}


@router.post(
    "/disclosure-checks",
    status_code=201,
    response_model=DisclosureVerdictRead,
    dependencies=[needs("disclosure_checks:write")],
    responses=problems(NotFound),
)
def create_disclosure_check(data: DisclosureCheckCreate, session: RequestSession) -> Any:
    """Have a caption judged for a deliverable before it is handed in; the verdict is kept."""
    return verdicts.ask(session, **data.model_dump())


@router.get(
    "/disclosure-checks",
    response_model=Page[DisclosureVerdictRead],
    dependencies=[needs("disclosure_checks:read")],
    responses=problems(InvalidCursor),
)
def list_disclosure_checks(
    page: Annotated[DisclosureCheckQuery, Query()], session: RequestSession
) -> Any:
    """List the verdicts in your sight, newest first: on drafts, submissions and live posts."""
    return verdicts.search(session, page)


@router.post(
    "/collaborations/{collaboration_id}/results",
    response_model=ResultsOutcome,
    dependencies=[needs("collaboration_results:write")],
    responses=problems(
        NotFound, results.ResultCurrencyDiffers, results.ResultDiffers, results.ResultFromTheFuture
    ),
)
def record_collaboration_results(
    collaboration_id: UUID, data: CollaborationResultsWrite, session: RequestSession
) -> Any:
    """Tell what a collaboration, or one of its deliverables, has brought so far, and show it."""
    said = {name: getattr(data, name) for name in data.__class__.model_fields}
    return results.record(session, collaboration_id, **said)
