"""
Paying creators by transfers from the platform's own balance at Stripe: off unless the operator says
so (`AGENCY_STRIPE_TRANSFERS`), for it is the operator who then funds that balance.

What clients pay by direct charges is in the agency's account and never passes through the
platform's, so it cannot be passed on from there: whoever switches this on decides how the balance
is filled (by the agency paying the platform first, for one), and answers for it. Switched off
again, nothing more is sent; what was begun by then is looked up until it is known.
"""

from typing import Any

from sqlmodel import Session

from billing.payable.transfers import Answer, Outcome, Provider, Transfer
from billing.provider import accounts, gateway, invoicing, operations
from billing.provider.accounts import AccountNotReady
from billing.provider.gateway import BillingNotConfigured, CurrencyNotTaken
from billing.provider.stripe_models import Operation, OperationState
from tenants import database, settings
from tenants.auth import Actor

NAME = "stripe"


def provider(actor: Actor) -> Provider:
    """Who sends payouts by Stripe: `transfers.send(actor, payout_id, provider(actor), NAME)`."""

    def move(transfer: Transfer) -> Answer:
        try:
            with database.agency_session(actor) as session:
                planned = plan(session, transfer).id
        except (AccountNotReady, CurrencyNotTaken) as refusal:
            return Answer(Outcome.refused, reason=refusal.code)
        return _answer(operations.perform(actor, planned))

    return move


def finder(actor: Actor) -> Provider:
    """
    Who says what became of a payout by Stripe, and sends nothing. One that was never sent is called
    off under its own key, so that nobody sends it any more.
    """

    def look(transfer: Transfer) -> Answer:
        with database.agency_session(actor) as session:
            known = _known(session, transfer) or _planned(session, transfer, {})
            operations.call_off(session, known.id)
        return _answer(operations.perform(actor, known.id, only_look=True))

    return look


def plan(session: Session, transfer: Transfer) -> Operation:
    """
    Write a transfer down. A payout's attempt is one operation, under the payout's own key for it;
    what it was when it was first asked for, it stays.
    """
    if (known := _known(session, transfer)) is not None:
        return known
    gateway.needed()
    if not settings.get().stripe_transfers:
        raise BillingNotConfigured("AGENCY_STRIPE_TRANSFERS")
    invoicing.check_currency(transfer.currency)
    account = accounts.ready(session, transfer.payee_id)
    request = {
        "destination": account.stripe_id,
        "amount_minor": transfer.amount_minor,
        "currency": transfer.currency,
    }
    return _planned(session, transfer, request)


def _attempt(transfer: Transfer) -> int:
    return int(transfer.key.rpartition(":")[2])


def _known(session: Session, transfer: Transfer) -> Operation | None:
    known = operations.last(session, "transfer", transfer.payout_id)
    return known if known is not None and known.attempt == _attempt(transfer) else None


def _planned(session: Session, transfer: Transfer, request: dict[str, Any]) -> Operation:
    attempt, subject = _attempt(transfer), transfer.payout_id
    named = {"reference": f"{subject}.{attempt}", **request}
    return operations.plan(session, "transfer", subject, named, attempt=attempt)


def _answer(ended: Operation) -> Answer:
    if ended.state is OperationState.ok:
        return Answer(Outcome.done, ended.stripe_id)
    if ended.state is OperationState.failed:
        return Answer(Outcome.refused, reason=ended.error)
    return Answer(Outcome.unknown)
