"""The mail that brings a version to a contact: their language, the agency's name, one link."""

import json
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from api.clients.models import Contact
from api.documents import letters
from api.documents.formats import formats
from api.documents.letters import Letter, on_the_web
from api.reports import logos
from api.reports.delivery import deliveries
from api.reports.delivery.models import DeliveryFailure, ReportDelivery
from api.reports.models import ReportVersion, ShareLink
from api.reports.sharing import share_links
from tenants import clients, database, jobs, mail, words
from tenants.auth import Actor
from tenants.jobs import Job
from tenants.mail import MailRefused
from tenants.models import Client, Membership
from tenants.worker import Beat, job


@job(deliveries.MAIL, pauses=letters.PAUSES)
def send(actor: Actor, task: Job, beat: Beat) -> dict[str, Any]:
    """Write to one contact, with no session open meanwhile; and keep what became of it."""
    with database.agency_session(actor) as session:
        written = _written(session, task)
    if written is None:
        return {"sent": False}
    try:
        mail.deliver(letters.laid_out(written, task.id))
    except MailRefused:
        _settle(actor, task, DeliveryFailure.mail_refused)
        raise
    except Exception:
        if task.attempts % jobs.ATTEMPTS == 0:  # the job is given up with this one
            _settle(actor, task, DeliveryFailure.mail_gave_up)
        raise
    _settle(actor, task, None)
    return {"sent": True}


def _settle(actor: Actor, task: Job, why: DeliveryFailure | None) -> None:
    with database.agency_session(actor) as session:
        delivery = deliveries.to_send(session, UUID(task.args["delivery_id"]), task)
        if delivery is None:
            return
        if why is None:
            deliveries.sent(session, delivery)
        else:
            deliveries.failed(session, delivery, why)


def _written(session: database.Session, task: Job) -> Letter | None:
    """The letter as everything stands now; None where there is nobody to write to any more."""
    delivery = deliveries.to_send(session, UUID(task.args["delivery_id"]), task)
    if delivery is None:
        return None
    contact = database.get(session, Contact, delivery.contact_id)
    if why := deliveries.hindrance(session, delivery, contact):
        deliveries.failed(session, delivery, why)
        return None
    version = database.get(session, ReportVersion, delivery.version_id)
    client = database.get(session, Client, delivery.client_id)
    assert contact.email is not None
    return Letter(
        kind="report_delivered" if version.number == 1 else "report_corrected",
        agency=clients.current_agency(session),
        address=contact.email,
        name=contact.name,
        locale=contact.locale,
        values=_said(version, client, contact.locale),
        link=_address(session, delivery),
        reply_to=_asker(session, delivery),
        logo=logos.borne(session, client.id),
    )


def _said(version: ReportVersion, client: Client, locale: str) -> dict[str, str]:
    language = words.language(locale)
    style = formats(language, client.currency, client.timezone)
    story: dict[str, Any] = json.loads(version.snapshot)["narrative"]
    written = language if language in story else version.locales[0]
    return {
        "client": client.name,
        "period": style.span(version.starts_on, version.ends_on),
        "headline": str(story[written]["headline"]),
        "reason": version.reason.get(language) or version.reason.get(version.locales[0], "–"),
    }


def _address(session: database.Session, delivery: ReportDelivery) -> str | None:
    if delivery.link_id is None:
        return on_the_web(f"reports/{delivery.report_id}")
    return share_links.address_of(database.get(session, ShareLink, delivery.link_id))


def _asker(session: database.Session, delivery: ReportDelivery) -> str | None:
    query = select(Membership.email).where(col(Membership.id) == delivery.asked_by)
    return session.exec(query).first()
