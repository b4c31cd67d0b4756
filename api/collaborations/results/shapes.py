"""Wire shapes of what a collaboration came to."""

from datetime import date, datetime
from uuid import UUID

from api.clients.networks import Network
from api.collaborations.models import CollaborationStatus, PieceStatus, Placement
from api.collaborations.results.figures import ResultMetric, ResultQuality
from tenants.shapes import ReadShape


class ResultFigure(ReadShape):
    """One figure: null and `missing` say why in `reason`; revenue is in minor units."""

    metric: ResultMetric
    value: int | None
    quality: ResultQuality
    source: str | None
    reason: str | None


class ResultPiece(ReadShape):
    """One piece, and since when it is live."""

    number: int
    network: Network
    placement: Placement
    due_on: date
    status: PieceStatus
    live_at: datetime | None


class CollaborationResult(ReadShape):
    """What a collaboration came to, without money. `phase`: its status in coarser words."""

    collaboration_id: UUID
    title: str
    influencer: str
    status: CollaborationStatus
    phase: str
    deliverables: list[ResultPiece]
    figures: list[ResultFigure]


class ReturnAmounts(ReadShape):
    """
    What it cost: what was earned less what was asked back. `gain_minor`: revenue less cost, null
    where revenue is not known. `cost_per_each_minor`: by metric, null where there is none of it.
    """

    currency: str
    agreed_minor: int
    earned_minor: int
    clawed_back_minor: int
    cost_minor: int
    gain_minor: int | None
    cost_per_each_minor: dict[str, int | None]


class CollaborationReturn(CollaborationResult):
    """The same, with what it cost; `amounts` is null where no money is owed."""

    amounts: ReturnAmounts | None


class ResultRendering(ReadShape):
    """The PDF is being made: ask again in a moment."""

    job_id: UUID
