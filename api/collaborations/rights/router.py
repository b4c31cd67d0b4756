"""Routes of rights and their uses; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.collaborations.rights import rights, windows
from api.collaborations.rights.models import UsageRight
from api.collaborations.rights.shapes import (
    AssetUseCreate,
    AssetUseRead,
    AssetUsesRead,
    UsageRightQuery,
    UsageRightRead,
)
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from tenants.errors import NotFound
from tenants.pages import InvalidCursor, Page
from tenants.reads import Lookup

router = domain_router("collaborations")


@router.get(
    "/usage-rights",
    response_model=Page[UsageRightRead],
    dependencies=[needs("usage_rights:read")],
    responses=problems(InvalidCursor),
)
def list_usage_rights(page: Annotated[UsageRightQuery, Query()], session: RequestSession) -> Any:
    """List what may be used, those that end first first."""
    return rights.search(session, page)


@router.get(
    "/usage-rights/{usage_right_id}",
    response_model=UsageRightRead,
    dependencies=[needs("usage_rights:read")],
    responses=problems(NotFound),
)
def get_usage_right(usage_right_id: UUID, session: RequestSession) -> Any:
    """Read what may be used, where, how and until when."""
    return Lookup(UsageRight, usage_right_id)


@router.post(
    "/usage-rights/{usage_right_id}/uses",
    status_code=201,
    response_model=AssetUseRead,
    dependencies=[needs("usage_rights:use")],
    responses=problems(
        NotFound,
        *(rights.RightExpired, rights.UseNotGranted),
        *(windows.WindowBackwards, windows.WindowIncomplete),
    ),
)
def record_asset_use(usage_right_id: UUID, data: AssetUseCreate, session: RequestSession) -> Any:
    """Note that an asset is used; refused when the right does not cover it, or not then."""
    return rights.record_use(session, usage_right_id, **data.model_dump())


@router.get(
    "/usage-rights/{usage_right_id}/uses",
    response_model=AssetUsesRead,
    dependencies=[needs("usage_rights:use")],
    responses=problems(NotFound),
)
def list_asset_uses(usage_right_id: UUID, session: RequestSession) -> Any:
    """List what was done under a right, the newest first: the last 200."""
    return {"data": rights.uses(session, usage_right_id)}
