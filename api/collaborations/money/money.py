"""
What accepted terms owe: set aside on the budget, earned once, asked back when a promise is broken.

Accepting terms commits the fee on their line. A part that is earned turns as much of that into an
expense, and opens one payable, whose gates billing holds until each is satisfied. What the client
pays itself is an expense, and is not owed by the agency.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.budgets import book, expenses, ledger
from api.budgets.ledger import Wanted
from api.budgets.models import BudgetEntry, BudgetLine, BudgetStatus, EntryKind, Expense, PaidBy
from api.budgets.sources import Why, by_hand
from api.collaborations.models import Collaboration, CollaborationDeliverable, PieceStatus
from api.collaborations.money.models import FeeKind, Instalment, InstalmentStatus, Milestone
from api.collaborations.terms.models import CollaborationTerms
from billing.payable import gates, payables
from tenants import clock, database, outbox, words

SOURCE, TERMS = "collaborations", "collaboration_terms"
CONTRACT_SIGNED, CONTENT_ACCEPTED = "contract_signed", "content_accepted"
LIVE_VERIFIED, DISCLOSURE_VALID = "live_verified", "disclosure_valid"
MIN_LIVE_DAYS, BUDGET_COMMITTED = "min_live_days", "budget_committed"
_ALWAYS = (CONTRACT_SIGNED, BUDGET_COMMITTED, "payee_ready", "not_disputed")
# What must be so before a part is paid, by what it falls due with.
GATES: dict[Milestone, tuple[str, ...]] = {
    Milestone.contract: _ALWAYS,
    Milestone.content: (*_ALWAYS, CONTENT_ACCEPTED),
    Milestone.live: (
        *_ALWAYS,
        *(CONTENT_ACCEPTED, LIVE_VERIFIED, DISCLOSURE_VALID, MIN_LIVE_DAYS),
    ),
}
_ACCEPTED = (PieceStatus.approved, PieceStatus.live, PieceStatus.verified)


def commit(session: Session, row: Collaboration, terms: CollaborationTerms) -> BudgetEntry | None:
    """Set the fee aside on its line; beyond the line it is refused."""
    if not terms.fee_minor or terms.budget_line_id is None:
        return None
    line = database.get(session, BudgetLine, terms.budget_line_id)
    why = Why(SOURCE, row.id, payee=row.influencer_name)
    return ledger.commit(session, line, book.Moved(terms.fee_minor), why)


def recommit(
    session: Session, row: Collaboration, terms: CollaborationTerms, amount_minor: int
) -> None:
    """Set aside what is still to be earned by amended terms, in place of what was before."""
    free_rest(session, row)
    if not amount_minor or terms.budget_line_id is None:
        return
    line = database.get(session, BudgetLine, terms.budget_line_id)
    why = Why(TERMS, terms.id, payee=row.influencer_name)
    ledger.commit(session, line, book.Moved(amount_minor), why)


def commitment_of(session: Session, row: Collaboration) -> BudgetEntry | None:
    """What was set aside for a collaboration: by the terms in force, where they amended others."""
    amended = select(CollaborationTerms.id).where(
        col(CollaborationTerms.agency_id) == row.agency_id,
        col(CollaborationTerms.collaboration_id) == row.id,
    )
    query = select(BudgetEntry).where(
        col(BudgetEntry.agency_id) == row.agency_id,
        col(BudgetEntry.source_type).in_((SOURCE, TERMS)),
        col(BudgetEntry.source_id).in_([row.id, *session.exec(amended)]),
        col(BudgetEntry.kind) == EntryKind.commitment,
    )
    return session.exec(query.order_by(col(BudgetEntry.id).desc()).limit(1)).first()


def set_aside(session: Session, row: Collaboration) -> tuple[UUID | None, int]:
    """What is still set aside for a collaboration, and on which line."""
    commitment = commitment_of(session, row)
    if commitment is None:
        return None, 0
    return commitment.line_id, book.open_of(session, commitment).amount_minor


def of(session: Session, row: Collaboration) -> Sequence[Instalment]:
    """The parts that a collaboration owes, in their order. The collaboration is held."""
    query = select(Instalment).where(
        col(Instalment.agency_id) == row.agency_id, col(Instalment.collaboration_id) == row.id
    )
    return session.exec(query.order_by(col(Instalment.number))).all()


def instalments(session: Session, collaboration_id: UUID) -> Sequence[Instalment]:
    """The same, as somebody reads them."""
    return of(session, database.get(session, Collaboration, collaboration_id))


def earn_contract(session: Session, row: Collaboration, signed: dict[str, Any]) -> None:
    """What falls due with the contract is earned as it is signed."""
    due = [each for each in of(session, row) if each.milestone is Milestone.contract]
    earn(session, row, due, {CONTRACT_SIGNED: signed})


def earn_work(
    session: Session,
    row: Collaboration,
    piece: CollaborationDeliverable,
    pieces: Sequence[CollaborationDeliverable],
    signed: dict[str, Any],
    accepted: dict[str, Any],
) -> None:
    """
    What falls due with a piece is earned as it is accepted; what falls due with the whole, as the
    last of its pieces is. A piece that is accepted again has nothing left to earn. Commission that
    is owed already waits for the whole too.
    """
    whole, parts = is_accepted(pieces), of(session, row)
    due = [
        each
        for each in parts
        if each.milestone is not Milestone.contract
        and (each.deliverable_id == piece.id or (each.deliverable_id is None and whole))
    ]
    earn(session, row, due, {CONTRACT_SIGNED: signed, CONTENT_ACCEPTED: accepted})
    if whole and any(each.kind is FeeKind.commission for each in parts):
        gates.satisfy(session, SOURCE, row.id, CONTENT_ACCEPTED, accepted)


def earn_amended(
    session: Session,
    row: Collaboration,
    pieces: Sequence[CollaborationDeliverable],
    signed: dict[str, Any],
) -> None:
    """What amended terms pay for what is done already: the contract, and work that was accepted."""
    earn_contract(session, row, signed)
    done = [each.id for each in pieces if each.status in _ACCEPTED]
    due = [
        each
        for each in of(session, row)
        if each.milestone is not Milestone.contract
        and (each.deliverable_id in done or (each.deliverable_id is None and is_accepted(pieces)))
    ]
    accepted = {"deliverables": [str(each) for each in done]}
    earn(session, row, due, {CONTRACT_SIGNED: signed, CONTENT_ACCEPTED: accepted})


def is_accepted(pieces: Sequence[CollaborationDeliverable]) -> bool:
    """Whether all of the work was accepted."""
    return all(each.status in _ACCEPTED for each in pieces)


def void(session: Session, row: Collaboration) -> None:
    """What was not earned is not owed any more, and the budget has the rest of it back."""
    for each in of(session, row):
        if each.status is InstalmentStatus.planned:
            each.status = InstalmentStatus.void
    free_rest(session, row)


def free_rest(session: Session, row: Collaboration) -> None:
    """Give back what is still set aside."""
    commitment = commitment_of(session, row)
    if commitment is None:
        return
    line, why = database.get(session, BudgetLine, commitment.line_id), by_hand()
    book.hold(session, why, line)
    if book.open_of(session, commitment).amount_minor:
        ledger.release(session, line, commitment, Wanted(), why)


def claw_back(
    session: Session, row: Collaboration, part: Instalment, amount_minor: int, reason: str
) -> None:
    """
    Ask back some of what a part came to, and take it off the budget's expense. While it is owed
    still, and is in no payout, so much less of it is owed.
    """
    left = part.amount_minor - part.clawed_back_minor
    amount_minor = min(amount_minor, left)
    if part.status is not InstalmentStatus.earned or not amount_minor:
        return
    part.clawed_back_minor += amount_minor
    if part.payable_id is not None:
        because = f"{reason} ({part.number})"
        if not payables.take_back(session, part.payable_id, amount_minor, because):
            payables.claw_back(session, SOURCE, row.id, part.deliverable_id, amount_minor, because)
    expense = database.get(session, Expense, part.expense_id) if part.expense_id else None
    if expense is not None and _is_open(session, expense.line_id):
        why = {"booked_on": None, "reason": reason}
        expenses.refund(session, expense.id, Wanted(amount_minor), **why)
    outbox.emit(session, "collaboration_instalment.clawed_back", part)


def earn(
    session: Session,
    row: Collaboration,
    due: Iterable[Instalment],
    satisfied: dict[str, dict[str, Any]],
) -> None:
    """Turn planned parts into expenses and payables, with what is known of their gates."""
    commitment = commitment_of(session, row)
    if commitment is None:
        return
    for part in due:
        if part.status is not InstalmentStatus.planned:
            continue
        line = database.get(session, BudgetLine, commitment.line_id)
        part.status, part.earned_at = InstalmentStatus.earned, clock.now()
        if _is_open(session, line.id):
            part.expense_id = expenses.post_agreed(
                session,
                commitment,
                part.amount_minor,
                supplier=row.influencer_name,
                evidence=f"{SOURCE} {row.id} {part.number}",
            ).id
        if line.paid_by is PaidBy.agency:
            part.payable_id = _owe(session, row, part, commitment, satisfied)
        session.flush()
        outbox.emit(session, "collaboration_instalment.earned", part)


def _owe(
    session: Session,
    row: Collaboration,
    part: Instalment,
    commitment: BudgetEntry,
    satisfied: dict[str, dict[str, Any]],
) -> UUID:
    """The one payable of a part, with what is known of its gates."""
    said = {"title": row.title, "number": part.number, "month": f"{part.month or ''}"[:7]}
    label = words.in_each("collaboration", part.kind.value, **said)
    payable = payables.open(
        session,
        payee_id=row.influencer_id,
        client_id=row.client_id,
        source_type=SOURCE,
        source_id=row.id,
        part=part.deliverable_id,
        instalment=part.number,
        label=label,
        amount_minor=part.amount_minor,
        currency=part.currency,
        due_on=None,
        gates=GATES[part.milestone],
    )
    known = {BUDGET_COMMITTED: {"entry_id": str(commitment.id)}, **satisfied}
    for code, evidence in known.items():
        if code in payable.gates:
            gates.satisfy(session, SOURCE, row.id, code, evidence, part.deliverable_id)
    return payable.id


def _is_open(session: Session, line_id: UUID) -> bool:
    """A budget that is closed keeps its figures: what is owed or comes back is billing's alone."""
    return database.get(session, BudgetLine, line_id).status is BudgetStatus.active
