"""
Accepting terms: the one act with which work is agreed.

In one transaction the answer is kept with the hash of what was accepted, the influencer is taken
for what was promised, the fee is set aside, the pieces, rights and instalments are written down,
and what falls due with the contract is owed; or nothing of it happens.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.collaborations import moves
from api.collaborations.models import Collaboration, CollaborationDeliverable, CollaborationStatus
from api.collaborations.money import money
from api.collaborations.money.models import FeeKind, Instalment, Milestone
from api.collaborations.rights import exclusivity
from api.collaborations.rights.models import Exclusivity, UsageRight
from api.collaborations.terms import offers
from api.collaborations.terms.models import Answer, CollaborationTerms
from tenants import clock, database, outbox
from tenants.models import Client


def settle(
    session: Session,
    row: Collaboration,
    terms: CollaborationTerms,
    content_sha256: str,
    **witness: Any,
) -> None:
    """What accepting does, whoever holds the pen: the row is held, by the agency's hand."""
    moves.check(row, CollaborationStatus.contracted)
    take(session, row, terms, content_sha256, **witness)
    money.commit(session, row, terms)
    pieces = make(session, row, terms.content["deliverables"])
    ids = {piece.number: piece.id for piece in pieces}
    parts = [part(row, terms, each, ids) for each in terms.content["instalments"]]
    database.add(session, *granted(row, terms.content, ids), *parts)
    row.contracted_at = clock.now()
    row.min_live_days = terms.content["min_live_days"]
    row.due_on = moves.next_day(pieces)
    moves.move(session, row, CollaborationStatus.contracted)
    money.earn_contract(session, row, offers.signed(session, row))


def take(
    session: Session,
    row: Collaboration,
    terms: CollaborationTerms,
    content_sha256: str,
    **witness: Any,
) -> None:
    """Keep that terms are accepted, and take the influencer for what they promise."""
    if content_sha256 != terms.content_sha256:
        raise offers.TermsChanged
    if clock.now() >= terms.respond_by:
        raise offers.TermsExpired
    moves.check_campaign(session, row.campaign_id)
    influencer = exclusivity.hold(session, row.influencer_id)
    moves.check_available(influencer)
    client = database.get(session, Client, row.client_id)
    offers.answer(session, row, terms, Answer.accepted, **witness)
    exclusivity.release(session, row.id)
    exclusivity.take(session, row.influencer_id, row.id, offers.claims_of(client, terms.content))


def make(
    session: Session, row: Collaboration, said: Sequence[dict[str, Any]]
) -> list[CollaborationDeliverable]:
    """The pieces that terms name, of which there is none yet."""
    pieces = [
        CollaborationDeliverable(
            client_id=row.client_id,
            collaboration_id=row.id,
            influencer_id=row.influencer_id,
            number=each["number"],
            network=each["network"],
            placement=each["placement"],
            description=each["description"],
            due_on=date.fromisoformat(each["due_on"]),
            rounds_included=each["revision_rounds"],
        )
        for each in said
    ]
    database.add(session, *pieces)
    for piece in pieces:
        outbox.emit(session, "collaboration_deliverable.agreed", piece, audience="client")
    return pieces


def granted(
    row: Collaboration, content: dict[str, Any], ids: Mapping[int, UUID]
) -> list[UsageRight | Exclusivity]:
    """What was granted and promised, as terms say it. `ids`: of the pieces, by their number."""
    rights = [
        UsageRight(
            deliverable_id=ids.get(each["deliverable"]),
            **{name: each[name] for name in ("asset", "media", "territories", "uses")},
            **_window(each),
            **_own(row),
        )
        for each in content["rights"]
    ]
    promises = [
        Exclusivity(
            category=each["category"], competitors=each["competitors"], **_window(each), **_own(row)
        )
        for each in content["exclusivities"]
    ]
    return [*rights, *promises]


def part(
    row: Collaboration, terms: CollaborationTerms, said: dict[str, Any], ids: Mapping[int, UUID]
) -> Instalment:
    """A part of the fee, as terms say it."""
    return Instalment(
        number=said["number"],
        kind=FeeKind(said["kind"]),
        milestone=Milestone(said["milestone"]),
        deliverable_id=ids.get(said["deliverable"]),
        currency=terms.currency,
        amount_minor=said["amount"]["amount_minor"],
        **_own(row),
    )


def _own(row: Collaboration) -> dict[str, Any]:
    return {
        "client_id": row.client_id,
        "collaboration_id": row.id,
        "influencer_id": row.influencer_id,
    }


def _window(each: dict[str, Any]) -> dict[str, Any]:
    return {name: datetime.fromisoformat(each[name]) for name in ("starts_at", "ends_at")}
