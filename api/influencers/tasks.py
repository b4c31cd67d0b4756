"""What follows in programs: invitations are mailed, and who has something to do hears of it."""

from typing import Any
from uuid import UUID

from sqlmodel import col, select

from api.documents.formats import formats
from api.documents.letters import Letter, letter, on_the_web
from api.influencers.models import Influencer
from api.influencers.programs import candidates, invitations
from api.influencers.programs.models import Candidate, Program, ProgramLink
from tenants import clock, database, jobs, users, words
from tenants.auth import Actor
from tenants.jobs import Job
from tenants.models import Agency, Client, Membership, MembershipStatus
from tenants.outbox import Event
from tenants.worker import Beat, job, on


@on("program_link.created")
def send_invitation(session: database.Session, event: Event) -> None:
    link_id = str(event.subject_id)
    jobs.enqueue(session, "mail.program_invitation", client_id=event.client_id, link_id=link_id)


@job(candidates.REMIND)
def remind(actor: Actor, task: Job, beat: Beat) -> dict[str, Any]:
    """The day has come on which something is to be done about a candidate."""
    with database.agency_session(actor) as session:
        about = UUID(task.args["candidate_id"]), task.args["day"]
        candidate = candidates.remind(session, *about)
        if candidate is not None and candidate.owner_membership_id is not None:
            jobs.enqueue(
                session,
                "mail.candidate_due",
                client_id=candidate.client_id,
                candidate_id=str(candidate.id),
                membership_id=str(candidate.owner_membership_id),
            )
        return {"reminded": candidate is not None}


@letter("program_invitation")
def program_invitation(session: database.Session, job: Job) -> Letter | None:
    """The address at which somebody without an account answers an invitation."""
    link = database.get(session, ProgramLink, UUID(job.args["link_id"]))
    if link.revoked_at is not None or link.answer is not None or link.expires_at <= clock.now():
        return None
    candidate = database.get(session, Candidate, link.candidate_id)
    program = database.get(session, Program, candidate.program_id)
    agency, client = _agency(session), database.get(session, Client, link.client_id)
    written = formats(link.locale, agency.currency, client.timezone)
    return Letter(
        kind="program_invitation",
        agency=agency,
        address=link.email,
        name=link.name,
        locale=link.locale,
        values={
            "program": program.name,
            "client": client.name,
            "until": written.moment(link.expires_at),
        },
        link=invitations.address_of(link),
    )


@letter("candidate_due")
def candidate_due(session: database.Session, job: Job) -> Letter | None:
    """What is to be done today about somebody in a program."""
    member = database.get(session, Membership, UUID(job.args["membership_id"]))
    candidate = database.get(session, Candidate, UUID(job.args["candidate_id"]))
    if member.status is not MembershipStatus.active or candidate.next_action_on is None:
        return None
    program = database.get(session, Program, candidate.program_id)
    influencer = database.get(session, Influencer, candidate.influencer_id)
    return Letter(
        kind="candidate_due",
        agency=_agency(session),
        address=member.email,
        name=member.name,
        locale=words.language(users.reached(member.user_id).locale),
        values={
            "program": program.name,
            "influencer": influencer.name,
            "action": candidate.next_action or "–",
        },
        link=on_the_web(f"candidates/{candidate.id}"),
    )


def _agency(session: database.Session) -> Agency:
    query = select(Agency).where(col(Agency.id) == session.sight.agency_id)
    return session.exec(query).one()
