"""What stands on invoices besides what they bill: the agency's own data, and each client's."""

import hashlib
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from billing.receivable.issuer_models import BillingProfile, InvoiceSettings
from tenants import database, outbox
from tenants.errors import NotFound, PreconditionFailed, Unprocessable
from tenants.ids import id_of
from tenants.models import Client
from tenants.shapes import email_key

_ONE_AGENCY = "uq_invoice_settings_agency_id"
_ONE_CLIENT = "pk_billing_profiles"
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
ABSENT = object()  # what nobody has put yet has no version that an ETag could name


class SeriesNotTwo(Unprocessable):
    """Invoices and credit notes are numbered in two series."""


def settings(session: Session) -> InvoiceSettings | None:
    """How the agency issues invoices, once it has said so."""
    return session.exec(select(InvoiceSettings)).first()


def read_settings(session: Session) -> InvoiceSettings:
    found = settings(session)
    if found is None:
        raise NotFound
    return found


def put_settings(session: Session, **values: Any) -> InvoiceSettings:
    """Say how the agency issues invoices, whole. Documents that are out stay as they are."""
    if values["invoice_series"] == values["credit_note_series"]:
        raise SeriesNotTwo(pointer="/credit_note_series")
    found = settings(session)
    if found is None:
        database.check_version(session, ABSENT)
        found = InvoiceSettings(**values)
        with database.refusing_twice(_ONE_AGENCY, PreconditionFailed()):
            database.add(session, found)
    else:
        found = database.get(session, InvoiceSettings, found.id, lock=True)
        found.sqlmodel_update(values)
    outbox.emit(session, "invoice_settings.updated", found)
    return found


def profile(session: Session, client_id: UUID) -> BillingProfile | None:
    """Whom a client's invoices are for, once somebody has said so."""
    query = select(BillingProfile).where(col(BillingProfile.client_id) == client_id)
    return session.exec(query).first()


def read_profile(session: Session, client_id: UUID) -> BillingProfile:
    client = database.get(session, Client, client_id)
    found = profile(session, client.id)
    if found is None:
        raise NotFound
    return found


def put_profile(session: Session, client_id: UUID, **values: Any) -> BillingProfile:
    """Say whom a client's invoices are for, whole. Documents that are out stay as they are."""
    client = database.get(session, Client, client_id)
    values["locale"] = values["locale"] or client.locale
    values["contacts"] = [{"id": contact_id(each["email"]), **each} for each in values["contacts"]]
    found = profile(session, client.id)
    if found is None:
        database.check_version(session, ABSENT)
        found = BillingProfile(
            id=id_of(_EPOCH, "billing_profiles", client.id), client_id=client.id, **values
        )
        with database.refusing_twice(_ONE_CLIENT, PreconditionFailed()):
            database.add(session, found)
    else:
        found = database.get(session, BillingProfile, found.id, lock=True)
        found.sqlmodel_update(values)
    outbox.emit(session, "billing_profile.updated", found)
    return found


def contact_id(email: str) -> str:
    """What a contact is known by, so that no address stands in a job."""
    return hashlib.sha256(email_key(email).encode()).hexdigest()[:32]
