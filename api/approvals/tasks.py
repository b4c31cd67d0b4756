"""What follows an approval: the letters to those who are asked, and to who asked."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from api.approvals import approvals, documents, links
from api.approvals.models import Approval, ApprovalLink, ApprovalStatus, Decision
from api.documents.formats import formats
from api.documents.letters import Letter, letter, on_the_web
from tenants import database, jobs, outbox, storage, users, words
from tenants.auth import Actor
from tenants.jobs import Job
from tenants.models import Agency, Client, Membership, MembershipStatus
from tenants.outbox import Event
from tenants.worker import Beat, job, on


@on("approval.opened")
def ask(session: database.Session, event: Event) -> None:
    """A job for each who may decide, but who asked: one mailbox that fails holds up no other."""
    approval = database.get(session, Approval, event.subject_id)
    for membership_id in approvals.deciders(session, approval):
        if membership_id != approval.asked_by:
            _write_to(session, "mail.approval_asked", approval, membership_id)


@on("approval.approved", "approval.changes_requested", "approval.rejected")
def tell(session: database.Session, event: Event) -> None:
    """Who asked hears what was decided, unless they decided it."""
    approval = database.get(session, Approval, event.subject_id)
    if approval.asked_by is not None and approval.asked_by != _last(session, approval).decided_by:
        _write_to(session, "mail.approval_decided", approval, approval.asked_by)


@on("approval_link.created")
def send_link(session: database.Session, event: Event) -> None:
    link_id = str(event.subject_id)
    jobs.enqueue(session, "mail.approval_link", client_id=event.client_id, link_id=link_id)


def _write_to(
    session: database.Session, kind: str, approval: Approval, membership_id: UUID
) -> None:
    jobs.enqueue(
        session,
        kind,
        client_id=approval.client_id,
        approval_id=str(approval.id),
        membership_id=str(membership_id),
    )


@job(documents.KIND)
def render(actor: Actor, task: Job, beat: Beat) -> dict[str, Any]:
    """Render, store, then record; a second run finds the first one's hash and changes nothing."""
    approval_id = UUID(task.args["approval_id"])
    with database.agency_session(actor) as session:
        approval = database.get(session, Approval, approval_id)
        agency, client = _agency(session), _client(session, approval)
    made = documents.laid_out(approval, agency=agency.name, branding=agency.branding, client=client)
    sha256 = storage.put(approval.agency_id, made.body)
    with database.agency_session(actor) as session:
        approval = database.get(session, Approval, approval_id, lock=True)
        if approval.pdf_sha256 is None:
            approval.pdf_sha256 = sha256
            outbox.emit(session, "approval.rendered", approval)
    return {"approval_id": str(approval_id), "sha256": sha256}


@letter("approval_asked")
def approval_asked(session: database.Session, job: Job) -> Letter | None:
    """Somebody is asked to decide, while there is something to decide on."""
    approval = database.get(session, Approval, UUID(job.args["approval_id"]))
    if approval.status is not ApprovalStatus.open:
        return None
    return _to_member(session, job, "approval_asked", approval)


@letter("approval_decided")
def approval_decided(session: database.Session, job: Job) -> Letter | None:
    """What was decided, by whom and why."""
    approval = database.get(session, Approval, UUID(job.args["approval_id"]))
    decision = _last(session, approval)
    said = {"who": decision.decided_by_name, "reason": decision.reason or "–"}
    return _to_member(session, job, f"approval_{decision.outcome}", approval, **said)


@letter("approval_link")
def approval_link(session: database.Session, job: Job) -> Letter | None:
    """The address at which somebody without an account decides."""
    link = database.get(session, ApprovalLink, UUID(job.args["link_id"]))
    approval = database.get(session, Approval, link.approval_id)
    if link.revoked_at is not None or approval.status is not ApprovalStatus.open:
        return None
    client, agency = _client(session, approval), _agency(session)
    return Letter(
        kind="approval_link",
        agency=agency,
        address=link.email,
        name=link.name,
        locale=client.locale,
        values={
            "title": approval.title,
            "client": client.name,
            "until": _moment(link.expires_at, client.locale, agency.currency, client.timezone),
        },
        link=links.address_of(link),
        reply_to=_asker(session, approval),
    )


def _to_member(
    session: database.Session, job: Job, kind: str, approval: Approval, **said: str
) -> Letter | None:
    member = database.get(session, Membership, UUID(job.args["membership_id"]))
    if member.status is not MembershipStatus.active:
        return None
    agency, client = _agency(session), _client(session, approval)
    locale = users.reached(member.user_id).locale
    by = approval.respond_by
    until = _moment(by, locale, agency.currency, client.timezone) if by else "–"
    return Letter(
        kind=kind,
        agency=agency,
        address=member.email,
        name=member.name,
        locale=words.language(locale),
        values={"title": approval.title, "client": client.name, "until": until, **said},
        link=on_the_web(f"approvals/{approval.id}"),
        reply_to=_asker(session, approval) if kind == "approval_asked" else None,
    )


def _last(session: database.Session, approval: Approval) -> Decision:
    query = select(Decision).where(col(Decision.approval_id) == approval.id)
    return session.exec(query.order_by(col(Decision.id).desc()).limit(1)).one()


def _asker(session: database.Session, approval: Approval) -> str | None:
    query = select(Membership.email).where(col(Membership.id) == approval.asked_by)
    return session.exec(query).first()


def _client(session: database.Session, approval: Approval) -> Client:
    return database.get(session, Client, approval.client_id)


def _agency(session: database.Session) -> Agency:
    query = select(Agency).where(col(Agency.id) == session.sight.agency_id)
    return session.exec(query).one()


def _moment(instant: datetime, locale: str, currency: str, timezone: str) -> str:
    return formats(locale, currency, timezone).moment(instant)
