"""Whose a thing of Stripe's is: written as we make it, and never learned from what comes in."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from billing.provider.stripe_models import StripeReference
from tenants import database


def keep(agency_id: UUID, stripe_id: str) -> None:
    """Remember that a customer or a connected account is this agency's."""
    row = StripeReference(agency_id=agency_id, stripe_id=stripe_id)
    with database.platform_session() as session:
        session.exec(insert(StripeReference).values(row.model_dump()).on_conflict_do_nothing())
