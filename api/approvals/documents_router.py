"""The route of a decision's document."""

from typing import Any
from uuid import UUID

from starlette.responses import Response

from api.approvals import documents
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from tenants.errors import NotAcceptable, NotFound

router = domain_router("approvals")

_BYTES: dict[str, Any] = {"schema": {"type": "string", "format": "binary", "maxLength": 8_000_000}}


@router.get(
    "/approvals/{approval_id}/document",
    response_class=Response,
    response_model=None,
    dependencies=[needs("approvals:read")],
    responses={
        200: {
            "model": documents.DecisionDocument,
            "description": "The document.",
            "content": {"application/pdf": _BYTES},
        },
        202: {"model": documents.DocumentRendering, "description": "It is being rendered."},
        304: {"description": "You have it."},
        **problems(NotFound, NotAcceptable),
    },
)
def get_approval_document(
    approval_id: UUID, session: RequestSession, format: documents.FormatName | None = None
) -> Any:
    """
    Read exactly what is decided on, by Accept or `format`: JSON, whose bytes have the hash
    `content_sha256`, or a PDF of it in the client's language, whose hash a decision then keeps.
    """
    return documents.serve(session, approval_id, format)
