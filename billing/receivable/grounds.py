"""What a document is made from: who issues it, whom for, its lines and their taxes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlmodel import Session

from billing.receivable import issuers, taxes
from billing.receivable.invoice_models import Invoice, InvoiceLine
from billing.receivable.issuer_models import BillingProfile, InvoiceSettings, TaxRate
from tenants import database, rows
from tenants.errors import Conflict
from tenants.models import Client


class IssuerUnknown(Conflict):
    """The agency has not said in whose name it issues invoices: `PUT /v1/invoice-settings`."""


class BuyerUnknown(Conflict):
    """Nobody has said whom the client's invoices are for: put its billing profile."""


@dataclass(frozen=True)
class Grounds:
    """Of an invoice; `rates` by their ids."""

    settings: InvoiceSettings
    profile: BillingProfile
    client: Client
    lines: Sequence[InvoiceLine]
    rates: dict[str, TaxRate]


def of(session: Session, invoice: Invoice) -> Grounds:
    """All that issuing an invoice asks for, in one round trip."""
    session.flush()
    settings, profiles, (client,), lines, rates = database.read_together(
        session, *_asked(), client=invoice.client_id, invoice=invoice.id
    )
    known = _known(next(iter(settings), None), next(iter(profiles), None))
    return Grounds(*known, client, lines, {str(rate.id): rate for rate in rates})


@cache
def _asked() -> tuple[tuple[Any, str], ...]:
    where: dict[Any, str] = {
        InvoiceSettings: "",
        BillingProfile: " and client_id = %(client)s",
        Client: " and id = %(client)s",
        InvoiceLine: " and invoice_id = %(invoice)s order by position",
        TaxRate: """ and id in (
            select cast(rate as uuid)
            from invoice_lines l, jsonb_array_elements_text(l.tax_rate_ids) rate
            where l.agency_id = %(agency)s and l.invoice_id = %(invoice)s)""",
    }
    return tuple(
        (
            model,
            f"select {rows.columns(model)} from {model.__tablename__}"  # noqa: S608
            f" where agency_id = %(agency)s{more}",
        )
        for model, more in where.items()
    )


def parties(session: Session, client_id: UUID) -> tuple[InvoiceSettings, BillingProfile]:
    """Who issues and whom for; neither is left blank."""
    return _known(issuers.settings(session), issuers.profile(session, client_id))


def _known(
    settings: InvoiceSettings | None, profile: BillingProfile | None
) -> tuple[InvoiceSettings, BillingProfile]:
    if settings is None:
        raise IssuerUnknown
    if profile is None:
        raise BuyerUnknown
    return settings, profile


def rates_of(session: Session, lines: Sequence[InvoiceLine]) -> dict[str, TaxRate]:
    return taxes.known(session, {rate for line in lines for rate in line.tax_rate_ids})
