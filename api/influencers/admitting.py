"""
How somebody on the roster comes to log in: an invitation of the usual kind, bound to their row.

Whoever accepts it becomes the member that the row names, in the transaction that lets them in. The
same person may be on the rosters of several agencies, which never learn of each other.
"""

from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from api.influencers.models import Influencer, InfluencerStatus
from tenants import clock, database, invitations
from tenants.errors import Conflict, MoveNotAllowed, Unprocessable
from tenants.invitations import Written
from tenants.models import Invitation, Membership, MembershipKind, MembershipStatus
from tenants.permissions import AgencyRole


class LogsInAlready(Conflict):
    """This influencer logs in already; remove the member first to invite another address."""


class NoAddress(Unprocessable):
    """The roster knows no address of theirs: say one."""


def invite(session: Session, influencer_id: UUID, *, email: str | None, days: int) -> Written:
    """Invite somebody on the roster to log in; an invitation that is open ends with it."""
    influencer = database.get(session, Influencer, influencer_id, lock=True)
    if influencer.status is InfluencerStatus.archived:
        raise MoveNotAllowed(influencer.status)
    if _logs_in(session, influencer):
        raise LogsInAlready
    address = email or influencer.email
    if address is None:
        raise NoAddress(pointer="/email")
    written = invitations.create(
        session,
        email=address,
        name=influencer.name,
        kind=MembershipKind.influencer,
        role=AgencyRole.member,
        duties=[],
        days=days,
    )
    influencer.invitation_id = written.invitation.id
    database.touch(influencer)
    session.flush()
    return written


def _logs_in(session: Session, influencer: Influencer) -> bool:
    if influencer.membership_id is None:
        return False
    member = database.get(session, Membership, influencer.membership_id)
    return member.status is not MembershipStatus.removed


@invitations.on_joining
def bind(session: Session, invitation: Invitation, member: Membership) -> None:
    """Whoever came in by an invitation from the roster is who it was for, and nobody else."""
    if invitation.kind is not MembershipKind.influencer:
        return
    # Past the session's own narrowing: whoever comes in is on no roster yet.
    values = {
        "agency": invitation.agency_id,
        "invitation": invitation.id,
        "member": member.id,
        "now": clock.now(),
    }
    for statement in (_UNBIND, _BIND):
        session.connection().execute(statement, values)


# Somebody who comes back, invited from another row, leaves the one they were.
_UNBIND = text(
    "update influencers set membership_id = null, version = version + 1, updated_at = :now"
    " where agency_id = :agency and membership_id = :member"
    " and invitation_id is distinct from :invitation"
)
_BIND = text(
    "update influencers set membership_id = :member, version = version + 1, updated_at = :now"
    " where agency_id = :agency and invitation_id = :invitation"
)
