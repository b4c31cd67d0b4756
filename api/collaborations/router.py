"""Routes of collaborations and their terms; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.budgets.book import BudgetNotActive, LineExceeded
from api.campaigns.scopes import CampaignOver
from api.collaborations import collaborations, endings, moves
from api.collaborations.models import Collaboration
from api.collaborations.money import changes, fees, money
from api.collaborations.money.shapes import InstalmentsRead
from api.collaborations.rights import exclusivity, windows
from api.collaborations.rights.shapes import ExclusivitiesRead
from api.collaborations.shapes import (
    CollaborationBreach,
    CollaborationCreate,
    CollaborationQuery,
    CollaborationRead,
    CollaborationReason,
    CollaborationUpdate,
    EndingRead,
)
from api.collaborations.terms import amendments, offers
from api.collaborations.terms.shapes import (
    CollaborationNegotiate,
    TermsAccept,
    TermsOffer,
    TermsRead,
    TermsVersions,
)
from api.collaborations.work.shapes import PiecesRead
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from tenants.errors import MoveNotAllowed, NotFound
from tenants.pages import InvalidCursor, Page
from tenants.reads import Lookup

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
    "/collaborations",
    status_code=201,
    response_model=CollaborationRead,
    dependencies=[needs("collaborations:write")],
    responses=problems(NotFound, collaborations.AlreadyCollaborating, *_AVAILABLE),
)
def create_collaboration(data: CollaborationCreate, session: RequestSession) -> Any:
    """Put an influencer of the roster on a campaign's shortlist."""
    return collaborations.create(session, **data.model_dump())


@router.get(
    "/collaborations",
    response_model=Page[CollaborationRead],
    dependencies=[needs("collaborations:read")],
    responses=problems(InvalidCursor),
)
def list_collaborations(
    page: Annotated[CollaborationQuery, Query()], session: RequestSession
) -> Any:
    """List collaborations, what is due first first; what ended early only by its `status`."""
    return collaborations.search(session, page)


@router.get(
    "/collaborations/{collaboration_id}",
    response_model=CollaborationRead,
    dependencies=[needs("collaborations:read")],
    responses=problems(NotFound),
)
def get_collaboration(collaboration_id: UUID, session: RequestSession) -> Any:
    """Read a collaboration. The client sees it from the contract on, who was invited before."""
    return Lookup(Collaboration, collaboration_id)


@router.patch(
    "/collaborations/{collaboration_id}",
    response_model=CollaborationRead,
    dependencies=[needs("collaborations:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def update_collaboration(
    collaboration_id: UUID, data: CollaborationUpdate, session: RequestSession
) -> Any:
    """Change a collaboration until terms are offered."""
    return collaborations.update(session, collaboration_id, **data.model_dump())


@router.post(
    "/collaborations/{collaboration_id}/invite",
    response_model=CollaborationRead,
    dependencies=[needs("collaborations:write")],
    responses=problems(NotFound, MoveNotAllowed, *_AVAILABLE),
)
def invite_collaboration(collaboration_id: UUID, session: RequestSession) -> Any:
    """Ask the influencer: from now on they see it."""
    return collaborations.invite(session, collaboration_id)


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


@router.post(
    "/collaborations/{collaboration_id}/drop",
    response_model=CollaborationRead,
    dependencies=[needs("collaborations:write")],
    responses=problems(NotFound, MoveNotAllowed, offers.TermsAnswered),
)
def drop_collaboration(
    collaboration_id: UUID, data: CollaborationReason, session: RequestSession
) -> Any:
    """Go on without the influencer, before anything is agreed."""
    return endings.drop(session, collaboration_id, data.reason)


@router.post(
    "/collaborations/{collaboration_id}/start",
    response_model=CollaborationRead,
    dependencies=[needs("collaborations:write")],
    responses=problems(NotFound, MoveNotAllowed, CampaignOver),
)
def start_collaboration(collaboration_id: UUID, session: RequestSession) -> Any:
    """Let the work begin: from now on its pieces are handed in."""
    return collaborations.start(session, collaboration_id)


@router.post(
    "/collaborations/{collaboration_id}/complete",
    response_model=CollaborationRead,
    dependencies=[needs("collaborations:agree")],
    responses=problems(NotFound, MoveNotAllowed, endings.LiveDaysLeft),
)
def complete_collaboration(collaboration_id: UUID, session: RequestSession) -> Any:
    """Close it: all is verified, and was live for as long as agreed."""
    return endings.complete(session, collaboration_id)


@router.post(
    "/collaborations/{collaboration_id}/cancel",
    response_model=CollaborationRead,
    dependencies=[needs("collaborations:agree")],
    responses=problems(NotFound, MoveNotAllowed),
)
def cancel_collaboration(
    collaboration_id: UUID, data: CollaborationReason, session: RequestSession
) -> Any:
    """Call agreed work off. What was earned stays owed; the budget has the rest back."""
    return endings.cancel(session, collaboration_id, data.reason)


@router.post(
    "/collaborations/{collaboration_id}/breach",
    response_model=CollaborationRead,
    dependencies=[needs("collaborations:agree")],
    responses=problems(NotFound, MoveNotAllowed),
)
def breach_collaboration(
    collaboration_id: UUID, data: CollaborationBreach, session: RequestSession
) -> Any:
    """End it because a promise was broken, and ask back what was earned with that."""
    return endings.breach(session, collaboration_id, **data.model_dump())


@router.post(
    "/collaborations/{collaboration_id}/dispute",
    response_model=CollaborationRead,
    dependencies=[needs("collaborations:agree")],
    responses=problems(NotFound, MoveNotAllowed),
)
def dispute_collaboration(
    collaboration_id: UUID, data: CollaborationReason, session: RequestSession
) -> Any:
    """Hold everything that is still owed for it."""
    return endings.dispute(session, collaboration_id, data.reason)


@router.post(
    "/collaborations/{collaboration_id}/settle",
    response_model=CollaborationRead,
    dependencies=[needs("collaborations:agree")],
    responses=problems(NotFound, MoveNotAllowed),
)
def settle_collaboration(
    collaboration_id: UUID, data: CollaborationReason, session: RequestSession
) -> Any:
    """Let what was held go on, as far as its gates are."""
    return endings.settle_dispute(session, collaboration_id, data.reason)


@router.get(
    "/collaborations/{collaboration_id}/ending",
    response_model=EndingRead,
    dependencies=[needs("collaboration_terms:read")],
    responses=problems(NotFound),
)
def get_collaboration_ending(collaboration_id: UUID, session: RequestSession) -> Any:
    """Read why it ended, if it did before it was completed."""
    return endings.ending(session, collaboration_id)


@router.get(
    "/collaborations/{collaboration_id}/deliverables",
    response_model=PiecesRead,
    dependencies=[needs("collaborations:read")],
    responses=problems(NotFound),
)
def list_collaboration_deliverables(collaboration_id: UUID, session: RequestSession) -> Any:
    """List what was agreed to be made, in the order of the terms."""
    return {"data": collaborations.deliverables(session, collaboration_id)}


@router.get(
    "/collaborations/{collaboration_id}/instalments",
    response_model=InstalmentsRead,
    dependencies=[needs("collaboration_terms:read")],
    responses=problems(NotFound),
)
def list_collaboration_instalments(collaboration_id: UUID, session: RequestSession) -> Any:
    """List the parts of the fee, and which of them were earned."""
    return {"data": money.instalments(session, collaboration_id)}


@router.get(
    "/collaborations/{collaboration_id}/exclusivities",
    response_model=ExclusivitiesRead,
    dependencies=[needs("collaboration_terms:read")],
    responses=problems(NotFound),
)
def list_exclusivities(collaboration_id: UUID, session: RequestSession) -> Any:
    """List for whom else the influencer does not work, and when."""
    return {"data": collaborations.exclusivities(session, collaboration_id)}
