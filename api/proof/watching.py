"""
Looking posts up by themselves: each look is a job of its own, due when the post is.

The network is called with no session held: what to look for is read first, what was found is kept
after, and only if nobody else has looked meanwhile. A daily job asks anew for looks that were lost.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from api.collaborations.models import Collaboration
from api.proof import checks, looking
from api.proof.looking import Looker, Wanted
from api.proof.looks import LOOK, schedule
from api.proof.models import CheckMethod, LivePost
from tenants import clock, database
from tenants.auth import Actor
from tenants.daily import daily
from tenants.jobs import Job
from tenants.worker import Beat, job

SWEEP = "live_posts.sweep"
LOST = timedelta(hours=1)

# How posts are looked up; a network's own way can take its place.
looker: Callable[[], Looker] = looking.over_http


@job(LOOK)
def look(actor: Actor, task: Job, beat: Beat) -> dict[str, Any]:
    """Look a post up, if it is still due."""
    post_id = UUID(task.args["live_post_id"])
    with database.agency_session(actor) as session:
        post = database.get(session, LivePost, post_id)
        due = post.check_due_at
        wanted = Wanted(post.url, post.external_id, post.text_sha256)
    if due is None or due > clock.now():
        return {"outcome": None}
    seen = looker().look(wanted)
    with database.agency_session(actor) as session:
        row = database.get(session, Collaboration, post.collaboration_id, lock=True)
        post = database.get(session, LivePost, post_id, lock=True)
        if post.check_due_at != due:
            return {"outcome": None}
        checks.keep(
            session, row, post, CheckMethod.http, seen.outcome, evidence=dict(seen.evidence)
        )
        schedule(session, post)
    return {"outcome": seen.outcome.value}


@daily(SWEEP)
def sweep(actor: Actor, task: Job, beat: Beat) -> dict[str, Any]:
    """Look at what should have been looked at long ago: its job was given up."""
    with database.agency_session(actor) as session:
        late = select(LivePost).where(col(LivePost.check_due_at) < clock.now() - LOST)
        found = session.exec(late.order_by(col(LivePost.id))).all()
        for post in found:
            post.check_due_at = clock.now()
            schedule(session, post)
        return {"late": len(found)}
