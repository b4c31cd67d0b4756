"""Asking for the next look at a live post: a job that is due when the post is."""

from sqlmodel import Session

from api.proof.models import LivePost
from tenants import jobs
from tenants.jobs import Queue

LOOK = "live_posts.look"


def schedule(session: Session, post: LivePost) -> None:
    """Ask for the next look, once."""
    session.flush()
    if post.check_due_at is None:
        return
    jobs.enqueue(
        session,
        LOOK,
        client_id=post.client_id,
        queue=Queue.bulk,
        due_at=post.check_due_at,
        period=post.check_due_at,
        about=post.id,
        live_post_id=str(post.id),
    )
