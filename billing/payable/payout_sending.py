"""
Sending approved payouts by Stripe, where the operator lets transfers leave the platform's balance
and the payee is to be paid so. Each step may be the last that is done: whoever comes next goes on.
Once transfers are switched off, what was begun is looked up, and nothing is sent any more.
"""

from typing import Any
from uuid import UUID

from billing.payable import payees, payouts, transfers
from billing.payable.payout_models import DetailsStatus, PaymentMethod, Payout, PayoutStatus
from billing.payable.transfers import Answer, Outcome
from billing.provider import stripe_transfers
from billing.provider.stripe_models import Operation
from tenants import database, jobs, settings
from tenants.auth import Actor
from tenants.jobs import Job
from tenants.outbox import Event
from tenants.worker import Beat, job, on

KIND = "billing.send_payout"


class NotSentYet(Exception):
    """Nobody knows yet whether it was: the same call is made again."""


@on("payout.created", "payout.approved", "payout.released")
def send_when_approved(session: database.Session, event: Event) -> None:
    """Up to the agency's threshold a payout is approved as it is made; released, it is again."""
    if not settings.get().stripe_transfers:
        return
    payout = database.get(session, Payout, event.subject_id)
    if payout.status is not PayoutStatus.approved:
        return
    details = payees.standing(session, payout.payee_id, DetailsStatus.confirmed)
    if details is not None and details.method is PaymentMethod.stripe:
        jobs.enqueue(session, KIND, payout_id=str(payout.id))


@on("stripe_operation.succeeded", "stripe_operation.failed")
def go_on(session: database.Session, event: Event) -> None:
    """Whoever made the call may not have lived to write the payout's end down."""
    operation = database.get(session, Operation, event.subject_id)
    known = session.get(Payout, (operation.agency_id, operation.subject_id))
    if operation.kind == "transfer" and known is not None:
        jobs.enqueue(session, KIND, payout_id=str(known.id))


@job(KIND)
def send(actor: Actor, task: Job, beat: Beat) -> dict[str, Any]:
    payout_id = UUID(task.args["payout_id"])
    if not settings.get().stripe_transfers:
        return _looked_up(actor, payout_id)
    by_stripe = stripe_transfers.provider(actor)
    answer = transfers.send(actor, payout_id, by_stripe, stripe_transfers.NAME)
    if answer.outcome is Outcome.unknown:
        raise NotSentYet
    return _told(answer)


@job(payouts.RESOLUTION)
def resolve(actor: Actor, task: Job, beat: Beat) -> dict[str, Any]:
    """Look it up. That nobody can say yet is an answer too: somebody asks again, or the sweeper."""
    return _looked_up(actor, UUID(task.args["payout_id"]))


def _looked_up(actor: Actor, payout_id: UUID) -> dict[str, Any]:
    looking = stripe_transfers.finder(actor)
    return _told(transfers.resolve(actor, payout_id, looking, stripe_transfers.NAME))


def _told(answer: Answer) -> dict[str, Any]:
    return {
        "outcome": str(answer.outcome),
        "reference": answer.reference,
        "reason": answer.reason,
    }
