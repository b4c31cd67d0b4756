"""What can be done to a collaboration until terms are on the table, and how it is found."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.collaborations import moves
from api.collaborations.models import Collaboration, CollaborationDeliverable, CollaborationStatus
from api.collaborations.rights.models import Exclusivity
from api.collaborations.shapes import CollaborationQuery
from api.influencers.models import Influencer
from api.influencers.programs.models import Program
from tenants import clock, database, outbox
from tenants.errors import Conflict, MoveNotAllowed, Unprocessable
from tenants.pages import Listing, Order

_C = CollaborationStatus
OPEN = frozenset(status for status, after in moves.MOVES.items() if after)
BEFORE_TERMS = frozenset({_C.shortlisted, _C.invited, _C.negotiating})


class AlreadyCollaborating(Conflict):
    """The influencer is on this campaign already: one collaboration at a time."""


class OtherClientsProgram(Unprocessable):
    """The program is of another client than the campaign."""


def search(session: Session, page: CollaborationQuery) -> Listing:
    """The collaborations in sight, what is due first first; those that are over only by name."""
    query = select(Collaboration)
    for column, value in (
        (Collaboration.client_id, page.client_id),
        (Collaboration.campaign_id, page.campaign_id),
        (Collaboration.influencer_id, page.influencer_id),
        (Collaboration.program_id, page.program_id),
        (Collaboration.status, page.status),
    ):
        if value is not None:
            query = query.where(col(column) == value)
    if page.status is None:
        query = query.where(col(Collaboration.status).in_(sorted(OPEN | {_C.completed})))
    if page.due_before:
        query = query.where(col(Collaboration.due_on) < page.due_before)
    if page.due_after:
        query = query.where(col(Collaboration.due_on) > page.due_after)
    return Listing(query, Collaboration, page, Order("due_on"))


def create(
    session: Session, campaign_id: UUID, influencer_id: UUID, program_id: UUID | None, **values: Any
) -> Any:
    """Put somebody of the roster on a campaign's shortlist, out of a program of its client's."""
    campaign = moves.check_campaign(session, campaign_id)
    influencer = database.get(session, Influencer, influencer_id)
    moves.check_available(influencer)
    if program_id is not None:
        program = database.get(session, Program, program_id)
        if program.client_id != campaign.client_id:
            raise OtherClientsProgram(pointer="/program_id")
    due_on = values.pop("due_on") or campaign.ends_on
    row = Collaboration(
        client_id=campaign.client_id,
        campaign_id=campaign.id,
        influencer_id=influencer.id,
        program_id=program_id,
        influencer_name=influencer.name,
        due_on=due_on,
        **values,
    )
    with database.refusing_twice("uq_collaborations_open", AlreadyCollaborating()):
        database.add(session, row)
    outbox.emit(session, "collaboration.shortlisted", row)
    return row


def update(session: Session, collaboration_id: UUID, **changes: Any) -> Collaboration:
    """Change what it is called, its brief, or the day that is next, until terms are offered."""
    row = database.get(session, Collaboration, collaboration_id, lock=True)
    if row.status not in BEFORE_TERMS:
        raise MoveNotAllowed(row.status)
    row.sqlmodel_update(changes)
    outbox.emit(session, "collaboration.updated", row)
    return row


def invite(session: Session, collaboration_id: UUID) -> Collaboration:
    """Ask the influencer: from now on they see it."""
    with moves.held(session, collaboration_id) as row:
        moves.check(row, _C.invited)
        moves.check_campaign(session, row.campaign_id)
        moves.check_available(database.get(session, Influencer, row.influencer_id))
        row.invited_at = clock.now()
        moves.move(session, row, _C.invited)
    return row


def start(session: Session, collaboration_id: UUID) -> Collaboration:
    """Let the work begin: from now on its pieces are handed in."""
    with moves.held(session, collaboration_id) as row:
        if row.status is not _C.contracted:  # changes that were asked for lead there too
            raise MoveNotAllowed(row.status, [*moves.MOVES[row.status]])
        moves.check_campaign(session, row.campaign_id)
        moves.move(session, row, _C.content_due)
    return row


def deliverables(session: Session, collaboration_id: UUID) -> Sequence[CollaborationDeliverable]:
    """What was agreed to be made, in the order of the terms."""
    return moves.pieces_of(session, database.get(session, Collaboration, collaboration_id))


def exclusivities(session: Session, collaboration_id: UUID) -> Sequence[Exclusivity]:
    """For whom else the influencer does not work, and when."""
    row = database.get(session, Collaboration, collaboration_id)
    query = select(Exclusivity).where(
        col(Exclusivity.agency_id) == row.agency_id, col(Exclusivity.collaboration_id) == row.id
    )
    return session.exec(query.order_by(col(Exclusivity.id))).all()
