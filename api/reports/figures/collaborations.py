"""
The collaborations of a report's period: agreed by its end, and not over before it began.

What each brought is told since it began, as of the day the figures were read. A few questions for
all of them, however many there are.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import Session, col, or_, select

from api.campaigns.models import Campaign
from api.collaborations import moves
from api.collaborations.models import (
    Collaboration,
    CollaborationDeliverable,
    CollaborationEnding,
    PieceStatus,
)
from api.collaborations.money import money
from api.collaborations.money.models import Instalment, InstalmentStatus
from api.metrics.figures import Quantity
from api.metrics.periods import Period
from api.proof.disclosure import Judgement
from api.proof.models import DisclosureVerdict, LivePost, LivePostStatus, ToldMetric
from api.reports.snapshot.collaborations import (
    RESULTS,
    ReportCollaboration,
    ReportCollaborations,
    ResultMetric,
    Results,
    totals_of,
)
from api.reports.snapshot.figures import MissingReason
from api.returns import returns
from billing.payable.payable_models import Payable, PayableKind, PayableStatus
from tenants.models import Client

Shown = dict[str, Any]
_OUT = (PieceStatus.live, PieceStatus.verified)
_SEEN = (LivePostStatus.bound, LivePostStatus.live)
_UNKNOWN = "not_recorded"
_GONE = (LivePostStatus.removed, LivePostStatus.withdrawn)
_TOLD: dict[ResultMetric, ToldMetric] = {
    "reach": ToldMetric.reach,
    "views": ToldMetric.views,
    "engagements": ToldMetric.engagements,
    "clicks": ToldMetric.clicks,
    "conversions": ToldMetric.conversions,
    "revenue": ToldMetric.revenue_minor,
}


def collaborations(
    session: Session, client: Client, period: Period, *, inside: bool
) -> Shown | None:
    """Each of them with what it brought; `inside`: with what each is paid, for the agency alone."""
    found = _of_period(session, client, period)
    if not found:
        return None
    ids = [row.id for row, _ in found]
    pieces, posts = _pieces(session, ids), _posts(session, ids)
    judged = _judged(session, posts)
    brought = returns.figures_of_each(session, ids, client.currency)
    spent = _spent(session, ids)
    mixed = any(currency != client.currency for each in spent.values() for currency in each)
    paid = {id: each[client.currency] for id, each in spent.items()} if not mixed else {}
    waiting = _waiting(session, ids) if inside and paid else {}
    rows = []
    for row, campaign in found:
        out = any(piece.status in _OUT for piece in pieces[row.id])
        made = {
            "id": str(row.id),
            "influencer": row.influencer_name,
            "campaign": campaign,
            "phase": moves.PHASES[row.status],
            **_work(pieces[row.id], posts[row.id]),
            "figures": _figures(brought[row.id], client.currency, out),
        }
        if verdict := _disclosure(posts[row.id], judged):
            made["disclosure"] = verdict
        if inside and row.id in paid:
            made["money"] = {**paid[row.id], **waiting.get(row.id, {"owed_minor": 0})}
        rows.append(made)
    return _closed(rows, {str(id): each["spent_minor"] for id, each in paid.items()}, inside)


def _closed(rows: list[Shown], spent: Mapping[str, int], inside: bool) -> Shown:
    """The rows with their totals and what they cost, as the audience may read it."""
    totals = totals_of([ReportCollaboration.model_validate(each) for each in rows])
    cost = _cost(rows, totals.figures, spent)
    told = ReportCollaborations.model_validate({"rows": rows, "totals": totals, "cost": cost})
    shown = told if inside else told.for_client()
    return shown.model_dump(mode="json", exclude_defaults=True)


def _of_period(
    session: Session, client: Client, period: Period
) -> Sequence[tuple[Collaboration, str]]:
    zone = ZoneInfo(client.timezone)
    begins = datetime.combine(period.start, time.min, zone)
    ends = datetime.combine(period.end + timedelta(days=1), time.min, zone)
    over_at = col(Collaboration.completed_at)
    query = (
        select(Collaboration, Campaign.name)
        .join(Campaign, col(Campaign.id) == col(Collaboration.campaign_id))
        .outerjoin(
            CollaborationEnding,
            col(CollaborationEnding.collaboration_id) == col(Collaboration.id),
        )
        .where(
            col(Collaboration.client_id) == client.id,
            col(Collaboration.contracted_at) < ends,
            or_(over_at.is_(None), over_at >= begins),
            or_(
                col(CollaborationEnding.id).is_(None),
                col(CollaborationEnding.created_at) >= begins,
            ),
        )
    )
    ordered = query.order_by(col(Collaboration.contracted_at), col(Collaboration.id))
    return session.exec(ordered).all()


def _pieces(session: Session, ids: Sequence[UUID]) -> Mapping[UUID, list[CollaborationDeliverable]]:
    """What was agreed and not called off."""
    found: dict[UUID, list[CollaborationDeliverable]] = defaultdict(list)
    query = select(CollaborationDeliverable).where(
        col(CollaborationDeliverable.collaboration_id).in_(ids),
        col(CollaborationDeliverable.status) != PieceStatus.cancelled,
    )
    for piece in session.exec(query):
        found[piece.collaboration_id].append(piece)
    return found


def _posts(session: Session, ids: Sequence[UUID]) -> Mapping[UUID, list[LivePost]]:
    found: dict[UUID, list[LivePost]] = defaultdict(list)
    query = select(LivePost).where(
        col(LivePost.collaboration_id).in_(ids), col(LivePost.status).not_in(_GONE)
    )
    for post in session.exec(query.order_by(col(LivePost.published_at), col(LivePost.id))):
        found[post.collaboration_id].append(post)
    return found


def _judged(
    session: Session, posts: Mapping[UUID, Sequence[LivePost]]
) -> Mapping[UUID | None, Judgement]:
    """The last word about the caption of each post."""
    ids = [post.id for each in posts.values() for post in each]
    if not ids:
        return {}
    about = col(DisclosureVerdict.live_post_id)
    query = (
        select(DisclosureVerdict.live_post_id, DisclosureVerdict.judgement)
        .where(about.in_(ids))
        .ext(distinct_on(about))
        .order_by(about, col(DisclosureVerdict.id).desc())
    )
    return {post_id: Judgement(judgement) for post_id, judgement in session.exec(query)}


def _work(pieces: Sequence[CollaborationDeliverable], posts: Sequence[LivePost]) -> Shown:
    out = {piece.id for piece in pieces if piece.status in _OUT}
    return {
        "agreed": len(pieces),
        "live": len(out),
        "verified": sum(piece.status is PieceStatus.verified for piece in pieces),
        "posts": [
            {
                "network": post.network.value,
                "published_at": post.published_at.isoformat(),
                "url": post.url,
            }
            for post in posts
            if post.deliverable_id in out and post.status in _SEEN
            if post.url.startswith("https://")
        ],
    }


def _disclosure(posts: Sequence[LivePost], judged: Mapping[UUID | None, Judgement]) -> str | None:
    """
    Valid when each post is; being mended when one is found wrong, which is all that a client has
    to know of it. While one is not judged yet nothing is said.
    """
    said = {judged.get(post.id) for post in posts}
    if Judgement.invalid in said:
        return "mending"
    return "valid" if said == {Judgement.valid} else None


def _figures(brought: Mapping[ToldMetric, Quantity], currency: str, out: bool) -> Shown:
    return {metric: _figure(brought[_TOLD[metric]], currency, out) for metric in RESULTS}


def _figure(told: Quantity, currency: str, out: bool) -> Shown:
    if told.value is None:
        known = str(told.missing_reason) in get_args(MissingReason)
        why = str(told.missing_reason) if known else _UNKNOWN
        return {"quality": "missing", "lacks": why if out or why != _UNKNOWN else "not_yet"}
    if told.currency not in (None, currency):
        return {"quality": "missing", "lacks": "mixed_currency"}
    return {"value": told.value, "quality": str(told.quality), "partial": not told.complete}


def _spent(session: Session, ids: Sequence[UUID]) -> Mapping[UUID, Mapping[str, Shown]]:
    """What was agreed, and what of it was earned and not asked back, by currency."""
    found: dict[UUID, dict[str, Shown]] = defaultdict(dict)
    query = select(Instalment).where(
        col(Instalment.collaboration_id).in_(ids),
        col(Instalment.status) != InstalmentStatus.void,
    )
    for part in session.exec(query):
        none = {"agreed_minor": 0, "spent_minor": 0}
        sums = found[part.collaboration_id].setdefault(part.currency, none)
        sums["agreed_minor"] += part.amount_minor
        if part.status is InstalmentStatus.earned:
            sums["spent_minor"] += part.amount_minor - part.clawed_back_minor
    return found


def _waiting(session: Session, ids: Sequence[UUID]) -> Mapping[UUID, Shown]:
    """What is still to be paid, less what is to be given back, and the gates that hold it."""
    owed: dict[UUID, int] = defaultdict(int)
    waits: dict[UUID, set[str]] = defaultdict(set)
    query = select(Payable).where(
        col(Payable.source_type) == money.SOURCE,
        col(Payable.source_id).in_(ids),
        col(Payable.status).not_in((PayableStatus.paid, PayableStatus.cancelled)),
    )
    for payable in session.exec(query):
        if payable.kind is PayableKind.owed:
            owed[payable.source_id] += payable.amount_minor
            waits[payable.source_id] |= set(payable.open_gates)
        elif payable.status is PayableStatus.clawback_due:
            owed[payable.source_id] -= payable.amount_minor - payable.recovered_minor
    return {id: {"owed_minor": minor, "waits": sorted(waits[id])} for id, minor in owed.items()}


def _cost(rows: Sequence[Shown], totals: Results, spent: Mapping[str, int]) -> Shown | None:
    """What they cost together, and what that makes of each where it is known of all it paid for."""
    paid = [row["figures"] for row in rows if spent.get(row["id"])]
    total = sum(spent.values())
    if not total:
        return None
    made: Shown = {"spent_minor": total, "paid": len(paid)}

    def known(metric: ResultMetric) -> int | None:
        if any("value" not in each[metric] or each[metric]["partial"] for each in paid):
            return None
        return totals[metric].value

    divided: tuple[tuple[str, ResultMetric], ...] = (
        ("per_engagement", "engagements"),
        ("per_conversion", "conversions"),
    )
    for name, metric in divided:
        if reached := known(metric):
            made[name] = {"numerator": total, "denominator": reached}
    if (revenue := known("revenue")) is not None:
        made["roi"] = {"numerator": revenue - total, "denominator": total}
    return made
