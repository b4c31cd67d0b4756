"""
Whom the agency pays, and where to. Their id is the creator's whose work it is, of which this knows
no more.

What is said of a payee counts when it is confirmed: at once, unless the payee said it, or it sends
their money elsewhere and the agency wants a second person for that (`bank_data_four_eyes`). Another
destination takes back what was approved for the last one.
"""

from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, func, select

from billing.payable import destinations, gates, payout_checks, sources
from billing.payable.gates import PAYEE_READY
from billing.payable.payable_models import Payable, Payee, PayeeStatus
from billing.payable.payout_models import DetailsStatus, PayeeDetails, PaymentMethod
from billing.payable.sources import sight_of
from tenants import clients, clock, database, outbox
from tenants.errors import Conflict, Forbidden, NotFound, Unprocessable
from tenants.pages import Listing


class DetailsProposed(Conflict):
    """What you said before waits to be confirmed; the agency can refuse it."""


class DestinationDoesNotFit(Unprocessable):
    """A bank transfer names an IBAN, or an account number with its BIC; other ways name neither."""


class NothingProposed(Conflict):
    """Nothing was said of this payee that waits to be confirmed."""


class OwnDetails(Forbidden):
    """Somebody else must confirm where money goes than who said so."""


def ensure(session: Session, payee_id: UUID) -> Payee:
    """The payee of a creator; made, knowing nothing of how to pay them, when there was none."""
    row = Payee(id=payee_id)
    row.agency_id = sight_of(session).agency_id
    table: Any = Payee.__table__  # type: ignore[attr-defined]
    with database.refusing_twice("fk_payees_agency_id_id", NotFound()):
        session.connection().execute(
            insert(table).values(row.model_dump()).on_conflict_do_nothing()
        )
    return database.get(session, Payee, payee_id)


def own(session: Session, payee_id: UUID) -> Payee:
    """The payee, for whoever may speak of them: an influencer of nobody but themself."""
    me = sight_of(session)
    if me.is_influencer and payee_id != me.influencer_id:
        raise NotFound
    return ensure(session, payee_id)


def search(session: Session, page: Any) -> Listing:
    """The payees in sight, newest first."""
    query = select(Payee)
    if page.status:
        query = query.where(col(Payee.status) == page.status)
    return Listing(query, Payee, page)


def details_of(session: Session, payee_id: UUID, page: Any) -> Listing:
    """What was ever said of a payee, newest first."""
    payee = database.get(session, Payee, payee_id)
    query = select(PayeeDetails).where(col(PayeeDetails.payee_id) == payee.id)
    return Listing(query, PayeeDetails, page)


def say(session: Session, payee_id: UUID, **values: Any) -> PayeeDetails:
    """Say who a payee is and where their money goes, in place of what waits to be confirmed."""
    me = sight_of(session)
    payee = own(session, payee_id)
    _check_destination(values)
    sources.hold_payee(session, payee.id)
    if not me.is_influencer:  # who only proposes moves no payout
        payee = database.get(session, Payee, payee.id, lock=True)
    current = standing(session, payee.id, DetailsStatus.confirmed)
    waiting = standing(session, payee.id, DetailsStatus.proposed)
    if waiting is not None and me.is_influencer:
        raise DetailsProposed
    if waiting is not None:
        _decide(waiting, DetailsStatus.superseded, me.membership_id)
        session.flush()
    details = PayeeDetails(
        payee_id=payee.id,
        number=_count(session, payee.id) + 1,
        status=DetailsStatus.proposed,
        destination_sha256=destinations.fingerprint(values),
        said_by=me.membership_id,
        **values,
    )
    database.add(session, details)
    outbox.emit(session, "payee_details.proposed", details, audience="internal")
    if not me.is_influencer and not _waits(session, details, current):
        _confirm(session, payee, details, current)
    return details


def confirm(session: Session, payee_id: UUID) -> PayeeDetails:
    """Let what was proposed count; if it moves their money, by somebody else than who said it."""
    sources.hold_payee(session, payee_id)
    payee = database.get(session, Payee, payee_id, lock=True)
    details = _proposed(session, payee.id)
    current = standing(session, payee.id, DetailsStatus.confirmed)
    own = details.said_by == sight_of(session).membership_id
    if own and _waits(session, details, current):
        raise OwnDetails
    _confirm(session, payee, details, current)
    return details


def refuse(session: Session, payee_id: UUID, reason: str) -> PayeeDetails:
    """Let what was proposed not count, and say why."""
    payee = database.get(session, Payee, payee_id, lock=True)
    details = _proposed(session, payee.id)
    _decide(details, DetailsStatus.rejected, sight_of(session).membership_id)
    details.reason = reason
    outbox.emit(session, "payee_details.rejected", details, audience="internal")
    return details


def connect(
    session: Session, payee_id: UUID, account: str, *, ready: bool, evidence: dict[str, Any]
) -> Payee:
    """What a provider of transfers says of a payee: their account, and whether it pays out."""
    sources.hold_payee(session, payee_id)
    payee = database.get(session, Payee, payee_id, lock=True)
    payee.provider_account, payee.provider_ready = account, ready
    current = standing(session, payee_id, DetailsStatus.confirmed)
    _settle(session, payee, current, evidence)
    return payee


def standing(session: Session, payee_id: UUID, status: DetailsStatus) -> PayeeDetails | None:
    """What is confirmed of a payee, or proposed: one at most."""
    query = select(PayeeDetails).where(
        col(PayeeDetails.payee_id) == payee_id, col(PayeeDetails.status) == status
    )
    return session.exec(query).first()


def _proposed(session: Session, payee_id: UUID) -> PayeeDetails:
    details = standing(session, payee_id, DetailsStatus.proposed)
    if details is None:
        raise NothingProposed
    return details


def _confirm(
    session: Session, payee: Payee, details: PayeeDetails, current: PayeeDetails | None
) -> None:
    me = sight_of(session).membership_id
    if current is not None:
        current.status = DetailsStatus.superseded
        session.flush()
    _decide(details, DetailsStatus.confirmed, me)
    details.self_confirmed = details.said_by == me
    outbox.emit(session, "payee_details.confirmed", details, audience="internal")
    payout_checks.redirect(session, payee.id, details)
    _settle(session, payee, details, {"details_id": str(details.id)})


def _decide(details: PayeeDetails, status: DetailsStatus, by: UUID | None) -> None:
    details.status, details.decided_by, details.decided_at = status, by, clock.now()
    details.self_confirmed = details.said_by == by


def _settle(
    session: Session, payee: Payee, details: PayeeDetails | None, evidence: dict[str, Any]
) -> None:
    """Let a payee's state follow what is known of them, and the gate before their payables too."""
    before, payee.status = payee.status, _state_of(payee, details)
    database.touch(payee)
    outbox.emit(session, "payee.updated", payee, audience="internal")
    if before is payee.status or PayeeStatus.ready not in (before, payee.status):
        return
    query = (
        select(Payable.source_type, Payable.source_id)
        .where(col(Payable.payee_id) == payee.id, col(Payable.status).in_(sources.OPEN))
        .distinct()
        .order_by(col(Payable.source_type), col(Payable.source_id))
    )
    for source_type, source_id in session.exec(query).all():
        if payee.status is PayeeStatus.ready:
            gates.satisfy(session, source_type, source_id, PAYEE_READY, evidence)
        else:
            reason = f"payee is {payee.status}"
            gates.unsatisfy(session, source_type, source_id, PAYEE_READY, reason, evidence)


def _state_of(payee: Payee, details: PayeeDetails | None) -> PayeeStatus:
    if details is None:
        return PayeeStatus.incomplete if payee.provider_account else PayeeStatus.no_account
    missing = None in (details.tax_id, details.country, details.method)
    elsewhere = details.method is PaymentMethod.stripe and not payee.provider_ready
    return PayeeStatus.incomplete if missing or elsewhere else PayeeStatus.ready


def _waits(session: Session, details: PayeeDetails, current: PayeeDetails | None) -> bool:
    """Whether it sends money elsewhere, and a second person has to look at that."""
    if current is not None and current.destination_sha256 == details.destination_sha256:
        return False
    rule = clients.current_agency(session).settings.get("bank_data_four_eyes")
    if rule == "when_possible":
        return payout_checks.is_somebody_else(session, details.said_by)
    return bool(rule == "required")


def _check_destination(values: dict[str, Any]) -> None:
    method, iban, number, bic = (
        values[name] for name in ("method", "iban", "account_number", "bic")
    )
    if method is PaymentMethod.bank_transfer:
        fits = (iban is None) != (number is None) and (iban is not None or bic is not None)
    else:
        fits = (iban, number, bic) == (None, None, None)
    if not fits or (values["instructions"] and method is not PaymentMethod.by_hand):
        raise DestinationDoesNotFit(pointer="/method")


def _count(session: Session, payee_id: UUID) -> int:
    counted = select(func.count()).where(col(PayeeDetails.payee_id) == payee_id)
    return session.exec(counted).one()
