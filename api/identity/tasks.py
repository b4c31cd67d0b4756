"""What follows in who is who: the letters that let people in, and back in."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from api.documents.formats import formats
from api.documents.letters import Letter, letter, on_the_web
from tenants import clock, database, invitations, jobs, mail_proofs, users
from tenants.jobs import Job
from tenants.models import Agency, Client, Invitation, InvitationStatus, Membership
from tenants.outbox import Event
from tenants.worker import every, on


@on("invitation.created")
def invite(session: database.Session, event: Event) -> None:
    jobs.enqueue(session, "mail.invitation", invitation_id=str(event.subject_id))


@letter("invitation")
def invitation(session: database.Session, job: Job) -> Letter | None:
    """The way in, for whom it was written, while it is open."""
    row = database.get(session, Invitation, UUID(job.args["invitation_id"]))
    if row.status is not InvitationStatus.open or row.expires_at <= clock.now():
        return None
    agency = the_agency(session)
    inviter = database.get(session, Membership, row.invited_by)
    locale, token = _locale_of(session, row, agency), invitations.token_of(row)
    return Letter(
        kind="invitation",
        agency=agency,
        address=row.email,
        name=row.name,
        locale=locale,
        values={"inviter": inviter.name, "until": _moment(row.expires_at, locale, agency)},
        link=on_the_web(f"invitation#{token}"),
        code=token,
        reply_to=inviter.email,
    )


def _locale_of(session: Session, row: Invitation, agency: Agency) -> str:
    """A client's people are written to in the client's language; nobody knows their own yet."""
    clients = [UUID(each["client_id"]) for each in row.duties]
    query = select(Client.locale).where(col(Client.id).in_(clients[:1]))
    known = session.exec(query).first() if row.kind == "client_contact" else None
    return known or agency.locale


@every(2)
def settle_password_resets() -> None:
    """Who asked for a new password is looked up here, where nobody can tell how long it takes."""
    mail_proofs.settle()


@every(300)
def forget_mail_proofs() -> None:
    """What was mailed and is over is not kept."""
    mail_proofs.forget()


@letter("password_reset")
def password_reset(session: database.Session, job: Job) -> Letter | None:
    """A token for a new password, while it is good."""
    return _proof(session, job, "password_reset", "password-reset")


@letter("email_verification")
def email_verification(session: database.Session, job: Job) -> Letter | None:
    """A token that shows the address is theirs, while it is good."""
    return _proof(session, job, "email_verification", "email-verification")


def _proof(session: database.Session, job: Job, kind: str, page: str) -> Letter | None:
    asked = mail_proofs.to_mail(UUID(job.args["proof_id"]))
    if asked is None:
        return None
    return Letter(
        kind=kind,
        agency=the_agency(session),
        address=asked.email,
        name=asked.name,
        locale=asked.locale,
        link=on_the_web(f"{page}#{asked.token}"),
        code=asked.token,
    )


@letter("password_changed")
def password_changed(session: database.Session, job: Job) -> Letter:
    """Somebody changed the password: whose it is hears of it, whoever it was."""
    user = users.reached(UUID(job.args["user_id"]))
    agency = the_agency(session)
    at = _moment(job.created_at, user.locale, agency)
    return Letter(
        kind="password_changed",
        agency=agency,
        address=user.email,
        name=user.name,
        locale=user.locale,
        values={"moment": at},
    )


def the_agency(session: database.Session) -> Agency:
    """Whose letter it is."""
    query = select(Agency).where(col(Agency.id) == session.sight.agency_id)
    return session.exec(query).one()


def _moment(instant: datetime, locale: str, agency: Agency) -> str:
    return formats(locale, agency.currency, agency.timezone).moment(instant)
