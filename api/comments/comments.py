"""
What can be done to a comment: said, edited, deleted; and to its thread: resolved, reopened.

A client's contact may add a comment and no more; what else becomes of it is done by the agency's
hand, once it is known whose it is.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from api.comments import subjects
from api.comments.models import Comment, CommentEdit, CommentQuery, SubjectType
from api.files import files
from tenants import clock, database, outbox
from tenants.auth import Actor
from tenants.errors import Conflict, Forbidden, MoveNotAllowed, Unprocessable
from tenants.models import (
    Assignment,
    Audience,
    Membership,
    MembershipKind,
    MembershipStatus,
)
from tenants.pages import NEWEST, OLDEST, Listing
from tenants.permissions import AgencyRole


class NotYourComment(Forbidden):
    """Only its author may change or delete a comment."""


class CommentDeleted(Conflict):
    """The comment was deleted; only its place is left."""


class ReplyOutOfThread(Unprocessable):
    """A reply answers the first comment of a thread: same subject, same audience."""


class SectionUnknown(Unprocessable):
    """What is commented on has no such section."""


class MentionNotPossible(Unprocessable):
    """Somebody mentioned is not of those the comment is for."""


def search(session: Session, page: CommentQuery) -> Listing:
    """The comments in sight, the newest first; on a subject, the first first."""
    query = select(Comment)
    if page.client_id is not None:
        query = query.where(col(Comment.client_id) == page.client_id)
    if page.subject_type is not None and page.subject_id is not None:
        subjects.see(session, page.subject_type, page.subject_id)
        query = query.where(
            col(Comment.subject_type) == page.subject_type,
            col(Comment.subject_id) == page.subject_id,
        )
    elif _actor(session).is_contact:
        query = query.where(subjects.are_seen())
    for name in ("section", "audience"):
        if (wanted := getattr(page, name)) is not None:
            query = query.where(getattr(Comment, name) == wanted)
    return Listing(query, Comment, page, NEWEST if page.subject_id is None else OLDEST)


def read(session: Session, comment_id: UUID) -> Comment:
    """A comment, to whom sees what it is about."""
    comment = database.get(session, Comment, comment_id)
    subjects.see(session, comment.subject_type, comment.subject_id)
    return comment


def edits(session: Session, comment_id: UUID) -> Sequence[CommentEdit]:
    """What a comment said before, the first first."""
    query = _edits_of(read(session, comment_id))
    return session.exec(query.order_by(col(CommentEdit.id)).limit(200)).all()


def create(
    session: Session,
    subject_type: SubjectType,
    subject_id: UUID,
    audience: Audience,
    *,
    body: str,
    parent_id: UUID | None,
    section: str | None = None,
    **attached: Sequence[UUID],
) -> Comment:
    actor = _actor(session)
    client_id = subjects.see(session, subject_type, subject_id)
    if actor.is_contact and audience is not Audience.client:
        raise Forbidden
    if section and not subjects.has_section(session, subject_type, subject_id, section):
        raise SectionUnknown(pointer="/section")
    comment = Comment(
        client_id=client_id,
        audience=audience,
        subject_type=subject_type,
        subject_id=subject_id,
        section=section,
        parent_id=parent_id,
        body=body,
        author_id=actor.membership_id,
        author_name=actor.label,
    )
    _check_thread(session, comment)
    comment.sqlmodel_update(_attachable(session, comment, **attached))
    database.add(session, comment)
    _tell(session, "comment.created", comment)
    return comment


def update(
    session: Session, comment_id: UUID, body: str | None = None, **attached: Sequence[UUID]
) -> Comment:
    """Say it otherwise; what it said before is kept."""
    seen = read(session, comment_id)
    checked = _attachable(session, seen, **attached)
    with _own(session, seen) as comment:
        if body is not None and comment.body is not None:
            former = CommentEdit(
                client_id=comment.client_id, comment_id=comment.id, former_body=comment.body
            )
            database.add(session, former)
            comment.body = body
        comment.sqlmodel_update({**checked, "edited_at": clock.now()})
        _tell(session, "comment.updated", comment)
    return comment


def delete(session: Session, comment_id: UUID) -> None:
    """Take it back, with its former words; one that was answered leaves its place."""
    with _own(session, read(session, comment_id)) as comment:
        for former in session.exec(_edits_of(comment)):
            session.delete(former)
        session.flush()
        answered = select(Comment.id).where(col(Comment.parent_id) == comment.id).limit(1)
        if session.exec(answered).first():
            comment.body, comment.deleted_at = None, clock.now()
            comment.mentions, comment.file_ids = [], []
            _tell(session, "comment.deleted", comment)
        else:
            _tell(session, "comment.deleted", comment)
            session.delete(comment)


def resolve(session: Session, comment_id: UUID) -> Comment:
    """Close a thread: what it asked for is done."""
    with _held(session, read(session, comment_id)) as thread:
        if thread.parent_id is not None or thread.resolved_at is not None:
            raise MoveNotAllowed("reply" if thread.parent_id else "resolved")
        thread.resolved_at, thread.resolved_by_name = clock.now(), _actor(session).label
        _tell(session, "comment.resolved", thread)
    return thread


def reopen(session: Session, comment_id: UUID) -> Comment:
    with _held(session, read(session, comment_id)) as thread:
        if thread.resolved_at is None:
            raise MoveNotAllowed("reply" if thread.parent_id else "open")
        thread.resolved_at = thread.resolved_by_name = None
        _tell(session, "comment.reopened", thread)
    return thread


@contextmanager
def _held(session: Session, seen: Comment) -> Iterator[Comment]:
    """A comment that the caller sees, held by the agency's hand."""
    with database.acting_for_agency(session, seen.client_id):
        yield database.get(session, Comment, seen.id, lock=True)


@contextmanager
def _own(session: Session, seen: Comment) -> Iterator[Comment]:
    """A comment of the caller's own, held."""
    with _held(session, seen) as comment:
        if comment.author_id != _actor(session).membership_id:
            raise NotYourComment
        if comment.deleted_at is not None:
            raise CommentDeleted
        yield comment


def _check_thread(session: Session, comment: Comment) -> None:
    if comment.parent_id is None:
        return
    first = database.get(session, Comment, comment.parent_id)
    same = ("client_id", "audience", "subject_type", "subject_id")
    differs = any(getattr(first, name) != getattr(comment, name) for name in same)
    if differs or first.parent_id is not None or first.deleted_at is not None:
        raise ReplyOutOfThread(pointer="/parent_id")
    if comment.section not in (None, first.section):
        raise ReplyOutOfThread(pointer="/section")
    comment.section = first.section


def _attachable(session: Session, comment: Comment, **ids: Sequence[UUID]) -> dict[str, list[str]]:
    """Who is mentioned and what is attached, once it is known to be for the comment's audience."""
    _check_mentions(session, comment, set(ids.get("mentions", ())))
    for each in ids.get("file_ids", ()):
        files.check_for(session, each, comment.client_id, comment.audience, "/file_ids")
    return {name: [str(each) for each in dict.fromkeys(found)] for name, found in ids.items()}


def _check_mentions(session: Session, comment: Comment, mentions: set[UUID]) -> None:
    """Those who see the client; of its own people, only where the comment is for them too."""
    if not mentions:
        return
    today = clock.now().date()
    serves = (
        select(Assignment.id)
        .where(
            col(Assignment.membership_id) == col(Membership.id),
            col(Assignment.client_id) == comment.client_id,
            col(Assignment.starts_on) <= today,
            or_(col(Assignment.ends_on).is_(None), col(Assignment.ends_on) >= today),
        )
        .exists()
    )
    query = select(Membership.id).where(
        col(Membership.id).in_(mentions),
        col(Membership.status) == MembershipStatus.active,
        or_(col(Membership.role).in_([AgencyRole.owner, AgencyRole.admin]), serves),
    )
    if comment.audience is Audience.internal:
        query = query.where(col(Membership.kind) == MembershipKind.staff)
    with database.acting_for_agency(session, comment.client_id):
        found = set(session.exec(query))
    if found != mentions:
        raise MentionNotPossible(pointer="/mentions")


def _edits_of(comment: Comment) -> SelectOfScalar[CommentEdit]:
    return select(CommentEdit).where(col(CommentEdit.comment_id) == comment.id)


def _tell(session: Session, type: str, comment: Comment) -> None:
    audience = "client" if comment.audience is Audience.client else "staff"
    outbox.emit(session, type, comment, audience=audience)


def _actor(session: Session) -> Actor:
    actor: Actor = session.sight  # type: ignore[attr-defined]
    return actor
