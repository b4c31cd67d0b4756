"""
Sending a version to people by mail: once to each contact, and again when somebody says so.

Nobody is written to before there is a page to open: while a version's files are being made its
deliveries wait, and whoever ends making them lets them go. Both hold the version, so that none is
left behind.
"""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from sqlmodel import Session, col, func, select

from api.clients.models import Contact, ContactStatus
from api.reports import versions
from api.reports.delivery.models import DeliveryFailure, DeliveryStatus, ReportDelivery
from api.reports.drafts.reports import check_duty
from api.reports.models import Artifact, Format, Report, ReportVersion, VersionStatus
from api.reports.sharing import share_links
from api.reports.sharing.share_links import InternalReport
from tenants import clock, database, jobs, outbox, settings
from tenants.errors import Conflict, MoveNotAllowed, NotFound, Unprocessable
from tenants.jobs import Job
from tenants.models import Audience, Membership, MembershipStatus
from tenants.pages import NEWEST, Listing, PageQuery

MAIL = "mail.report_delivery"
DAYS = 90  # that a link works which is made because the one before has ended


class NobodyReceives(Conflict):
    """No contact of the client's with an e-mail address receives reports."""


class ContactNotReachable(Unprocessable):
    """A contact is written to who is active and has an e-mail address."""


def deliver(session: Session, report_id: UUID, number: int, **to: Any) -> Sequence[ReportDelivery]:
    """Send a version; whoever it was sent to before is left as they are."""
    report = database.get(session, Report, report_id)
    check_duty(session, "publish", report.audience, report.client_id)
    version = versions.of(session, report_id, number)
    begin(session, version, **to)
    found: Sequence[ReportDelivery] = session.exec(_of(version)).all()
    return found


def begin(
    session: Session, version: ReportVersion, contact_ids: list[UUID] | None, days: int
) -> None:
    """Write down who is sent a version, and let it go as soon as there is a page."""
    if version.audience is not Audience.client:
        raise InternalReport
    chosen = _receivers(session, version, contact_ids)
    held = _held(session, version)
    known = set(session.exec(select(ReportDelivery.contact_id).where(_is_of(held))))
    for contact in chosen:
        if contact.id not in known:
            _ask(session, held, contact, days)
    _let_go(session, held)


def release(session: Session, version_id: UUID) -> None:
    """There are pages now: write to those who wait, unless the version was replaced meanwhile."""
    version = database.get(session, ReportVersion, version_id)
    try:
        _let_go(session, _held(session, version))
    except MoveNotAllowed:
        for delivery in session.exec(_waiting(version)).all():
            failed(session, delivery, DeliveryFailure.version_not_standing)


def resend(session: Session, report_id: UUID, number: int, delivery_id: UUID) -> ReportDelivery:
    """Write to somebody once more, at the address they have now."""
    report = database.get(session, Report, report_id)
    check_duty(session, "publish", report.audience, report.client_id)
    version = _held(session, versions.of(session, report_id, number))
    delivery = database.get(session, ReportDelivery, delivery_id, lock=True)
    if delivery.version_id != version.id:
        raise NotFound
    if delivery.status is DeliveryStatus.queued:
        raise MoveNotAllowed(delivery.status)
    contact = database.get(session, Contact, delivery.contact_id)
    _check_reachable(contact)
    delivery.name, delivery.locale = contact.name, contact.locale
    if delivery.link_id and not share_links.opens(session, delivery.link_id):
        delivery.link_id = share_links.for_contact(session, version, DAYS, contact.locale).id
    delivery.status, delivery.failure, delivery.job_id = DeliveryStatus.queued, None, None
    delivery.asked_by = _sight(session).membership_id
    delivery.times += 1
    outbox.emit(session, "report_delivery.queued", delivery)
    _let_go(session, version)
    return delivery


def search(session: Session, report_id: UUID, number: int, page: PageQuery) -> Listing:
    """To whom a version was sent, the last first."""
    version = versions.of(session, report_id, number)
    query = select(ReportDelivery).where(_is_of(version))
    return Listing(query, ReportDelivery, page, NEWEST)


def sent(session: Session, delivery: ReportDelivery) -> None:
    """The mail server has taken it."""
    delivery.status, delivery.sent_at, delivery.failure = DeliveryStatus.sent, clock.now(), None
    outbox.emit(session, "report_delivery.sent", delivery)


def failed(session: Session, delivery: ReportDelivery, why: DeliveryFailure) -> None:
    """It does not reach them."""
    delivery.status, delivery.failure = DeliveryStatus.failed, why.value
    outbox.emit(session, "report_delivery.failed", delivery)


def to_send(session: Session, delivery_id: UUID, job: Job) -> ReportDelivery | None:
    """The delivery that a job is still the one to send."""
    delivery = database.get(session, ReportDelivery, delivery_id, lock=True)
    is_mine = delivery.job_id == job.id and delivery.status is not DeliveryStatus.sent
    return delivery if is_mine else None


def hindrance(
    session: Session, delivery: ReportDelivery, contact: Contact
) -> DeliveryFailure | None:
    """What has come in between since it was asked for."""
    version = database.get(session, ReportVersion, delivery.version_id)
    if version.status is not VersionStatus.published:
        return DeliveryFailure.version_not_standing
    return None if _is_reachable(contact) else DeliveryFailure.contact_unreachable


def _receivers(
    session: Session, version: ReportVersion, contact_ids: list[UUID] | None
) -> Sequence[Contact]:
    query = select(Contact).where(col(Contact.client_id) == version.client_id)
    if contact_ids is not None:
        found = session.exec(query.where(col(Contact.id).in_(contact_ids))).all()
        if len(found) != len(set(contact_ids)):
            raise NotFound
        for contact in found:
            _check_reachable(contact)
        return found
    all_of_them = query.where(
        col(Contact.receives_reports), col(Contact.status) == ContactStatus.active
    )
    found = [each for each in session.exec(all_of_them.limit(500)) if _is_reachable(each)]
    if not found:
        raise NobodyReceives
    return found


def _ask(session: Session, version: ReportVersion, contact: Contact, days: int) -> None:
    by_log_in = settings.get().web_url is not None and _logs_in(session, contact)
    link = None if by_log_in else share_links.for_contact(session, version, days, contact.locale)
    delivery = ReportDelivery(
        client_id=version.client_id,
        report_id=version.report_id,
        version_id=version.id,
        contact_id=contact.id,
        name=contact.name,
        locale=contact.locale,
        link_id=link.id if link else None,
        asked_by=_sight(session).membership_id,
    )
    database.add(session, delivery)
    outbox.emit(session, "report_delivery.queued", delivery)


def _let_go(session: Session, version: ReportVersion) -> None:
    """A job for each who waits, once there is a page in every language: one mailbox, one job."""
    pages = select(func.count()).where(
        col(Artifact.version_id) == version.id, col(Artifact.format) == Format.html
    )
    if session.exec(pages).one() < len(version.locales):
        return
    for delivery in session.exec(_waiting(version)).all():
        job = jobs.enqueue(session, MAIL, client_id=version.client_id, delivery_id=str(delivery.id))
        delivery.job_id = job.id


def _held(session: Session, version: ReportVersion) -> ReportVersion:
    """A version that stands, and nobody else sends it meanwhile."""
    query = select(ReportVersion).where(col(ReportVersion.id) == version.id)
    held = session.exec(
        query.with_for_update(key_share=True).execution_options(populate_existing=True)
    ).one()
    if held.status is not VersionStatus.published:
        raise MoveNotAllowed(held.status)
    return held


def _logs_in(session: Session, contact: Contact) -> bool:
    if contact.membership_id is None:
        return False
    member = database.get(session, Membership, contact.membership_id)
    return member.status is MembershipStatus.active


def _check_reachable(contact: Contact) -> None:
    if not _is_reachable(contact):
        raise ContactNotReachable(pointer="/contact_ids")


def _is_reachable(contact: Contact) -> bool:
    return contact.status is ContactStatus.active and contact.email is not None


def _waiting(version: ReportVersion) -> Any:
    return _of(version).where(
        col(ReportDelivery.status) == DeliveryStatus.queued, col(ReportDelivery.job_id).is_(None)
    )


def _of(version: ReportVersion) -> Any:
    return select(ReportDelivery).where(_is_of(version)).order_by(col(ReportDelivery.id))


def _is_of(version: ReportVersion) -> Any:
    return col(ReportDelivery.version_id) == version.id


def _sight(session: Session) -> Any:
    return cast(database.Session, session).sight
