"""
What follows by itself: captions that are handed in are judged, new debts hear of their gates, and
what is out stays as long as amended terms say.
"""

from api.collaborations.models import Collaboration, Submission
from api.collaborations.money.models import Instalment
from api.proof import consequences, live_posts, verdicts, watching  # noqa: F401  (its jobs)
from tenants import database
from tenants.outbox import Event
from tenants.worker import on


@on("submission.submitted")
def judge_submission(session: database.Session, event: Event) -> None:
    """Say of what was handed in whether it discloses as its readers' country wants."""
    verdicts.of_submission(session, database.get(session, Submission, event.subject_id))


@on("collaboration_instalment.earned")
def tell_gates(session: database.Session, event: Event) -> None:
    """What falls due after a post was seen hears what was seen."""
    part = database.get(session, Instalment, event.subject_id)
    row = database.get(session, Collaboration, part.collaboration_id, lock=True)
    consequences.tell(session, row)


@on("collaboration.amended")
def follow_terms(session: database.Session, event: Event) -> None:
    """What is out stays as long as the terms in force say."""
    live_posts.follow_terms(session, event.subject_id)
