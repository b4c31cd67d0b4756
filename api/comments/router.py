"""Routes of comments; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.comments import comments
from api.comments.models import (
    CommentCreate,
    CommentEdits,
    CommentQuery,
    CommentRead,
    CommentUpdate,
)
from api.files.files import FileNotForClient
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from tenants.errors import MoveNotAllowed, NotFound
from tenants.pages import InvalidCursor, Page

router = domain_router("comments")


@router.post(
    "/comments",
    status_code=201,
    response_model=CommentRead,
    dependencies=[needs("comments:write")],
    responses=problems(
        NotFound,
        comments.ReplyOutOfThread,
        comments.SectionUnknown,
        comments.MentionNotPossible,
        FileNotForClient,
    ),
)
def create_comment(data: CommentCreate, session: RequestSession) -> Any:
    """Comment on a subject, for the agency alone or for the client too; or answer a comment."""
    return comments.create(session, **data.model_dump())


@router.get(
    "/comments",
    response_model=Page[CommentRead],
    dependencies=[needs("comments:read")],
    responses=problems(NotFound, InvalidCursor),
)
def list_comments(page: Annotated[CommentQuery, Query()], session: RequestSession) -> Any:
    """List the comments that are for you, newest first; on a subject, the first first."""
    return comments.search(session, page)


@router.get(
    "/comments/{comment_id}",
    response_model=CommentRead,
    dependencies=[needs("comments:read")],
    responses=problems(NotFound),
)
def get_comment(comment_id: UUID, session: RequestSession) -> Any:
    """Read a comment."""
    return comments.read(session, comment_id)


@router.patch(
    "/comments/{comment_id}",
    response_model=CommentRead,
    dependencies=[needs("comments:write")],
    responses=problems(
        NotFound,
        comments.NotYourComment,
        comments.CommentDeleted,
        comments.MentionNotPossible,
        FileNotForClient,
    ),
)
def update_comment(comment_id: UUID, data: CommentUpdate, session: RequestSession) -> Any:
    """Say your own comment otherwise: it is marked as edited, and its former words are kept."""
    return comments.update(session, comment_id, **data.model_dump())


@router.delete(
    "/comments/{comment_id}",
    status_code=204,
    dependencies=[needs("comments:write")],
    responses=problems(NotFound, comments.NotYourComment, comments.CommentDeleted),
)
def delete_comment(comment_id: UUID, session: RequestSession) -> None:
    """Delete your own comment; one that was answered leaves its place."""
    comments.delete(session, comment_id)


@router.post(
    "/comments/{comment_id}/resolve",
    response_model=CommentRead,
    dependencies=[needs("comments:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def resolve_comment(comment_id: UUID, session: RequestSession) -> Any:
    """Resolve a thread: what it asked for is done."""
    return comments.resolve(session, comment_id)


@router.post(
    "/comments/{comment_id}/reopen",
    response_model=CommentRead,
    dependencies=[needs("comments:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def reopen_comment(comment_id: UUID, session: RequestSession) -> Any:
    """Open a thread again."""
    return comments.reopen(session, comment_id)


@router.get(
    "/comments/{comment_id}/edits",
    response_model=CommentEdits,
    dependencies=[needs("comments:read_edits")],
    responses=problems(NotFound),
)
def list_comment_edits(comment_id: UUID, session: RequestSession) -> Any:
    """List what a comment said before it was edited."""
    return {"data": comments.edits(session, comment_id)}
