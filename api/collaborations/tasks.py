"""What is done by the worker: the letter with the address for terms, and results on paper."""

from typing import Any
from uuid import UUID

from sqlmodel import col, select

from api.collaborations.models import Collaboration, CollaborationStatus
from api.collaborations.results import results
from api.collaborations.terms import links, offers
from api.collaborations.terms.models import CollaborationLink
from api.documents.formats import formats
from api.documents.letters import Letter, letter
from tenants import database, jobs, storage
from tenants.auth import Actor
from tenants.jobs import Job
from tenants.models import Agency, Client
from tenants.outbox import Event
from tenants.worker import Beat, job, on


@on("collaboration_link.created")
def send_link(session: database.Session, event: Event) -> None:
    """A job, so that a mailbox that fails is tried again."""
    link_id = str(event.subject_id)
    jobs.enqueue(session, "mail.collaboration_link", client_id=event.client_id, link_id=link_id)


@letter("collaboration_link")
def collaboration_link(session: database.Session, task: Job) -> Letter | None:
    """The address at which somebody without an account answers terms."""
    link = database.get(session, CollaborationLink, UUID(task.args["link_id"]))
    row = database.get(session, Collaboration, link.collaboration_id)
    waits = row.status is CollaborationStatus.terms_sent or offers.amendment(session, row)
    if link.revoked_at is not None or not waits:
        return None
    client = database.get(session, Client, link.client_id)
    agency = session.exec(select(Agency).where(col(Agency.id) == session.sight.agency_id)).one()
    until = formats(client.locale, agency.currency, client.timezone).moment(link.expires_at)
    return Letter(
        kind="collaboration_link",
        agency=agency,
        address=link.email,
        name=link.name,
        locale=client.locale,
        values={"title": row.title, "client": client.name, "until": until},
        link=links.address_of(link),
    )


@job(results.KIND)
def render(actor: Actor, task: Job, beat: Beat) -> dict[str, Any]:
    """Lay a result out as it stands now, and store it; a second run stores the same bytes."""
    with database.agency_session(actor) as session:
        row = database.get(session, Collaboration, UUID(task.args["collaboration_id"]))
        view = results.laid_out(
            session, row, priced=task.args["priced"], locale=task.args["locale"]
        )
    return {"sha256": storage.put(row.agency_id, view.body)}
