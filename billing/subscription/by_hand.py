"""What an operator does to an agency's subscription, where nobody else collects the money."""

from sqlmodel import col, select

from billing.subscription import subscriptions
from billing.subscription.catalog import PlanCode
from billing.subscription.subscriptions import PlanTooSmall
from tenants import auth, database
from tenants.models import Agency


class NotGiven(Exception):
    """The plan was not given; the message says why."""


def give(slug: str, code: str, days: int | None = None) -> str:
    """Give an agency a plan, for good or as a trial of some days; what it may do then."""
    if code not in list(PlanCode):
        raise NotGiven(f"there is no plan {code}")
    with database.platform_session() as session:
        agency_id = session.exec(select(Agency.id).where(col(Agency.slug) == slug)).first()
    if agency_id is None:
        raise NotGiven(f"there is no agency {slug}")
    with database.agency_session(auth.system(agency_id, "operator")) as session:
        if subscriptions.current(session).stripe_id:
            raise NotGiven("it has a subscription at Stripe: change it there")
        try:
            row = subscriptions.set_plan(session, PlanCode(code), trial_days=days)
        except PlanTooSmall as refusal:
            over = [f"{o['used']} {o['quota']} of {o['allowed']}" for o in refusal.extra["over"]]
            raise NotGiven(f"it has more than that: {', '.join(over)}") from None
        return f"{slug}: {row.plan}, {row.status}, access {row.access}"
