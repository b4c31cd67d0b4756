"""
A collaboration's figures, for the page that says what it came to (`api/collaborations`).

Whoever may read that page may read its figures: they are read by the agency's hand, within the one
client, for a contact's own role sees neither results nor sales.
"""

from collections.abc import Iterator
from uuid import UUID

from sqlmodel import Session

from api.collaborations.models import Collaboration
from api.collaborations.results import figures
from api.collaborations.results.figures import Figure, ResultMetric, ResultQuality
from api.proof.models import ToldMetric
from api.returns import returns
from tenants import database

_TOLD = {
    ResultMetric.reach: ToldMetric.reach,
    ResultMetric.views: ToldMetric.views,
    ResultMetric.engagements: ToldMetric.engagements,
    ResultMetric.clicks: ToldMetric.clicks,
    ResultMetric.conversions: ToldMetric.conversions,
    ResultMetric.revenue: ToldMetric.revenue_minor,
}


def tell(session: Session, collaboration_id: UUID) -> Iterator[Figure]:
    """
    Each figure of the whole that there is, as `GET /v1/collaborations/{id}/results` has it; of one
    that there is not the page says so in its own words.
    """
    row = database.get(session, Collaboration, collaboration_id)
    with database.acting_for_agency(session, row.client_id):
        found, currency = returns.figures_of(session, row)
    for metric, told in _TOLD.items():
        figure, source, _ = found[told]
        if figure.value is not None and figure.currency in (None, currency):
            yield Figure(metric, figure.value, ResultQuality(figure.quality.value), source)


figures.register("returns", tell)
