"""
The port to whoever moves money: a provider is a function from a transfer to what became of it.

    send(actor, payout_id, provider, name)
    resolve(actor, payout_id, provider, name)      by a provider that only looks

Three steps, each of which may be the last that is done: the payout is queued, with one more attempt
and its key, and committed; the provider is called with no transaction open; what it answered is
written down. Who comes after a crash calls again with the same key, so that a provider which knows
it does nothing twice; without an answer the payout stays queued. Only a clear refusal ends it, or
whoever looks and finds that it was never done, and cannot be any more.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from billing.payable import payout_checks, settlements
from billing.payable.payable_models import Payee
from billing.payable.payout_models import Payout, PayoutStatus
from tenants import database
from tenants.auth import Actor


@dataclass(frozen=True)
class Transfer:
    """What is to be moved. `key` is the same at each try of one attempt: the provider's guard."""

    key: str
    payout_id: UUID
    payee_id: UUID
    account: str | None  # the payee's, with the provider
    amount_minor: int
    currency: str


class Outcome(StrEnum):
    done = "done"
    refused = "refused"  # certainly not done
    unknown = "unknown"  # perhaps done: asked again with the same key


@dataclass(frozen=True)
class Answer:
    """What became of a transfer: by which reference, or why not."""

    outcome: Outcome
    reference: str | None = None
    reason: str | None = None


Provider = Callable[[Transfer], Answer]


def send(actor: Actor, payout_id: UUID, provider: Provider, name: str) -> Answer:
    """Move an approved payout's money, or go on with what was begun; safe to repeat anywhere."""
    with database.agency_session(actor) as session:
        transfer = claim(session, payout_id, name)
    return _ended(actor, transfer, provider)


def resolve(actor: Actor, payout_id: UUID, provider: Provider, name: str) -> Answer:
    """Learn what became of what is with a provider, and begin nothing; safe to repeat anywhere."""
    with database.agency_session(actor) as session:
        payout = database.get(session, Payout, payout_id, lock=True)
        transfer = _with_provider(session, payout, name)
    return _ended(actor, transfer, provider)


def _ended(actor: Actor, transfer: Transfer | None, provider: Provider) -> Answer:
    if transfer is None:
        return Answer(Outcome.done)
    answer = provider(transfer) if transfer.amount_minor else Answer(Outcome.done, "offset")
    with database.agency_session(actor) as session:
        conclude(session, transfer.payout_id, answer)
    return answer


def claim(session: database.Session, payout_id: UUID, name: str) -> Transfer | None:
    """Queue an approved payout for a provider, or find what was queued; none when it is over."""
    payout = database.get(session, Payout, payout_id, lock=True)
    if payout.status is PayoutStatus.approved:
        settlements.queue(session, payout)
        payout.provider, payout.attempts = name, payout.attempts + 1
        payout_checks.tell_queued(session, payout)
    return _with_provider(session, payout, name)


def _with_provider(session: database.Session, payout: Payout, name: str) -> Transfer | None:
    if payout.status is not PayoutStatus.queued or payout.provider != name:
        return None
    payee = database.get(session, Payee, payout.payee_id)
    return Transfer(
        key=f"payout:{payout.id}:{payout.attempts}",
        payout_id=payout.id,
        payee_id=payee.id,
        account=payee.provider_account,
        amount_minor=payout.amount_minor,
        currency=payout.currency,
    )


def conclude(session: database.Session, payout_id: UUID, answer: Answer) -> None:
    """Write down what a provider answered, once: whoever else asked may have done so already."""
    payout = database.get(session, Payout, payout_id, lock=True)
    if payout.status is not PayoutStatus.queued:
        return
    if answer.outcome is Outcome.done:
        reference = answer.reference or payout.provider
        settlements.mark_paid(session, payout_id, reference, None, payout.provider)
    elif answer.outcome is Outcome.refused:
        settlements.mark_failed(session, payout_id, answer.reason or "refused", payout.provider)
