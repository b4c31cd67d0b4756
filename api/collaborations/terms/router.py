"""Routes of terms and of answers to them; each calls one verb."""

from typing import Any
from uuid import UUID

from api.budgets.book import BudgetNotActive, LineExceeded
from api.campaigns.scopes import CampaignOver
from api.collaborations import endings, moves
from api.collaborations.money import changes, fees
from api.collaborations.rights import exclusivity, windows
from api.collaborations.shapes import CollaborationRead, CollaborationReason
from api.collaborations.terms import amendments, offers
from api.collaborations.terms.shapes import (
    CollaborationNegotiate,
    TermsAccept,
    TermsOffer,
    TermsRead,
    TermsVersions,
)
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from tenants.errors import MoveNotAllowed, NotFound

router = domain_router("collaborations")

_AVAILABLE = (CampaignOver, moves.InfluencerUnavailable)
_TERMS = (
    *(windows.WindowBackwards, windows.WindowIncomplete),
    *(fees.FeeMissing, fees.FeeTooLarge, fees.CommissionUncapped, fees.InstalmentsUneven),
    *(offers.BudgetLineMissing, offers.FeeCurrencyDiffers, offers.NotThisClients),
    *(offers.CommissionCurrencyDiffers, offers.DueOutsideWork),
    *(offers.PieceUnknown, offers.AnswerDayPast),
    *(BudgetNotActive, LineExceeded, exclusivity.ExclusivityConflict),
)
_AMENDED = (
    *(amendments.WorkDone, amendments.NoMorePieces),
    *(changes.EarnedAlready, amendments.RightInUse),
)


@router.post(
    "/collaborations/{collaboration_id}/negotiate",
    response_model=CollaborationRead,
    dependencies=[needs("collaborations:negotiate")],
    responses=problems(NotFound, MoveNotAllowed, offers.TermsAnswered),
)
def negotiate_collaboration(
    collaboration_id: UUID, data: CollaborationNegotiate, session: RequestSession
) -> Any:
    """Talk about terms; those on the table are countered by that, or taken back by the agency."""
    return endings.negotiate(session, collaboration_id, data.reason)


@router.post(
    "/collaborations/{collaboration_id}/offer",
    status_code=201,
    response_model=TermsRead,
    dependencies=[needs("collaborations:agree")],
    responses=problems(NotFound, MoveNotAllowed, *_AVAILABLE, *_TERMS),
)
def offer_terms(collaboration_id: UUID, data: TermsOffer, session: RequestSession) -> Any:
    """Put the next version of terms before the influencer: within the budget, without conflict."""
    return offers.offer(session, collaboration_id, **data.model_dump())


@router.post(
    "/collaborations/{collaboration_id}/amend",
    status_code=201,
    response_model=TermsRead,
    dependencies=[needs("collaborations:agree")],
    responses=problems(NotFound, MoveNotAllowed, *_AVAILABLE, *_TERMS, *_AMENDED),
)
def amend_terms(collaboration_id: UUID, data: TermsOffer, session: RequestSession) -> Any:
    """Put changed terms before the influencer; what was agreed holds until they accept them."""
    return amendments.offer(session, collaboration_id, **data.model_dump())


@router.get(
    "/collaborations/{collaboration_id}/terms",
    response_model=TermsVersions,
    dependencies=[needs("collaboration_terms:read")],
    responses=problems(NotFound),
)
def list_terms(collaboration_id: UUID, session: RequestSession) -> Any:
    """List every version of terms that was offered, the newest first."""
    return {"data": offers.versions(session, collaboration_id)}


@router.post(
    "/collaborations/{collaboration_id}/accept",
    response_model=CollaborationRead,
    dependencies=[needs("collaborations:answer")],
    responses=problems(
        NotFound,
        MoveNotAllowed,
        *_AVAILABLE,
        *(offers.TermsAnswered, offers.TermsChanged, offers.TermsExpired),
        *(BudgetNotActive, LineExceeded, exclusivity.ExclusivityConflict),
        *_AMENDED,
        offers.FeeCurrencyDiffers,
    ),
)
def accept_collaboration(collaboration_id: UUID, data: TermsAccept, session: RequestSession) -> Any:
    """Accept the terms on the table: the fee is set aside, and the work is agreed or changed."""
    return amendments.accept(session, collaboration_id, data.content_sha256)


@router.post(
    "/collaborations/{collaboration_id}/decline",
    response_model=CollaborationRead,
    dependencies=[needs("collaborations:answer")],
    responses=problems(NotFound, MoveNotAllowed, offers.TermsAnswered),
)
def decline_collaboration(
    collaboration_id: UUID, data: CollaborationReason, session: RequestSession
) -> Any:
    """Say no, as the influencer; to changed terms, that what was agreed holds on."""
    return endings.decline(session, collaboration_id, data.reason)
