"""Routes of what a collaboration came to."""

from typing import Any
from uuid import UUID

from starlette.responses import Response

from api.collaborations.results import results
from api.collaborations.results.shapes import (
    CollaborationResult,
    CollaborationReturn,
    ResultRendering,
)
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from tenants.errors import NotAcceptable, NotFound

router = domain_router("collaborations")

_CONTENT: dict[str, Any] = {
    "application/pdf": {"schema": {"type": "string", "format": "binary", "maxLength": 8_000_000}},
    "text/html": {"schema": {"type": "string", "maxLength": 8_000_000}},
}


def _responses(model: type) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"model": model, "description": "The result.", "content": _CONTENT},
        202: {"model": ResultRendering, "description": "The PDF is being rendered."},
        304: {"description": "You have it."},
        **problems(NotFound, NotAcceptable),
    }


@router.get(
    "/collaborations/{collaboration_id}/result",
    response_class=Response,
    response_model=None,
    dependencies=[needs("collaborations:read")],
    responses=_responses(CollaborationResult),
)
def get_collaboration_result(
    collaboration_id: UUID, session: RequestSession, format: results.FormatName | None = None
) -> Any:
    """Read what it came to, by Accept or `format`: JSON, a page, or a PDF. Money is not in it."""
    return results.serve(session, collaboration_id, format, priced=False)


@router.get(
    "/collaborations/{collaboration_id}/return",
    response_class=Response,
    response_model=None,
    dependencies=[needs("collaboration_terms:read")],
    responses=_responses(CollaborationReturn),
)
def get_collaboration_return(
    collaboration_id: UUID, session: RequestSession, format: results.FormatName | None = None
) -> Any:
    """Read what it came to, what it cost, and what that makes of each; not for the client."""
    return results.serve(session, collaboration_id, format, priced=True)
