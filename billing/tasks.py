"""What billing does by itself: looks into events, makes calls, lets trials end, reconciles."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from billing.provider import collection, gateway, inbox, invoicing, operations, reconcile, sync
from billing.provider.stripe_models import ConnectAccount, OperationState, Subscription
from billing.subscription import subscriptions
from tenants import auth, clock, database, jobs
from tenants.auth import Actor
from tenants.daily import daily
from tenants.jobs import Job
from tenants.worker import Beat, every, job

HOUR = timedelta(hours=1)


class NotSettled(Exception):
    """Nobody knows yet how a call ended: it is made again, with the same key."""


@job(inbox.KIND)
def look_into_event(actor: Actor, task: Job, beat: Beat) -> None:
    inbox.look_into(actor, UUID(task.args["event_id"]))


@job(operations.KIND)
def perform_operation(actor: Actor, task: Job, beat: Beat) -> dict[str, Any]:
    operation = operations.perform(actor, UUID(task.args["operation_id"]))
    if operation.state not in operations.SETTLED:
        raise NotSettled
    if operation.kind == "subscription_update" and operation.state is OperationState.ok:
        sync.subscription(actor)
    return {"state": str(operation.state), "error": operation.error}


@job(invoicing.SYNC)
def sync_invoice(actor: Actor, task: Job, beat: Beat) -> None:
    sync.invoice(actor, task.args["stripe_id"])


@job(collection.PUT_EARLIER)
def put_earlier_invoices(actor: Actor, task: Job, beat: Beat) -> dict[str, int]:
    return {"put": collection.put_earlier(actor, beat)}


@job("billing.settle")
def settle_subscription(actor: Actor, task: Job, beat: Beat) -> None:
    with database.agency_session(actor) as session:
        subscriptions.settle(session)


@job("billing.reconcile")
def reconcile_agency(actor: Actor, task: Job, beat: Beat) -> dict[str, int]:
    return reconcile.agency(actor, since=task.created_at, beat=beat)


@daily("billing.reconcile_all")
def reconcile_tonight(actor: Actor, task: Job, beat: Beat) -> dict[str, int]:
    if gateway.current().name != "stripe":
        return {}
    return reconcile.agency(actor, whole=True, since=task.created_at, beat=beat)


@every(60)
def let_time_tell() -> None:
    """Ask for the end of trials, of grace and of the last days to take everything out."""
    query = select(Subscription.agency_id, Subscription.settles_at).where(
        col(Subscription.settles_at) <= clock.now()
    )
    with database.platform_session() as session:
        due = session.exec(query.limit(500)).all()
    for agency_id, at in due:
        assert at is not None
        _ask(agency_id, "billing.settle", period=at)


@every(30)
def sweep() -> None:
    """Take up again what was lost on the way."""
    if gateway.current().name != "stripe":
        return
    inbox.sweep()
    for agency_id, operation_id in reconcile.unsettled():
        at = clock.now().replace(second=0, microsecond=0)
        _ask(agency_id, operations.KIND, at, operation_id, operation_id=str(operation_id))


@every(300)
def reconcile_hourly() -> None:
    """Ask each agency that has something at Stripe to look, once an hour."""
    if gateway.current().name != "stripe":
        return
    inbox.forget()
    subscribed = select(Subscription.agency_id).where(col(Subscription.customer_id).is_not(None))
    with database.platform_session() as session:
        known = set(session.exec(subscribed)) | set(session.exec(select(ConnectAccount.agency_id)))
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    for agency_id in known:
        _ask(agency_id, "billing.reconcile", period=hour)


def _ask(agency_id: UUID, kind: str, period: datetime, about: object = None, **args: Any) -> None:
    with database.agency_session(auth.system(agency_id)) as session:
        jobs.enqueue(session, kind, queue=jobs.Queue.bulk, period=period, about=about, **args)
