"""
Captions judged: asked about, handed in, and found live. What was said of a piece's caption is kept;
a later version of a rule rewrites none of it.

Where nothing else is said, the readers are those of the client's locale, and the tie is what the
terms pay with: money, a share of what is sold, or a product alone.
"""

from typing import Any
from uuid import UUID

from babel import Locale
from sqlmodel import Session, col, select

from api.collaborations.models import Collaboration, CollaborationDeliverable, Submission
from api.collaborations.terms import offers
from api.proof import consequences, disclosure
from api.proof.disclosure import Relation, Verdict
from api.proof.models import DisclosureVerdict, LivePost, Stage
from api.proof.shapes import DisclosureCheckQuery
from tenants import clock, database, outbox
from tenants.models import Client
from tenants.pages import Listing

_ASKED = ("caption", "country", "language", "relation", "paid_partnership_label")


def search(session: Session, page: DisclosureCheckQuery) -> Listing:
    """The verdicts in sight, newest first."""
    query = select(DisclosureVerdict)
    for name in ("client_id", "collaboration_id", "deliverable_id", "live_post_id", "judgement"):
        if (value := getattr(page, name)) is not None:
            query = query.where(getattr(DisclosureVerdict, name) == value)
    return Listing(query, DisclosureVerdict, page)


def ask(session: Session, deliverable_id: UUID, **asked: Any) -> DisclosureVerdict:
    """Judge a caption for one piece before it is handed in; the verdict is kept."""
    piece = database.get(session, CollaborationDeliverable, deliverable_id)
    return _keep(session, piece, Stage.draft, asked)


def of_submission(session: Session, submission: Submission) -> DisclosureVerdict:
    """Judge what was handed in, once."""
    query = select(DisclosureVerdict).where(
        col(DisclosureVerdict.submission_id) == submission.id,
    )
    if (known := session.exec(query).first()) is not None:
        return known
    piece = database.get(session, CollaborationDeliverable, submission.deliverable_id)
    asked = {"caption": submission.caption}
    return _keep(session, piece, Stage.submission, asked, submission_id=submission.id)


def of_live_post(session: Session, post: LivePost, asked: dict[str, Any]) -> DisclosureVerdict:
    """Judge the caption that was found live. The post is held, with its collaboration."""
    piece = database.get(session, CollaborationDeliverable, post.deliverable_id)
    verdict = _keep(session, piece, Stage.live, asked, live_post_id=post.id)
    row = database.get(session, Collaboration, post.collaboration_id)
    consequences.judged(session, row, post, verdict)
    return verdict


def newest(session: Session, live_post_id: UUID) -> DisclosureVerdict | None:
    """The last word about a live post's caption."""
    query = select(DisclosureVerdict).where(col(DisclosureVerdict.live_post_id) == live_post_id)
    return session.exec(query.order_by(col(DisclosureVerdict.id).desc())).first()


def _keep(
    session: Session,
    piece: CollaborationDeliverable,
    stage: Stage,
    asked: dict[str, Any],
    **about: Any,
) -> DisclosureVerdict:
    client = session.get_one(Client, (piece.agency_id, piece.client_id))
    on_date = asked.get("on_date") or clock.today(client.timezone)
    of = _defaults(session, piece, client) | {
        name: value for name in _ASKED if (value := asked.get(name)) is not None
    }
    found = _judged(of, piece, on_date)
    verdict = DisclosureVerdict(
        client_id=piece.client_id,
        collaboration_id=piece.collaboration_id,
        deliverable_id=piece.id,
        influencer_id=piece.influencer_id,
        network=piece.network,
        placement=piece.placement,
        stage=stage,
        on_date=on_date,
        judgement=found.judgement,
        rule=found.rule,
        rule_version=found.version,
        reasons=list(found.reasons),
        advice=list(found.advice),
        judged_by=session.sight.membership_id,  # type: ignore[attr-defined]
        **about,
        **of,
    )
    database.add(session, verdict)
    outbox.emit(session, "disclosure_verdict.given", verdict)
    return verdict


def _judged(of: dict[str, Any], piece: CollaborationDeliverable, on_date: Any) -> Verdict:
    return disclosure.judge(
        of["caption"],
        of["country"],
        of["language"],
        piece.network,
        piece.placement,
        of["relation"],
        on_date,
        label=of["paid_partnership_label"],
    )


def _defaults(session: Session, piece: CollaborationDeliverable, client: Client) -> dict[str, Any]:
    locale = Locale.parse(client.locale, sep="-")
    return {
        "country": locale.territory or "XX",
        "language": locale.language,
        "relation": relation_of(_fees(session, piece.collaboration_id)),
        "paid_partnership_label": False,
    }


def relation_of(fee: dict[str, Any]) -> Relation:
    """The tie that a fee makes: money before a share, a share before a product."""
    if fee.get("fixed_minor") or fee.get("per_post_minor"):
        return Relation.paid
    if fee.get("commission_bp"):
        return Relation.affiliate
    return Relation.gift if fee.get("product") else Relation.paid


def _fees(session: Session, collaboration_id: UUID) -> dict[str, Any]:
    terms = offers.accepted(session, collaboration_id)
    return dict(terms.content.get("fee") or {}) if terms else {}
