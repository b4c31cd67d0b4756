"""
The agency's own subscription: opened with the agency, mirrored from Stripe, and what follows.

What follows is one verdict (`access`), kept here, said by the agency's status, and held by one
guard in front of every route; and how much there is room for (`tenants/quotas.py`).
"""

from datetime import timedelta
from typing import Any, cast

from sqlmodel import Session, col, select

from billing.provider.gateway import SubscriptionState
from billing.provider.stripe_models import Subscription
from billing.subscription import access
from billing.subscription.access import RULES, Access, Rule, Standing, Terms
from billing.subscription.catalog import PLANS, PRICES, Plan, PlanCode
from tenants import clock, database, outbox, quotas, settings
from tenants.errors import Conflict
from tenants.models import Agency, AgencyStatus
from tenants.quotas import QuotaKind


class PlanTooSmall(Conflict):
    """The agency has more than that plan has room for; `over` lists of what, and how much."""


def first_plan() -> Plan:
    """What a new agency gets: a trial where plans are sold, and everything where none is."""
    configured = settings.get()
    usual = "trial" if configured.billing_provider == "stripe" else "network"
    return PLANS[PlanCode(configured.default_plan or usual)]


def open_first(session: Session, agency: Agency) -> None:
    """Open the subscription of an agency that is being made, and let its status say so."""
    plan, now = first_plan(), clock.now()
    ends = now + timedelta(days=plan.trial_days) if plan.trial_days else None
    row = Subscription(
        agency_id=agency.id,
        plan=plan.code,
        status="trialing" if ends else "active",
        access_reason="trialing" if ends else "active",
        trial_ends_at=ends,
        settles_at=ends,
    )
    database.add(session, row)
    agency.status = access.agency_status(row.access, row.status)
    for kind in QuotaKind:
        used = 1 if kind is QuotaKind.seats else 0
        allowed = plan.allowed(kind)
        session.add(quotas.Quota(agency_id=agency.id, kind=kind, allowed=allowed, used=used))
    session.flush()


def current(session: Session) -> Subscription:
    """The subscription as it is; of an agency older than subscriptions, everything for nothing."""
    return _find(session) or _unwritten()


def _find(session: Session, *, lock: bool = False) -> Subscription | None:
    agency_id = cast(database.Session, session).sight.agency_id
    query = select(Subscription).where(col(Subscription.agency_id) == agency_id)
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return session.exec(query).first()


def _unwritten() -> Subscription:
    return Subscription(plan=PlanCode.network, status="active")


def held(session: Session) -> Subscription:
    """The subscription, locked; written down when it never was."""
    row = _find(session, lock=True)
    if row is None:
        row = _unwritten()
        database.add(session, row)
    database.check_version(session, row)
    return row


def over(session: Session, plan: Plan, seats: int | None = None) -> list[dict[str, Any]]:
    """What the agency has more of than a plan has room for."""
    used = quotas.counted(session)
    room = {kind: plan.allowed(kind, seats) for kind in used}
    return [
        {"quota": str(kind), "allowed": allowed, "used": used[kind]}
        for kind, allowed in room.items()
        if allowed is not None and used[kind] > allowed
    ]


def check_room(session: Session, plan: Plan, seats: int | None = None) -> None:
    """Refuse a plan that the agency has outgrown."""
    if found := over(session, plan, seats):
        raise PlanTooSmall(extra={"over": found})


def set_plan(session: Session, code: PlanCode, *, trial_days: int | None = None) -> Subscription:
    """Give a plan by hand, as an operator does: for a trial of some days, or until further word."""
    row = held(session)
    check_room(session, PLANS[code])
    row.plan, row.seats, row.interval = code, None, None
    row.lapsed_since = None
    row.status = "active" if trial_days is None else "trialing"
    days = timedelta(days=trial_days or 0)
    row.trial_ends_at = None if trial_days is None else clock.now() + days
    follow(session, row)
    return row


def mirror(session: Session, state: SubscriptionState | None) -> Subscription:
    """Take over what Stripe says of the subscription now; the second time, nothing happens."""
    row = held(session)
    if state is None:
        return row
    for key, quantity in state.quantities.items():
        if (priced := PRICES.get(key)) and priced.kind == "base":
            row.plan, row.interval = priced.plan, priced.interval
            row.seats = _seats(state, PLANS[priced.plan], quantity)
    if state.status != row.status or row.stripe_id != state.id:
        waiting = RULES.get(state.status) in (Rule.graced, Rule.ended)
        row.lapsed_since = (state.ended_at or clock.now()) if waiting else None
    row.stripe_id, row.status = state.id, state.status
    row.trial_ends_at = state.trial_end if state.status == "trialing" else None
    row.current_period_end, row.cancel_at = state.current_period_end, state.cancel_at
    if row.items != dict(state.items):
        row.items = dict(state.items)
    follow(session, row)
    return row


def _seats(state: SubscriptionState, plan: Plan, base: int) -> int | None:
    """The seats that are paid for: those of the plan, and one for each of the item."""
    included = plan.room[QuotaKind.seats]
    if included is None:
        return None
    more = [n for key, n in state.quantities.items() if _is_seat(key, plan)]
    return included * base + sum(more)


def _is_seat(key: str, plan: Plan) -> bool:
    priced = PRICES.get(key)
    return priced is not None and (priced.plan, priced.kind) == (plan.code, "seat")


def settle(session: Session) -> Subscription:
    """See what time alone has changed."""
    row = held(session)
    follow(session, row)
    return row


def follow(session: Session, row: Subscription) -> None:
    """Draw the consequences: what may be done, how much there is room for, and who is told."""
    before, now = row.access, clock.now()
    # A trial of Stripe's is ended by Stripe; ours by our clock.
    ours = row.trial_ends_at if row.stripe_id is None else None
    standing = Standing(row.status, before, ours, row.lapsed_since)
    verdict = access.judge(standing, terms(), now)
    if (verdict.access, verdict.reason) != (before, row.access_reason):
        row.access, row.access_reason, row.access_since = verdict.access, verdict.reason, now
    if row.settles_at != verdict.until:
        row.settles_at = verdict.until
    if not session.is_modified(row):
        return
    plan = PLANS[row.plan]
    quotas.allow(session, {kind: plan.allowed(kind, row.seats) for kind in QuotaKind})
    _say(session, row, before)
    outbox.emit(session, "subscription.updated", row, audience="internal")


def terms() -> Terms:
    """How long this installation waits."""
    configured = settings.get()
    return Terms(
        grace=timedelta(days=configured.past_due_grace_days),
        window=timedelta(days=configured.export_window_days),
    )


def _say(session: Session, row: Subscription, before: Access) -> None:
    """Let the agency's status say it; one that an operator suspended or closed stays so."""
    held = select(Agency).where(col(Agency.id) == row.agency_id).with_for_update(key_share=True)
    agency = session.exec(held.execution_options(populate_existing=True)).one()
    by_hand = agency.status is AgencyStatus.suspended and before is not Access.locked
    status = access.agency_status(row.access, row.status)
    if by_hand or agency.status in (AgencyStatus.closed, status):
        return
    agency.status = status
    agency.version += 1
    outbox.emit(session, "agency.status_changed", agency)


def reference(session: Session, customer_id: str) -> Subscription:
    """Remember who the agency is to Stripe."""
    row = held(session)
    if row.customer_id is None:
        row.customer_id = customer_id
        session.flush()
    return row
