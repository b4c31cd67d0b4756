"""Recipes of invoices, payments and payouts."""

from typing import Any
from uuid import UUID

from sqlalchemy import text

from billing.payable import payables, payees, payout_making, settlements
from billing.payable.payable_models import Payable
from billing.payable.payout_models import DetailsStatus, PaymentMethod, Payout, PayoutStatus
from tenants import auth, clock, database
from tenants.ids import new_id
from tests.operations import Place
from tests.recipes.making import IBAN, Given, made

BILLED = {"label": {"es": "Diseño", "en": "Design"}, "unit_price_minor": 100_00}


ISSUER = {"name": "Estudio Norte SL", "tax_id": "B12345678", "address": "Calle Mayor 1"}


BUYER = {"legal_name": "Aurora Cafés SL", "address": "Plaza 2"}


def equip(place: Place, given: Given | None = None) -> None:
    """Say in whose name invoices are issued, and whom the client's are for."""
    owner = place.agency.owner
    profile = f"/v1/clients/{place.client_id}/billing-profile"
    contacts = [{"email": f"billing@{place.agency.slug}.example"}]
    for path, body in (
        ("/v1/invoice-settings", ISSUER),
        (profile, {**BUYER, "contacts": contacts}),
    ):
        if owner.get(path).status_code == 404:
            assert owner.put(path, body).status_code == 200


def approve_invoice(place: Place, given: Given) -> None:
    equip(place)
    place.do("submit_invoice", given, by=place.agency.owner)
    place.do("approve_invoice", given, by=place.agency.admin)


def issue_invoice(place: Place, given: Given) -> None:
    approve_invoice(place, given)
    place.do("finalize_invoice", given, by=place.agency.owner)


def issued_invoice(place: Place) -> str:
    invoice = made(place, "create_invoice")
    issue_invoice(place, {"invoice": invoice})
    return invoice


def payment(place: Place) -> Any:
    """Somebody paid more than was open."""
    path = f"/v1/invoices/{issued_invoice(place)}/payments"
    body = {"amount": {"amount_minor": 150_00, "currency": "EUR"}}
    return place.agency.owner.post(path, body).json()


def creator(place: Place) -> UUID:
    """Whose things are those of a place, among the agency's influencers."""
    agency = place.agency
    return agency.other_influencer_id if place.slot == "two" else agency.influencer_id


def payee(place: Place) -> str:
    """It is settled how they are paid."""
    said = {"legal_name": "Marta Ríos", "tax_id": "12345678Z", "country": "ES", "address": None}
    account = {"iban": IBAN, "account_number": None, "bic": None, "instructions": None}
    with database.agency_session(auth.system(place.agency.agency_id)) as session:
        method = PaymentMethod.bank_transfer
        payees.say(session, creator(place), **said, method=method, **account)
    return str(creator(place))


def payable(place: Place) -> str:
    """Work tells what it owes; nobody posts one."""
    with database.agency_session(auth.system(place.agency.agency_id)) as session:
        return str(owed(session, place).id)


def owed(session: Any, place: Place) -> Payable:
    return payables.open(
        session,
        payee_id=creator(place),
        client_id=place.client_id,
        source_type="tests",
        source_id=new_id(),
        part=None,
        instalment=1,
        label={"es": "Un reel"},
        amount_minor=10_000,
        currency="EUR",
        due_on=None,
        gates=["not_disputed"],
    )


def clawback(place: Place) -> str:
    with database.agency_session(auth.system(place.agency.agency_id)) as session:
        debt = owed(session, place)
        source = (debt.source_type, debt.source_id, None)
        return str(payables.claw_back(session, *source, 100, "Retirado.").id)


def payout(place: Place, status: PayoutStatus = PayoutStatus.approved) -> str:
    """Whatever somebody has said meanwhile of the least that is paid out."""
    payee(place)
    with database.agency_session(auth.system(place.agency.agency_id)) as session:
        session.connection().execute(
            text(
                "update agencies set settings = settings - 'payout_minimum_minor'"
                " where id = :agency"
            ),
            {"agency": place.agency.agency_id},
        )
        payout = payout_making.create(session, creator(place), "EUR", [owed(session, place).id])
        if status is PayoutStatus.queued:
            settlements.queue(session, payout)
        if status is PayoutStatus.pending:
            payout.status, payout.approved_sha256 = status, None
        return str(payout.id)


def sent_payout(place: Place) -> str:
    """One that a provider of transfers has."""
    sent = payout(place, PayoutStatus.queued)
    with database.agency_session(auth.system(place.agency.agency_id)) as session:
        database.get(session, Payout, UUID(sent), lock=True).provider = "stripe"
    return sent


def payout_file(place: Place) -> str:
    return made(place, "create_payout_file")


def nothing_proposed(place: Place, given: Given) -> None:
    with database.agency_session(auth.system(place.agency.agency_id)) as session:
        waiting = payees.standing(session, UUID(given["payee"]), DetailsStatus.proposed)
        if waiting is not None:
            waiting.status, waiting.decided_at = DetailsStatus.superseded, clock.now()


def proposed(place: Place, given: Given) -> None:
    """An influencer says where their money goes; somebody else has to confirm that."""
    nothing_proposed(place, given)
    name = "other_influencer" if place.slot == "two" else "influencer"
    place.do("create_payee_details", given, by=place.agency.people[name])
