"""
Terms: offered, answered once, and what their versions say.

What is offered is written out as the influencer reads it, and hashed. Terms that the budget has no
room for, or that the influencer's other promises forbid, are not offered; accepting asks again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.approvals import subjects
from api.budgets.book import LineExceeded, check_active
from api.budgets.models import BudgetLine
from api.collaborations import moves
from api.collaborations.models import Collaboration, CollaborationStatus
from api.collaborations.money import fees
from api.collaborations.rights import exclusivity, windows
from api.collaborations.rights.exclusivity import Claim
from api.collaborations.terms.models import Answer, CollaborationTerms, TermsAnswer
from api.influencers.models import Influencer
from tenants import clock, database, outbox
from tenants.errors import Conflict, PreconditionFailed, Unprocessable
from tenants.models import Client

ANSWER_WITHIN = 14  # days, unless the offer says otherwise


class BudgetLineMissing(Unprocessable):
    """A fee in money names the budget line that it is set aside on."""


class FeeCurrencyDiffers(Unprocessable):
    """The fee is in the currency of its budget."""


class CommissionCurrencyDiffers(Unprocessable):
    """A commission is a share of sales, which are told in the client's currency."""


class NotThisClients(Unprocessable):
    """The budget line is another client's."""


class DueOutsideWork(Unprocessable):
    """A piece is due within the days of the work."""


class PieceUnknown(Unprocessable):
    """A right names a piece by its place among the deliverables."""


class AnswerDayPast(Unprocessable):
    """The day to answer by is today or later."""


class TermsAnswered(Conflict):
    """These terms have their answer already."""


class TermsExpired(Conflict):
    """The day to answer by is over; ask for new terms."""


class TermsChanged(PreconditionFailed):
    """These are not the terms that you saw; read them again."""


@dataclass(frozen=True)
class Version:
    """One version of terms, with its answer if it has one."""

    terms: CollaborationTerms
    answered: TermsAnswer | None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.terms, name)

    @property
    def answer(self) -> Answer | None:
        return self.answered.answer if self.answered else None

    @property
    def answered_at(self) -> Any:
        return self.answered.created_at if self.answered else None

    @property
    def answered_by_name(self) -> str | None:
        return self.answered.answered_by_name if self.answered else None

    @property
    def reason(self) -> str | None:
        return self.answered.reason if self.answered else None


def versions(session: Session, collaboration_id: UUID) -> list[Version]:
    """Every version that was offered, the newest first."""
    row = database.get(session, Collaboration, collaboration_id)
    offered = select(CollaborationTerms).where(
        col(CollaborationTerms.agency_id) == row.agency_id,
        col(CollaborationTerms.collaboration_id) == row.id,
    )
    answered = select(TermsAnswer).where(
        col(TermsAnswer.agency_id) == row.agency_id, col(TermsAnswer.collaboration_id) == row.id
    )
    answers = {each.terms_id: each for each in session.exec(answered)}
    newest = session.exec(offered.order_by(col(CollaborationTerms.number).desc()))
    return [Version(each, answers.get(each.id)) for each in newest]


def offer(session: Session, collaboration_id: UUID, **values: Any) -> Version:
    """Put the next version of terms before the influencer."""
    with moves.held(session, collaboration_id) as row:
        moves.check(row, CollaborationStatus.terms_sent)
        terms = drawn_up(session, row, values)
        check_line(session, row, terms, terms.fee_minor)
        row.invited_at = row.invited_at or clock.now()
        database.add(session, terms)
        moves.move(session, row, CollaborationStatus.terms_sent)
        outbox.emit(session, "collaboration_terms.offered", terms)
    return Version(terms, None)


def drawn_up(session: Session, row: Collaboration, values: dict[str, Any]) -> CollaborationTerms:
    """The next version of terms, which contradicts no promise; its line is not looked at yet."""
    moves.check_campaign(session, row.campaign_id)
    moves.check_available(database.get(session, Influencer, row.influencer_id))
    client = database.get(session, Client, row.client_id)
    content, fee = _written(row, client, values), values["fee"]
    if fee["commission_bp"] and fee["currency"] != client.currency:
        raise CommissionCurrencyDiffers(pointer="/fee/currency")
    exclusivity.check(session, row.influencer_id, claims_of(client, content))
    return CollaborationTerms(
        client_id=row.client_id,
        collaboration_id=row.id,
        influencer_id=row.influencer_id,
        number=len(versions(session, row.id)) + 1,
        content=content,
        content_sha256=subjects.digest(content),
        budget_line_id=values["budget_line_id"],
        fee_minor=fees.total(fee, len(values["deliverables"])),
        currency=fee["currency"],
        respond_by=_respond_by(client, values["respond_on"]),
        offered_by=moves.sight_of(session).membership_id,
    )


def claims_of(client: Client, content: dict[str, Any]) -> list[Claim]:
    """What terms claim of the influencer."""
    first, last = (date.fromisoformat(content[name]) for name in ("starts_on", "ends_on"))
    work = windows.of_days(first, last, client.timezone)
    return exclusivity.claims_of(client, content, work)


def standing(session: Session, row: Collaboration) -> CollaborationTerms:
    """The terms that are on the table, or were accepted: the last ones. The row is held."""
    return versions(session, row.id)[0].terms


def accepted(session: Session, collaboration_id: UUID) -> CollaborationTerms | None:
    """The terms in force, which were accepted last; none while nothing is agreed."""
    query = (
        select(CollaborationTerms)
        .join(TermsAnswer, answered())
        .where(
            col(CollaborationTerms.collaboration_id) == collaboration_id,
            col(TermsAnswer.answer) == Answer.accepted,
        )
        .order_by(col(CollaborationTerms.number).desc())
    )
    return session.exec(query.limit(1)).first()


def amendment(session: Session, row: Collaboration) -> CollaborationTerms | None:
    """Changed terms that wait for an answer, of agreed work. The row is held."""
    newest = versions(session, row.id)[:1] if row.contracted_at else []
    return newest[0].terms if newest and newest[0].answer is None else None


def answered() -> Any:
    """That an answer is of these terms."""
    return (col(TermsAnswer.agency_id) == col(CollaborationTerms.agency_id)) & (
        col(TermsAnswer.terms_id) == col(CollaborationTerms.id)
    )


def call_off(session: Session, row: Collaboration) -> None:
    """Offer changed terms no more, if any wait. The row is held."""
    if (waiting := amendment(session, row)) is not None:
        answer(session, row, waiting, Answer.withdrawn)


def signed(session: Session, row: Collaboration) -> dict[str, Any]:
    """What shows that the terms in force were accepted. The row is held."""
    found = next(each for each in versions(session, row.id) if each.answer is Answer.accepted)
    assert found.answered is not None
    return {"answer_id": str(found.answered.id), "content_sha256": found.content_sha256}


def answer(
    session: Session,
    row: Collaboration,
    terms: CollaborationTerms,
    given: Answer,
    *,
    reason: str | None = None,
    **witness: Any,
) -> TermsAnswer:
    """Keep the one answer of a version. The collaboration is held."""
    actor = moves.sight_of(session)
    kept = TermsAnswer(
        client_id=row.client_id,
        collaboration_id=row.id,
        terms_id=terms.id,
        influencer_id=row.influencer_id,
        answer=given,
        reason=reason,
        content_sha256=terms.content_sha256,
        answered_by=actor.membership_id,
        answered_by_name=actor.label,
        answered_from=session.info.get("address"),
        request_id=session.info.get("request_id"),
        **witness,
    )
    with database.refusing_twice("uq_collaboration_answers_terms", TermsAnswered()):
        database.add(session, kept)
    outbox.emit(session, f"collaboration_terms.{given.value}", terms)
    return kept


def _written(row: Collaboration, client: Client, values: dict[str, Any]) -> dict[str, Any]:
    """Terms as the influencer is shown them; a window of days as the instants it comes to."""
    work = windows.read(
        {name: values[name] for name in ("starts_on", "ends_on")}, client.timezone, "/ends_on"
    )
    pieces = values["deliverables"]
    for place, piece in enumerate(pieces):
        if not work.holds(windows.midnight(piece["due_on"], client.timezone)):
            raise DueOutsideWork(pointer=f"/deliverables/{place}/due_on")
    parts = fees.parts(values["fee"], values["instalments"], len(pieces))
    currency = values["fee"]["currency"]
    return {
        "type": "collaborations",
        "title": row.title,
        "category": values["category"],
        "starts_on": values["starts_on"].isoformat(),
        "ends_on": values["ends_on"].isoformat(),
        "fee": {key: value for key, value in values["fee"].items() if value is not None},
        "deliverables": [
            {"number": number, **_plain(piece)} for number, piece in enumerate(pieces, 1)
        ],
        "instalments": [
            {
                "number": number,
                "kind": part.kind.value,
                "milestone": part.milestone.value,
                "deliverable": part.deliverable,
                "amount": {"amount_minor": part.amount_minor, "currency": currency},
            }
            for number, part in enumerate(parts, 1)
        ],
        "rights": _windowed(client, values["rights"], "rights", len(pieces)),
        "exclusivities": _windowed(client, values["exclusivities"], "exclusivities", len(pieces)),
        "min_live_days": values["min_live_days"],
        "disclosure": values["disclosure"],
        "conditions": values["conditions"],
    }


def _windowed(
    client: Client, said: Sequence[dict[str, Any]], what: str, pieces: int
) -> list[dict[str, Any]]:
    found = []
    for place, each in enumerate(said):
        window = windows.read(each, client.timezone, f"/{what}/{place}/ends_on")
        if not 1 <= (each.get("deliverable") or 1) <= pieces:
            raise PieceUnknown(pointer=f"/{what}/{place}/deliverable")
        rest = {key: value for key, value in each.items() if not key.endswith(("_on", "_at"))}
        instants = {"starts_at": window.starts_at, "ends_at": window.ends_at}
        found.append(_plain({**rest, **instants}))
    return found


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value.isoformat() if hasattr(value, "isoformat") else value
        for key, value in values.items()
    }


def check_line(
    session: Session, row: Collaboration, terms: CollaborationTerms, fee_minor: int
) -> None:
    """That the line would take the fee now; it is set aside when the terms are accepted."""
    if terms.budget_line_id is None:
        if terms.fee_minor:
            raise BudgetLineMissing(pointer="/budget_line_id")
        return
    line = database.get(session, BudgetLine, terms.budget_line_id)
    if line.client_id != row.client_id:
        raise NotThisClients(pointer="/budget_line_id")
    if line.currency != terms.currency:
        raise FeeCurrencyDiffers(pointer="/fee/currency")
    check_active(line)
    if fee_minor > line.available_minor:
        raise LineExceeded(extra={"available_minor": line.available_minor})


def _respond_by(client: Client, said: date | None) -> Any:
    today = clock.today(client.timezone)
    day = said or today + timedelta(days=ANSWER_WITHIN)
    if day < today:
        raise AnswerDayPast(pointer="/respond_on")
    return windows.midnight(day + timedelta(days=1), client.timezone)
