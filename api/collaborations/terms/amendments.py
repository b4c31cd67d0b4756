"""
Terms that are changed while the work goes on: a new version, which the influencer accepts or not.

Nothing begins anew. Pieces that were handed in stay as they are, and what was earned stays earned;
what is still to be made and earned is what the new version says, less what was earned of it, and
so much is set aside. Rights and promises that are not in it end, others begin; the old version,
its answer and its hash are kept. Until it is accepted, the terms before it are in force.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import Session, col, select

from api.collaborations import moves
from api.collaborations.models import (
    Collaboration,
    CollaborationDeliverable,
    CollaborationStatus,
    PieceStatus,
)
from api.collaborations.money import changes, commission, money
from api.collaborations.money.changes import Owing
from api.collaborations.money.models import Instalment, InstalmentStatus
from api.collaborations.rights.models import AssetUse, Exclusivity, UsageRight
from api.collaborations.terms import acceptance, offers
from api.collaborations.terms.models import CollaborationTerms
from api.collaborations.terms.offers import Version
from tenants import clock, database, outbox
from tenants.errors import Conflict, MoveNotAllowed

_C = CollaborationStatus
AGREED = moves.AT_WORK | {_C.contracted}
# From these a collaboration may stand again where a new piece does: at its beginning.
_TAKES_PIECES = (_C.contracted, _C.content_due, _C.in_review)
_WORDS = ("network", "placement", "description")
Given = TypeVar("Given", UsageRight, Exclusivity)


class WorkDone(Conflict):
    """Pieces that were agreed are not dropped, nor those changed that were handed in already."""


class NoMorePieces(Conflict):
    """All of the work was accepted already: more of it is another collaboration."""


class RightInUse(Conflict):
    """A use that goes on stands on a right that these terms end."""


def offer(session: Session, collaboration_id: UUID, **values: Any) -> Version:
    """Put changed terms before the influencer, instead of others that wait for an answer."""
    with moves.held(session, collaboration_id) as row:
        if row.status not in AGREED:
            raise MoveNotAllowed(row.status, [*moves.MOVES[row.status]])
        terms = offers.drawn_up(session, row, values)
        owing = _owing(session, row, terms)
        changes.check_share(terms.content, commission.accrued(session, row))
        line_id, held = money.set_aside(session, row)
        more = owing.total_minor - (held if line_id == terms.budget_line_id else 0)
        offers.check_line(session, row, terms, max(0, more))
        offers.call_off(session, row)
        database.add(session, terms)
        outbox.emit(session, "collaboration_terms.offered", terms)
    return Version(terms, None)


def accept(session: Session, collaboration_id: UUID, content_sha256: str) -> Collaboration:
    """Accept the terms on the table, the first or changed ones, as who is logged in."""
    with moves.held(session, collaboration_id) as row:
        if offers.amendment(session, row) is None:
            moves.check(row, _C.contracted)
        settle(session, row, offers.standing(session, row), content_sha256)
    return row


def settle(
    session: Session,
    row: Collaboration,
    terms: CollaborationTerms,
    content_sha256: str,
    **witness: Any,
) -> None:
    """What accepting does, whoever holds the pen. The row is held, by the agency's hand."""
    if offers.amendment(session, row) is None:
        acceptance.settle(session, row, terms, content_sha256, **witness)
        return
    commission.end(session, row)  # what was sold until now is owed by the terms before
    owing = _owing(session, row, terms)
    acceptance.take(session, row, terms, content_sha256, **witness)
    money.recommit(session, row, terms, owing.total_minor)
    pieces = _rework(session, row, terms.content["deliverables"])
    ids = {piece.number: piece.id for piece in pieces}
    _regrant(session, row, terms.content, ids)
    _reprice(session, row, [acceptance.part(row, terms, each, ids) for each in owing.parts])
    row.min_live_days = terms.content["min_live_days"]
    row.due_on = moves.next_day(pieces)
    outbox.emit(session, "collaboration.amended", row, audience="client")
    if row.status is not _C.contracted and (stage := moves.least(pieces)).value != row.status:
        moves.move(session, row, _C(stage.value))
    money.earn_amended(session, row, pieces, offers.signed(session, row))


def _owing(session: Session, row: Collaboration, terms: CollaborationTerms) -> Owing:
    """What is still to be earned by changed terms. Refuses what would undo work."""
    before = offers.accepted(session, row.id)
    assert before is not None
    pieces, found = moves.pieces_of(session, row), money.of(session, row)
    _check_pieces(row, pieces, terms.content["deliverables"])
    if found and terms.currency != before.currency:
        raise offers.FeeCurrencyDiffers(pointer="/fee/currency")
    ids = {piece.number: piece.id for piece in pieces}
    return changes.owing(terms.content, before.content, found, ids)


def _check_pieces(
    row: Collaboration, pieces: Sequence[CollaborationDeliverable], said: Sequence[dict[str, Any]]
) -> None:
    if len(said) < len(pieces):
        raise WorkDone(pointer="/deliverables")
    if len(said) > len(pieces) and row.status not in _TAKES_PIECES:
        raise NoMorePieces(pointer="/deliverables")
    for place, piece in enumerate(pieces):
        same = all(said[place][name] == getattr(piece, name) for name in _WORDS)
        if not same and _is_begun(piece):
            raise WorkDone(pointer=f"/deliverables/{place}")


def _is_begun(piece: CollaborationDeliverable) -> bool:
    return piece.status is not PieceStatus.content_due or piece.rounds_used > 0


def _rework(
    session: Session, row: Collaboration, said: Sequence[dict[str, Any]]
) -> list[CollaborationDeliverable]:
    """The pieces as the terms name them now: those there are, and the new ones."""
    pieces = list(moves.pieces_of(session, row))
    made = acceptance.make(session, row, said[len(pieces) :])
    for piece, each in zip(pieces, said, strict=False):
        now = {name: each[name] for name in _WORDS}
        now |= {
            "due_on": date.fromisoformat(each["due_on"]),
            "rounds_included": each["revision_rounds"],
        }
        if any(getattr(piece, name) != value for name, value in now.items()):
            piece.sqlmodel_update(now)
            outbox.emit(session, "collaboration_deliverable.amended", piece, audience="client")
    return pieces + made


def _regrant(
    session: Session, row: Collaboration, content: dict[str, Any], ids: dict[int, UUID]
) -> None:
    """End what is not granted or promised any more, and begin what is new; the same goes on."""
    wanted = {_said(each): each for each in acceptance.granted(row, content, ids)}
    given: list[UsageRight | Exclusivity] = [
        *_standing(session, row, UsageRight),
        *_standing(session, row, Exclusivity),
    ]
    for each in given:
        if wanted.pop(_said(each), None) is None:
            _end(session, each)
    database.add(session, *wanted.values())


def _standing(session: Session, row: Collaboration, kind: type[Given]) -> Sequence[Given]:
    """What was granted or promised, and was not ended."""
    query = select(kind).where(
        col(kind.collaboration_id) == row.id,
        col(kind.ended_at).is_(None),
    )
    return session.exec(query).all()


def _said(each: UsageRight | Exclusivity) -> tuple[Any, ...]:
    """What one grants or promises."""
    window = (each.starts_at, each.ends_at)
    if isinstance(each, Exclusivity):
        return (each.category, *each.competitors, *window)
    allowed = (each.media, each.territories, each.uses)
    return (each.deliverable_id, each.asset, *map(tuple, allowed), *window)


def _end(session: Session, each: UsageRight | Exclusivity) -> None:
    going_on = select(AssetUse.id).where(
        col(AssetUse.agency_id) == each.agency_id,
        col(AssetUse.usage_right_id) == each.id,
        col(AssetUse.ends_at) > clock.now(),
    )
    if session.exec(going_on.limit(1)).first() is not None:
        raise RightInUse
    each.ended_at = clock.now()


def _reprice(session: Session, row: Collaboration, parts: Sequence[Instalment]) -> None:
    """What was not earned is not owed by the old terms any more; the new parts follow the old."""
    found = money.of(session, row)
    for each in found:
        if each.status is InstalmentStatus.planned:
            each.status = InstalmentStatus.void
    for number, part in enumerate(parts, max((each.number for each in found), default=0) + 1):
        part.number = number
    database.add(session, *parts)
