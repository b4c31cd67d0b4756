"""What follows an approval: the letters to those who are asked and to who asked, and its clock."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from api.approvals import deadlines, documents, lapses, links, quorum
from api.approvals.models import Approval, ApprovalLink, ApprovalStatus, Contest, Decision, Level
from api.documents.formats import formats
from api.documents.letters import Letter, letter, on_the_web
from tenants import auth, database, jobs, outbox, storage, users, words
from tenants.auth import Actor
from tenants.errors import ApiError
from tenants.jobs import Job
from tenants.models import Agency, Client, Membership, MembershipStatus
from tenants.outbox import Event
from tenants.worker import Beat, job, on


@on("approval.opened", "approval.advanced")
def ask(session: database.Session, event: Event) -> None:
    """A job for each who may decide, but who asked: one mailbox that fails holds up no other."""
    approval = database.get(session, Approval, event.subject_id)
    for member in quorum.deciders(session, approval):
        if member.id != approval.asked_by:
            _write_to(session, "mail.approval_asked", approval, member.id)


@on("approval.approved", "approval.changes_requested", "approval.rejected")
def tell(session: database.Session, event: Event) -> None:
    """Who asked hears what was decided, unless they did that; both sides, if nobody did."""
    approval = database.get(session, Approval, event.subject_id)
    decision = _last(session, approval)
    if decision.deemed:
        _write_to_all(session, "mail.approval_deemed", approval)
    elif approval.asked_by not in (None, decision.decided_by, decision.recorded_by):
        _write_to(session, "mail.approval_decided", approval, approval.asked_by)


@on("approval.expired")
def tell_expired(session: database.Session, event: Event) -> None:
    """Who asked hears that nobody answered in time."""
    approval = database.get(session, Approval, event.subject_id)
    if approval.asked_by is not None:
        _write_to(session, "mail.approval_expired", approval, approval.asked_by)


@on("approval.decision_recorded")
def tell_recorded(session: database.Session, event: Event) -> None:
    """The client hears at once what was recorded in its name."""
    approval = database.get(session, Approval, event.subject_id)
    for member in quorum.deciders(session, approval):
        _write_to(session, "mail.approval_recorded", approval, member.id)
    for link in links.awaited(session, approval):
        _write_to_holder(session, "mail.approval_recorded", link)


@on("approval.contested")
def tell_contested(session: database.Session, event: Event) -> None:
    """The client's lead hears that the client contests a decision."""
    approval = database.get(session, Approval, event.subject_id)
    lead_id = _client(session, approval).lead_membership_id
    _write_to(session, "mail.approval_contested", approval, lead_id)


@on("approval_link.created")
def send_link(session: database.Session, event: Event) -> None:
    link_id = str(event.subject_id)
    jobs.enqueue(session, "mail.approval_link", client_id=event.client_id, link_id=link_id)


@job(deadlines.REMIND)
def remind(actor: Actor, task: Job, beat: Beat) -> dict[str, Any]:
    """Write to whoever may still decide and has not, once for each reminder."""
    with database.agency_session(actor) as session:
        approval = database.get(session, Approval, UUID(task.args["approval_id"]))
        if not _waits_at(approval, task) or deadlines.is_over(approval):
            return {"reminded": 0}
        people = [("membership_id", each.id) for each in quorum.awaited(session, approval)]
        people += [("link_id", each.id) for each in links.awaited(session, approval)]
        for kind, id in people:
            jobs.enqueue(
                session,
                "mail.approval_reminder",
                client_id=approval.client_id,
                period=approval.respond_by,
                about=f"{task.id} {id}",
                **dict[str, Any](task.args, **{kind: str(id)}),
            )
        return {"reminded": len(people)}


@job(deadlines.LAPSE)
def lapse(actor: Actor, task: Job, beat: Beat) -> dict[str, Any]:
    """The time of a level is over."""
    policy = auth.system(actor.agency_id, "approval policy")
    about = UUID(task.args["approval_id"]), Level(task.args["level"])
    try:
        with database.agency_session(policy) as session:
            return {"ended": lapses.lapse(session, *about)}
    except ApiError:  # it cannot be deemed approved any more
        with database.agency_session(policy) as session:
            return {"ended": lapses.expire(session, *about)}


def _waits_at(approval: Approval, task: Job) -> bool:
    """Whether it still waits for the level that the job is about."""
    return approval.status is ApprovalStatus.open and approval.level == task.args["level"]


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


def _write_to_all(session: database.Session, kind: str, approval: Approval) -> None:
    """To who asked, and to everybody who was asked."""
    members = {member.id for member in quorum.deciders(session, approval)} | {approval.asked_by}
    for membership_id in sorted(filter(None, members)):
        _write_to(session, kind, approval, membership_id)
    for link in links.awaited(session, approval):
        _write_to_holder(session, kind, link)


def _write_to_holder(session: database.Session, kind: str, link: ApprovalLink) -> None:
    jobs.enqueue(
        session,
        kind,
        client_id=link.client_id,
        approval_id=str(link.approval_id),
        link_id=str(link.id),
    )


@letter("approval_asked")
def approval_asked(session: database.Session, job: Job) -> Letter | None:
    """Somebody is asked to decide, while there is something to decide on."""
    approval = database.get(session, Approval, UUID(job.args["approval_id"]))
    if approval.status is not ApprovalStatus.open:
        return None
    return _to_member(session, job, "approval_asked", approval)


@letter("approval_reminder")
def approval_reminder(session: database.Session, job: Job) -> Letter | None:
    """Somebody has not decided yet, and still may."""
    approval = database.get(session, Approval, UUID(job.args["approval_id"]))
    if not _waits_at(approval, job) or deadlines.is_over(approval):
        return None
    awaited = [*quorum.awaited(session, approval), *links.awaited(session, approval)]
    asked = job.args.get("membership_id") or job.args["link_id"]
    if asked not in {str(each.id) for each in awaited}:
        return None
    return _to_somebody(session, job, "approval_reminder", approval)


@letter("approval_deemed")
def approval_deemed(session: database.Session, job: Job) -> Letter | None:
    """Nobody answered in time, and the policy says that this approves."""
    approval = database.get(session, Approval, UUID(job.args["approval_id"]))
    return _to_somebody(session, job, "approval_deemed", approval)


@letter("approval_expired")
def approval_expired(session: database.Session, job: Job) -> Letter | None:
    """Nobody answered in time."""
    approval = database.get(session, Approval, UUID(job.args["approval_id"]))
    return _to_member(session, job, "approval_expired", approval)


@letter("approval_recorded")
def approval_recorded(session: database.Session, job: Job) -> Letter | None:
    """What the agency recorded as the client's decision, and until when that can be contested."""
    approval = database.get(session, Approval, UUID(job.args["approval_id"]))
    query = select(Decision).where(
        col(Decision.approval_id) == approval.id, col(Decision.recorded_by).is_not(None)
    )
    decision = session.exec(query.order_by(col(Decision.id).desc()).limit(1)).one()
    assert decision.contest_until is not None
    agency, client = _agency(session), _client(session, approval)
    locale = _locale(session, job, client)
    return _to_somebody(
        session,
        job,
        "approval_recorded",
        approval,
        who=decision.decided_by_name,
        outcome=words.say(locale, "approval", f"recorded_{decision.outcome}"),
        reason=decision.reason or "–",
        contest=_moment(decision.contest_until, locale, agency.currency, client.timezone),
    )


@letter("approval_contested")
def approval_contested(session: database.Session, job: Job) -> Letter | None:
    """Who of the client contests what was recorded, and why."""
    approval = database.get(session, Approval, UUID(job.args["approval_id"]))
    query = select(Contest).where(col(Contest.approval_id) == approval.id)
    said = session.exec(query.order_by(col(Contest.id).desc()).limit(1)).one()
    heard = {"who": said.contested_by_name, "reason": said.reason}
    return _to_member(session, job, "approval_contested", approval, **heard)


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
    until = _moment(link.expires_at, client.locale, agency.currency, client.timezone)
    return _to_holder(session, link, "approval_link", approval, until)


def _to_somebody(
    session: database.Session, job: Job, kind: str, approval: Approval, **said: str
) -> Letter | None:
    """To a member, or to the holder of a link."""
    if "link_id" not in job.args:
        return _to_member(session, job, kind, approval, **said)
    link = database.get(session, ApprovalLink, UUID(job.args["link_id"]))
    until = _until(session, approval, _client(session, approval).locale)
    return _to_holder(session, link, kind, approval, until, **said)


def _locale(session: database.Session, job: Job, client: Client) -> str:
    """Whose language a letter to somebody is in: the member's, or the client's."""
    if "link_id" in job.args:
        return client.locale
    member = database.get(session, Membership, UUID(job.args["membership_id"]))
    return users.reached(member.user_id).locale


def _to_holder(
    session: database.Session,
    link: ApprovalLink,
    kind: str,
    approval: Approval,
    until: str,
    **said: str,
) -> Letter:
    client = _client(session, approval)
    return Letter(
        kind=kind,
        agency=_agency(session),
        address=link.email,
        name=link.name,
        locale=client.locale,
        values={"title": approval.title, "client": client.name, "until": until, **said},
        link=links.address_of(link),
        reply_to=_asker(session, approval),
    )


# Letters that are answered to who asked.
_ASKING = {"approval_asked", "approval_reminder"}


def _to_member(
    session: database.Session, job: Job, kind: str, approval: Approval, **said: str
) -> Letter | None:
    member = database.get(session, Membership, UUID(job.args["membership_id"]))
    if member.status is not MembershipStatus.active:
        return None
    agency, client = _agency(session), _client(session, approval)
    locale = users.reached(member.user_id).locale
    until = _until(session, approval, locale)
    return Letter(
        kind=kind,
        agency=agency,
        address=member.email,
        name=member.name,
        locale=words.language(locale),
        values={"title": approval.title, "client": client.name, "until": until, **said},
        link=on_the_web(f"approvals/{approval.id}"),
        reply_to=_asker(session, approval) if kind in _ASKING else None,
    )


def _until(session: database.Session, approval: Approval, locale: str) -> str:
    """By when it is to be answered, and what happens then."""
    if approval.respond_by is None:
        return "–"
    agency, client = _agency(session), _client(session, approval)
    moment = _moment(approval.respond_by, locale, agency.currency, client.timezone)
    return words.say(locale, "approval", f"until_{approval.after}", moment=moment)


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
